"""systemd-networkd: /run/systemd/netif/leases/<interface index>, one ``KEY=value`` a line, nothing quoted.

The file is readable by all and has no times, and a renewal that changes nothing leaves it as it is (seen with 252 and
257), so that its date says when these values were first given. The lease's end is therefore what the kernel says of the
address; the file's date and LIFETIME count only where the kernel says nothing.

LIFETIME is a number of seconds up to systemd 252 or so and a span (``52min 30s``) in 257, as systemd.time(7) says.
networkd writes the domain as a DNS name, other bytes escaped, and drops one that cannot be a name (a label over 63
bytes; a quote or a control character), so that "no domain" may also mean an unusable one; the reason says so.
"""

import re
from collections.abc import Mapping

from ucdiag.leases.selection import ENDLESS, lease_expiry
from ucdiag.leases.system_files import (
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

LEASES = "/run/systemd/netif/leases"

# How DNS names show a byte that is no letter, its number decimal (RFC 1035, section 5.1): a blank is \\032.
_ESCAPE = pattern(rb"\\(?:([01]\d\d|2[0-4]\d|25[0-5])|([^.\d]))", re.DOTALL)

# A month and a year are a twelfth of, and 365.25 days (systemd.time(7)).
_UNITS = {
    "y": 31_557_600_000_000,
    "month": 2_629_800_000_000,
    "w": 604_800_000_000,
    "d": 86_400_000_000,
    "h": 3_600_000_000,
    "min": 60_000_000,
    "s": 1_000_000,
    "": 1_000_000,
    "ms": 1000,
    "us": 1,
    "\u00b5s": 1,
    "\u03bcs": 1,
}
_PART = pattern(r" *([0-9]{1,15})(?:\.([0-9]{1,6}))? *([a-z\u00b5\u03bc]*)")


def read_networkd(
    files: SystemFiles, names: dict[int, str], left: Mapping[tuple[int, str], int], now: Microseconds
) -> list[Lease]:
    """``names`` are the interfaces by their index, ``left`` is ``rtnetlink.seconds_left``."""
    leases: list[Lease] = []
    for file in files.list_folder(LEASES):
        index = whole_number(file)
        if index is None:
            continue
        path = f"{LEASES}/{file}"
        read = files.read_dated(path)
        if read is None:
            continue
        interface = names.get(index, f"interface number {index}")
        valid = {own: seconds for (number, own), seconds in left.items() if number == index}
        lease = lease_of(read[0], read[1], interface, "systemd-networkd", valid, now)
        if lease is None:
            files.note_problem(
                MALFORMED, f"{path} is not a lease in the form that systemd-networkd up to version 257 writes"
            )
        else:
            leases.append(lease)
    return leases


def lease_of(
    data: bytes, written: Microseconds, interface: str, source: str, left: Mapping[str, int], now: Microseconds
) -> Lease | None:
    """One file of this form; NetworkManager's internal client of old wrote the same.

    ``written`` is the file's date in microseconds since the epoch; ``left`` the seconds for which the kernel keeps each
    address of this interface.
    """
    values: dict[str, bytes] = {}
    for line in data.split(b"\n"):
        key, equals, value = line.partition(b"=")
        if equals and key.isupper():
            values[decode_bytes(key)] = value.strip()
    text = {key: decode_bytes(value) for key, value in values.items()}
    own = parse_address(text.get("ADDRESS"))
    if own is None:
        return None
    server = parse_address(text.get("SERVER_ADDRESS"))
    domain = unescaped_name(values["DOMAINNAME"]) if "DOMAINNAME" in values else None
    whole = len(values) > 2
    by = f" from {server}" if server else ""
    seconds = time_span(text.get("LIFETIME", ""))
    obtained, expires = _lease_times(written, seconds, left.get(own), now)
    if not whole:
        unknown: tuple[str, ...] = ("domain", "resolvers", "search", "server", "expires")
    else:
        unknown = ("expires",) if expires is None and seconds != ENDLESS else ()
    return Lease(
        time=now,
        interface=interface,
        source=source,
        provenance=f"option 15 of the lease of {interface}{by}, by {source}",
        authority="dhcp",
        reason=None if domain or not whole else f"{source} drops a domain that cannot be a DNS name",
        address=own,
        server=server,
        domain=domain,
        resolvers=parse_addresses(text.get("DNS", "").split()),
        search=tuple(unescaped_name(name).rstrip(".") for name in values.get("DOMAIN_SEARCH_LIST", b"").split()),
        obtained=obtained,
        expires=expires,
        unknown=unknown,
    )


def _lease_times(
    written: Microseconds, seconds: int | None, left: int | None, now: Microseconds
) -> tuple[int, int | None]:
    """(when the lease was given, when it ends, ``None`` when unknown or never), microseconds since the epoch."""
    if seconds is None or seconds == ENDLESS or left is None:
        return written, lease_expiry(written, seconds)
    if left == ENDLESS:
        # The address stays whatever becomes of the lease, as KeepConfiguration=yes has it: its end cannot be known.
        return written, None
    expires = now + left * 1_000_000
    return max(written, min(now, expires - seconds * 1_000_000)), expires


def time_span(text: str) -> int | None:
    """The seconds of a span as systemd writes it (``1w 2d 3h``, ``52min 30s``, ``3600``); ``None`` for anything else.

    ``infinity`` is ``ENDLESS``.
    """
    if text == "infinity":
        return ENDLESS
    microseconds = position = 0
    while position < len(text):
        part = _PART.match(text, position)
        if part is None or part[3] not in _UNITS or (not part[3] and part.end() < len(text)):
            return None
        unit = _UNITS[part[3]]
        microseconds += int(part[1]) * unit + int((part[2] or "").ljust(6, "0")) * unit // 1_000_000
        position = part.end()
    seconds = microseconds // 1_000_000
    return seconds if text and seconds <= ENDLESS else None


def unescaped_name(name: bytes) -> str:
    """A DNS name as programs of systemd's code write it, with its bytes as they came in the option."""
    return decode_text(_ESCAPE.sub(_escaped_byte, name))


def _escaped_byte(escape: re.Match[bytes]) -> bytes:
    return bytes([int(escape[1])]) if escape[1] else escape[2]
