"""ISC dhclient: /var/lib/dhcp/dhclient*.leases and what other systems call it.

A file holds every lease that was ever given, the newest last; times are UTC, strings are quoted with a backslash
before a quote and before three octal digits of any other byte (manual page dhclient.leases(5)). NetworkManager
keeps files of this form too when it is set to use dhclient.
"""

import calendar
import re
from datetime import datetime

from ucdiag.leases.system_files import (
    LARGEST,
    MALFORMED,
    SystemFiles,
    parse_address,
    parse_addresses,
    whole_number,
)
from ucdiag.model.observations import Lease
from ucdiag.model.patterns import pattern
from ucdiag.model.text import decode_bytes
from ucdiag.model.vocabulary import Microseconds
from ucdiag.wire.dhcp.message import decode_text

FOLDERS = ("/var/lib/dhcp", "/var/lib/dhclient", "/var/lib/dhcp3", "/var/db")

# Strings, punctuation and words of dhclient's files; comments are left out.
TOKEN = pattern(rb'"([^"\\]*(?:\\.[^"\\]*)*)"|#[^\n]*|([{};,])|([^\s{};,"#]+)', re.DOTALL)
_ESCAPE = pattern(rb"\\([0-7]{3}|.)", re.DOTALL)
_ESCAPES = {b"t": b"\t", b"r": b"\r", b"n": b"\n", b"b": b"\b"}
_MOST_EXPIRED = 4

# One statement of a lease: its words and strings, the commas left out.
_Statement = list[bytes]


def read_dhclient(files: SystemFiles, now: Microseconds) -> list[Lease]:
    """The newest lease of each interface in each file, and expired ones that had another domain."""
    leases: list[Lease] = []
    for folder in FOLDERS:
        for file in files.list_folder(folder):
            if file.startswith("dhclient") and ".lease" in file and not file.startswith("dhclient6"):
                leases.extend(read_file(files, f"{folder}/{file}", "ISC dhclient", now))
    return leases


def read_file(
    files: SystemFiles, path: str, source: str, now: Microseconds, interface: str | None = None
) -> list[Lease]:
    """The leases of one file. ``interface`` is whose they are where a lease does not say it."""
    data = files.read(path, tail=True)
    if data is None:
        return []
    if len(data) == LARGEST:
        # The end of a long file: it begins somewhere inside a lease.
        data = data[max(data.find(b"\nlease {"), 0) :]
    newest: dict[str | None, tuple[int, Lease]] = {}
    older: list[tuple[int, Lease]] = []
    for statements in _lease_blocks(data):
        lease = _lease_from_statements(statements, source, path, now, interface)
        if lease is None:
            continue
        age = lease.obtained if lease.obtained is not None else lease.expires or -1
        before = newest.get(lease.interface)
        if before is None or age >= before[0] or age == -1:
            newest[lease.interface] = age, lease
            if before is not None:
                older.append(before)
        else:
            older.append((age, lease))
    if not newest and data.strip() and b"lease6" not in data:
        files.note_problem(MALFORMED, f"{path} holds no whole lease as dhclient writes it")
    return [*(lease for _, lease in newest.values()), *_expired_leases(newest, older, now)]


def _expired_leases(
    newest: dict[str | None, tuple[int, Lease]], older: list[tuple[int, Lease]], now: Microseconds
) -> list[Lease]:
    """The latest expired leases with another domain than the newest: where this machine was before."""
    expired: dict[tuple[str | None, str | None], Lease] = {}
    for _, lease in sorted(older, key=lambda dated: dated[0], reverse=True):
        other = lease.domain != newest[lease.interface][1].domain
        if other and lease.expires is not None and lease.expires <= now:
            expired.setdefault((lease.interface, lease.domain), lease)
    return list(expired.values())[:_MOST_EXPIRED]


def _lease_blocks(data: bytes) -> list[list[_Statement]]:
    """The statements of each whole ``lease { ... }``; anything else is skipped."""
    leases: list[list[_Statement]] = []
    statements: list[_Statement] | None = None
    words: _Statement = []
    depth = 0
    for token in TOKEN.finditer(data):
        text, mark, word = token.groups()
        if mark == b"{":
            if depth == 0:
                statements = [] if words == [b"lease"] else None
            depth, words = depth + 1, []
        elif mark == b"}":
            depth = max(depth - 1, 0)
            if depth == 0 and statements is not None:
                leases.append(statements)
                statements = None
            words = []
        elif mark == b";":
            if depth == 1 and statements is not None and words:
                statements.append(words)
            words = []
        elif word is not None:
            words.append(word)
        elif text is not None:
            words.append(unquoted_string(text))
    return leases


def unquoted_string(text: bytes) -> bytes:
    """The bytes of a quoted string."""
    return _ESCAPE.sub(_escaped_byte, text)


def _escaped_byte(escape: re.Match[bytes]) -> bytes:
    code = escape[1]
    return bytes([int(code, 8) & 0xFF]) if len(code) == 3 else _ESCAPES.get(code, code)


def _lease_from_statements(
    statements: list[_Statement], source: str, path: str, now: Microseconds, interface: str | None
) -> Lease | None:
    options: dict[bytes, list[bytes]] = {}
    others: dict[bytes, list[bytes]] = {}
    for words in statements:
        if words[0] == b"option" and len(words) > 1:
            options[words[1]] = words[2:]
        else:
            others[words[0]] = words[1:]
    own = parse_address(_first_word(others.get(b"fixed-address")))
    if own is None:
        return None
    name = _first_word(others.get(b"interface")) or interface or _interface_of(path)
    server = parse_address(_first_word(options.get(b"dhcp-server-identifier")))
    expires = _parse_time(others.get(b"expire"))
    seconds = whole_number(_first_word(options.get(b"dhcp-lease-time")), 0xFFFFFFFF)
    domain = options.get(b"domain-name")
    by = f" from {server}" if server else ""
    return Lease(
        time=now,
        interface=name,
        source=source,
        provenance=f"option 15 of the lease of {name or 'an unnamed interface'}{by}, by {source} ({path})",
        authority="dhcp",
        address=own,
        server=server,
        domain=None if domain is None else decode_text(b" ".join(domain)),
        resolvers=parse_addresses(decode_bytes(word) for word in options.get(b"domain-name-servers", [])),
        search=tuple(decode_bytes(word).rstrip(".") for word in options.get(b"domain-search", [])),
        obtained=None if expires is None or not seconds else expires - seconds * 1_000_000,
        expires=expires,
    )


def _interface_of(path: str) -> str | None:
    """``dhclient.eth0.leases`` and ``dhclient-<uuid>-eth0.lease`` name the interface, ``dhclient.leases`` does not."""
    file = path.rpartition("/")[2].partition(".lease")[0].removeprefix("dhclient").lstrip(".-")
    return re.sub(r"^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}-", "", file) or None


def _first_word(words: list[bytes] | None) -> str | None:
    return decode_bytes(words[0]) if words else None


def _parse_time(words: list[bytes] | None) -> Microseconds | None:
    """``2 2026/11/23 20:00:00`` in UTC, or ``epoch 1795464000``, as microseconds since the epoch; ``never`` is none."""
    if not words:
        return None
    if words[0] == b"epoch":
        seconds = whole_number(_first_word(words[1:]))
        return None if seconds is None else seconds * 1_000_000
    try:
        moment = datetime.strptime(decode_bytes(b" ".join(words[1:3])), "%Y/%m/%d %H:%M:%S")
    except ValueError:
        return None
    return calendar.timegm(moment.timetuple()) * 1_000_000
