"""What hostile logs can make grow, filled beyond its bound: each bound was seen to fail a test without it."""

import io
from datetime import timedelta
from pathlib import Path

import pytest

from tests.server_logs.log_samples import HEADER, NAME, audit, iis, iis_log
from ucdiag.server_logs import audit_log, log_book, log_files
from ucdiag.server_logs import iis_log as iis_module
from ucdiag.server_logs.audit_log import AuditLog
from ucdiag.server_logs.iis_log import IisLog, IisRow
from ucdiag.server_logs.log_book import LogBook
from ucdiag.server_logs.log_files import LogUnreadableError, find_logs


def test_ever_new_rows_of_the_audit_log_are_not_all_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(audit_log, "_MOST_KNOWN", 5)
    lines = [HEADER, *(audit(client=f"10.0.0.{number}") for number in range(1, 23))]
    log = AuditLog(NAME, lines, timedelta())
    assert len(list(log.rows(iter(enumerate(lines, 1))))) == 22
    assert 0 < len(log._known) <= 5


@pytest.mark.parametrize(("bound", "table"), [("_MOST_SHARED", "_rows"), ("_MOST_ENDS", "_ends")])
def test_ever_new_rows_of_iis_are_not_all_kept(bound: str, table: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(iis_module, bound, 5)
    data = iis_log(*(iis(client=f"10.0.0.{number}") for number in range(1, 23))).encode()
    log = IisLog()
    assert len(list(log.rows(io.BytesIO(data[64:]), data[:64]))) == 22
    assert 0 < len(getattr(log, table)) <= 5


def test_ever_new_minutes_of_iis_are_not_all_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(iis_module, "_MOST_MINUTES", 5)
    data = iis_log(*(iis().replace(":00:01", f":{minute:02}:01") for minute in range(22))).encode()
    log = IisLog()
    assert len({time for time, _ in log.rows(io.BytesIO(data[64:]), data[:64])}) == 22  # type: ignore[misc]
    assert 0 < len(log._minutes) <= 5


def test_a_folder_of_too_many_logs_is_said_to_be_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log_files, "_MOST_FILES", 3)
    for number in range(9):
        (tmp_path / f"u_ex{number}.log").write_text("#")
    *found, end = find_logs([str(tmp_path)])
    assert len(found) == 3
    assert isinstance(end, LogUnreadableError)
    assert "holds more than 3 files: name fewer" in str(end)


def test_the_book_does_not_remember_every_row_for_the_next_like_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log_book, "_MOST_SHARED", 5)
    data = iis_log(*(iis(client=f"10.0.0.{number}") for number in range(1, 23))).encode()
    book = LogBook()
    for time, row in IisLog().rows(io.BytesIO(data[64:]), data[:64]):  # type: ignore[misc]
        assert isinstance(row, IisRow)
        book.add_iis(time, row, None)
    assert (len(book), book.iis_rows) == (22, 22)
    assert 0 < len(book._shared) <= 5
