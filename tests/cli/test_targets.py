"""Which report goes where: suffixes, several formats, and that all files of a run appear or none does."""

import json
import os
import pty
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree

import pytest
from click.testing import CliRunner, Result

from tests.capture.capture_files import pcap, phones
from tests.cli import fake
from ucdiag.cli import main as edge
from ucdiag.cli.asked_format import asks_for
from ucdiag.cli.output import Output
from ucdiag.cli.runner import ViewOptions, ViewSession
from ucdiag.cli.targets import Target, format_by_suffix, targets_of
from ucdiag.runtime.context import CannotTest
from ucdiag.views import FORMATS, SUFFIXES

Run = Callable[..., Result]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Run:
    monkeypatch.setitem(edge.COMMANDS, "check-dns", (fake.MODULE, "Do as told."))
    monkeypatch.chdir(tmp_path)
    return lambda *words, **environment: CliRunner().invoke(edge.cli, words, prog_name="ucdiag", env=environment)


@pytest.mark.parametrize(
    ("formats", "outputs", "expected"),
    [
        ([], [], "text"),
        (["json"], [], "json"),
        (["json", "json"], [], "json"),
        ([], ["-"], "text"),
        ([], ["report"], "text:report"),
        ([], ["a.b/report"], "text:a.b/report"),
        ([], [".html"], "text:.html"),
        ([], ["x.log"], "text:x.log"),
        ([], ["X.HTML"], "html:X.HTML"),
        ([], ["site.html.csv"], "csv:site.html.csv"),
        (["text"], ["x.html"], "text:x.html"),
        (["json"], ["x.html"], "json:x.html"),
        ([], ["a.html", "b.json", "-"], "html:a.html json:b.json text"),
        (["text", "html"], ["report"], "text:report.txt html:report.html"),
        (["text", "html"], ["report.html"], "text:report.txt html:report.html"),
        (["text", "html"], ["site.2026"], "text:site.2026.txt html:site.2026.html"),
        (["text", "short"], ["x"], "text:x.txt short:x.short.txt"),
        (["text", "html", "text"], ["x"], "text:x.txt html:x.html"),
        (["nagios", "html"], ["-", "x"], "nagios html:x"),
    ],
)
def test_what_the_options_ask_for(formats: list[str], outputs: list[str], expected: str) -> None:
    pairs = (target.partition(":") for target in expected.split())
    assert targets_of(formats, outputs) == tuple(Target(format_, name or None) for format_, _, name in pairs)


def test_every_format_has_files_of_its_own() -> None:
    made = [target.output for target in targets_of(list(FORMATS), ["x"])]
    assert len(set(made)) == len(FORMATS)
    assert {name for name in FORMATS if name not in SUFFIXES.values()} == {"short", "nagios"}
    assert all(format_by_suffix(f"x{suffix}") == name for suffix, name in SUFFIXES.items())


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ("-f text -f html", "-f text -f html need files: give -o NAME for NAME.txt, NAME.html, or one -o for each -f"),
        ("-f text -f html -o -", "-f text -f html need files"),
        ("-f text -f html -o /dev/null", "'/dev/null' is none"),
        ("-f text -f html -o made", "'made' cannot be written: it is a folder"),
        ("-f text -f html -o base", "'base.html' cannot be written: it is a folder"),
        ("-f json -o a -o b", "1 format for 2 files: give one -f for each -o, or no -f at all"),
        ("-f json -f csv -f html -o a -o b", "3 formats for 2 files"),
        ("-o a -o a", "-o a is given twice"),
        ("-o - -o -", "-o - is given twice"),
        ("-o a -o ./a", "-o a and -o ./a are one file"),
        ("-o a -o link", "-o a and -o link are one file"),
    ],
)
def test_what_does_not_go_together(run: Run, tmp_path: Path, words: str, says: str) -> None:
    (tmp_path / "made").mkdir()
    (tmp_path / "base.html").mkdir()
    (tmp_path / "link").symlink_to("a")
    result = run("check-dns", *words.split(), "bug-early")
    assert result.exit_code == 2
    assert says in result.stderr
    assert sorted(path.name for path in tmp_path.iterdir()) == ["base.html", "link", "made"]


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ("explain -o x.csv", "csv shows reports alone: give one of text, short, json, html here with -f"),
        ("explain -o a -o b", "is shown in one form"),
        ("doctor -f text -f json -o x", "is shown in one form"),
        ("lab --all -o a -o b", "is shown in one form"),
        ("report --diff a b -o x -o y", "--diff is shown in one form"),
        ("capture -r a --facts -o x -o y", "--facts is shown in one form"),
        ("probe --address 127.0.0.1 --dry-run -o x.html", "--dry-run prints the request itself"),
        ("capture -r a -w b.html -o c -o b.html", "-o and -w would overwrite each other in 'b.html'"),
        ("capture -r a -o c -o a", "-o would overwrite 'a', which is to be read"),
        ("capture -r a -o c -o b --bundle ./b", "-o and --bundle would overwrite each other"),
        ("capture -r a -o c -o - -w -", "-w - would mix the packets with the report"),
    ],
)
def test_what_other_commands_refuse(run: Run, tmp_path: Path, words: str, says: str) -> None:
    (tmp_path / "a").write_bytes(pcap(phones(1, 1, noise=3)))
    result = run(*words.split())
    assert (result.exit_code, list(tmp_path.iterdir())) == (2, [tmp_path / "a"])
    assert says in result.stderr


