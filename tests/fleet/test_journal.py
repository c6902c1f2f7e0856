"""The journal: what was written stays, what is torn goes, what is no journal is left alone."""

from pathlib import Path

import pytest

from tests.views.reports import report
from ucdiag.fleet.journal import Journal, JournalError
from ucdiag.stored_reports.report_files import StoredReport, stored_reports
from ucdiag.views.json_view import json_text


def keys(path: Path) -> list[str]:
    with Journal(str(path)) as journal:
        return [key for key, _ in journal.kept_reports()]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "phones.ndjson"
    with Journal(str(path)) as journal:
        journal.add_reports([(json_text(report()), "target 0")])
        journal.add_reports((json_text(report()), f"target {number}") for number in (1, 2))
    return path


def test_what_was_added_is_read_again_and_is_what_report_reads(path: Path) -> None:
    assert keys(path) == ["target 0", "target 1", "target 2"]
    stored = list(stored_reports([str(path)]))
    assert [one.report for one in stored if isinstance(one, StoredReport)] == [report()] * 3


def test_a_line_that_is_torn_anywhere_goes_and_the_others_stay(path: Path) -> None:
    whole = path.read_bytes()
    lines = whole.splitlines(keepends=True)
    before = len(lines[0]) + len(lines[1])
    for cut in (*range(before, before + 40), len(whole) - 2, len(whole) - 1):
        path.write_bytes(whole[:cut])
        assert keys(path) == ["target 0", "target 1"]
        assert path.read_bytes() == whole[:before]
    path.write_bytes(whole[: before + 500] + bytes(100))  # as after a loss of power
    assert keys(path) == ["target 0", "target 1"]


def test_a_first_line_that_is_torn_leaves_an_empty_journal(path: Path) -> None:
    start = path.read_bytes()
    for cut in (1, 5, 30, 100):
        path.write_bytes(start[:cut])
        assert keys(path) == []
        assert path.read_bytes() == b""


@pytest.mark.parametrize("content", [b"precious", b"precious\n", b'{"a": 1}\n', b'{"schema": "ucdiag.phones/1"'])
def test_another_file_is_left_as_it_is(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "notes.txt"
    path.write_bytes(content)
    with pytest.raises(JournalError, match="left as it is"):
        keys(path)
    assert path.read_bytes() == content


def test_a_report_that_no_such_run_wrote_is_no_journal(tmp_path: Path) -> None:
    path = tmp_path / "report.json"
    content = json_text(report()) + "\n"
    path.write_text(content)
    with pytest.raises(JournalError, match="line 1 is no report of such a run"):
        keys(path)
    assert path.read_text() == content


def test_two_runs_do_not_share_a_journal(path: Path) -> None:
    with Journal(str(path)), pytest.raises(JournalError, match="another run is writing to it"):
        Journal(str(path))
    assert len(keys(path)) == 3


def test_a_folder_is_no_journal(tmp_path: Path) -> None:
    with pytest.raises(JournalError, match="directory"):
        Journal(str(tmp_path))


def test_a_full_disk_leaves_no_half_line(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import os

    whole, write = path.read_bytes(), os.write
    full = False

    def short_write(handle: int, data: memoryview) -> int:
        nonlocal full
        if full:
            raise OSError(28, "No space left on device")
        full = True
        return write(handle, data[:100])

    with Journal(str(path)) as journal:
        monkeypatch.setattr(os, "write", short_write)
        with pytest.raises(OSError, match="No space"):
            journal.add_reports([(json_text(report()), "one more"), (json_text(report()), "and another")])
    monkeypatch.undo()
    assert path.read_bytes() == whole
