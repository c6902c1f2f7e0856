"""What hostile logs can make grow, filled beyond its bound: each bound was seen to fail a test without it."""

import io
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.server_logs.log_samples import HEADER, NAME, OFFER, audit, iis, iis_log, write
from tests.traced_memory import kept, peak
from ucdiag.server_logs import audit_log, log_book, log_files, log_reader, log_times, same_places
from ucdiag.server_logs import iis_log as iis_module
from ucdiag.server_logs.audit_log import AuditLog, AuditRow, Unread
from ucdiag.server_logs.iis_log import IisLog, IisRow
from ucdiag.server_logs.log_book import LogBook
from ucdiag.server_logs.log_files import LONGEST_LINE, LineReader, LogUnreadableError, find_logs


def test_ever_new_rows_of_the_audit_log_are_not_all_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(audit_log, "_MOST_KNOWN", 5)
    lines = [HEADER, *(audit(client=f"10.0.0.{number}") for number in range(1, 23))]
    log = AuditLog(NAME, lines, timedelta())
    assert len(list(log.read_rows(iter(enumerate(lines, 1))))) == 22
    assert 0 < len(log._known) <= 5


@pytest.mark.parametrize(("bound", "table"), [("_MOST_SHARED", "_rows"), ("_MOST_ENDS", "_ends")])
def test_ever_new_rows_of_iis_are_not_all_kept(bound: str, table: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(iis_module, bound, 5)
    data = iis_log(*(iis(client=f"10.0.0.{number}") for number in range(1, 23))).encode()
    log = IisLog()
    assert len(list(log.read_rows(io.BytesIO(data[64:]), data[:64]))) == 22
    assert 0 < len(getattr(log, table)) <= 5


def test_ever_new_minutes_of_iis_are_not_all_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(iis_module, "_MOST_MINUTES", 5)
    data = iis_log(*(iis().replace(":00:01", f":{minute:02}:01") for minute in range(22))).encode()
    log = IisLog()
    assert len({time for time, _ in log.read_rows(io.BytesIO(data[64:]), data[:64])}) == 22  # type: ignore[misc]
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
    for time, row in IisLog().read_rows(io.BytesIO(data[64:]), data[:64]):  # type: ignore[misc]
        assert isinstance(row, IisRow)
        book.add_iis(time, row, None)
    assert (len(book), book.iis_rows) == (22, 22)
    assert 0 < len(book._shared) <= 5


class Endless:
    """So many bytes without the end of a line."""

    def __init__(self, size: int) -> None:
        self._left = size

    def read(self, size: int) -> bytes:
        size = min(size, self._left)
        self._left -= size
        return b"x" * size


def audited(*lines: str) -> list[tuple[int, AuditRow] | Unread]:
    log = AuditLog(NAME, [HEADER, *lines], timedelta())
    return list(log.read_rows(iter(enumerate([HEADER, *lines], 1))))


def test_of_a_row_of_the_audit_log_the_beginning_is_kept() -> None:
    asked, given = "#".join(["CPE.nbt;1.0.522.101;2009-01-01"] * 500), "#".join([OFFER] * 500)
    ((_, row),) = audited(audit(requested=asked, offered=given, serial="s" * 4000, user="u" * 4000))  # type: ignore[misc]
    assert (len(row.requested), len(row.offered), row.serial, row.user) == (32, 32, "s" * 256, "u" * 256)


def test_a_time_that_is_none_is_named_by_its_beginning() -> None:
    (row,) = audited(audit("x" * 4000))
    assert isinstance(row, Unread)
    assert len(row.why) < 100


def rows_of(*lines: str) -> list[IisRow]:
    data = iis_log(*lines).encode()
    return [row for _, row in IisLog().read_rows(io.BytesIO(data[64:]), data[:64])]  # type: ignore[misc]


def test_of_a_row_of_iis_the_beginning_is_kept() -> None:
    """Who sends a request chooses what is logged of it."""
    (row,) = rows_of(iis().replace("OCPhone/1.0", "x" * 60_000))
    assert row.user_agent == "x" * 2048


def test_long_rows_of_iis_are_not_remembered() -> None:
    data = iis_log(*(iis().replace("OCPhone/1.0", f"{number}" + "x" * 60_000) for number in range(80))).encode()
    log = IisLog()
    with kept(2 << 20):
        assert sum(1 for _ in log.read_rows(io.BytesIO(data[64:]), data[:64])) == 80


def test_long_rows_of_the_audit_log_are_not_remembered() -> None:
    lines = [HEADER, *(audit(user=f"{number}" + "x" * 60_000) for number in range(80))]
    log = AuditLog(NAME, lines, timedelta())
    with kept(2 << 20):
        assert sum(1 for _ in log.read_rows(iter(enumerate(lines, 1)))) == 80


def test_a_row_of_iis_that_is_longer_than_a_line_is_cut() -> None:
    data = iis_log(iis().replace("OCPhone/1.0", "x" * 2 * LONGEST_LINE), iis()).encode()
    log = IisLog()
    found = list(log.read_rows(io.BytesIO(data[64:]), data[:64]))
    assert [isinstance(row, tuple) for row in found] == [False, True]


def test_a_line_of_text_is_so_long() -> None:
    lines = dict(LineReader(io.BytesIO(b"x" * (2 * LONGEST_LINE + 1000) + b"\nend\n"), b"", "utf-8").read_lines())
    assert {number: len(line) for number, line in lines.items()} == {1: LONGEST_LINE, 2: 3}


def test_a_text_without_ends_of_lines_is_not_kept() -> None:
    with peak(4 << 20):
        assert len(list(LineReader(Endless(16 << 20), b"", "utf-8").read_lines())) == 1


def test_ever_new_minutes_of_the_audit_log_are_not_all_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log_times, "_MOST_MINUTES", 5)
    reader = log_times.TimeReader(day_first=False)
    assert len({reader.parse_time(f"11/27/2026 9:{minute:02}:01 AM") for minute in range(22)}) == 22
    assert 0 < len(reader._minutes) <= 5