def test_a_suffix_is_as_good_as_a_format(run: Run, tmp_path: Path) -> None:
    for suffix, format_ in SUFFIXES.items():
        assert run("check-dns", "-o", f"a{suffix}", "broken").exit_code == 1
        run("check-dns", "-f", format_, "-o", f"b{suffix}", "broken")
        one, other = (re.sub(rb"[0-9]+", b"", (tmp_path / f"{name}{suffix}").read_bytes()) for name in "ab")
        assert one == other  # but for times, which have as many digits as they need
        assert one
    assert (tmp_path / "a.html").read_bytes().startswith(b"<!DOCTYPE html>")
    assert run("check-dns", "-o", "x.html", "broken", UCDIAG_FORMAT="json").exit_code == 1
    assert json.loads((tmp_path / "x.html").read_text())["verdict"]["status"] == "broken"


def without_time(text: str) -> str:
    """The same of two runs, between which a second may end."""
    return re.sub(r"\d\d:\d\d:\d\d UTC", "UTC", text)


def test_several_at_once(run: Run, tmp_path: Path) -> None:
    result = run("check-dns", "-f", "text", "-f", "json", "-f", "junit", "-o", "report", "broken")
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.endswith(" (written to report.txt, report.json, report.xml)\n")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["report.json", "report.txt", "report.xml"]
    assert "dns-legacy-only" in (tmp_path / "report.txt").read_text(encoding="utf-8")
    assert ElementTree.parse(tmp_path / "report.xml").getroot().tag == "testsuites"
    both = run("check-dns", "-o", "-", "-o", "b.json", "broken")
    assert without_time(both.stdout) == without_time(run("check-dns", "broken").stdout)
    assert both.stderr == "Written to b.json.\n"
    assert run("check-dns", "-q", "-o", "-", "-o", "b.json", "--force", "broken").stderr == ""


def test_the_environment_names_several_formats_and_one_file(run: Run, tmp_path: Path) -> None:
    run("check-dns", "whole", UCDIAG_FORMAT="text json", UCDIAG_OUTPUT="my report")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["my report.json", "my report.txt"]


def test_a_monitor_s_exit_codes_count_where_it_is_one_of_several(run: Run) -> None:
    assert run("check-dns", "-f", "html", "-f", "nagios", "-o", "x.html", "-o", "-", "broken").exit_code == 2
    assert run("check-dns", "-f", "html", "-f", "text", "-o", "y.html", "-o", "-", "broken").exit_code == 1


@pytest.mark.parametrize(
    ("words", "environment", "json_", "html"),
    [
        ("-o x.json", {}, True, False),
        ("--output=x.JSON", {}, True, False),
        ("-ox.json", {}, True, False),
        ("-vo x.json -o x.html", {}, True, True),
        ("-f text -o x.json", {}, False, False),
        ("-o x.json", {"UCDIAG_FORMAT": "html text"}, False, True),
        ("", {"UCDIAG_OUTPUT": "x.json"}, True, False),
        ("-- -o x.json", {}, False, False),
    ],
)
def test_what_a_line_that_went_wrong_asks_for(words: str, environment: dict[str, str], json_: bool, html: bool) -> None:
    assert asks_for("json", words.split(), "check", environment) == json_
    assert asks_for("html", words.split(), "check", environment) == html


def test_programs_get_a_report_of_what_went_wrong(run: Run, tmp_path: Path) -> None:
    result = run("check-dns", "-o", "x.json", "--timeout", "x")
    assert (result.exit_code, json.loads(result.stdout)["verdict"]["code"]) == (2, "usage")
    result = run("check-dns", "-o", "a.json", "-o", "b.html", "-o", "c.csv", "cannot-early")
    assert (result.exit_code, result.stdout) == (3, "")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.json", "c.csv"]
    assert json.loads((tmp_path / "a.json").read_text())["verdict"]["code"] == "no-domain"


@pytest.mark.parametrize("does", ["bug-in-judge", "interrupt-early"])
def test_a_run_that_fails_leaves_all_old_files(run: Run, tmp_path: Path, does: str) -> None:
    for name in "ab":
        (tmp_path / name).write_text("old")
    assert run("check-dns", "--force", "-o", "a", "-o", "b", does).exit_code > 3
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == {"a": "old", "b": "old"}


