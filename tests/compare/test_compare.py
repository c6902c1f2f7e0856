"""Comparing what two checkouts say: what may differ does not count, everything else does."""

import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.compare import __main__ as tool
from tests.compare import normal

ROOT = Path(__file__).resolve().parent.parent.parent

SAME_LIVE = {
    "time": ({"time": "2026-01-01T00:00:00Z"}, {"time": "2026-01-01T00:00:09Z"}),
    "seconds": ({"seconds": 0.1}, {"seconds": 0.2}),
    "first byte": ({"first_byte_seconds": 0.1}, {"first_byte_seconds": 0.2}),
    "port": ({"client_port": 50000}, {"client_port": 50001}),
    "version": ({"ucdiag": "0.1.0"}, {"ucdiag": "0.2.0"}),
    "port in a sentence": ({"summary": "asked 127.0.0.1 port 38256"}, {"summary": "asked 127.0.0.1 port 51339"}),
    "port in a command of dig": ({"commands": ["dig -p 41189 @127.0.0.1"]}, {"commands": ["dig -p 53714 @127.0.0.1"]}),
    "port in a command of Windows": ({"commands": ["Test -Port 41189"]}, {"commands": ["Test -Port 53714"]}),
    "port on the next line": ({"summary": "asked port\n  41189)"}, {"summary": "asked port\n  53714)"}),
    "port after a colon": ({"url": "http://127.0.0.1:41189/"}, {"url": "http://127.0.0.1:53714/"}),
    "duration in a sentence": ({"summary": "no answer within 0.5 s"}, {"summary": "no answer within 0.6 s"}),
    "probing name": ({"name": "ucdiag-3067a.contoso.com"}, {"name": "ucdiag-91bbc.contoso.com"}),
}
DIFFERENT_LIVE: dict[str, tuple[Any, Any]] = {
    "time or none": ({"time": "2026-01-01T00:00:00Z"}, {"time": None}),
    "code": ({"code": "dns-no-answer"}, {"code": "dns-r2-missing"}),
    "well-known port": ({"summary": "port 80 refuses"}, {"summary": "port 443 refuses"}),
    "word": ({"summary": "port 50000 refuses"}, {"summary": "port 50000 answers"}),
    "type": ({"count": 1}, {"count": True}),
    "number of entries": ({"steps": [{}]}, {"steps": [{}, {}]}),
    "order of keys": ({"a": 1, "b": 2}, {"b": 2, "a": 1}),
    "key": ({"a": 1}, {"a": 1, "b": None}),
}


def found(old: Any, new: Any, live: bool) -> list[str]:
    return list(normal.differences(normal.data(old, live), normal.data(new, live)))


@pytest.mark.parametrize(("old", "new"), SAME_LIVE.values(), ids=SAME_LIVE)
def test_what_every_live_run_has_anew_is_no_difference(old: Any, new: Any) -> None:
    assert found(old, new, live=True) == []


@pytest.mark.parametrize(("old", "new"), DIFFERENT_LIVE.values(), ids=DIFFERENT_LIVE)
def test_anything_else_is_one_difference(old: Any, new: Any) -> None:
    assert len(found(old, new, live=True)) == 1


@pytest.mark.parametrize("name", ["time", "seconds", "port", "port in a sentence", "duration in a sentence"])
def test_from_a_capture_times_and_ports_are_the_same_each_time(name: str) -> None:
    assert len(found(*SAME_LIVE[name], live=False)) == 1


def test_the_place_of_a_difference_is_named() -> None:
    assert found({"a": [{"b": "x"}]}, {"a": [{"b": "y"}]}, live=False) == ['.a[0].b: "x" -> "y"']


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ('{"a": 1}', {"a": 1}),
        ('{"a": 1}\n{"a": 2}\n', [{"a": 1}, {"a": 2}]),
        ("{no json}\nmore\n", ["{no json}", "more"]),
        ("", []),
    ],
)
def test_outputs(said: str, expected: Any) -> None:
    assert normal.output(said, live=False) == expected


def test_lines_of_text_that_differ_are_shown() -> None:
    assert list(normal.differences(["a", "b"], ["a", "c"])) == [" -b", " +c"]


HELP = """Usage: ucdiag

Commands:
  check      Walk the path.
  check-dns  Look names up, and
             more.

  Exit codes
"""


def test_commands_of_a_help_text() -> None:
    assert tool.commands(tool.Said(0, HELP.splitlines(), [])) == ["check", "check-dns"]


def test_a_folder_without_captures_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").touch()
    with pytest.raises(SystemExit, match="no capture"):
        tool.found_captures([tmp_path])


def test_captures_are_found_in_folders(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    for name in ("a/x.pcap", "y.pcapng.gz", "z.txt"):
        (tmp_path / name).touch()
    assert [path.name for path in tool.found_captures([tmp_path])] == ["x.pcap", "y.pcapng.gz"]


def test_what_is_no_checkout_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match="no checkout"):
        tool.check(tmp_path)


def test_listing_nothing_is_an_error() -> None:
    with pytest.raises(SystemExit, match="lists nothing"):
        tool.both(ROOT, ROOT, ["--help"], lambda said: [])


def run(other: Path, *words: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "tests.compare", str(other), "--no-lab", *words]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=300)


@pytest.fixture
def other(tmp_path: Path) -> Path:
    shutil.copytree(ROOT / "ucdiag", tmp_path / "ucdiag", ignore=shutil.ignore_patterns("__pycache__"))
    return tmp_path


def test_a_copy_says_the_same(other: Path) -> None:
    done = run(other, "-k=--version")
    assert (done.returncode, done.stdout, done.stderr) == (0, "1 commands compared, 0 differ\n", "")


def test_a_changed_copy_does_not(other: Path) -> None:
    path = other / "ucdiag/__init__.py"
    path.write_text(path.read_text(encoding="utf-8") + '\n__version__ = "99"\n', encoding="utf-8")
    done = run(other, "-k=--version")
    assert done.returncode == 1
    assert "ucdiag --version\n" in done.stdout
    assert "99" in done.stdout


def said(code: int) -> tool.Said:
    return tool.Said(code, [], [])


@pytest.mark.parametrize(
    ("live", "runs", "expected"),
    [
        (False, [0, 1], ["exit code: 0 -> 1"]),
        (True, [0, 1, 0, 0], []),
        (True, [0, 1] * 5, ["exit code: 0 -> 1"]),
    ],
)
def test_live_runs_are_repeated(
    live: bool, runs: list[int], expected: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    left = list(runs)
    monkeypatch.setattr(tool, "ask", lambda *_: said(left.pop(0)))
    assert tool.compare(tool.Job(("lab",), live), ROOT, ROOT) == expected
    assert left == []
