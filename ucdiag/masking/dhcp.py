"""Masks a DHCP message: its addresses, and the values of its options by what each of them holds."""

import re
from collections.abc import Iterator

from ucdiag.masking.learning import learn_text
from ucdiag.masking.mask import Mask
from ucdiag.masking.scrubber import Scrubber
from ucdiag.model.patterns import pattern
from ucdiag.model.phone_classes import CLASS_STARTS_ON_WIRE

_COOKIE, _FIXED = b"\x63\x82\x53\x63", 240
_PAD, _END = 0, 255
# Lists of IPv4 addresses, or one.
_ADDRESSES = frozenset(
    {1, 3, 4, 5, 6, 7, 8, 9, 10, 11, 16, 21, 28, 32, 33, 41, 42, 44, 45, 48, 49, 50, 54, 65, 68, 69, 70, 71, 72, 73, 74}
    | {75, 76, 85, 92, 118, 138, 150}
)
_NETMASK, _BROADCAST = 1, 28
# Text that names hosts, domains, users or files.
_NAMES = frozenset({12, 14, 15, 17, 18, 40, 47, 62, 64, 66, 67, 86, 87, 98, 114, 160, 161, 209, 210, 252})
_ENCODED_NAMES, _SIP_SERVERS, _CLIENT_FQDN, _CLIENT_ID, _RELAY = frozenset({119, 88, 137}), 120, 81, 61, 82
_ROUTES = frozenset({121, 249})
# What stays: times, numbers, the class of the maker, lists of options, time zones.
_KEPT = frozenset(
    {2, 13, 19, 20, 22, 23, 24, 25, 26, 27, 29, 30, 31, 34, 35, 36, 37, 38, 39, 46, 51, 52, 53, 55, 57, 58}
)
_KEPT |= frozenset({59, 60, 80, 93, 94, 100, 101, 116, 132, 133, 145})
_PUBLIC_CLASS = pattern(
    rb"|".join(CLASS_STARTS_ON_WIRE) + rb"|MSFT[ 0-9.]+|udhcp[ 0-9.]+|dhcpcd.*|PXEClient.*", re.IGNORECASE | re.DOTALL
)
_WORD = pattern(rb"[0-9A-Za-z_\-\x80-\xff]{2,}")


def learn_dhcp(mask: Mask, message: bytes) -> None:
    """The secrets of a message."""
    if message[1:3] in (b"\1\6", b"\6\6"):
        mask.learn_mac(message[28:34])
    for at in (12, 16, 20, 24):
        mask.learn_address(message[at : at + 4])
    for start, end in ((44, 108), (108, 236)):
        text = message[start:end].rstrip(b"\0")
        if text.isascii() and text.replace(b"\0", b"").decode("latin-1").isprintable():
            _learn_words(mask, text)
    for code, start, end in _message_options(message):
        _learn_option(mask, code, message[start:end])


def _learn_option(mask: Mask, code: int, value: bytes) -> None:
    if code in _ADDRESSES:
        if code not in (_NETMASK, _BROADCAST):
            _learn_addresses(mask, value)
    elif code == _SIP_SERVERS and value[:1] == b"\1":
        _learn_addresses(mask, value[1:])
    elif code in _NAMES or code in _ENCODED_NAMES or code == _SIP_SERVERS:
        _learn_words(mask, value)
    elif code == _CLIENT_FQDN:
        _learn_words(mask, value[3:])
    elif code == _CLIENT_ID:
        if len(value) == 7 and value[0] == 1:
            mask.learn_mac(value[1:])
    elif code in _ROUTES:
        for start, end in _classless_routes(value):
            mask.learn_address(value[end - 4 : end] if start else None)
    elif code not in _KEPT and code != _RELAY and _PUBLIC_CLASS.fullmatch(value) is None:
        learn_text(mask, value)
        _learn_sub_options(mask, value)


def _learn_addresses(mask: Mask, value: bytes) -> None:
    for at in range(0, len(value) - 3, 4):
        mask.learn_address(value[at : at + 4])


def _learn_sub_options(mask: Mask, value: bytes) -> None:
    for _, start, end in _sub_options(value):
        inner = value[start:end]
        if inner.isascii() and inner.decode().isprintable():
            mask.learn_address(inner.decode())
            if b"." in inner:
                _learn_words(mask, inner)