FULL = pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full")


@FULL
@pytest.mark.parametrize("words", [["-o", "a.html", "-o", "/dev/full"], ["-o", "/dev/full", "-o", "a.html"]])
def test_where_one_place_is_full_no_file_appears(run: Run, tmp_path: Path, words: list[str]) -> None:
    (tmp_path / "a.html").write_text("old")
    result = run("check-dns", *words, "--force", "whole")
    assert result.exit_code == 3
    assert "cannot write to '/dev/full': no space left on device" in result.stderr
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == {"a.html": "old"}


@pytest.mark.parametrize("broken", ["b", "c"])
def test_where_one_disk_is_full_no_file_appears(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, broken: str
) -> None:
    settle = Output.settle

    def full(output: Output) -> None:
        if output.name == broken:
            raise CannotTest("output", "It is full.")
        settle(output)

    monkeypatch.setattr(Output, "settle", full)
    result = run("check-dns", "-o", "a", "-o", "b", "-o", "c", "-o", "-", "whole")
    assert (result.exit_code, list(tmp_path.iterdir())) == (3, [])
    assert "whole" not in result.stdout


def test_a_second_place_that_cannot_be_opened_leaves_nothing_of_the_first(tmp_path: Path) -> None:
    options = ViewOptions(output=str(tmp_path / "a"), also=(Target("json", str(tmp_path / "no" / "b")),))
    with pytest.raises(CannotTest, match="no such file"):
        ViewSession("check", options)
    assert list(tmp_path.iterdir()) == []


def start(*words: str, **settings: object) -> "subprocess.Popen[bytes]":
    return subprocess.Popen([sys.executable, "-m", fake.MODULE, "check-dns", *words], **settings)  # type: ignore[call-overload, no-any-return]


def test_the_file_is_whole_where_the_screen_s_reader_leaves(tmp_path: Path) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    process = start("-o", "-", "-o", str(tmp_path / "x.json"), "broken", stdout=writing, stderr=subprocess.PIPE)
    os.close(writing)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 1
    assert b"Traceback" not in said
    assert json.loads((tmp_path / "x.json").read_text())["verdict"]["status"] == "broken"


def test_only_the_terminal_shows_the_steps_as_they_come(tmp_path: Path) -> None:
    leader, follower = pty.openpty()
    words = ["-o", str(tmp_path / "x.html"), "-o", "-", "-o", str(tmp_path / "x.txt"), "broken"]
    environment = {**os.environ, "TERM": "xterm", "COLUMNS": "80"}
    process = start(*words, stdout=follower, stderr=subprocess.DEVNULL, env=environment)
    os.close(follower)
    shown = b""
    try:
        while data := os.read(leader, 65536):
            shown += data
    except OSError:  # the other end is closed
        pass
    os.close(leader)
    assert process.wait(timeout=60) == 1
    assert b"\x1b[" in shown
    assert b"FAILED" in shown
    assert "\x1b" not in (tmp_path / "x.txt").read_text(encoding="utf-8")
    assert "FAILED" in (tmp_path / "x.txt").read_text(encoding="utf-8")


@pytest.mark.parametrize("count", [1, 3, pytest.param(300, marks=pytest.mark.slow)])
def test_a_capture_is_read_once_for_all(tmp_path: Path, count: int) -> None:
    """With more than 256 the reports wait in a file."""
    path = tmp_path / "site.pcap"
    path.write_bytes(pcap(phones(count, 1, noise=3, size=1000)))
    words = [
        "capture",
        str(path),
        *(f"-f{name}" for name in ("json", "ndjson", "csv", "text")),
        "-o",
        f"{tmp_path}/all",
    ]
    result = CliRunner().invoke(edge.cli, words, prog_name="ucdiag")
    macs = [phone["phone"]["mac"] for phone in json.loads((tmp_path / "all.json").read_text())["phones"]]
    assert len(set(macs)) == count
    lines = (tmp_path / "all.ndjson").read_text().splitlines()
    assert [json.loads(line)["phones"][0]["phone"]["mac"] for line in lines] == macs
    rows = (tmp_path / "all.csv").read_text().splitlines()
    assert sum(row.startswith("phone,") for row in rows) == count
    assert [mac for mac in macs if mac not in (tmp_path / "all.txt").read_text(encoding="utf-8")] == []
    alone = CliRunner().invoke(edge.cli, ["capture", str(path), "-f", "csv"], prog_name="ucdiag")
    assert alone.exit_code == result.exit_code
    cells = [[row.split(",")[4:] for row in text] for text in (alone.stdout.splitlines(), rows)]  # behind the time
    assert cells[0] == cells[1]
