"""Reads the W3C extended log of IIS: the requests to the Device Update Service's folders, and their status.

The line ``#Fields`` names the columns, and may name others in the middle of a file: IIS begins anew after each restart.
Advanced Logging, an extension of IIS 7, writes texts in quotes, blanks in them, and parts of a second. Times are UTC
(Microsoft, "W3C Extended Log File Format (IIS)"). Of a gigabyte only the lines about the service count, so the file is
searched for their paths, not split into lines.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from operator import itemgetter

from ucdiag.model.fast_dataclass import record
from ucdiag.model.patterns import pattern
from ucdiag.model.service_names import STORES, is_handler, plain_path
from ucdiag.model.text import listed
from ucdiag.model.times import since_epoch
from ucdiag.model.urls import LONGEST_URL
from ucdiag.model.vocabulary import Microseconds, is_success_status
from ucdiag.server_logs.addresses import plain_address
from ucdiag.server_logs.log_files import BLOCK, LONGEST_KNOWN, LONGEST_LINE, LineReader, Readable, text_of

_FIELDS, _DATE_LINE = "#fields:", "#date:"
# Parts of the service's paths, one of which each line about it has; IIS takes them in any case. Searching for each in
# a copy in lower case takes a third of the time of one search for all.
_HANDLER_MARK, _STORE_MARK = b"/requesthandler", b"/deviceupdatefiles_"
_MARKS = (_HANDLER_MARK, _STORE_MARK)
# Letters of them that most lines of most logs have not, and how far behind the mark's beginning: to search for these,
# where there are few, takes a third of the time again.
_RARE = (
    (b"q", _HANDLER_MARK, _HANDLER_MARK.index(b"q")),
    (b"Q", _HANDLER_MARK, _HANDLER_MARK.index(b"q")),
    (b"_", _STORE_MARK, _STORE_MARK.index(b"_")),
)
_FEW = 500  # bytes for each, at least
_TEXT_MARK = pattern("|".join(mark.decode() for mark in _MARKS), re.IGNORECASE)
_DATE = pattern(r"\d{4}-\d{2}-\d{2}")
_TIME = pattern(r"([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.(?P<part>\d{1,9}))?", re.ASCII)
# A field as Advanced Logging writes it: texts stand in quotes, with blanks and doubled quotes in them.
_FIELD = pattern(r'"(?:[^"]|"")*"(?!\S)|\S+')
_HALF_DAY = 43_200  # seconds; where no line has a date, one that is so much earlier than the last is of the next day
_FORWARDED_FOR = "x-forwarded-for"
# The columns that matter apart from the time, which differ little from row to row.
_COLUMNS = (
    "s-computername",
    "s-ip",
    "s-port",
    "cs-method",
    "cs-uri-stem",
    "cs-uri",
    "c-ip",
    "cs-host",
    "cs(user-agent)",
    "sc-status",
    "sc-substatus",
    "sc-win32-status",
    "sc-bytes",
    "s-reason",
    _FORWARDED_FOR,
)
# What a column with the client's address is called that a proxy adds (custom fields of IIS 8.5, Advanced Logging).
_FORWARDED = pattern(r"(cs)?(x|true)?(forwardedfor|realip|originalip|clientip)")
# Without these a request is of nobody, or came to nothing that is known. The error log of HTTP.SYS has cs-uri instead.
_NEEDED = ("time", "cs-uri-stem", "c-ip", "sc-status")
_MOST_SHARED = 20_000
_MOST_ENDS = 8192  # lines that are known from behind their time to their last column
_MOST_MINUTES = 4096
# How a line goes on behind its minute.
_SECONDS = {b"%02d " % second: second * 1_000_000 for second in range(60)}
_MINUTE = len(b"2026-11-27 09:00:")
_MOMENT = len(b"2026-11-27 09:00:00 ")


@record(frozen=True, slots=True, kw_only=True)
class IisRow:
    """One request to the service, apart from its time: many requests share one. ``sent`` counts the bytes of the
    answer to a GET, its header included. ``status`` is None where the connection ended without an answer. ``address``
    is the server's. ``forwarded_for`` is whom the proxy named whose address ``client`` then is."""

    client: str | None
    server: str | None
    address: str | None = None
    port: int | None
    method: str
    target: str
    status: int | None
    substatus: int | None = None
    host: str | None = None
    user_agent: str | None = None
    sent: int | None = None
    system_error: int | None = None
    #: Why HTTP.SYS refused it, or ended the connection, in its own error log, such as ``AppOffline``.
    reason: str | None = None
    forwarded_for: str | None = None

    @property
    def origin(self) -> str | None:
        """The address of whoever asked, whether there is a proxy in between or not."""
        return self.forwarded_for or self.client

    @property
    def is_check(self) -> bool:
        """Whether it is for the request handler, not for a file."""
        return is_handler(plain_path(self.target))

    @property
    def is_audited(self) -> bool:
        """Whether the request handler took it, and so has its row in the audit log."""
        return is_success_status(self.status) and self.is_check


