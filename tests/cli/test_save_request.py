"""``capture --save-request`` and ``probe --body``: a real phone's request, marked, and sent again for another phone."""

import json
import os
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from tests.bench.traffic import make
from ucdiag.cli.main import cli


@pytest.fixture(scope="module")
def capture(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("captures") / "site.pcap"
    make(file, packets=0, phones=3, broken=0, size=2000)
    return file


def test_a_request_is_saved_and_sent_again_as_another_phone(capture: Path, tmp_path: Path) -> None:
    saved = tmp_path / "phone.request"
    done = CliRunner().invoke(cli, ["capture", "-r", str(capture), "--save-request", str(saved), "-f", "short"])
    assert done.exit_code == 0
    assert str(saved) in done.stderr
    text = saved.read_bytes()
    assert text.startswith(b"POST /RequestHandler/ucdevice.upx HTTP/1.1\r\nHost: ucupdates-r2.contoso.com\r\n")
    assert b"{{MAC:xx-xx-xx-xx-xx-xx}}" in text
    assert b"{{SERIAL}}" in text
    assert b"00-04-f2" not in text
    options = ["--address", "192.0.2.1", "--port", "80", "--mac", "00:04:f2:11:22:33", "--serial", "X1", "--dry-run"]
    shown = CliRunner().invoke(cli, ["probe", "--body", str(saved), *options])
    assert shown.exit_code == 0
    assert "<MacAddress>00-04-f2-11-22-33</MacAddress><SerialNumber>X1</SerialNumber>" in shown.stdout
    assert "guess" not in shown.stderr


def test_nothing_to_save_leaves_no_file_and_an_old_one_as_it_was(capture: Path, tmp_path: Path) -> None:
    saved = tmp_path / "phone.request"
    stranger = ["--mac", "02:00:00:00:00:77"]
    done = CliRunner().invoke(cli, ["capture", "-r", str(capture), "--save-request", str(saved), *stranger])
    assert "no-request" in done.stdout
    assert not saved.exists()
    saved.write_text("what was there")
    words = ["capture", "-r", str(capture), "--force", "--save-request", str(saved), *stranger]
    assert "no-request" in CliRunner().invoke(cli, words).stdout
    assert saved.read_text() == "what was there"


def test_what_was_there_is_never_taken_away(capture: Path, tmp_path: Path) -> None:
    # A pipe stands for every device, /dev/null above all, which root can delete.
    pipe, empty = tmp_path / "pipe", tmp_path / "empty"
    os.mkfifo(pipe)
    empty.touch()
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    try:
        for target in (pipe, empty):
            stranger = ["--mac", "02:00:00:00:00:77"]
            CliRunner().invoke(cli, ["capture", "-r", str(capture), "--save-request", str(target), *stranger])
            assert target.exists()
        done = CliRunner().invoke(cli, ["capture", "-r", str(capture), "--save-request", str(pipe), "-f", "short"])
        assert done.exit_code == 0
        assert str(pipe) in done.stderr
        assert "no-request" not in done.stdout
        assert os.read(reader, 1 << 16).startswith(b"POST /RequestHandler/ucdevice.upx HTTP/1.1\r\n")
        assert pipe.exists()
    finally:
        os.close(reader)


@pytest.mark.parametrize("wrong", [["-r", "in.pcap", "--duration", "3"], ["-i", "no-such-interface"]])
def test_what_never_began_leaves_no_file(wrong: list[str], tmp_path: Path) -> None:
    saved = tmp_path / "phone.request"
    done = CliRunner().invoke(cli, ["capture", *wrong, "--save-request", str(saved)])
    assert done.exit_code in (2, 3)
    assert not saved.exists()


def test_it_does_not_go_with_facts(capture: Path, tmp_path: Path) -> None:
    done = CliRunner().invoke(cli, ["capture", "-r", str(capture), "--facts", "--save-request", str(tmp_path / "x")])
    assert done.exit_code == 2


def test_frames_of_several_files_are_explained(capture: Path) -> None:
    done = CliRunner().invoke(cli, ["capture", "-r", str(capture), "-r", str(capture), "--json"])
    assert "several-files" in done.stdout
    assert "begins with frame" in done.stdout


def probe(*arguments: str) -> Result:
    return CliRunner().invoke(cli, ["probe", "--address", "127.0.0.1", "--port", "9", "-t", "0.2", *arguments])


@pytest.mark.parametrize("command", ["probe", "check"])
@pytest.mark.parametrize("where", [["--address", "127.0.0.1", "--port", "9"], []])
def test_what_cannot_be_read_as_a_request_is_not_sent_as_a_body(command: str, where: list[str], tmp_path: Path) -> None:
    saved = tmp_path / "phone.request"
    saved.write_bytes(b"POST /RequestHandler/ucdevice.upx HTTP/2\r\nHost: x\r\n\r\n<r/>")
    done = CliRunner().invoke(cli, [command, *where, "-t", "0.2", "--body", str(saved)])
    assert done.exit_code == 2
    assert done.stdout == ""
    said, hint = done.stderr.splitlines()
    assert "is no line that begins a request: make it such as 'POST /RequestHandler/ucdevice.upx HTTP/1.1'" in said
    assert hint == f"Try 'ucdiag {command} --help'."


def test_a_body_that_is_cut_is_reported(tmp_path: Path) -> None:
    saved = tmp_path / "phone.request"
    saved.write_bytes(b"POST /x HTTP/1.1\r\nContent-Length: 4\r\n\r\n<r/><MacAddress/>")
    shown = probe("--body", str(saved), "--dry-run")
    assert shown.exit_code == 0
    assert shown.stdout_bytes.endswith(b"\r\n\r\n<r/>\n")
    assert "# The saved request has 17 bytes of body and announces 4 (Content-Length)" in shown.stderr
    report = json.loads(probe("--body", str(saved), "--json").stdout)
    assert [problem["code"] for problem in report["problems"]] == ["body-cut"]
    saved.write_bytes(b"POST /x HTTP/1.1\r\nContent-Length: 4\r\n\r\n<r/>\n")
    assert json.loads(probe("--body", str(saved), "--json").stdout)["problems"] == []


@pytest.mark.parametrize("options", [["--json"], ["-f", "json"], ["-f", "short"], ["-o", "x.txt"]])
def test_a_dry_run_makes_no_report(options: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    done = probe("--dry-run", *options)
    assert done.exit_code == 2
    assert "--dry-run" in done.stderr
    if "json" in options[-1]:
        assert json.loads(done.stdout)["problems"][0]["code"] == "usage"
    else:
        assert done.stdout == ""
    assert not list(tmp_path.iterdir())
    assert probe("--dry-run").exit_code == 0