def _classless_routes(value: bytes) -> Iterator[tuple[int, int]]:
    """Where each classless route (RFC 3442) begins behind its width, and where it ends, with the router's address."""
    at = 0
    while at < len(value) and value[at] <= 32:
        start = at + 1
        end = start + (value[at] + 7) // 8 + 4
        if end > len(value):
            return
        yield start, end
        at = end


def _learn_words(mask: Mask, text: bytes) -> None:
    """The words of names, whatever stands between them: dots, blanks, lengths of labels."""
    shown = bytes(byte if byte >= 0x20 or byte == 0 else 0x2E for byte in text).decode("utf-8", "replace")
    if "://" in shown:
        learn_text(mask, text)
    for name in re.split(r"[\s,;/\0]+", shown):
        mask.learn_address(name)
        if not re.fullmatch(r"[0-9.]+", name):
            mask.learn_name(name)


def mask_dhcp(mask: Mask, scrubber: Scrubber, message: bytes) -> bytes:
    """The message with masks, as long as before."""
    made = bytearray(message)
    for at in (12, 16, 20, 24):
        if at + 4 <= len(message):
            made[at : at + 4] = mask.mask_address(message[at : at + 4])
    made[28:44] = scrubber.scrub(message[28:44], binary=False)
    made[44:236] = scrubber.scrub(message[44:236], binary=False)
    if len(message) > _FIXED:
        made[_FIXED:] = scrubber.scrub(message[_FIXED:], binary=False)
    for code, start, end in _message_options(message):
        made[start:end] = _masked_option(mask, scrubber, code, message[start:end], bytes(made[start:end]))
    return bytes(made)


def _masked_option(mask: Mask, scrubber: Scrubber, code: int, value: bytes, scrubbed: bytes) -> bytes:
    """The value of an option. ``scrubbed`` has its words masked."""
    if code in (_NETMASK, _BROADCAST):
        return mask.mask_prefix(value) if code == _BROADCAST and len(value) == 4 else value
    if code in _ADDRESSES:
        whole = len(value) // 4 * 4
        return b"".join(mask.mask_address(value[at : at + 4]) for at in range(0, whole, 4)) + value[whole:]
    if code == _SIP_SERVERS and value[:1] == b"\1":
        return value[:1] + b"".join(mask.mask_address(value[at : at + 4]) for at in range(1, len(value), 4))
    if code == _CLIENT_ID:
        return scrubbed if scrubbed != value else value[:1] + mask.noise(value[1:])
    if code in _ROUTES:
        made = bytearray(value)
        for start, end in _classless_routes(value):
            made[start:end] = mask.mask_prefix(value[start : end - 4]) + mask.mask_address(value[end - 4 : end])
        return bytes(made)
    if code == _RELAY:
        return _blanked_relay_information(mask, scrubber, value)
    if code in _KEPT:
        return scrubbed
    return scrubber.scrub(value)


def _blanked_relay_information(mask: Mask, scrubber: Scrubber, value: bytes) -> bytes:
    """What a relay adds names switch and port in a way that only its owner can read: letters for letters."""
    made = bytearray(value)
    for _, start, end in _sub_options(value):
        inner = value[start:end]
        noise = mask.noise(inner)
        printable = inner.isascii() and inner.decode().isprintable()
        made[start:end] = bytes(97 + byte % 26 for byte in noise) if printable else scrubber.scrub(noise)
    return bytes(made)


def _message_options(message: bytes) -> Iterator[tuple[int, int, int]]:
    """Code, start and end of each option, those in the fields for file and server name too."""
    if message[236:240] != _COOKIE:
        return
    overload = 0
    for code, start, end in _parse_options(message, _FIXED, len(message)):
        if code == 52 and end > start:
            overload = message[start]
        yield code, start, end
    if overload & 1:
        yield from _parse_options(message, 108, 236)
    if overload & 2:
        yield from _parse_options(message, 44, 108)


def _parse_options(message: bytes, at: int, end: int) -> Iterator[tuple[int, int, int]]:
    while at < end:
        code = message[at]
        at += 1
        if code == _PAD:
            continue
        if code == _END or at >= end:
            return
        size = message[at]
        yield code, at + 1, min(at + 1 + size, end)
        at += 1 + size


def _sub_options(value: bytes) -> Iterator[tuple[int, int, int]]:
    return _parse_options(value, 0, len(value))
