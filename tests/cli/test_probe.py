"""``ucdiag probe`` and ``check`` as commands, against a server on loopback."""

import json
import os
import shlex
import shutil
import ssl
import sys
import warnings
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from tests.probe.certificates import authority_file, server_context
from tests.probe.raw_server import HOST, Peer, RawServer
from tests.real import free_port
from tests.traced_memory import peak
from ucdiag.cli.main import cli
from ucdiag.probe.local_network import no_domain

PATH = "/RequestHandler/ucdevice.upx"


def report(*words: str) -> dict[str, Any]:
    done = CliRunner().invoke(cli, [*words, "--json", "-t", "5"], prog_name="ucdiag")
    assert done.stdout, done.stderr
    said: dict[str, Any] = json.loads(done.stdout)
    assert done.exit_code == {"whole": 0, "broken": 1, "unknown": 3}[said["verdict"]["status"]]
    return said


def statuses(said: dict[str, Any]) -> dict[str, str]:
    return {step["step"]: step["status"] for step in said["phones"][0]["steps"]}


def offer(peer: Peer, base: str) -> None:
    if peer.request().startswith(b"POST"):
        outside = base.replace("http:", "https:", 1)
        urls = f"<BaseURL>{base}</BaseURL><ExternalBaseURL>{outside}</ExternalBaseURL>"
        peer.answer(f"<r>{urls}<FileName>a.nbt</FileName></r>".encode())
    else:
        peer.answer(b"\0firmware")


@pytest.mark.parametrize("command", ["probe", "check"])
def test_a_site_at_localhost_is_whole_without_dns(command: str) -> None:
    with RawServer(lambda peer: offer(peer, f"http://localhost:{server.port}/files")) as server:
        url = f"http://localhost:{server.port}{PATH}"
        # Port 9 of 192.0.2.1 would be silent: nobody is asked.
        said = report(command, "--url", url, "--domain", "contoso.test", "-n", "192.0.2.1:9")
    assert (said["verdict"]["status"], said["verdict"]["code"]) == ("whole", None)
    found = statuses(said)
    assert (found["dns"], found["connect"], found["download"]) == ("not-tested", "ok", "ok")
    assert said["phones"][0]["findings"] == []


@pytest.mark.parametrize("command", ["probe", "check"])
def test_the_report_names_the_site(command: str) -> None:
    url = f"http://localhost:{free_port()}{PATH}"
    words = [command, "--url", url, "-n", "192.0.2.1:9"]
    assert report(*words)["phones"][0]["phone"]["site"] is None
    named = report(*words, "--site", "Bremen 7")
    assert named["phones"][0]["phone"]["site"] == "Bremen 7"
    masked = report(*words, "--site", "Bremen 7", "--mask")
    assert "Bremen" not in json.dumps(masked)
    long = f"{'branch.' * 34}contoso.com"
    assert report(*words, "--site", long)["phones"][0]["phone"]["site"] == long
    done = CliRunner().invoke(cli, [*words, "--site", "x" * 256], prog_name="ucdiag")
    assert (done.exit_code, done.stdout) == (2, "")
    assert "1 to 255 printable characters" in done.stderr


@pytest.mark.parametrize(
    ("words", "name"),
    [
        ("--url http://127.0.0.1:9/x --address 127.0.0.1 --domain contoso.test", "http://127.0.0.1:9/x"),
        ("--address 127.0.0.1 --port 9 --domain contoso.test", "127.0.0.1"),
        ("--domain contoso.test", "contoso.test"),
    ],
)
def test_the_source_is_what_was_asked(words: str, name: str) -> None:
    said = report("probe", *words.split(), "-n", "127.0.0.1:9", "-t", "0.1")
    assert said["source"] == {"kind": "active", "name": name, "packets": None}


@pytest.mark.parametrize("path", [PATH, "/RequestHandlerExt/ucdevice.upx"])
@pytest.mark.parametrize("command", ["probe", "check"])
def test_what_verifies_asks_the_url_that_was_asked(command: str, path: str) -> None:
    """Also the external path, which no address names."""
    with RawServer(lambda peer: peer.answer(b"busy", status="503 Service Unavailable")) as server:
        url = f"http://localhost:{server.port}{path}"
        said = report(command, "--url", url, "-n", "192.0.2.1:9")
    (found,) = [finding for finding in said["phones"][0]["findings"] if finding["level"] == "error"]
    made = {command["text"] for command in found["fix"]["commands"] if command["purpose"] == "verify"}
    assert (found["code"], made) == ("http-unavailable", {f"ucdiag probe --url {url} -n 192.0.2.1:9 -t 5"})


