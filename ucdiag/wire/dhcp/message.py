"""One UDP payload of port 67 or 68 to one ``Dhcp`` fact. No I/O, no judgement.

The same decoder reads what a capture shows and what answers our own questions, so both are judged alike.

The rules of this file:

- The fixed part (236 bytes, RFC 2131 section 2) and the magic cookie must be there whole, and option 53 must name one
  of the eight message types of RFC 2131; all else raises ``DecodeError``.
- Options are read as far as they go. One that reaches beyond the end of its field ends the reading and sets
  ``truncated``; what was read before it counts. So does an end without END, where option 6 or 15 is absent.
- An option that occurs several times is joined (RFC 3396), across the ``options``, ``file`` and ``sname`` fields
  in that order (option 52). Of an option with a fixed length the first value counts.
- A value that does not fit its option (a resolver list of three bytes) leaves the field empty; ``options`` still
  names its code, so that "absent" and "unreadable" stay apart.
- Text is kept as it came, control characters included, less trailing NULs, which Microsoft's server appends.
- Nothing grows beyond the payload: lists hold at most ``MAX_ITEMS`` items, and a compressed name at most 255 bytes.
"""

from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import NamedTuple

from ucdiag.model.observations import FROM_SERVER, Dhcp, UnreadDhcp
from ucdiag.model.phone_classes import CERTIFICATE_CLASS, CLASS_STARTS_ON_WIRE
from ucdiag.model.text import decode_bytes
from ucdiag.model.vocabulary import DhcpType, Microseconds
from ucdiag.wire.errors import DecodeError

TYPES: dict[int, DhcpType] = {
    1: "discover",
    2: "offer",
    3: "request",
    4: "decline",
    5: "ack",
    6: "nak",
    7: "release",
    8: "inform",
}

MAX_ITEMS = 256

_FIXED = 236
_COOKIE = b"\x63\x82\x53\x63"
_PAD, _END, _OVERLOAD = 0, 255, 52
_ETHERNET_KINDS = (1, 6)  # hardware types Ethernet and IEEE 802: both have MAC addresses
_LARGEST = 65535  # bytes of a UDP payload
_UNNAMED = 44  # where the fields begin that hold names, or options of which option 52 says so
_USUAL_SIZE = 1024  # bytes of options that are remembered, in case they come again


def read_dhcp(
    payload: bytes | memoryview,
    *,
    time: Microseconds,
    frame: int | None = None,
    source_address: str | None = None,
    tag: int | None = None,
    interface: str | None = None,
) -> Dhcp:
    """One DHCP message. ``time`` is microseconds since the epoch; the rest is what its packet said of it.

    Raises DecodeError for anything that is no DHCP message (BOOTP without option 53 included).
    """
    data = bytes(payload[:_LARGEST])
    if len(data) < _FIXED + len(_COOKIE):
        raise DecodeError(f"{len(data)} bytes are too few for a DHCP message")
    if data[0] not in (1, 2):
        raise DecodeError(f"operation {data[0]} is neither BOOTREQUEST nor BOOTREPLY")
    if data[_FIXED : _FIXED + 4] != _COOKIE:
        raise DecodeError("there is no DHCP magic cookie")
    values = _read_options(data[_FIXED + 4 :]) or _option_values(*_join_options(data))
    return Dhcp(
        time=time,
        frame=frame,
        type=values.type,
        client=data[28:34].hex(":") if data[1] in _ETHERNET_KINDS and data[2] == 6 else None,
        server=values.server,
        address=_nonzero_address(data[16:20]) or values.address,
        domain=values.domain,
        resolvers=values.resolvers,
        search=values.search,
        vendor_class=values.vendor_class,
        hostname=values.hostname,
        vlan=values.vlan,
        tag=tag,
        transaction=int.from_bytes(data[4:8], "big"),
        client_address=_nonzero_address(data[12:16]),
        relay=_nonzero_address(data[24:28]),
        routers=values.routers,
        time_servers=values.time_servers,
        time_offset_servers=values.time_offset_servers,
        lease_seconds=values.lease_seconds,
        requested=values.requested,
        options=values.options,
        registrars=values.registrars,
        certificate_service=values.certificate_service,
        vendor_options=values.vendor_options,
        source_address=source_address,
        interface=interface,
        client_id=values.client_id,
        message=values.message,
        relay_information=values.relay_information,
        truncated=values.truncated,
        subnet=_subnet_of(data, values.mask) if values.mask is not None else None,
    )


