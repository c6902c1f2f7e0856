"""Masks what a TLS handshake shows in clear: the server's name, and certificates.

A certificate keeps its form: what is judged of it (dates, algorithms, length of the key, which of its names fit) stays,
every word in it is masked, and what would find it in public logs (serial number, keys, signatures, hashes) is blanked.
So no signature in it is right any more. Encrypted data are blanked too.
"""

from collections.abc import Iterator

from ucdiag.masking.mask import Mask
from ucdiag.masking.scrubber import Scrubber

_HANDSHAKE, _DATA = 22, 23
_RECORD_TYPES = frozenset({20, 21, _HANDSHAKE, _DATA, 24})
_CLIENT_HELLO, _TICKET, _CERTIFICATE, _CERTIFICATE_REQUEST, _CERTIFICATE_STATUS = 1, 4, 11, 13, 22
_STRINGS = frozenset({12, 18, 19, 20, 21, 22, 25, 26, 27, 28, 30})
_WIDE_STRING, _INTEGER, _BITS, _OCTETS = 30, 2, 3, 4
_NAMES = frozenset({0x81, 0x82, 0x86})  # of subjectAltName and the like: mail address, DNS name, URI
_ADDRESS = 0x87
_KNOWN_INTEGER = 8  # longer ones are serial numbers and parts of keys
_DEEPEST = 24


def is_tls(data: bytes) -> bool:
    """Whether a stream begins with a record of TLS."""
    return len(data) >= 5 and data[0] in _RECORD_TYPES and data[1] == 3 and data[2] <= 4


def learn_tls(mask: Mask, data: bytes) -> None:
    """The names in the handshake messages of a stream."""
    for kind, body in _handshake_messages(bytes(_split_records(data)[0])):
        if kind == _CLIENT_HELLO:
            mask.learn_name(_server_name(body))
        elif kind == _CERTIFICATE:
            for start, end in _certificate_spans(body):
                for text in _certificate_texts(body[start:end]):
                    for word in text.split():
                        mask.learn_name(word)


def mask_tls(mask: Mask, scrubber: Scrubber, data: bytes) -> bytes:
    """The stream with masks, as long as before."""
    made = bytearray(data)
    handshake, places, secrets = _split_records(data)
    for start, end in secrets:
        made[start:end] = bytes(end - start)
    fresh, at = bytearray(handshake), 0
    for kind, body in _handshake_messages(bytes(handshake)):
        fresh[at + 4 : at + 4 + len(body)] = _masked_message(mask, scrubber, kind, body)
        at += 4 + len(body)
    at = 0
    for start, end in places:
        made[start:end] = fresh[at : at + end - start]
        at += end - start
    return bytes(made)


def _masked_message(mask: Mask, scrubber: Scrubber, kind: int, body: bytes) -> bytes:
    if kind == _CERTIFICATE:
        made = bytearray(body)
        for start, end in _certificate_spans(body):
            made[start:end] = masked_certificate(mask, scrubber, body[start:end])
        return bytes(made)
    if kind in (_TICKET, _CERTIFICATE_REQUEST, _CERTIFICATE_STATUS):
        return body[:6] + mask.noise(body[6:])
    return scrubber.scrub(body, binary=False) if kind == _CLIENT_HELLO else body


def _split_records(data: bytes) -> tuple[bytearray, list[tuple[int, int]], list[tuple[int, int]]]:
    """The handshake messages in clear of one direction, where in ``data`` their pieces are, and what is encrypted."""
    handshake, places, secrets = bytearray(), [], []
    at, clear = 0, True
    while at + 5 <= len(data) and is_tls(data[at : at + 5]):
        kind = data[at]
        start = at + 5
        end = min(start + int.from_bytes(data[at + 3 : at + 5], "big"), len(data))
        if kind == 20:
            clear = False
        if kind == _HANDSHAKE and clear:
            handshake += data[start:end]
            places.append((start, end))
        elif kind == _DATA or (kind == _HANDSHAKE and not clear):
            secrets.append((start, end))
        at = end if end > at else at + 5
    return handshake, places, secrets