def commands_of(said: dict[str, Any], code: str) -> list[str]:
    (found,) = [finding for finding in said["phones"][0]["findings"] if finding["code"] == code]
    return [command["text"] for command in found["fix"]["commands"] if command["text"].startswith("ucdiag ")]


@pytest.mark.parametrize("command", ["probe", "check"])
def test_what_verifies_can_be_run_and_finds_the_same(command: str, tmp_path: Path) -> None:
    """Without the roots of the run another step would fail."""
    roots = shutil.copy(authority_file(tmp_path), tmp_path / "a root.pem")
    busy = RawServer(
        lambda peer: peer.answer(b"busy", status="503 Service Unavailable"), tls=server_context(tmp_path, "localhost")
    )
    with busy as server:
        url = f"https://localhost:{server.port}{PATH}"
        said = report(
            command, "--url", url, "-n", "192.0.2.1:9", "--ca", str(roots), "--model", "CX600", "--no-download"
        )
        (again,) = commands_of(said, "http-unavailable")
        words = shlex.split(again)
        assert words[:2] == ["ucdiag", "probe"]
        assert {"--ca", "--model", "--no-download", "-n", "-t"} <= set(words)
        repeated = report(*words[1:])
    assert repeated["verdict"] == said["verdict"]


def test_paths_of_files_are_masked_in_commands(tmp_path: Path) -> None:
    folder = tmp_path / "olga"
    folder.mkdir()
    roots = authority_file(folder)
    said = report("probe", "--url", f"http://127.0.0.1:{free_port()}{PATH}", "--ca", roots, "--mask")
    (command,) = commands_of(said, "connect-refused")
    assert "--ca <value of --ca> " in command
    assert "olga" not in json.dumps(said)


@pytest.mark.parametrize("host", ["localhost", "files.localhost", "127.0.0.1"])
def test_files_at_localhost_of_a_server_elsewhere_are_no_use_to_a_phone(host: str) -> None:
    with RawServer(lambda peer: offer(peer, f"http://{host}/files")) as server:
        words = ["--address", "192.0.2.7", "--port", "80", "--connect-to", f"192.0.2.7:80:{HOST}:{server.port}"]
        said = report("probe", *words)
    assert [finding["code"] for finding in said["phones"][0]["findings"]] == ["response-url-unusable"]
    assert said["verdict"]["step"] == "response"
    assert "each phone would call itself" in said["verdict"]["summary"]
    assert len(server.received) == 1


NAME = "ucupdates-r2.contoso.test"


def none_offered(peer: Peer) -> None:
    peer.answer(b'<r downloads="0"/>')


@pytest.mark.parametrize("meant", [NAME, "UCUpdates-R2.Contoso.TEST.", "192.0.2.7"])
def test_connect_to_goes_by_the_name_and_by_the_address(meant: str) -> None:
    with RawServer(none_offered) as server:
        words = ["--address", "192.0.2.7", "--port", "80", "--host", NAME]
        said = report("probe", *words, "--connect-to", f"{meant}:80:{HOST}:{server.port}")
    assert (said["verdict"]["status"], said["problems"]) == ("whole", [])
    connects = [observation for observation in said["phones"][0]["observations"] if observation["kind"] == "connect"]
    assert [(connect["server"], connect["port"]) for connect in connects] == [("192.0.2.7", 80)]


def test_connect_to_by_name_holds_for_the_file_too() -> None:
    with RawServer(lambda peer: offer(peer, f"http://{HOST}:81/files")) as server:
        url = "http://Updates.localhost/RequestHandler/ucdevice.upx"
        words = [f"updates.localhost:80:localhost:{server.port}", f"{HOST}:81:{HOST}:{server.port}"]
        said = report("probe", "--url", url, "--connect-to", words[0], "--connect-to", words[1])
    assert (said["verdict"]["status"], statuses(said)["download"], said["problems"]) == ("whole", "ok", [])


