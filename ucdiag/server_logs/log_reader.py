"""Reads logs of both kinds into one ``LogBook``, and reports the parts that could not be read."""

import io
import os
import pathlib
import re
from collections.abc import Iterator
from datetime import timedelta

from ucdiag.model.fast_dataclass import record
from ucdiag.model.patterns import pattern
from ucdiag.model.report import Problem
from ucdiag.model.text import CAPTURE_MARKS, STANDARD_INPUT, first_listed, is_report, listed
from ucdiag.model.visible_text import quoted
from ucdiag.model.vocabulary import Microseconds
from ucdiag.server_logs.audit_log import AuditLog, AuditRow, Unread, is_audit_log, server_of
from ucdiag.server_logs.iis_log import IisLog, IisRow, UnreadRow, has_service_lines, is_advanced_log, is_iis_log
from ucdiag.server_logs.log_book import LogBook
from ucdiag.server_logs.log_files import (
    BLOCK,
    HEAD,
    LineReader,
    LogFile,
    LogUnreadableError,
    Readable,
    encoding_of,
    find_logs,
    head_of,
    is_pipe,
    open_log,
)

# A request's time, what was logged of it, and the server.
LoggedRow = tuple[Microseconds, AuditRow | IisRow, str | None]
# How 7z, RAR, xz, bzip2 and zstd begin, and zip inside another archive; tar has its mark behind its first file's name.
_PACKED_MARKS = (b"7z\xbc\xaf\x27\x1c", b"Rar!\x1a\x07", b"\xfd7zXZ\0", b"BZh", b"\x28\xb5\x2f\xfd", b"PK\3\4")
_PACKED = "packed. Unpack it, and name what comes out of it: gzip and zip alone are read, and zip not inside another"
_EVENTS_MARK = b"ElfFile\0"
# A line of IIS's own format, as far as its service, and one of the NCSA's, as far as its day.
_OWN_FORMAT = pattern(rb"[^,\n]{1,50}, [^,\n]{0,100}, [^,\n]{6,12}, [^,\n]{5,15}, W3SVC\d+, ")
_NCSA_FORMAT = pattern(rb"\S{2,50} \S{1,100} [^\n\[]{1,100} \[\d\d/[A-Z][a-z]{2}/\d{4}:")
#: What to name where nothing that was named is a log.
WHERE_LOGS = (
    "Name the folder with RequestHandlerAuditLog_SERVER_DATE.log, or the folder W3SVC of the web site below "
    "inetpub\\logs\\LogFiles."
)
_OTHER_ZONE = (
    "The rows of the audit log beside those of IIS show another zone than --utc-offset names: leave that out, and the "
    "zone is found."
)
_NAMED = 5  # lines, files or addresses that a sentence names
_DAY: Microseconds = 86_400_000_000


@record(slots=True)
class _Place:
    """How far a log was read, and what its later lines need to be read."""

    log: LogFile
    encoding: str
    audit: AuditLog | None = None
    iis: IisLog | None = None
    advanced: bool = False
    end: int = 0
    lines: int = 0  # that were read, where they are counted


