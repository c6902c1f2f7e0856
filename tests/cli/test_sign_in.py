"""``probe --user``: the outside path through NTLM, to a whole file, against pyspnego's acceptor."""

import hashlib
import json
import ssl
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from tests.probe.certificates import authority_file, server_context
from ucdiag.cli import server_options
from ucdiag.cli.main import cli
from ucdiag.runtime.context import Account, Context

pytest.importorskip("spnego")

from tests.probe.ntlm_server import IMAGE, PATH, NtlmServer

pytestmark = pytest.mark.filterwarnings("ignore")
SECRET = "Correct-Horse-7"


@pytest.fixture(autouse=True)
def users(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "users"
    file.write_text(f"CONTOSO:anna:{SECRET}\n")
    monkeypatch.setenv("NTLM_USER_FILE", str(file))
    monkeypatch.setenv(server_options.PASSWORD, SECRET)


def probe(tmp_path: Path, server: NtlmServer, *words: str) -> dict[str, Any]:
    url = f"https://localhost:{server.server_port}{PATH}"
    given = ["probe", "--url", url, "--ca", authority_file(tmp_path), "--json", "-t", "5", "-n", "192.0.2.1:9"]
    done = CliRunner().invoke(cli, [*given, *words], prog_name="ucdiag")
    assert done.stdout, done.output
    assert SECRET not in done.output
    said: dict[str, Any] = json.loads(done.stdout)
    return said


def codes(said: dict[str, Any]) -> set[str]:
    return {finding["code"] for finding in said["phones"][0]["findings"]} - {"tls-sha2-chain", "internal-url-https"}


def verdict(said: dict[str, Any]) -> tuple[str, str | None, str | None]:
    return said["verdict"]["status"], said["verdict"]["step"], said["verdict"]["code"]


def end_point(context_folder: Path, port: int) -> bytes:
    certificate = ssl.PEM_cert_to_DER_cert(ssl.get_server_certificate(("127.0.0.1", port)))
    return b"tls-server-end-point:" + hashlib.sha256(certificate).digest()


USER = ("--user", "CONTOSO\\anna")


def test_anonymous_is_as_designed(tmp_path: Path) -> None:
    with NtlmServer(server_context(tmp_path, "localhost")) as server:
        said = probe(tmp_path, server)
        assert server.signed_in == []
    assert (verdict(said), codes(said)) == (
        ("unknown", "request", "external-sign-in-needed"),
        {"external-sign-in-needed"},
    )


def test_signed_in_the_path_is_whole_to_the_file(tmp_path: Path) -> None:
    with NtlmServer(server_context(tmp_path, "localhost")) as server:
        said = probe(tmp_path, server, *USER)
        assert ("GET", "CONTOSO\\anna") in server.signed_in
    assert (verdict(said), codes(said)) == (("whole", None, None), set())
    (file,) = [observation for observation in said["phones"][0]["observations"] if observation["kind"] == "transfer"]
    assert (file["outcome"], file["received_bytes"]) == ("whole", len(IMAGE))
    posts = [
        observation
        for observation in said["phones"][0]["observations"]
        if observation["kind"] == "http" and observation["purpose"] == "update"
    ]
    assert [(post["status"], post["sign_in"]) for post in posts] == [(401, None), (200, "done")]


def test_a_wrong_password(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(server_options.PASSWORD, "wrong")
    with NtlmServer(server_context(tmp_path, "localhost")) as server:
        said = probe(tmp_path, server, *USER)
        assert server.refused >= 1
    assert (verdict(said), codes(said)) == (
        ("unknown", "request", "external-sign-in-refused"),
        {"external-sign-in-refused"},
    )
    assert "the user name or the password is wrong" in said["verdict"]["summary"]
    assert "DOMAIN\\name" in said["phones"][0]["findings"][-1]["fix"]["text"]


def test_a_channel_binding_that_is_wanted(tmp_path: Path) -> None:
    context = server_context(tmp_path, "localhost")
    with NtlmServer(context) as first:
        binding = end_point(tmp_path, first.server_port)
    with NtlmServer(context, binding=binding) as server:
        said = probe(tmp_path, server, *USER)
    assert (verdict(said), codes(said)) == (
        ("unknown", "request", "external-sign-in-binding"),
        {"external-sign-in-binding"},
    )
    assert "takes a sign-in only with a channel binding" in said["verdict"]["summary"]


def test_a_server_that_closes_in_the_handshake(tmp_path: Path) -> None:
    with NtlmServer(server_context(tmp_path, "localhost"), closes=True) as server:
        said = probe(tmp_path, server, *USER)
    assert (verdict(said), codes(said)) == (("broken", "request", "http-closed"), {"http-closed"})
    assert "in the middle of the sign-in" in said["verdict"]["summary"]
    assert "keep-alive" in said["phones"][0]["findings"][0]["fix"]["text"]


def test_a_server_that_closes_for_the_first_message(tmp_path: Path) -> None:
    with NtlmServer(server_context(tmp_path, "localhost"), closes=True, silent=True) as server:
        said = probe(tmp_path, server, *USER)
    assert (verdict(said), codes(said)) == (("broken", "request", "http-closed"), {"http-closed"})
    assert "in the middle of the sign-in" in said["verdict"]["summary"]


@pytest.mark.parametrize(
    "challenge",
    [b"NTLMSSP\0\x02", b"NTLMSSP\0\x02\0\0\0" + b"\xff" * 9, b"NTLMSSP\0\x07\0\0\0" + bytes(40), b"\x60\x82" * 9],
)
def test_a_challenge_that_is_none(tmp_path: Path, challenge: bytes) -> None:
    with NtlmServer(server_context(tmp_path, "localhost"), challenge=challenge) as server:
        said = probe(tmp_path, server, *USER)
    assert (verdict(said), codes(said)) == (
        ("unknown", "request", "external-sign-in-needed"),
        {"external-sign-in-needed"},
    )
    assert "did not go on with it" in said["verdict"]["summary"]
    assert {problem["code"] for problem in said["problems"]} <= {"tls-newer-only"}


def test_a_refused_account_is_not_locked_by_repeating_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without and with a channel binding, and never again in the same run."""
    monkeypatch.setenv(server_options.PASSWORD, "wrong")
    with NtlmServer(server_context(tmp_path, "localhost")) as server:
        said = probe(tmp_path, server, *USER, "--repeat", "4", "--interval", "0")
        assert server.refused == 2
    assert (verdict(said), codes(said)) == (
        ("unknown", "request", "external-sign-in-refused"),
        {"external-sign-in-refused"},
    )


def test_the_password_is_no_argument_and_stands_nowhere() -> None:
    options = {option for parameter in cli.get_command(None, "probe").params for option in parameter.opts}  # type: ignore[arg-type, union-attr]
    assert not {option for option in options if "password" in option}
    assert SECRET not in repr(Context(account=Account("anna", SECRET)))


def test_without_a_terminal_the_password_has_to_be_in_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(server_options.PASSWORD)
    done = CliRunner().invoke(cli, ["probe", "--external", "--address", "192.0.2.7", *USER], prog_name="ucdiag")
    assert done.exit_code == 2
    assert "UCDIAG_PASSWORD" in done.output


def test_without_the_package(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    done = CliRunner().invoke(cli, ["probe", "--external", "--address", "192.0.2.7", *USER], prog_name="ucdiag")
    assert done.exit_code == 2
    assert "pip install 'ucdiag[ntlm]'" in done.output