def test_the_name_goes_before_the_address() -> None:
    with RawServer(none_offered) as server, RawServer(none_offered) as other:
        words = ["--address", "192.0.2.7", "--port", "80", "--host", NAME]
        words += [
            "--connect-to",
            f"192.0.2.7:80:{HOST}:{other.port}",
            "--connect-to",
            f"{NAME}:80:{HOST}:{server.port}",
        ]
        said = report("probe", *words)
    assert (len(server.received), len(other.received)) == (1, 0)
    assert [problem["code"] for problem in said["problems"]] == ["connect-to-unused"]
    assert "never used for 192.0.2.7 port 80, because" in said["problems"][0]["text"]


def test_a_connect_to_that_was_never_used_is_reported() -> None:
    with RawServer(none_offered) as server:
        words = ["--url", f"http://{HOST}:{server.port}{PATH}"]
        for meant in ("ucupdates.contoso.test:80", f"{NAME}:{server.port}", "[2001:DB8:0::7]:443"):
            words += ["--connect-to", f"{meant}:[::1]:9"]
        said = report("probe", *words)
        text = CliRunner().invoke(cli, ["probe", *words], prog_name="ucdiag")
    assert said["verdict"]["status"] == "whole"
    (problem,) = said["problems"]
    named = f"ucupdates.contoso.test port 80, {NAME} port {server.port} and 2001:db8::7 port 443"
    assert (problem["code"], f"never used for {named}, because" in problem["text"]) == ("connect-to-unused", True)
    assert (text.exit_code, "Note: --connect-to was never used" in text.stdout) == (0, True)


def test_check_dns_tells_it_too_and_follows_what_is_meant_for_a_nameserver() -> None:
    words = ["--domain", "contoso.test", "-n", "192.0.2.53"]
    words += ["--connect-to", f"192.0.2.53:53:{HOST}:9", "--connect-to", f"{NAME}:80:{HOST}:9"]
    said = report("check-dns", *words)
    assert [problem["text"].partition(", because")[0] for problem in said["problems"]] == [
        f"--connect-to was never used for {NAME} port 80"
    ]


@pytest.mark.parametrize(
    ("value", "says"),
    [
        ("a:1:b:2", "'b' is no address to connect to: give"),
        ("a b:1:127.0.0.1:2", "'a b' is neither a name nor an address: give"),
        ("-a:1:127.0.0.1:2", "is neither a name nor an address"),
        ("1.2.3:1:127.0.0.1:2", "is neither a name nor an address"),
        ("[a]:1:127.0.0.1:2", "'[a]' is neither a name nor an address"),
        ("[127.0.0.1]:1:127.0.0.1:2", "is neither a name nor an address"),
        ("[::1:1:127.0.0.1:2", "is not HOST:PORT:HOST:PORT"),
        ("::1:1:127.0.0.1:2", "IPv6 addresses in brackets"),
        (":1:127.0.0.1:2", "is not HOST:PORT:HOST:PORT"),
        ("::127.0.0.1:8081", "is not HOST:PORT:HOST:PORT"),
        ("a:1:127.0.0.1:", "is not HOST:PORT:HOST:PORT"),
        ("a:0:127.0.0.1:1", "'0' is not a port"),
        ("a:http:127.0.0.1:1", "'http' is not a port"),
        ("a:1:[::g]:1", "'[::g]' is no address to connect to"),
    ],
)
def test_a_connect_to_that_cannot_be_one_is_a_wrong_use(value: str, says: str) -> None:
    done = CliRunner().invoke(cli, ["probe", "--address", HOST, "--connect-to", value], prog_name="ucdiag")
    assert done.exit_code == 2
    assert done.stderr.startswith("ucdiag: --connect-to: ")
    assert says in done.stderr
    assert done.stdout == ""


def test_two_places_for_one_are_a_wrong_use_and_the_same_twice_is_none() -> None:
    once = ["--connect-to", f"{NAME}:80:{HOST}:1"]
    other = ["--connect-to", f"{NAME.upper()}.:80:{HOST}:2"]
    done = CliRunner().invoke(cli, ["probe", "--address", HOST, *once, *other], prog_name="ucdiag")
    assert done.exit_code == 2
    assert f"sends {NAME} port 80 to two places: give" in done.stderr
    done = CliRunner().invoke(cli, ["probe", "--address", HOST, *once, *once, "--dry-run"], prog_name="ucdiag")
    assert done.exit_code == 0


# A server that has only TLS which such a phone may not have.


WITH_OLD = pytest.mark.skipif(not ssl.HAS_TLSv1, reason="the library has no TLS 1.0")