class LogReader:
    """Reads logs. ``book`` has their requests; ``others`` are files that are no such logs.

    ``offset`` is the audit log's zone, as its offset from UTC; None: it is found by comparison with the IIS logs.
    """

    def __init__(self, offset: timedelta | None = None) -> None:
        self.book = LogBook()
        self.others: list[str] = []
        self.audit_files = 0
        self.iis_files = 0
        self._offset = offset
        self._unread: list[str] = []
        self._unread_count = 0
        self._failed: list[str] = []
        self._guessed: list[str] = []
        self._known_others: dict[str, list[str]] = {}  # files that are no logs, by what they are
        self._places: dict[tuple[str, str | None], _Place] = {}

    def read_logs(self, names: list[str]) -> None:
        """Read all logs below these files and folders."""
        for log in find_logs(names):
            if isinstance(log, LogUnreadableError):
                self._failed.append(str(log))
                continue
            try:
                with open_log(log) as source:
                    self._read_one(log, source)
            except LogUnreadableError as error:
                self._failed.append(str(error))

    def read_on(self, names: list[str]) -> Iterator[LoggedRow]:
        """The rows added since, also in new logs: ``(time, row, server)``, the time in microseconds."""
        for log in find_logs(names):
            if isinstance(log, LogUnreadableError) or log.member is not None:
                continue
            place = self._places.get((log.path, None))
            try:
                size = os.stat(log.path).st_size  # noqa: PTH116 - every second, for each file
                if place is None or size < place.end:
                    place = self._begin_again(log)
                if place is None or size <= place.end:
                    continue
                yield from self._read_appended(place)
            except OSError as error:
                self._failed.append(f"{quoted(log.name)}: {(error.strerror or str(error)).lower()}")

    def _begin_again(self, log: LogFile) -> _Place | None:
        with pathlib.Path(log.path).open("rb") as file:
            head = file.read(HEAD)
        return self._recognise_log(log, head) if head and not head.startswith(b"\x1f\x8b") else None

    def _read_appended(self, place: _Place) -> Iterator[LoggedRow]:
        with pathlib.Path(place.log.path).open("rb") as file:
            file.seek(place.end)
            data = file.read(64 << 20)
        end = data.rfind(b"\n\x00" if place.encoding == "utf-16-le" else b"\n") + 1
        if not end:
            return
        end += place.encoding == "utf-16-le"
        begin, place.end = place.end, place.end + end
        yield from self._read_rows(place, io.BytesIO(b""), data[:end], begin)

    def _read_one(self, log: LogFile, source: Readable) -> None:
        head = head_of(source)
        if not head.strip(b"\x00 \r\n\t"):
            return
        place = self._recognise_log(log, head)
        if place is None:
            kind = _other_kind(head)
            if kind is None:
                self.others.append(log.name)
            else:
                self._known_others.setdefault(kind, []).append(log.name)
            return
        counted = _Counted(source, len(head))
        for _ in self._read_rows(place, counted, head):
            pass
        place.end = counted.count

    def _recognise_log(self, log: LogFile, head: bytes) -> _Place | None:
        if _is_packed(head):
            return None
        encoding = encoding_of(head)
        lines = head.decode(encoding, "replace").removeprefix("\ufeff").splitlines()
        lines = lines[:-1] if len(lines) > 1 and len(head) >= HEAD else lines  # the last one may be cut
        place = _Place(log, encoding)
        if is_iis_log(lines):
            place.iis, place.advanced = IisLog(), is_advanced_log(lines)
            self.iis_files += 1
        elif is_audit_log(log.name, lines):
            place.audit = AuditLog(log.name, lines, self._offset or timedelta())
            self.audit_files += 1
            if place.audit.guessed:
                self._guessed.append(log.name)
        else:
            return None
        self._places[log.path, log.member] = place
        return place

    def _read_rows(self, place: _Place, source: Readable, start: bytes, begin: int = 0) -> Iterator[LoggedRow]:
        """``start`` stands at the byte ``begin`` of the log, and ``source`` goes on after it."""
        name = place.log.name
        reader = LineReader(source, start, place.encoding, place.lines)
        if place.audit is not None:
            server = server_of(name)
            for row in place.audit.read_rows(reader.read_lines()):
                if isinstance(row, Unread):
                    self._add_unread(f"{name} line {row.line}: {row.why}")
                else:
                    time, said = row
                    self.book.add_audit(time, said, server)
                    yield time, said, server
        elif place.iis is not None:
            folder = _site_of(name)
            counts_lines = place.encoding.startswith("utf-16")
            if counts_lines:
                found = place.iis.read_text_rows(reader)
            else:
                found = place.iis.read_rows(source, start)
            for seen in found:
                if isinstance(seen, UnreadRow):
                    where = f"line {seen.offset}" if counts_lines else f"at byte {begin + seen.offset:,}"
                    self._add_unread(f"{name} {where}: {seen.why}")
                else:
                    time, request = seen
                    self.book.add_iis(time, request, folder, advanced=place.advanced)
                    yield time, request, request.server or folder
            if "cs-uri-stem" in place.iis.lacks:
                self._add_unread(
                    f"{name}: #Fields has no cs-uri-stem, which says what was asked: have IIS log that, too"
                )
        place.lines = reader.number

    def contents_text(self) -> str:
        """The number of logs and lines, as a clause: ``1 audit log, 2 IIS logs; 1,234 lines``."""
        counts = {"audit log": self.audit_files, "IIS log": self.iis_files}
        kinds = ", ".join(f"{count:,} {kind}{'s' * (count > 1)}" for kind, count in counts.items() if count)
        lines = self._count_lines()
        return f"{kinds}; {lines:,} line{'s' * (lines != 1)}" if lines is not None else kinds

    def _count_lines(self) -> int | None:
        """How many lines the logs have, which are read once more for it; None where that cannot be."""
        count = 0
        for place in self._places.values():
            try:
                if place.log.path == STANDARD_INPUT or is_pipe(place.log.path):
                    return None
                with open_log(place.log) as source:
                    last = b""
                    while data := source.read(BLOCK):
                        count += data.count(b"\n")
                        last = data
                    count += not last.rstrip(b"\0").endswith(b"\n")
            except (LogUnreadableError, OSError):  # it is gone by now
                continue
        return count

    @property
    def is_mostly_unread(self) -> bool:
        """Whether more lines could not be read than could: what they hold decides, not the others."""
        return self._unread_count > self.book.audit_rows + self.book.iis_rows

    @property
    def has_unread(self) -> bool:
        """Whether any line could not be read."""
        return self._unread_count > 0

    def _add_unread(self, text: str) -> None:
        self._unread_count += 1
        if len(self._unread) < _NAMED:
            self._unread.append(text)

    def finish(self) -> list[Problem]:
        """Join both kinds of logs. Returns the problems of the report."""
        problems = self.file_problems()
        book = self.book
        book.drop_advanced()
        book.join_serials()
        zones = book.zones_of_audit() if book.audit_rows and book.iis_rows else None
        if zones and self._offset is None:
            book.shift_audit(zones)
            problems.append(Problem(code="log-times", text=zones.text()))
        elif zones:
            problems.append(Problem(code="log-times", text=_OTHER_ZONE))
        if self._guessed:
            text = (
                f"Whether the day or the month comes first in the dates of {first_listed(self._guessed, _NAMED)} is "
                "not known: they were read as month/day."
            )
            problems.append(Problem(code="log-times", text=text))
        if not zones or self._offset is None:  # else they differ in their times alone
            problems += self._difference_problems()
        left = book.join_addresses()
        problems += _shared_addresses(left)
        named = {address for address, *_ in left}
        problems += _crowded_addresses([found for found in book.crowded_addresses() if found[0] not in named])
        return problems

    def file_problems(self) -> list[Problem]:
        """The files that could not be read, or are no logs, and the lines that could not."""
        problems = []
        if self._failed:
            more = f" ({len(self._failed) - _NAMED} more)" if len(self._failed) > _NAMED else ""
            held = "it holds" if len(self._failed) == 1 else "they hold"
            text = f"Could not read {listed(self._failed[:_NAMED])}{more}: what {held} is missing."
            problems.append(Problem(code="log-unreadable", text=text))
        if self._unread_count:
            lines = "line" if self._unread_count == 1 else "lines"
            more = f" ({self._unread_count - _NAMED:,} more)" if self._unread_count > _NAMED else ""
            text = f"{self._unread_count:,} {lines} could not be read: {'; '.join(self._unread)}{more}."
            problems.append(Problem(code="log-lines", text=text))
        for kind, names in self._known_others.items():
            problems.append(Problem(code="not-a-log", text=f"{first_listed(names, _NAMED)}: {kind}."))
        if self.others:
            text = (
                f"{first_listed(self.others, _NAMED)}: neither an audit log of the Device Update Service nor a W3C log "
                f"of IIS, so passed over.{'' if self.audit_files or self.iis_files else f' {WHERE_LOGS}'}"
            )
            problems.append(Problem(code="not-a-log", text=text))
        return problems

    def _difference_problems(self) -> list[Problem]:
        """Requests that one kind of log has and the other lacks, where both cover the time."""
        lacking, count = self.book.not_audited()
        if not count:
            return []
        text = (
            f"IIS logged {lacking:,} of {count:,} update requests with success that the audit log lacks in the same "
            "time. It is written every 5 minutes at most; else name the audit logs of all servers, and check that the "
            "service may write to its Logs folder."
        )
        if lacking == count and self._offset is None:
            text += " Where the audit log does not write UTC, name its zone with --utc-offset."
        return [Problem(code="logs-differ", text=text)] if lacking else []