class _Glimpse(UnreadDhcp):
    """``unread`` has the fixed part up to the client's address and from the magic cookie on."""

    __slots__ = ()

    def whole_message(self) -> Dhcp:
        payload = self.unread[:_UNNAMED] + bytes(_FIXED - _UNNAMED) + self.unread[_UNNAMED:]
        return read_dhcp(payload, time=self.time, frame=self.frame, source_address=self.source_address, tag=self.tag)


def glance_at_dhcp(
    payload: bytes,
    *,
    time: Microseconds,
    frame: int | None,
    source_address: str | None,
    tag: int | None,
) -> Dhcp:
    """As ``read_dhcp``, for a capture: of a message that is not a phone's only the fields that all need are read."""
    options = options_by_code(payload) if payload[1:3] == b"\1\6" else None
    kind = options.get(53) if options is not None else None
    type_ = TYPES.get(kind[0]) if kind else None
    if options is None or type_ is None or options.get(60, b"").lower().startswith(CLASS_STARTS_ON_WIRE):
        return read_dhcp(payload, time=time, frame=frame, source_address=source_address, tag=tag)
    asked = None if type_ in FROM_SERVER else options.get(50)
    identifier = options.get(61)
    vendor = options.get(60)
    message = _Glimpse.__new__(_Glimpse)
    message.time, message.frame, message.source_address, message.tag = time, frame, source_address, tag  # type: ignore[misc]
    message.type, message.transaction = type_, int.from_bytes(payload[4:8], "big")  # type: ignore[misc]
    message.client = _hex_text(payload[28:34])  # type: ignore[misc]
    message.server = _one_address(options.get(54))  # type: ignore[misc]
    message.address = _cached_address(payload[16:20]) or _one_address(asked)  # type: ignore[misc]
    message.client_address = _cached_address(payload[12:16])  # type: ignore[misc]
    message.vendor_class = _known_text(vendor) if vendor is not None else None  # type: ignore[misc]
    message.client_id = _hex_text(identifier) if identifier else None  # type: ignore[misc]
    message.unread = payload[:_UNNAMED] + payload[_FIXED:].rstrip(b"\0")
    return message


def options_by_code(data: bytes) -> dict[int, bytes] | None:
    """The options of a message, where they are plain: each there once, none in another field, up to the end mark."""
    if data[_FIXED : _FIXED + 4] != _COOKIE or data[0] not in (1, 2):
        return None
    values: dict[int, bytes] = {}
    at = _FIXED + 4
    try:
        while (code := data[at]) != _END:
            if code == _PAD:
                at += 1
                continue
            following = at + 2 + data[at + 1]
            if code in values:
                return None
            values[code] = data[at + 2 : following]
            at = following
    except IndexError:
        return None
    return None if _OVERLOAD in values else values


class _OptionValues(NamedTuple):
    """The values of a message's options; the names are those of ``Dhcp``."""

    type: DhcpType
    server: str | None
    address: str | None
    domain: str | None
    resolvers: tuple[str, ...]
    search: tuple[str, ...]
    vendor_class: str | None
    hostname: str | None
    vlan: int | None
    routers: tuple[str, ...]
    time_servers: tuple[str, ...]
    time_offset_servers: tuple[str, ...]
    lease_seconds: int | None
    requested: tuple[int, ...]
    options: tuple[int, ...]
    registrars: tuple[str, ...]
    certificate_service: str | None
    vendor_options: tuple[str, ...]
    client_id: str | None
    message: str | None
    relay_information: tuple[str, ...]
    truncated: bool
    mask: int | None


# A server sends all phones of a site the same options; their addresses are in the fixed part.
@lru_cache(maxsize=64)
def _read_options(data: bytes) -> _OptionValues | None:
    """The values of options of a usual length; None where there are more in other fields. Raises DecodeError."""
    joined: dict[int, bytearray] = {}
    if len(data) > _USUAL_SIZE:
        return None
    whole = _read_field(data, 0, len(data), joined)
    if _OVERLOAD in joined:
        return None
    return _option_values({code: bytes(value) for code, value in joined.items()}, not whole or _lacks_end(data, joined))