# Of a row that is not about the service after all.
_ELSEWHERE = IisRow(client=None, server=None, port=None, method="", target="", status=0)
TimedRow = tuple[Microseconds, IisRow]


@record(frozen=True, slots=True)
class UnreadRow:
    """A line about the service that could not be read: where in the file, in bytes, and why."""

    offset: int
    why: str


def is_iis_log(first_lines: list[str]) -> bool:
    """Whether a file is a W3C extended log."""
    starts = ("#software:", "#version:", "#fields:", "#date:", "#start-date:", "#remark:")
    return any(line.lower().startswith(starts) for line in first_lines[:20])


def is_advanced_log(first_lines: list[str]) -> bool:
    """Whether Advanced Logging wrote it, beside IIS's own log of the same requests."""
    return any(line.lower().startswith("#software: iis advanced logging") for line in first_lines[:20])


def has_service_lines(head: bytes) -> bool:
    """Whether a file that begins so has lines about the service, in whatever form."""
    return any(mark in head.lower() for mark in _MARKS)


class IisLog:
    """Reads one log. ``fields`` are the columns that the last ``#Fields`` line named."""

    def __init__(self) -> None:
        self._places: dict[str, int] = {}
        self._width = 0
        self._date_at: int | None = None
        self._time_at: int | None = None
        self._picked: tuple[str, ...] = ()
        self._pick: Callable[[list[str]], tuple[str, ...]] = _field_picker(())
        self._rows: dict[tuple[str, ...], IisRow] = {}
        self._day: tuple[str, int] = ("", 0)
        self._date = ""  # of the last #Date line, which counts where there is no such column
        self._midnights = self._clock = 0  # that passed since then, and the time of day of the last line, in seconds
        # Where a line begins with its time and ends with what does not matter: what stands between, and the minutes.
        self._plain = False
        #: The columns that are needed and that the last #Fields line does not name.
        self.lacks: tuple[str, ...] = ()
        self._ends: dict[bytes, IisRow] = {}
        self._minutes: dict[bytes, Microseconds] = {}

    def read_rows(self, source: Readable, start: bytes) -> Iterator[TimedRow | UnreadRow]:
        """The rows about the service of a log that begins with ``start`` and goes on in ``source``."""
        offset, rest, data = 0, b"", start.removeprefix(b"\xef\xbb\xbf")
        while data:
            first, end = data.find(b"\n") + 1, data.rfind(b"\n") + 1
            if end:
                # The line that two blocks share by itself, so that no block is copied.
                shared = rest + data[:first]
                yield from self._read_block(shared, 0, len(shared), offset)
                offset += len(shared)
                yield from self._read_block(data, first, end, offset - first)
                offset += end - first
                rest = data[end:]
            else:
                rest += data
            if len(rest) > LONGEST_LINE:
                yield UnreadRow(offset, f"a line is longer than {LONGEST_LINE:,} bytes")
                offset += len(rest)
                rest = b""
            data = source.read(BLOCK)
        yield from self._read_block(rest, 0, len(rest), offset)

    def read_text_rows(self, reader: LineReader) -> Iterator[TimedRow | UnreadRow]:
        """The rows of a log in UTF-16."""
        for number, line in reader.read_lines():
            if line.startswith("#"):
                self._take_header(line)
            elif _TEXT_MARK.search(line):
                yield from self._read_row(line, number)

    def _read_block(self, block: bytes, begin: int, end: int, offset: int) -> Iterator[TimedRow | UnreadRow]:
        """The rows of the whole lines from ``begin`` to ``end``; ``offset`` is where the block is in the file."""
        if block.find(b"#", begin, end) >= 0:  # which no line but a header has, as a rule
            for at in _header_offsets(block, begin, end):
                yield from self._read_lines(block, begin, at, offset)
                begin = block.find(b"\n", at, end) + 1 or end
                self._take_header(text_of(block[at : min(begin, at + LONGEST_LINE)].rstrip(b"\r\n")))
        yield from self._read_lines(block, begin, end, offset)

    def _read_lines(self, block: bytes, begin: int, end: int, offset: int) -> Iterator[TimedRow | UnreadRow]:
        """The rows of lines without a header among them."""
        plain, minutes, ends = self._plain, self._minutes, self._ends
        stop = begin
        for at in _find_marks(block, begin, end):
            if at < stop:
                continue  # of the same line
            start = block.rfind(b"\n", begin, at) + 1 or begin
            stop = block.find(b"\n", at, end)
            stop = stop if stop >= 0 else end
            line = block[start:stop]
            if plain:
                minute = minutes.get(line[:_MINUTE])
                second = _SECONDS.get(line[_MINUTE:_MOMENT])
                row = ends.get(line[_MOMENT : line.rfind(b" ")])
                if minute is not None and second is not None and row is not None:
                    yield minute + second, row
                    continue
            yield from self._new_line(line, offset + start)

    def _new_line(self, line: bytes, offset: int) -> Iterator[TimedRow | UnreadRow]:
        """A line that is not like one before; those after it may be."""
        for found in self._read_row(text_of(line[:LONGEST_LINE].rstrip(b"\r")), offset):
            known = self._plain and len(line) <= LONGEST_KNOWN
            if known and isinstance(found, tuple) and line[_MINUTE:_MOMENT] in _SECONDS:
                time, row = found
                if len(self._ends) >= _MOST_ENDS:
                    self._ends.clear()
                if len(self._minutes) >= _MOST_MINUTES:
                    self._minutes.clear()
                self._ends[line[_MOMENT : line.rfind(b" ")]] = row
                self._minutes[line[:_MINUTE]] = time - _SECONDS[line[_MINUTE:_MOMENT]]
            yield found

    def _take_header(self, line: str) -> None:
        lower = line[: len(_FIELDS)].lower()
        if lower.startswith(_DATE_LINE):
            self._date = line[len(_DATE_LINE) :].strip()[:10]
            self._midnights = self._clock = 0
        if lower != _FIELDS:
            return
        names = line[len(_FIELDS) :].split()
        columns = [_column_name(name) for name in names]
        self._places = places = {column: place for place, column in enumerate(columns)}
        self._width = len(names)
        known = {*self._places, "cs-uri-stem"} if "cs-uri" in self._places else {*self._places}
        self.lacks = tuple(name for name in _NEEDED if name not in known)
        self._date_at, self._time_at = self._places.get("date"), self._places.get("time")
        # Proxies may name the client in several ways, and leave some of them empty.
        picked = [
            (place, column)
            for place, column in enumerate(columns)
            if column == _FORWARDED_FOR or (column in _COLUMNS and places[column] == place)
        ]
        self._picked = tuple(column for _, column in picked)
        self._pick = _field_picker(tuple(place for place, _ in picked))
        self._rows.clear()
        self._ends.clear()
        self._plain = (self._date_at, self._time_at) == (0, 1) and _column_name(names[-1]) not in _COLUMNS

    def _read_row(self, line: str, offset: int) -> Iterator[TimedRow | UnreadRow]:
        """At most one row: the path may also stand in a column that is none, such as the referrer."""
        fields = line.split(" ")
        if len(fields) != self._width:
            fields = line.split()
        if len(fields) != self._width:
            fields = [field[0] for field in _FIELD.finditer(line)]
            if len(fields) != self._width:
                named = f"#Fields names {self._width}" if self._width else "no #Fields line stands before it"
                yield UnreadRow(offset, f"it has {len(fields)} fields, and {named}")
                return
        if self.lacks:
            yield UnreadRow(offset, f"#Fields has no {listed(self.lacks)}: have IIS log it")
            return
        said = self._pick(fields)
        row = self._rows.get(said)
        if row is None:
            made = self._new_row(said)
            if isinstance(made, str):
                yield UnreadRow(offset, made)
                return
            row = made
            if len(line) <= LONGEST_KNOWN:
                if len(self._rows) >= _MOST_SHARED:
                    self._rows.clear()
                self._rows[said] = row
        if row is _ELSEWHERE:
            return
        time = self._row_time(fields)
        if time is None:
            yield UnreadRow(offset, "its time is missing or cannot be read")
            return
        yield time, row

    def _new_row(self, said: Iterable[str]) -> IisRow | str:
        """The row with these fields, ``_ELSEWHERE`` for one that is not about the service, or why it is none."""
        named = [(name, _without_quotes(text)[:LONGEST_URL]) for name, text in zip(self._picked, said, strict=True)]
        values = {name: value for name, value in named if value != "-"}
        target = (values.get("cs-uri-stem") or values.get("cs-uri", "")).partition("?")[0]
        path = plain_path(target)
        to_handler = is_handler(path)
        if not to_handler and not any(store in path for store in STORES):
            return _ELSEWHERE
        status, reason = values.get("sc-status", ""), values.get("s-reason")
        if not (status.isascii() and status.isdigit()) and (status or reason is None):
            return "its sc-status is missing or cannot be read"
        method = values.get("cs-method", "")
        if to_handler and method.upper() not in ("POST", ""):
            return _ELSEWHERE  # a browser, or what watches the server: a phone posts
        client = values.get("c-ip")
        if client is None:
            return "its c-ip is missing"
        return IisRow(
            client=plain_address(client) or client,
            server=values.get("s-computername") or values.get("s-ip"),
            address=values.get("s-ip"),
            port=_parse_number(values.get("s-port")),
            method=method,
            target=target,
            status=int(status[:9]) if status else None,
            substatus=_parse_number(values.get("sc-substatus")),
            host=values.get("cs-host"),
            user_agent=values.get("cs(user-agent)"),
            sent=_parse_number(values.get("sc-bytes")) if method.upper() == "GET" else None,
            system_error=_parse_number(values.get("sc-win32-status")),
            reason=reason,
            forwarded_for=_first_address(",".join(value for name, value in named if name == _FORWARDED_FOR)),
        )

    def _row_time(self, fields: list[str]) -> Microseconds | None:
        date = fields[self._date_at] if self._date_at is not None else self._date
        if date != self._day[0]:
            if not _DATE.fullmatch(date):
                return None
            try:
                day = datetime(int(date[:4]), int(date[5:7]), int(date[8:]), tzinfo=UTC)
            except ValueError:
                return None
            self._day = (date, since_epoch(day))
        time = fields[self._time_at] if self._time_at is not None else ""
        match = _TIME.fullmatch(time)
        if match is None:
            return None
        clock = int(time[:2]) * 3600 + int(time[3:5]) * 60 + int(time[6:8])
        part = int((match["part"] or "").ljust(6, "0")[:6])
        if self._date_at is None:
            self._midnights += clock + _HALF_DAY < self._clock
            self._clock = clock
            clock += self._midnights * 86_400
        return self._day[1] + clock * 1_000_000 + part