def _is_packed(head: bytes) -> bool:
    """Whether a file that begins so, unpacked as far as is done here, is an archive or packed."""
    return head.startswith(_PACKED_MARKS) or head[257:262] == b"ustar"


def _other_kind(head: bytes) -> str | None:
    """The kind of a file that is no log, by its first bytes, and what to do about it; None if it is not known."""
    if _is_packed(head):
        return _PACKED
    if head.startswith(CAPTURE_MARKS):
        return "a capture, to be given to 'ucdiag capture'"
    if is_report(head):
        return "a report of ucdiag, to be given to 'ucdiag report'"
    if head.startswith(_EVENTS_MARK):
        return f"a Windows event log, in which no requests are. {WHERE_LOGS[:-1]}"
    form = "IIS" if _OWN_FORMAT.match(head) else "NCSA" if _NCSA_FORMAT.match(head) else None
    if form is not None:
        return (
            f"a log in the {form} format, which is not read. Have IIS write the W3C format (web site, Logging), "
            "and name a log that was written since"
        )
    if b"\0" not in head and has_service_lines(head):
        return (
            "lines about the update service without the line #Fields, which says what stands in them. Name the whole "
            "log as IIS wrote it, in the W3C format, not lines taken from it"
        )
    return None


def _site_of(name: str) -> str | None:
    """What names the server of an IIS log whose lines do not: its folder, and the one above if it is but the site's."""
    *above, folder = ["", *re.split(r"[\\/]", name)[:-1]]
    if re.fullmatch(r"(?i)w3svc\d+", folder) and above[-1] and above[-1].lower() != "logfiles":
        return f"{above[-1]}/{folder}"
    return folder or None