def test_requests_that_are_years_apart_take_no_room() -> None:
    """A day of which one second is known would take as much as one of which all are."""
    seconds = log_book._Seconds()
    with kept(2 << 20):
        for number in range(5000):
            seconds.add(number * 86_400)
    assert 4999 * 86_400 in seconds
    assert 4999 * 86_400 + 1 not in seconds


def test_a_sample_of_the_audit_log_is_held_against_iis(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each row costs a hundred looks, one for each zone."""
    monkeypatch.setattr(log_book, "_SAMPLE", 20)
    book = LogBook()
    moments = sorted({number**3 % 10_007 for number in range(150)})
    times = [f"{at // 3600 + 2}:{at // 60 % 60:02}:{at % 60:02}" for at in moments]
    for time, audit_row in audited(*(audit(f"11/27/2026 {at} AM") for at in times)):  # type: ignore[misc]
        book.add_audit(time, audit_row, "POOL01")
    data = iis_log(*(iis(f"2026-11-27 0{at}") for at in times)).encode()
    for time, row in IisLog().read_rows(io.BytesIO(data[64:]), data[:64]):  # type: ignore[misc]
        book.add_iis(time, row, None)  # type: ignore[arg-type]
    sample = book._audit_sample({"10.0.5.7"}, 0, 1 << 60)
    assert 10 <= len(sample) <= 20
    assert [zone for _, zone in book.zones_of_audit().spans["POOL01"]] == [0]


@pytest.mark.parametrize(("micros", "zone"), [(6_000_000, None), (6_000_001, 0), (-6_000_000, None), (-6_000_001, 0)])
def test_rows_beside_the_time_of_iis_are_not_held_against_it(micros: int, zone: int | None) -> None:
    """What is up to six seconds from its ends may be of a request that it has, and then it lacks one."""
    book = LogBook()
    data = iis_log(iis()).encode()
    ((time, row),) = IisLog().read_rows(io.BytesIO(data[64:]), data[:64])
    assert isinstance(row, IisRow)
    book.add_iis(time, row, None)
    for _, audit_row in audited(audit()):  # type: ignore[misc]
        book.add_audit(time, audit_row, "POOL01")
        book.add_audit(time + micros, audit_row, "POOL01")
    assert [found for _, found in book.zones_of_audit().spans.get("POOL01", ())] == ([] if zone is None else [zone])


def test_of_many_addresses_some_show_which_servers_are_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(same_places, "_ENOUGH", 20)
    together = same_places.SamePlaces._count_together
    compared: list[int] = []

    def counted(self: same_places.SamePlaces, owners: Any) -> Any:
        found = together(self, owners)
        compared.extend(sum(count.values()) for count in found.values())
        return found

    monkeypatch.setattr(same_places.SamePlaces, "_count_together", counted)
    book = LogBook()
    for number in range(100):
        client = f"10.0.0.{number}"
        for time, audit_row in audited(audit(client=client, mac=f"0004F20000{number:02}")):  # type: ignore[misc]
            book.add_audit(time, audit_row, f"POOL{number % 2}")
        (row,) = rows_of(iis(client=client))
        book.add_iis(time, row, f"W3SVC{number % 2}")
    book.join_addresses()
    assert (len(book), book.iis_rows) == (100, 100)
    assert 20 <= sum(compared) <= 22


class Asked(io.BytesIO):
    """Notes for how many bytes it was asked."""

    def __init__(self, data: bytes) -> None:
        super().__init__(data)
        self.sizes: list[int | None] = []

    def read(self, size: int | None = -1) -> bytes:
        self.sizes.append(size)
        return super().read(size)


def test_a_log_is_read_in_blocks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (iis_module, log_files, log_reader):
        monkeypatch.setattr(module, "BLOCK", 4096)
    data = iis_log(*(iis(client=f"10.0.0.{number}") for number in range(90))).encode()
    by_rows, by_lines, counted = Asked(data[64:]), Asked(data), Asked(data)
    assert len(list(IisLog().read_rows(by_rows, data[:64]))) == 90
    assert len(list(LineReader(by_lines, b"", "utf-8").read_lines())) > 90
    reader = log_reader.LogReader()
    reader.read_logs([write(tmp_path, "u_ex261127.log", data.decode())])
    monkeypatch.setattr(log_reader, "open_log", lambda log: counted)
    assert reader._count_lines() == data.count(b"\n") + (not data.endswith(b"\n"))
    for asked in (by_rows, by_lines, counted):
        assert len(asked.sizes) > 2
        assert {size for size in asked.sizes if size is None or not 0 < size <= 4096} == set()


def test_a_header_of_iis_that_is_longer_than_a_line_is_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    taken: list[int] = []
    monkeypatch.setattr(IisLog, "_take_header", lambda self, line: taken.append(len(line)))
    block = b"#" + b"x" * 2 * LONGEST_LINE + b"\n"
    list(IisLog()._read_block(block, 0, len(block), 0))
    assert taken == [LONGEST_LINE]