def _find_marks(block: bytes, begin: int, end: int) -> list[int]:
    """Where lines about the service may be, one place or more of each line, in order."""
    places: list[int] = []
    most = (end - begin) // _FEW
    for letter, mark, before in _RARE:
        at = block.find(letter, begin, end)
        seen = 0
        while at >= 0:
            seen += 1
            if seen > most:
                return _find_marks_in_lower_case(block, begin, end)
            start = at - before
            if start >= begin and block[start : start + len(mark)].lower() == mark:
                places.append(start)
                at = block.find(b"\n", at, end)
                if at < 0:
                    break
            at = block.find(letter, at + 1, end)
    return sorted(places)


def _find_marks_in_lower_case(block: bytes, begin: int, end: int) -> list[int]:
    """As ``_find_marks``, for a block in which the rare letters are frequent."""
    lower = block[begin:end].lower()
    places = []
    for mark in _MARKS:
        at = lower.find(mark)
        while at >= 0:
            places.append(begin + at)
            line_end = lower.find(b"\n", at)
            at = lower.find(mark, line_end) if line_end >= 0 else -1
    return sorted(places)


def _header_offsets(block: bytes, begin: int, end: int) -> Iterator[int]:
    """Where the lines with # at their head are."""
    if block.startswith(b"#", begin):
        yield begin
    at = block.find(b"\n#", begin, end)
    while at >= 0:
        yield at + 1
        at = block.find(b"\n#", at + 1, end)


def _field_picker(places: tuple[int, ...]) -> Callable[[list[str]], tuple[str, ...]]:
    """What takes the fields at these places, as a tuple."""
    if len(places) > 1:
        return itemgetter(*places)
    return lambda fields: tuple(fields[place] for place in places)


def _column_name(name: str) -> str:
    """The name as this module has it."""
    lower = name.lower()
    if lower == "cs(host)":
        return "cs-host"
    return _FORWARDED_FOR if _FORWARDED.fullmatch(re.sub(r"[^a-z]", "", lower)) else lower


def _without_quotes(text: str) -> str:
    """The text of a field that may stand in quotes."""
    return text[1:-1] if len(text) > 1 and text[0] == text[-1] == '"' else text


def _first_address(text: str) -> str | None:
    """The first address of a list, which is the client's: each proxy adds behind it whom it heard (IIS writes + for a
    blank). Some add the port."""
    for part in text.replace('"', "").split(","):
        said = part.strip("+ ")
        address = plain_address(said) or plain_address(said.rpartition(":")[0])
        if address is not None:
            return address
    return None


def _parse_number(text: str | None) -> int | None:
    return int(text) if text is not None and len(text) < 16 and text.isascii() and text.isdigit() else None
