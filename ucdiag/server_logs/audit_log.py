"""The Device Update Service's audit log: one row for each request that its handler took.

Columns in their order: time, the client's address, device type, MAC address, serial number, vendor, model, revision,
locale, request modules, response modules, user; the MAC address and the serial number may be blank (Microsoft, "Update
Audit Log Schema", OCS 2007 R2 and Lync 2010). A request module is file name, version and timestamp, a response module
file name, signature file name, version and timestamp; modules are joined by ``#``. That page separates rows and parts
of modules by semicolons, another one rows by commas; the log of Skype for Business has commas and a header line that
begins with "Logging DateTime" (script Get-CsPhoneReportFromUpdateLogs, uclobby). So the separator is seen from each
file. No row is published anywhere.
"""

import csv
import re
from collections.abc import Iterator
from datetime import timedelta

from ucdiag.model.fast_dataclass import record
from ucdiag.model.patterns import pattern
from ucdiag.model.phone import parse_mac
from ucdiag.model.visible_text import quoted
from ucdiag.model.vocabulary import Microseconds
from ucdiag.server_logs.addresses import plain_address
from ucdiag.server_logs.log_files import LONGEST_KNOWN
from ucdiag.server_logs.log_times import TimeReader, day_comes_first, parse_time

_COLUMNS = (
    "time",
    "client",
    "device_type",
    "mac",
    "serial",
    "vendor",
    "model",
    "revision",
    "locale",
    "requested",
    "offered",
    "user",
)
_FIXED = 9  # columns before the modules
_REQUEST_PARTS, _RESPONSE_PARTS = 3, 4
# What a header line may call a column, letters and digits alone.
_HEADINGS = {
    "loggingdatetime": "time",
    "loggingdate": "time",
    "datetime": "time",
    "userhostaddress": "client",
    "clientip": "client",
    "devicetype": "device_type",
    "macaddress": "mac",
    "mac": "mac",
    "serialnumber": "serial",
    "serial": "serial",
    "vendor": "vendor",
    "model": "model",
    "revision": "revision",
    "locale": "locale",
    "requestmodules": "requested",
    "requestmodule": "requested",
    "requestmodulesinfo": "requested",
    "responsemodules": "offered",
    "responsemodule": "offered",
    "responsemodulesinfo": "offered",
    "userid": "user",
    "user": "user",
    "username": "user",
}
_NAME = pattern(r"RequestHandlerAuditLog_(?P<server>.+?)_\d[\d._-]{5,}\d(?!\w)", re.IGNORECASE)
_HEADER = pattern(r'\s*+"?\s*+logging[ _]?date', re.IGNORECASE)
_WORD = pattern(r"[^a-z0-9]")
_MOST_MODULES = 32
_LONGEST_VALUE = 256
_MOST_KNOWN = 16_384


@record(frozen=True, slots=True)
class LoggedModule:
    """A file of firmware as a row names it; any part may be unknown."""

    name: str | None
    version: str | None
    signature: str | None = None


@record(frozen=True, slots=True, kw_only=True)
class AuditRow:
    """One row apart from its time: many share one. ``requested`` are the modules that the phone has, ``offered`` those
    that it was given."""

    client: str | None
    mac: str | None
    serial: str | None
    device_type: str | None = None
    vendor: str | None = None
    model: str | None = None
    revision: str | None = None
    locale: str | None = None
    requested: tuple[LoggedModule, ...] = ()
    offered: tuple[LoggedModule, ...] = ()
    user: str | None = None


TimedAudit = tuple[Microseconds, AuditRow]


@record(frozen=True, slots=True)
class Unread:
    """A line that could not be read, and why."""

    line: int
    why: str


def server_of(name: str) -> str | None:
    """The server that a file's name names: ``RequestHandlerAuditLog_<server name>_<date>.log``."""
    match = _NAME.search(re.split(r"[\\/]", name)[-1])
    return match["server"] if match is not None else None


def is_audit_log(name: str, first_lines: list[str]) -> bool:
    """Whether a file is an audit log, by its name, its header line or its first row."""
    if server_of(name) is not None:
        return True
    for line in first_lines:
        if line.strip():
            if _HEADER.match(line):
                return True
            separator = _row_separator([line])
            fields = line.split(separator)
            return len(fields) >= _FIXED + 2 and parse_time(fields[0].strip(' "'), day_first=False) is not None
    return False


