"""What is said of logs that were read: how many they are, whose they are, and what is missing of them."""

import bz2
import gzip
import io
import lzma
import os
import sys
import tarfile
import zipfile
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from tests.server_logs.log_samples import FIELDS, HANDLER, HEADER, MAC, NAME, audit, iis, iis_log, write
from ucdiag.server_logs import log_reader
from ucdiag.server_logs.log_files import LogFile
from ucdiag.server_logs.log_reader import LogReader

FEW = "#Fields: date time cs-method cs-uri-stem c-ip sc-status"
LINE = f"2026-11-27 09:00:01 POST {HANDLER} 10.0.5.7 200"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def put(folder: Path, name: str, text: str) -> str:
    (folder / name).parent.mkdir(parents=True, exist_ok=True)
    write(folder, name, text)
    return name


def problems(reader: LogReader) -> dict[str, str]:
    return {problem.code: problem.text for problem in reader.finish()}


@pytest.mark.parametrize(
    ("name", "server"),
    [
        ("a.log", None),
        ("W3SVC1/a.log", "W3SVC1"),
        ("LogFiles/W3SVC1/a.log", "W3SVC1"),
        ("logfiles/w3svc12/a.log", "w3svc12"),
        ("WEB1/W3SVC3/a.log", "WEB1/W3SVC3"),
        ("share/WEB1/w3svc3/a.log", "WEB1/w3svc3"),
        ("share/WEB1/a.log", "WEB1"),
        ("WEB1/W3SVC/a.log", "W3SVC"),
        ("WEB1/W3SVC3x/a.log", "W3SVC3x"),
        (r"WEB1\W3SVC3\a.log", r"WEB1/W3SVC3"),
    ],
)
def test_the_folder_of_a_log_names_its_server(folder: Path, name: str, server: str | None) -> None:
    """Where its lines do not."""
    if "\\" in name and sys.platform == "win32":
        pytest.skip("the same as with slashes")
    name = put(folder, name, iis_log(LINE, fields=FEW))
    assert [of for _, _, of in LogReader().read_on([name])] == [server]
    named = iis_log(LINE + " WEB9", fields=FEW + " s-computername")
    assert [of for _, _, of in LogReader().read_on([put(folder, name, named)])] == ["WEB9"]


def test_the_name_of_an_audit_log_names_its_server(folder: Path) -> None:
    name = put(folder, NAME, f"{HEADER}\n{audit()}\n")
    assert [of for _, _, of in LogReader().read_on([name])] == ["POOL01"]
    assert [of for _, _, of in LogReader().read_on([put(folder, "x.log", f"{HEADER}\n{audit()}\n")])] == [None]


@pytest.mark.parametrize(
    ("audits", "sites", "said"),
    [
        (1, 0, "1 audit log; 2 lines"),
        (2, 0, "2 audit logs; 4 lines"),
        (0, 1, "1 IIS log; 5 lines"),
        (2, 2, "2 audit logs, 2 IIS logs; 14 lines"),
    ],
)
def test_what_the_logs_were(folder: Path, audits: int, sites: int, said: str) -> None:
    for number in range(audits):
        put(folder, f"a{number}.log", f"{HEADER}\r\n{audit()}" + "\r\n" * number)
    for number in range(sites):
        put(folder, f"i{number}.log", iis_log(iis()) + "\0" * number)
    put(folder, "other.log", "other\r\n" * 9)
    put(folder, "empty.log", " \r\n\0\t")
    reader = LogReader()
    reader.read_logs(["."])
    assert reader.contents_text() == said
    assert [Path(name).name for name in reader.others] == ["other.log"]


def test_each_log_of_an_archive_has_its_lines(folder: Path) -> None:
    with zipfile.ZipFile("logs.zip", "w") as archive:
        for number in range(3):
            archive.writestr(f"u{number}.log", iis_log(*[LINE] * number, fields=FEW))
    reader = LogReader()
    reader.read_logs(["logs.zip"])
    assert reader.contents_text() == "3 IIS logs; 15 lines"


def test_one_line(folder: Path) -> None:
    reader = LogReader()
    reader.read_logs([put(folder, "a.log", HEADER)])
    assert reader.contents_text() == "1 audit log; 1 line"


def test_a_log_that_is_gone_by_then_has_no_lines(folder: Path) -> None:
    reader = LogReader()
    reader.read_logs([put(folder, "a.log", f"{HEADER}\n{audit()}\n"), put(folder, "b.log", HEADER)])
    (folder / "a.log").unlink()
    assert reader.contents_text() == "2 audit logs; 1 line"


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes with names")
def test_the_lines_of_a_pipe_are_not_counted(folder: Path) -> None:
    reader = LogReader()
    reader.read_logs([put(folder, "a.log", HEADER), put(folder, "b.log", HEADER)])
    (folder / "a.log").unlink()
    os.mkfifo(folder / "a.log")
    assert reader.contents_text() == "2 audit logs"