def _option_values(options: dict[int, bytes], truncated: bool) -> _OptionValues:
    kind = options.get(53, b"")
    type_ = TYPES.get(kind[0]) if kind else None
    if type_ is None:
        raise DecodeError(
            f"message type {kind[0]} is not one of DHCP's" if kind else "BOOTP without a DHCP message type"
        )
    from_server = type_ in FROM_SERVER
    vendor = _sub_options(options[43]) if 43 in options else None
    return _OptionValues(
        type=type_,
        server=_one_address(options.get(54)),
        address=None if from_server else _one_address(options.get(50)),
        domain=_read_text(options.get(15)),
        resolvers=_read_addresses(options.get(6)),
        search=tuple(read_names(options.get(119, b""))),
        vendor_class=_read_text(options.get(60)),
        hostname=_read_text(options.get(12)),
        vlan=_vlan_id(vendor) if from_server else None,
        routers=_read_addresses(options.get(3)),
        time_servers=_read_addresses(options.get(42)),
        time_offset_servers=_read_addresses(options.get(4)),
        lease_seconds=_read_number(options.get(51)),
        requested=tuple(options.get(55, b"")[:MAX_ITEMS]),
        options=tuple(options),
        registrars=_read_registrars(options.get(120)),
        certificate_service=_certificate_service(vendor),
        vendor_options=_displayed_options(options.get(43), vendor),
        client_id=options[61].hex(":") if options.get(61) else None,
        message=_read_text(options.get(56)),
        relay_information=_displayed_options(options.get(82), _sub_options(options.get(82, b""))),
        truncated=truncated,
        mask=_read_number(options.get(1)) if from_server else None,
    )


def read_names(data: bytes) -> Iterator[str]:
    """The domain names of a search list (RFC 3397) or registrar list (RFC 3361), possibly compressed.

    Names have no trailing dot; a dot or backslash inside a label gets a backslash before it. What follows the
    first name that does not decode (cut, too long, a pointer forward or to itself) is left out.
    """
    at = 0
    for _ in range(MAX_ITEMS):
        if at >= len(data):
            return
        name_and_end = _read_name(data, at)
        if name_and_end is None:
            return
        name, at = name_and_end
        if name:
            yield name


def _read_name(data: bytes, start: int) -> tuple[str, int] | None:
    """The name at ``start`` and the offset behind it; None for one that cannot be read."""
    labels: list[str] = []
    octets = 1
    at, limit, after = start, start, None
    while at < len(data):
        size = data[at]
        if size == 0:
            return ".".join(labels), (at + 1 if after is None else after)
        if size >= 0xC0:
            if at + 2 > len(data):
                return None
            target = (size & 0x3F) << 8 | data[at + 1]
            # Only ever backwards, before everything visited so far: so no chain of pointers can loop.
            if target >= limit:
                return None
            if after is None:
                after = at + 2
            at = limit = target
            continue
        octets += size + 1
        if size > 63 or octets > 255:
            return None
        labels.append(decode_bytes(data[at + 1 : at + 1 + size]).replace("\\", "\\\\").replace(".", "\\."))
        at += 1 + size
    return None


def _join_options(data: bytes) -> tuple[dict[int, bytes], bool]:
    joined: dict[int, bytearray] = {}
    whole = _read_field(data, _FIXED + len(_COOKIE), len(data), joined)
    overload = joined.get(_OVERLOAD, b"\0")[:1]
    if overload in (b"\1", b"\3"):
        whole &= _read_field(data, 108, 236, joined)
    if overload in (b"\2", b"\3"):
        whole &= _read_field(data, 44, 108, joined)
    lacking = _lacks_end(data[_FIXED + len(_COOKIE) :], joined)
    return {code: bytes(value) for code, value in joined.items()}, not whole or lacking


def _lacks_end(data: bytes, options: Mapping[int, bytes | bytearray]) -> bool:
    """Whether an offer or ACK may have been cut between two options: END is not there (RFC 2132, section 3.2), nor are
    all that matter."""
    if options.get(53) not in (b"\2", b"\5") or (6 in options and 15 in options):
        return False
    at, padded = 0, False
    while at < len(data) and data[at] != _END:
        padded = data[at] == _PAD
        at += 1 if padded else 2 + int.from_bytes(data[at + 1 : at + 2], "big")
    return at >= len(data) and not padded


def _read_field(data: bytes, at: int, end: int, into: dict[int, bytearray]) -> bool:
    """Adds the options of one field; False when the last one breaks off."""
    while at < end:
        code = data[at]
        at += 1
        if code == _PAD:
            continue
        if code == _END:
            return True
        if at >= end or at + 1 + data[at] > end:
            return False
        into.setdefault(code, bytearray()).extend(data[at + 1 : at + 1 + data[at]])
        at += 1 + data[at]
    return True


