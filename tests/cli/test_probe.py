"""``ucdiag probe`` and ``check`` as commands, against a server on loopback."""

import json
from typing import Any

import pytest
from click.testing import CliRunner

from tests.sources.raw_server import HOST, Peer, RawServer
from ucdiag.cli.main import cli

PATH = "/RequestHandler/ucdevice.upx"


def report(*words: str) -> dict[str, Any]:
    done = CliRunner().invoke(cli, [*words, "--json", "-t", "5"], prog_name="ucdiag")
    assert done.stdout, done.stderr
    said: dict[str, Any] = json.loads(done.stdout)
    assert done.exit_code == {"whole": 0, "broken": 1, "unknown": 3}[said["verdict"]["status"]]
    return said


def statuses(said: dict[str, Any]) -> dict[str, str]:
    return {each["step"]: each["status"] for each in said["phones"][0]["steps"]}


def offer(peer: Peer, base: str) -> None:
    if peer.request().startswith(b"POST"):
        urls = f"<BaseURL>{base}</BaseURL><ExternalBaseURL>{base}</ExternalBaseURL>"
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


@pytest.mark.parametrize("host", ["localhost", "files.localhost", "127.0.0.1"])
def test_files_at_localhost_of_a_server_elsewhere_are_no_use_to_a_phone(host: str) -> None:
    with RawServer(lambda peer: offer(peer, f"http://{host}/files")) as server:
        words = ["--address", "192.0.2.7", "--port", "80", "--connect-to", f"192.0.2.7:80:{HOST}:{server.port}"]
        said = report("probe", *words)
    assert [each["code"] for each in said["phones"][0]["findings"]] == ["response-url-unusable"]
    assert said["verdict"]["step"] == "response"
    assert "each phone would call itself" in said["verdict"]["summary"]
    assert len(server.received) == 1