class AuditLog:
    """Reads the rows of one file.

    ``guessed``: no date of the rows read so far shows whether the day or the month comes first.
    """

    def __init__(self, name: str, first_lines: list[str], offset: timedelta = timedelta()) -> None:
        self._separator = _row_separator(first_lines)
        self._columns: tuple[str | None, ...] | None = None
        times = [line.split(self._separator, 1)[0].strip().strip('"') for line in first_lines]
        times = [text for text in times if parse_time(text, day_first=False) is not None]
        day_first = day_comes_first(times, name)
        self.guessed = day_first is None and any(_is_ambiguous_date(text) for text in times)
        self._times = TimeReader(day_first=bool(day_first), offset=offset)
        # What rows said behind their time, which is the first column.
        self._known: dict[str, AuditRow] = {}

    def read_rows(self, lines: Iterator[tuple[int, str]]) -> Iterator[TimedAudit | Unread]:
        """The rows of these numbered lines; what is none is ``Unread``."""
        for number, line in lines:
            text = line.strip("\x00 \t\r\n")
            if not text:
                continue
            if _HEADER.match(text):
                try:
                    self._columns = self._columns_of(text)
                except csv.Error as error:
                    yield Unread(number, f"its quotes do not match ({error})")
                    continue
                self._known.clear()
                continue
            when, _, said = text.partition(self._separator)
            row = self._known.get(said)
            time = self._times.parse_time(when) if row is not None else None
            if row is not None and time is not None:
                yield time, row
                continue
            found = self._read_row(number, text)
            first = (self._columns or _COLUMNS)[0]
            if isinstance(found, tuple) and first == "time" and '"' not in when and len(said) <= LONGEST_KNOWN:
                if len(self._known) >= _MOST_KNOWN:
                    self._known.clear()
                self._known[said] = found[1]
            yield found

    def _columns_of(self, header: str) -> tuple[str | None, ...]:
        self._separator = _row_separator([header])
        names = [_HEADINGS.get(_WORD.sub("", field.lower())) for field in self._split_fields(header)]
        return tuple(names)

    def _split_fields(self, line: str) -> list[str]:
        if '"' not in line:
            return line.split(self._separator)
        return next(csv.reader([line], delimiter=self._separator), [])

    def _read_row(self, number: int, line: str) -> TimedAudit | Unread:
        try:
            fields = [field.strip() for field in self._split_fields(line)]
        except csv.Error as error:
            return Unread(number, f"its quotes do not match ({error})")
        if len(fields) < _FIXED:
            return Unread(number, f"it has {len(fields)} fields of at least {_FIXED}")
        named = self._fields_by_column(fields)
        time = self._times.parse_time(named.get("time", ""))
        if time is None:
            return Unread(number, f"its time {quoted(named.get('time', '')[:40])} cannot be read")
        mac = named.get("mac") or None
        if mac is not None and not mac.strip("0:-. "):
            mac = None  # as good as blank
        if mac is not None:
            try:
                mac = parse_mac(mac)
            except ValueError:
                return Unread(number, f"{quoted(mac[:40])} is not a MAC address")
        return time, AuditRow(
            client=plain_address(named.get("client")),
            mac=mac,
            serial=_bounded_value(named.get("serial")),
            device_type=_bounded_value(named.get("device_type")),
            vendor=_bounded_value(named.get("vendor")),
            model=_bounded_value(named.get("model")),
            revision=_bounded_value(named.get("revision")),
            locale=_bounded_value(named.get("locale")),
            requested=_parse_modules(named.get("requested", ""), _REQUEST_PARTS, version_at=1),
            offered=_parse_modules(named.get("offered", ""), _RESPONSE_PARTS, version_at=2, signature_at=1),
            user=_bounded_value(named.get("user")),
        )

    def _fields_by_column(self, fields: list[str]) -> dict[str, str]:
        columns = self._columns or _COLUMNS
        if len(fields) > len(columns) and columns[_FIXED:] == _COLUMNS[_FIXED:]:
            fields = [*fields[:_FIXED], *_rejoined_columns(fields[_FIXED:], self._separator)]
        return {name: field for name, field in zip(columns, fields, strict=False) if name is not None}


def _rejoined_columns(parts: list[str], separator: str) -> list[str]:
    """The last three columns of a row whose modules have the row's own separator between their parts."""
    taken = 0
    columns = []
    for count in (_REQUEST_PARTS, _RESPONSE_PARTS):
        end = taken + 1
        if taken < len(parts) and parts[taken]:
            end = taken + count
            # The last part of a module and the name of the next stand in one field, with # between them.
            while end <= len(parts) and "#" in parts[end - 1]:
                end += count - 1
        columns.append(separator.join(parts[taken:end]))
        taken = end
    return [*columns, separator.join(parts[taken:])]


def _parse_modules(
    text: str, count: int, *, version_at: int, signature_at: int | None = None
) -> tuple[LoggedModule, ...]:
    modules = []
    for part in text.split("#")[:_MOST_MODULES]:
        separator = ";" if ";" in part else ","
        fields = [_bounded_value(field.strip()) for field in part.split(separator)][:count]
        if not any(fields):
            continue
        fields += [None] * (count - len(fields))
        signature = fields[signature_at] if signature_at is not None else None
        modules.append(LoggedModule(fields[0], fields[version_at], signature))
    return tuple(modules)


def _row_separator(lines: list[str]) -> str:
    """Comma or semicolon, whichever comes first in a row behind its time: modules may have the other one inside."""
    for line in lines:
        places = {mark: place for mark in ",;\t" if (place := line.find(mark)) >= 0}
        if places:
            return min(places, key=lambda mark: places[mark])
    return ","


def _is_ambiguous_date(text: str) -> bool:
    return parse_time(text, day_first=True) != parse_time(text, day_first=False)


def _bounded_value(text: str | None) -> str | None:
    return text[:_LONGEST_VALUE] if text else None