def test_a_log_that_goes_while_it_is_looked_at(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def gone(names: list[str]) -> Iterator[LogFile]:
        return (LogFile(name, name) for name in names)

    monkeypatch.setattr(log_reader, "find_logs", gone)
    reader = LogReader()
    assert list(reader.read_on(["gone.log", put(folder, "a.log", f"{HEADER}\n{audit()}\n")])) != []
    assert problems(reader) == {
        "log-unreadable": "Could not read 'gone.log': no such file or directory: what it holds is missing."
    }


def test_what_grows_is_read_once(folder: Path) -> None:
    """Neither half a line nor what is packed is read, and a log that begins anew is another."""
    name = put(folder, "a.log", f"{HEADER}\n{audit()}\n{audit()[:30]}")
    put(folder, "b.log", "")
    (folder / "c.log").write_bytes(gzip.compress(f"{HEADER}\n{audit()}\n".encode()))
    reader = LogReader()
    assert len(list(reader.read_on(["."]))) == 1
    assert list(reader.read_on(["."])) == []
    put(folder, "a.log", f"{HEADER}\n{audit()}\n{audit('11/27/2026 9:01:01 AM')}\n")
    assert [row.mac for _, row, _ in reader.read_on(["."])] == [MAC]  # type: ignore[union-attr]
    put(folder, name, f"{HEADER}\n{audit(mac='0004F2000001')}\n")
    assert [row.mac for _, row, _ in reader.read_on(["."])] == ["00:04:f2:00:00:01"]  # type: ignore[union-attr]
    assert reader.book.audit_rows == 3


@pytest.mark.parametrize(("count", "more"), [(1, ""), (5, ""), (6, " (1 more)"), (1006, " (1,001 more)")])
def test_not_more_than_five_wrong_lines_are_quoted(folder: Path, count: int, more: str) -> None:
    reader = LogReader()
    reader.read_logs([put(folder, "a.log", f"{HEADER}\n{audit()}\n" + "x,y\n" * count)])
    why = "; ".join(f"a.log line {line}: it has 2 fields of at least 9" for line in range(3, 3 + min(count, 5)))
    lines = f"{count:,} line{'s' * (count > 1)}"
    assert problems(reader) == {"log-lines": f"{lines} could not be read: {why}{more}."}
    assert reader.has_unread
    assert reader.is_mostly_unread is (count > 1)


@pytest.mark.parametrize("count", [1, 4, 5, 6, 7])
def test_not_more_than_five_files_are_named(folder: Path, count: int) -> None:
    """Neither of those that are missing, nor of those that are no logs, nor of those whose dates were guessed."""
    for number in range(count):
        put(folder, f"o{number}.log", "other\n")
        put(folder, f"a{number}.log", f"{audit('1/2/2026 9:00:01 AM')}\n")
    reader = LogReader()
    reader.read_logs([*(f"m{number}.log" for number in range(count)), "."])
    found = problems(reader)

    def named(letter: str) -> str:
        *first, last = (f"{letter}{number}.log" for number in range(min(count, 5)))
        return f"{', '.join(first)} and {last}" if first else last

    missing = [f"'m{number}.log': no such file or directory" for number in range(min(count, 5))]
    *first, last = missing
    listed = f"{', '.join(first)} and {last}" if first else last
    more = max(count - 5, 0)
    held = "what it holds" if count == 1 else "what they hold"
    assert found == {
        "log-unreadable": f"Could not read {listed}{f' ({more} more)' if more else ''}: {held} is missing.",
        "not-a-log": (
            f"{named('o')}{f' and {more} more' if more else ''}: neither an audit log of the Device Update Service nor "
            "a W3C log of IIS, so passed over."
        ),
        "log-times": (
            "Whether the day or the month comes first in the dates of "
            f"{named('a')}{f' and {more} more' if more else ''} is not known: they were read as month/day."
        ),
    }
    assert not reader.has_unread


def both(folder: Path, minutes: int, offset: timedelta | None, lacking: int = 0) -> dict[str, str]:
    """The problems of four requests that both logs have, the audit log by a clock that is so far ahead."""
    text, lines = [HEADER], []
    for number in range(4):
        at = 9 * 60 + 7 * number
        lines.append(iis(f"2026-11-27 {at // 60:02}:{at % 60:02}:01", client=f"10.0.5.{number}"))
        hour, minute = divmod(at + minutes, 60)
        text.append(
            audit(f"2026-11-27 {hour:02}:{minute:02}:01", client=f"10.0.5.{number}", mac=f"0004F200000{number}")
        )
    lines += [iis(f"2026-11-27 09:1{number}:30", client="10.0.6.1") for number in range(lacking)]
    reader = LogReader(offset)
    reader.read_logs([put(folder, NAME, "\n".join([*text, ""])), put(folder, "i.log", iis_log(*lines))])
    return problems(reader)


@pytest.mark.parametrize(
    ("minutes", "zone"),
    [(0, None), (60, "+01:00"), (-60, "-01:00"), (330, "+05:30"), (-210, "-03:30"), (765, "+12:45")],
)
def test_the_clock_of_the_audit_log(folder: Path, minutes: int, zone: str | None) -> None:
    text = (
        f"The audit log's clock is UTC{zone}, as its rows beside those of IIS show: its times were moved. "
        "--utc-offset says another."
    )
    assert both(folder, minutes, None) == ({"log-times": text} if zone else {})
    assert both(folder, minutes, timedelta(minutes=minutes)) == {}


@pytest.mark.parametrize("wrong", [timedelta(), timedelta(hours=1), timedelta(hours=-5)])
def test_a_zone_that_is_given_and_that_the_rows_contradict(folder: Path, wrong: timedelta) -> None:
    """Nothing is said of rows that the audit log lacks: their times are what differs."""
    text = (
        "The rows of the audit log beside those of IIS show another zone than --utc-offset names: leave that out, and "
        "the zone is found."
    )
    assert both(folder, 120, wrong) == {"log-times": text}
    assert both(folder, 120, wrong, lacking=2) == {"log-times": text}


DIFFER = (
    "IIS logged {} of {} update requests with success that the audit log lacks in the same time. It is written every 5 "
    "minutes at most; else name the audit logs of all servers, and check that the service may write to its Logs folder."
)


def test_requests_that_only_iis_has(folder: Path) -> None:
    assert both(folder, 0, None, lacking=2) == {"logs-differ": DIFFER.format(2, 6)}


@pytest.mark.parametrize("offset", [None, timedelta()])
def test_where_no_request_is_in_both_logs_the_zone_may_be_another(folder: Path, offset: timedelta | None) -> None:
    rows = [audit("2026-11-27 09:00:01"), audit("2026-11-27 11:00:01")]
    reader = LogReader(offset)
    reader.read_logs(
        [put(folder, NAME, "\n".join([HEADER, *rows, ""])), put(folder, "i.log", iis_log(iis("2026-11-27 10:07:01")))]
    )
    more = " Where the audit log does not write UTC, name its zone with --utc-offset."
    assert problems(reader) == {"logs-differ": DIFFER.format(1, 1) + (more if offset is None else "")}


def test_a_log_without_the_path_is_said_to_be_one(folder: Path) -> None:
    fields = FIELDS.replace(" cs-uri-stem", "")
    reader = LogReader()
    reader.read_logs([put(folder, "i.log", iis_log(iis().replace(f" {HANDLER}", ""), fields=fields))])
    why = "i.log: #Fields has no cs-uri-stem, which says what was asked: have IIS log that, too"
    assert problems(reader) == {"log-lines": f"1 line could not be read: {why}."}


@pytest.mark.parametrize(("encoding", "where"), [("utf-8", "at byte {:,}"), ("utf-16", "line 4")])
def test_where_a_wrong_line_of_iis_stands(folder: Path, encoding: str, where: str) -> None:
    """Also in what was added later."""
    text = "#Software: IIS\n" + FIELDS + "\n" + iis() + "\n"
    later = iis("x") + "\n"
    write(folder, "i.log", text, encoding)
    reader = LogReader()
    list(reader.read_on(["i.log"]))
    with (folder / "i.log").open("ab") as file:
        file.write(later.encode(encoding).removeprefix("".encode(encoding)))
    list(reader.read_on(["i.log"]))
    at = where.format(len(text))
    why = "it has 13 fields, and #Fields names 14"
    assert problems(reader) == {"log-lines": f"1 line could not be read: i.log {at}: {why}."}


def packed(kind: str, log: bytes) -> bytes:
    """A log in an archive, or compressed."""
    out = io.BytesIO()
    if kind == "zip":
        with zipfile.ZipFile(out, "w") as inner:
            inner.writestr("u_ex261127.log", log)
    elif kind in ("tar", "tgz"):
        with tarfile.open(fileobj=out, mode="w:gz" if kind == "tgz" else "w") as archive:
            for name in ("u_ex261127.log", NAME):
                member = tarfile.TarInfo(name)
                member.size = len(log)
                archive.addfile(member, io.BytesIO(log))
    return out.getvalue() or {"xz": lzma.compress, "bz2": bz2.compress}[kind](log)


@pytest.mark.parametrize("kind", ["tar", "tgz", "xz", "bz2", "zip"])
def test_what_is_packed_in_another_way_is_no_log(folder: Path, kind: str) -> None:
    """Of an archive of tar the first log was read, as far as it has the marks of one, and the others were not named."""
    data = packed(kind, iis_log(iis()).encode())
    with zipfile.ZipFile("outer.zip", "w") as outer:
        outer.writestr(f"logs.{kind}", data)
    reader = LogReader()
    reader.read_logs(["outer.zip"])
    assert (reader.iis_files, reader.audit_files, len(reader.book)) == (0, 0, 0)
    assert problems(reader) == {"not-a-log": f"outer.zip/logs.{kind}: {log_reader._PACKED}."}


def test_gzip_in_zip_is_unpacked(folder: Path) -> None:
    with zipfile.ZipFile("outer.zip", "w") as outer:
        outer.writestr("u_ex261127.log.gz", gzip.compress(iis_log(iis()).encode()))
    reader = LogReader()
    reader.read_logs(["outer.zip"])
    assert (reader.iis_files, problems(reader)) == (1, {})