def secured(tmp_path: Path, oldest: ssl.TLSVersion) -> ssl.SSLContext:
    made = server_context(tmp_path, NAME, HOST)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        made.minimum_version = oldest
    made.set_ciphers("ALL:@SECLEVEL=0")
    return made


@WITH_OLD
def test_a_server_without_tls_1_0_is_reported_and_not_judged(tmp_path: Path) -> None:
    with RawServer(none_offered, secured(tmp_path, ssl.TLSVersion.TLSv1_2)) as server:
        words = ["--url", f"https://{HOST}:{server.port}{PATH}", "--ca", authority_file(tmp_path), "--repeat", "2"]
        said = report("probe", *words, "--interval", "0")
        text = CliRunner().invoke(cli, ["probe", *words, "--interval", "0"], prog_name="ucdiag")
    assert said["verdict"]["status"] == "whole"
    assert {finding["code"] for finding in said["phones"][0]["findings"]} == {"tls-sha2-chain", "no-update-offered"}
    (problem,) = said["problems"]
    assert problem["code"] == "tls-newer-only"
    start = f"{HOST} port {server.port} completed the handshake with TLS 1.3 and not with TLS 1.0 alone (alert 70)."
    assert problem["text"].startswith(start)
    assert "ucdiag explain tls-version" in problem["text"]
    assert f"Note: {HOST} port" in text.stdout


@WITH_OLD
def test_a_server_that_takes_tls_1_0_gets_no_note(tmp_path: Path) -> None:
    with RawServer(none_offered, secured(tmp_path, ssl.TLSVersion.MINIMUM_SUPPORTED)) as server:
        url = f"https://{HOST}:{server.port}{PATH}"
        said = report("probe", "--url", url, "--ca", authority_file(tmp_path))
    assert (said["verdict"]["status"], said["problems"]) == ("whole", [])


@WITH_OLD
def test_where_port_80_answers_no_tls_is_needed(tmp_path: Path) -> None:
    with (
        RawServer(none_offered) as clear,
        RawServer(none_offered, secured(tmp_path, ssl.TLSVersion.TLSv1_2)) as server,
    ):
        words = ["--address", "192.0.2.7", "--host", NAME, "--ca", authority_file(tmp_path)]
        words += ["--connect-to", f"192.0.2.7:80:{HOST}:{clear.port}"]
        words += ["--connect-to", f"{NAME}:443:{HOST}:{server.port}"]
        said = report("probe", *words)
        closed = report("probe", *words[:-3], f"192.0.2.7:80:{HOST}:{free_port()}", *words[-2:])
    assert (said["verdict"]["status"], said["problems"]) == ("whole", [])
    assert (closed["verdict"]["status"], [problem["code"] for problem in closed["problems"]]) == (
        "whole",
        ["tls-newer-only"],
    )


@WITH_OLD
def test_a_file_that_is_offered_over_newer_tls_only_is_reported(tmp_path: Path) -> None:
    with RawServer(lambda peer: offer(peer, ""), secured(tmp_path, ssl.TLSVersion.TLSv1_2)) as files:
        base = f"https://{HOST}:{files.port}/files"
        with RawServer(lambda peer: offer(peer, base)) as server:
            words = ["--url", f"http://{HOST}:{server.port}{PATH}", "--ca", authority_file(tmp_path)]
            # Else no file is fetched at a port that no phone would use.
            words += ["--connect-to", f"{HOST}:{files.port}:{HOST}:{files.port}"]
            said = report("probe", *words)
    assert (said["verdict"]["status"], [problem["code"] for problem in said["problems"]]) == (
        "whole",
        ["tls-newer-only"],
    )
    assert f"{HOST} port {files.port} completed" in said["problems"][0]["text"]


def test_a_library_without_tls_1_0_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ucdiag.probe.tls.can_try_old", lambda: False)
    with RawServer(none_offered, secured(tmp_path, ssl.TLSVersion.TLSv1_2)) as server:
        said = report("probe", "--url", f"https://{HOST}:{server.port}{PATH}", "--ca", authority_file(tmp_path))
    assert (said["verdict"]["status"], [problem["code"] for problem in said["problems"]]) == (
        "whole",
        ["tls-old-untested"],
    )


def test_without_a_domain_the_verdict_is_said_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ucdiag.leases.machine_leases", lambda *_, **__: ([], []))
    text = CliRunner().invoke(cli, ["probe"], prog_name="ucdiag").stdout
    assert text.count("INCONCLUSIVE") == 1
    assert "[no-domain]" in text


