"""Finds secrets in bytes, in every encoding in which they occur, and puts their masks there: as many bytes as before.

Words are found in ASCII and UTF-8 in upper and lower case, MAC and IP addresses as text and as bytes in both orders.
What may be an encoding of text (UTF-16, percent, hexadecimal digits, Base64) is decoded, scrubbed and encoded again.
"""

import base64
import re
from collections.abc import Callable, Iterator
from typing import Any

from ucdiag.masking.mask import Mask
from ucdiag.model.patterns import pattern

_QUAD = pattern(rb"(?<![0-9])(?<![0-9]\.)([0-9]{1,3})\.([0-9]{1,3})\.([0-9]{1,3})\.([0-9]{1,3})(?![0-9])")
_IPV6 = pattern(rb"(?<![0-9A-Fa-f:.])(?=[0-9A-Fa-f]*:[0-9A-Fa-f:]*:)[0-9A-Fa-f:]{4,39}(?![0-9A-Za-z:.])")
_REVERSE_ZONE = pattern(rb"(?<![0-9.])([0-9]{1,3}(?:\.[0-9]{1,3}){0,3})(?=\.in-addr\.arpa)", re.IGNORECASE)
_HEX_RUN = pattern(rb"[0-9A-Fa-f]{2}(?:[:.\- ]?[0-9A-Fa-f]{2}){3,}")
_HEX_ODD = pattern(rb"(?<=[0-9A-Fa-f])[0-9A-Fa-f]{2}(?:[:.\- ]?[0-9A-Fa-f]{2}){3,}")
# Also the runs without an escape: a search for those with one takes the square of the length.
_PERCENT_RUN = pattern(rb"(?:%[0-9A-Fa-f]{2}|[0-9A-Za-z._~+-])+")
_PERCENT = pattern(rb"%([0-9A-Fa-f]{2})|(.)", re.DOTALL)
_WIDE = (pattern(rb"(?:[\x20-\x7e]\x00){3,}"), pattern(rb"(?:\x00[\x20-\x7e]){3,}"))
_BASE64_RUN = pattern(rb"[A-Za-z0-9+/_-]{8,}={0,2}")
_DEPTH = 3
_DIGITS = pattern(rb"[0-9A-Fa-f]")

Words = dict[int, Any]