def _sub_options(data: bytes) -> dict[int, bytes] | None:
    """Sub-options by code (RFC 2132, section 8.4); ``None`` when the bytes do not have that form."""
    joined: dict[int, bytearray] = {}
    if not _read_field(data, 0, len(data), joined):
        return None
    return {code: bytes(value) for code, value in joined.items()}


def _vlan_id(vendor: dict[int, bytes] | None) -> int | None:
    """Sub-option 10 as a binary number, 1 to 4094 (AudioCodes 400HD Administrator's Manual, LTRT-09960, page 22).

    Two bytes as a Windows server's WORD, or four as its DWORD; one where dnsmasq was given a small number without a
    width. Other vendors keep text under this number.
    """
    value = (vendor or {}).get(10, b"")
    if len(value) not in (1, 2, 4):
        return None
    number = int.from_bytes(value, "big")
    return number if 1 <= number <= 4094 else None


def _certificate_service(vendor: dict[int, bytes] | None) -> str | None:
    """The URL that sub-options 1 to 5 spell: the class itself, scheme, host, port, path.

    Microsoft, "Obtaining Values of DHCP Options by Using DHCPUtil.exe"; AudioCodes LTRT-09960, page 22.
    """
    if vendor is None or any(code not in vendor for code in range(1, 6)):
        return None
    class_, scheme, host, port, path = (decode_text(vendor[code]) for code in range(1, 6))
    if class_ != CERTIFICATE_CLASS or not (scheme and host and port):
        return None
    return f"{scheme}://{host}:{port}{path if path.startswith('/') else '/' + path}"


def _displayed_options(data: bytes | None, parts: dict[int, bytes] | None) -> tuple[str, ...]:
    """Sub-options as a reader can use them: printable text as text, the rest as hexadecimal digits."""
    if data is None:
        return ()
    if parts is None:
        return (_display_value(data),)
    return tuple(f"{code}: {_display_value(value)}" for code, value in parts.items())


def _display_value(value: bytes) -> str:
    text = value.rstrip(b"\0")
    if len(text) >= 2 and all(32 <= byte < 127 for byte in text):
        return f'"{text.decode("ascii")}"'
    return f"0x{value.hex()}" if value else "empty"


def _read_registrars(data: bytes | None) -> tuple[str, ...]:
    if not data:
        return ()
    if data[0] == 0:
        return tuple(read_names(data[1:]))
    return _read_addresses(data[1:]) if data[0] == 1 else ()


def _read_text(value: bytes | None) -> str | None:
    return None if value is None else decode_text(value)


def decode_text(value: bytes) -> str:
    """The text of an option such as 15, less trailing NULs. Any bytes are some text."""
    return decode_bytes(value.rstrip(b"\0"))


def _read_addresses(value: bytes | None) -> tuple[str, ...]:
    if not value or len(value) % 4:
        return ()
    return tuple(_dotted_quad(value[at : at + 4]) for at in range(0, min(len(value), 4 * MAX_ITEMS), 4))


def _one_address(value: bytes | None) -> str | None:
    return _cached_address(value[:4]) or "0.0.0.0" if value and len(value) >= 4 else None


def _nonzero_address(value: bytes) -> str | None:
    return _dotted_quad(value) if any(value) else None


def _subnet_of(data: bytes, mask: int) -> str | None:
    """The subnet of the address that a server gives (or of the client's own); None without one, or by a mask with
    holes."""
    address = int.from_bytes(data[16:20], "big") or int.from_bytes(data[12:16], "big")
    hosts = mask ^ 0xFFFFFFFF
    if not address or not mask or hosts & (hosts + 1):
        return None
    return f"{_dotted_quad((address & mask).to_bytes(4, 'big'))}/{32 - hosts.bit_length()}"


def _read_number(value: bytes | None) -> int | None:
    return int.from_bytes(value[:4], "big") if value and len(value) >= 4 else None


def _dotted_quad(value: bytes) -> str:
    return f"{value[0]}.{value[1]}.{value[2]}.{value[3]}"


# The messages of one exchange come one after the other, and a text that is there once takes less room.
_cached_address = lru_cache(maxsize=256)(_nonzero_address)
_known_text = lru_cache(maxsize=64)(decode_text)


@lru_cache(maxsize=256)
def _hex_text(value: bytes) -> str:
    return value.hex(":")