def _shared_addresses(left: list[tuple[str, int, int]]) -> list[Problem]:
    """The problem of requests that belong to no phone for certain, since several had the address."""
    if not left:
        return []
    named = [f"{address} ({phones:,} phones, {rows:,} request{'s' * (rows > 1)})" for address, phones, rows in left]
    text = (
        "Several phones have one address in the audit log, and some requests from it cannot be assigned to one of "
        f"them: {first_listed(named, _NAMED)}. They are listed under the address. If it is a proxy's or a balancer's, "
        "have IIS log the client's own (X-Forwarded-For, as a custom field)."
    )
    return [Problem(code="several-phones", text=text)]


def _crowded_addresses(found: list[tuple[str, int]]) -> list[Problem]:
    """The problem of addresses from which more comes than one phone sends."""
    if not found:
        return []
    text = (
        "Within an hour more requests for updates came from "
        f"{first_listed([f'{address} ({most:,})' for address, most in found], _NAMED)} than one phone sends, unless it "
        "restarts again and again. If several phones are behind it (a proxy, a balancer, a router), the verdict is "
        "that of the latest request alone: add the audit log, which knows each phone, and have IIS log the client's "
        "own address (X-Forwarded-For, as a custom field)."
    )
    return [Problem(code="several-phones", text=text)]


class _Counted:
    """A source that counts what was read from it."""

    def __init__(self, source: Readable, count: int) -> None:
        self._source = source
        self.count = count

    def read(self, size: int = -1, /) -> bytes:
        data = self._source.read(size)
        self.count += len(data)
        return data