class Scrubber:
    """Puts masks in the place of the secrets that ``mask`` knows by then."""

    def __init__(self, mask: Mask) -> None:
        self._mask = mask
        self._changes = -1
        self._searching = False
        self._words: re.Pattern[bytes] | None = None
        self._macs: re.Pattern[bytes] | None = None
        self._addresses: re.Pattern[bytes] | None = None

    def _refresh_patterns(self) -> None:
        mask = self._mask
        if mask.changes == self._changes:
            return
        self._changes = mask.changes
        free = [word.encode("utf-8", "surrogatepass") for word in mask.words if word not in mask.bound]
        bound = [word.encode("utf-8", "surrogatepass") for word in mask.words if word in mask.bound]
        parts = []
        if bound:
            parts.append(rb"(?<![0-9A-Za-z])" + _any_of(bound) + rb"(?![0-9A-Za-z])")
        if free:
            parts.append(_any_of(free))
        self._words = re.compile(b"|".join(parts), re.IGNORECASE) if parts else None
        self._macs = _either_way(mask.macs)
        self._addresses = _either_way(mask.addresses)

    def scrub(self, data: bytes, *, binary: bool = True, depth: int = 0) -> bytes:
        """``data`` with masks. ``binary``: addresses may stand there as four bytes."""
        self._refresh_patterns()
        data = self._scrub_plain(data, binary=binary)
        if depth < _DEPTH:
            data = self._scrub_encoded(data, depth)
        return data

    def finds_secret(self, data: bytes) -> bool:
        """Whether a secret is still there, in any encoding but for addresses of four bytes.

        Masks of IPv6 addresses and of reverse zones look like others of their kind: of them nothing can be said.
        """
        self._searching = True
        try:
            return self.scrub(data, binary=False) != data
        finally:
            self._searching = False

    def scrub_text(self, text: str) -> str:
        """Text with masks."""
        data = text.encode("utf-8", "surrogatepass")
        return self.scrub(data, binary=False).decode("utf-8", "surrogatepass")

    def _scrub_plain(self, data: bytes, *, binary: bool) -> bytes:
        mask = self._mask
        if mask.addresses:
            if not self._searching:
                data = _REVERSE_ZONE.sub(self._masked_reverse_zone, data)
            data = _QUAD.sub(self._masked_address, data)
        if not self._searching and (b"::" in data or data.count(b":") > 4):
            data = _IPV6.sub(self._masked_ipv6_address, data)
        if self._macs is not None:
            data = self._macs.sub(lambda found: _same_way(found[0], mask.macs, mask.mask_mac), data)
        if binary and self._addresses is not None:
            data = self._addresses.sub(lambda found: _same_way(found[0], mask.addresses, mask.mask_address), data)
        if self._words is not None:
            data = self._words.sub(self._masked_word, data)
        return data

    def _masked_word(self, found: "re.Match[bytes]") -> bytes:
        word = found[0].decode("utf-8", "surrogatepass")
        return self._mask.mask_word(word).encode("utf-8", "surrogatepass")

    def _masked_address(self, found: "re.Match[bytes]") -> bytes:
        octets = [int(part) for part in found.groups()]
        if max(octets) > 255:
            return found[0]
        packed = bytes(octets)
        if packed in self._mask.addresses:
            made = self._mask.mask_address(packed)
        elif packed[::-1] in self._mask.addresses:
            made = self._mask.mask_address(packed[::-1])[::-1]
        else:
            return found[0]
        text = b".".join(b"%d" % octet for octet in made)
        return text if len(text) == len(found[0]) else found[0]

    def _masked_reverse_zone(self, found: "re.Match[bytes]") -> bytes:
        octets = [int(part) for part in found[1].split(b".")]
        if max(octets) > 255:
            return found[0]
        made = self._mask.mask_prefix(bytes(reversed(octets)))
        return b".".join(b"%d" % octet for octet in reversed(made))

    def _masked_ipv6_address(self, found: "re.Match[bytes]") -> bytes:
        packed = _packed_ipv6_address(found[0].decode())
        if packed is None:
            return found[0]
        made = self._mask.mask_ipv6_address(packed).hex()
        groups, at = found[0].decode().split(":"), 0
        filled = 8 - sum(1 for group in groups if group)
        shown = []
        for number, group in enumerate(groups):
            if group:
                value = made[at * 4 : at * 4 + 4]
                shown.append(value[4 - len(group) :])
                at += 1
            else:
                shown.append("")
                if number not in (0, len(groups) - 1) or (number == 0 and not groups[1]):
                    at += filled
                    filled = 0
        return ":".join(shown).encode()

    def _scrub_encoded(self, data: bytes, depth: int) -> bytes:
        if b"%" in data:
            data = _PERCENT_RUN.sub(lambda found: self._scrub_percent_encoded(found[0], depth), data)
        if b"\0" in data:
            for number, wide in enumerate(_WIDE):
                data = wide.sub(lambda found, first=number: self._scrub_utf16(found[0], first, depth), data)  # type: ignore[misc]
        data = _HEX_RUN.sub(lambda found: self._scrub_hexadecimal(found[0], depth), data)
        data = _HEX_ODD.sub(lambda found: self._scrub_hexadecimal(found[0], depth), data)
        return _BASE64_RUN.sub(lambda found: self._scrub_base64(found[0], depth), data)

    def _scrub_percent_encoded(self, run: bytes, depth: int) -> bytes:
        if b"%" not in run:
            return run
        pieces = _PERCENT.findall(run)
        decoded = bytes(int(code, 16) if code else plain[0] for code, plain in pieces)
        made = self.scrub(decoded, binary=False, depth=depth + 1)
        if made == decoded:
            return run
        upper = run == run.upper()
        shown = []
        for (code, plain), new in zip(pieces, made, strict=True):
            if code:
                digits = b"%02X" % new if upper or code != code.lower() else b"%02x" % new
                shown.append(b"%" + digits)
            else:
                shown.append(bytes([new]) if plain else b"")
        return b"".join(shown)

    def _scrub_utf16(self, run: bytes, first: int, depth: int) -> bytes:
        decoded = run[first::2]
        made = self.scrub(decoded, binary=False, depth=depth + 1)
        if made == decoded:
            return run
        wide = bytearray(run)
        wide[first::2] = made
        return bytes(wide)

    def _scrub_hexadecimal(self, run: bytes, depth: int) -> bytes:
        digits = b"".join(_DIGITS.findall(run))
        decoded = bytes.fromhex(digits.decode())
        made = self._scrub_plain(decoded, binary=True) if depth else self.scrub(decoded, depth=_DEPTH - 1)
        if made == decoded:
            return run
        fresh = iter(made.hex())
        return b" ".join(_spell_digits(part.decode(), fresh) for part in run.split(b" "))

    def _scrub_base64(self, run: bytes, depth: int) -> bytes:
        """A run of Base64 may begin before its first character: behind letters that are not of it."""
        for begin in range(4):
            body = run[begin:].rstrip(b"=")
            body = body[: len(body) // 4 * 4 + (len(body) % 4 if len(body) % 4 != 1 else 0)]
            if len(body) < 8:
                break
            address_safe = b"-" in body or b"_" in body
            plain = body.replace(b"-", b"+").replace(b"_", b"/")
            decoded = base64.b64decode(plain + b"=" * (-len(plain) % 4))
            made = self.scrub(decoded, binary=False, depth=depth + 1)
            if made == decoded:
                continue
            fresh = base64.urlsafe_b64encode(made) if address_safe else base64.b64encode(made)
            run = run[:begin] + fresh.rstrip(b"=")[: len(body)] + run[begin + len(body) :]
        return run


def _spell_digits(pattern: str, digits: Iterator[str]) -> bytes:
    """The digits with the separators of ``pattern``, and in upper case where it is."""
    text = "".join(next(digits) if character in "0123456789abcdefABCDEF" else character for character in pattern)
    return (text.upper() if pattern != pattern.lower() else text).encode()


def _packed_ipv6_address(text: str) -> bytes | None:
    from ipaddress import IPv6Address

    try:
        return IPv6Address(text).packed
    except ValueError:
        return None


def _either_way(known: dict[bytes, bytes]) -> "re.Pattern[bytes] | None":
    """What finds packed addresses in the order of the network and in the other."""
    both = {*known, *(packed[::-1] for packed in known)}
    return re.compile(_any_of(list(both)), re.DOTALL) if both else None


def _same_way(found: bytes, known: dict[bytes, bytes], mask: Callable[[bytes], bytes]) -> bytes:
    return mask(found) if found in known else mask(found[::-1])[::-1]


def _any_of(words: list[bytes]) -> bytes:
    """A regular expression for any of these, the longest first: a tree, so that many cost hardly more than few."""
    tree: Words = {}
    for word in words:
        node = tree
        for byte in word.lower() if word.isascii() and word[:1].isalnum() else word:
            node = node.setdefault(byte, {})
        node[-1] = None
    return _tree_expression(tree)


def _tree_expression(node: Words) -> bytes:
    """The expression of a tree. Written with a stack, as words may be long."""
    if not node:
        return b""
    parts = [re.escape(bytes([byte])) + _chain_expression(below) for byte, below in sorted(node.items()) if byte >= 0]
    ends = -1 in node
    if not parts:
        return b""
    body = b"|".join(parts)
    if ends:
        return b"(?:" + body + b")?"
    return body if len(parts) == 1 else b"(?:" + body + b")"


def _chain_expression(node: Words) -> bytes:
    """What follows a byte: a chain without branches is written as it is."""
    chain = []
    while len(node) == 1 and -1 not in node:
        byte, node = next(iter(node.items()))
        chain.append(re.escape(bytes([byte])))
    return b"".join(chain) + _tree_expression(node)