def _handshake_messages(handshake: bytes) -> Iterator[tuple[int, bytes]]:
    at = 0
    while at + 4 <= len(handshake):
        size = int.from_bytes(handshake[at + 1 : at + 4], "big")
        yield handshake[at], handshake[at + 4 : at + 4 + size]
        at += 4 + size


def _server_name(hello: bytes) -> str | None:
    """The name in the extension server_name of a ClientHello (RFC 6066, section 3)."""
    at = 34
    for width in (1, 2, 1):  # session, ciphers, compressions
        if at + width > len(hello):
            return None
        at += width + int.from_bytes(hello[at : at + width], "big")
    at += 2
    while at + 4 <= len(hello):
        kind, size = int.from_bytes(hello[at : at + 2], "big"), int.from_bytes(hello[at + 2 : at + 4], "big")
        if kind == 0:
            return hello[at + 9 : at + 4 + size].decode("utf-8", "replace")
        at += 4 + size
    return None


def _certificate_spans(body: bytes) -> Iterator[tuple[int, int]]:
    """Where the certificates of the message of TLS 1.2 and before are."""
    at = 3
    while at + 3 <= len(body):
        size = int.from_bytes(body[at : at + 3], "big")
        yield at + 3, min(at + 3 + size, len(body))
        at += 3 + size


def _der_elements(der: bytes, at: int, end: int) -> Iterator[tuple[int, int, int]]:
    """Tag, start and end of each element; nothing where the bytes are no whole elements."""
    found = []
    while at < end:
        if at + 2 > end or der[at] & 0x1F == 0x1F:
            return
        tag, size = der[at], der[at + 1]
        at += 2
        if size & 0x80:
            count = size & 0x7F
            if not 1 <= count <= 4 or at + count > end:
                return
            size = int.from_bytes(der[at : at + count], "big")
            at += count
        if at + size > end:
            return
        found.append((tag, at, at + size))
        at += size
    yield from found


def _der_leaves(der: bytes, at: int, end: int, depth: int = 0) -> Iterator[tuple[int, int, int]]:
    """The elements that hold no others, also those within octets and bits."""
    for tag, start, stop in _der_elements(der, at, end):
        inner = start + (1 if tag == _BITS else 0)
        nested = tag & 0x20 or (tag in (_OCTETS, _BITS) and der[inner : inner + 1] in (b"\x30", b"\x04"))
        if nested and depth < _DEEPEST and any(_der_elements(der, inner, stop)):
            yield from _der_leaves(der, inner, stop, depth + 1)
        else:
            yield tag, start, stop


def _certificate_texts(der: bytes) -> Iterator[str]:
    for tag, start, end in _der_leaves(der, 0, len(der)):
        if tag == _WIDE_STRING:
            yield der[start:end].decode("utf-16-be", "replace")
        elif tag in _STRINGS or tag in _NAMES:
            yield der[start:end].decode("utf-8", "replace")


def masked_certificate(mask: Mask, scrubber: Scrubber, der: bytes) -> bytes:
    """The certificate, as long as before and of the same form."""
    made = bytearray(der)
    leaves = list(_der_leaves(der, 0, len(der)))
    if not leaves:
        return mask.noise(der)
    for tag, start, end in leaves:
        value = der[start:end]
        if tag in _STRINGS or tag in _NAMES:
            made[start:end] = scrubber.scrub(value, binary=False)
        elif tag == _ADDRESS:
            made[start:end] = mask.mask_address(value) if len(value) == 4 else mask.mask_ipv6_address(value)
        elif (tag == _INTEGER and len(value) > _KNOWN_INTEGER) or (tag in (_BITS, _OCTETS, 0x80) and len(value) > 4):
            # The first two bytes say how long a number is.
            made[start:end] = value[:2] + mask.noise(value[2:])
    return bytes(made)