@pytest.mark.parametrize("size", [1 << 20, (1 << 20) + 1])
def test_a_body_may_be_so_large(size: int, tmp_path: Path) -> None:
    body = tmp_path / "body"
    body.write_bytes(b"x" * size)
    done = CliRunner().invoke(cli, ["probe", "--address", "127.0.0.1", "--body", str(body), "--dry-run"])
    assert ("is larger than 1,048,576 bytes, which no update request is" in done.stderr) is (size > 1 << 20)
    assert (done.exit_code == 2) is (size > 1 << 20)


@pytest.mark.skipif(sys.platform == "win32", reason="its pipes have no such names")
def test_roots_that_can_be_read_once_only_are_refused(tmp_path: Path) -> None:
    """As ``--ca <(cat root.pem)`` gives them: the second reading found no certificate in PEM form."""
    readable, writable = os.pipe()
    with os.fdopen(writable, "wb") as pipe, os.fdopen(readable, "rb"):
        pipe.write(Path(authority_file(tmp_path)).read_bytes())
        pipe.flush()
        line = ["probe", "--address", "127.0.0.1", "--dry-run", "--ca", f"/dev/fd/{readable}"]
        done = CliRunner().invoke(cli, line)
    assert done.exit_code == 2
    assert f"'/dev/fd/{readable}' is a pipe, and the roots are read for each server: give a file" in done.stderr


@pytest.mark.parametrize("words", [["--body", "{}"], ["--body", "-"], ["--ca", "{}"]], ids=" ".join)
def test_no_more_of_a_file_is_read_than_it_may_be_large(words: list[str], tmp_path: Path) -> None:
    path = tmp_path / "file"
    with path.open("wb") as file:
        file.truncate(64 << 20)
    line = ["probe", "--address", "127.0.0.1", "--dry-run", *(word.format(path) for word in words)]
    with path.open("rb") as stream, peak(16 << 20):
        done = CliRunner().invoke(cli, line, input=stream)
    assert done.exit_code == 2, done.output


UNVERIFIED = (
    "# The body is ucdiag's own guess (unverified): what these phones really send is published nowhere. "
    "Take a real phone's request with 'ucdiag capture --save-request FILE' and send it with --body FILE."
)


@pytest.mark.parametrize(
    ("words", "places"),
    [
        (["--address", HOST], [f"# to {HOST}, port 80 (http) and port 443 (https):"]),
        (["--address", HOST, "--port", "8080"], [f"# to {HOST}, port 8080 (http):"]),
        (
            ["--domain", "contoso.com"],
            ["# to the address of ucupdates-r2.contoso.com, port 80 (http) and port 443 (https):"],
        ),
    ],
)
def test_a_dry_run_prints_each_request_and_what_there_is_to_know(words: list[str], places: list[str]) -> None:
    done = CliRunner().invoke(cli, ["probe", *words, "--dry-run"], prog_name="ucdiag")
    assert done.exit_code == 0
    assert done.stderr.splitlines() == [*places, UNVERIFIED, "# Nothing was sent (--dry-run)."]
    assert done.stdout_bytes.startswith(b"POST /RequestHandler/ucdevice.upx HTTP/1.1\r\n")
    assert done.stdout_bytes.endswith(b"</UpdateRequest>\r\n")


@pytest.mark.parametrize("end", ["", "\n"])
def test_a_dry_run_of_a_body_of_one_s_own_ends_its_last_line(tmp_path: Path, end: str) -> None:
    (tmp_path / "body").write_bytes(f"<mine/>{end}".encode())
    words = ["--address", HOST, "--port", "80", "--body", str(tmp_path / "body")]
    done = CliRunner().invoke(cli, ["probe", *words, "--dry-run"], prog_name="ucdiag")
    assert done.stdout_bytes.endswith(b"\r\n\r\n<mine/>\n")
    assert UNVERIFIED not in done.stderr
    assert done.stderr.splitlines()[-1] == "# Nothing was sent (--dry-run)."


def test_a_dry_run_that_does_not_know_where_to_begin(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ucdiag.leases.machine_leases", lambda *_, **__: ([], []))
    done = CliRunner().invoke(cli, ["probe", "--dry-run"], prog_name="ucdiag")
    assert (done.exit_code, done.stdout) == (3, "")
    assert done.stderr == f"ucdiag: {no_domain().text}\n"
