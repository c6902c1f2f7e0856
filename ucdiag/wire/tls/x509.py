"""X.509 certificates, as far as an observation shows them.

A small reader of DER rather than ``cryptography``: loading that takes longer and more memory than all else that a
capture needs, for six fields that are not verified anyway. The texts are the same as that library's (names as of RFC
4514), which the tests hold this reader against.
"""

import ipaddress
from contextlib import suppress
from datetime import UTC, datetime, timedelta

from ucdiag.model.observations import Certificate
from ucdiag.model.tls_words import PSS_SIGNATURE, SIGNATURE_NAMES
from ucdiag.wire.errors import DecodeError

_TEXT_MOST = 1024  # characters of one name
_NAMES_MOST = 100
_COMMON_NAME = "2.5.4.3"
_SUBJECT_ALTERNATIVE_NAMES = "2.5.29.17"

_ATTRIBUTES = {
    "2.5.4.3": "CN",
    "2.5.4.7": "L",
    "2.5.4.8": "ST",
    "2.5.4.10": "O",
    "2.5.4.11": "OU",
    "2.5.4.6": "C",
    "2.5.4.9": "STREET",
    "0.9.2342.19200300.100.1.25": "DC",
    "0.9.2342.19200300.100.1.1": "UID",
}
_HASHES = {
    "1.3.14.3.2.26": "sha1",
    "2.16.840.1.101.3.4.2.1": "sha256",
    "2.16.840.1.101.3.4.2.2": "sha384",
    "2.16.840.1.101.3.4.2.3": "sha512",
    "2.16.840.1.101.3.4.2.4": "sha224",
}
# Of the types of text; any other, UTF8String among them, is UTF-8.
_ENCODINGS = {
    18: "latin-1",
    19: "latin-1",
    20: "latin-1",
    22: "latin-1",
    26: "latin-1",
    28: "utf-32-be",
    30: "utf-16-be",
}

_RSA_KEY, _EC_KEY = "1.2.840.113549.1.1.1", "1.2.840.10045.2.1"
_CURVES = {"1.2.840.10045.3.1.7": 256, "1.3.132.0.34": 384, "1.3.132.0.35": 521}

_INTEGER, _OCTETS, _OID, _SEQUENCE, _SET = 0x02, 0x04, 0x06, 0x30, 0x31


def read_certificate(der: bytes) -> Certificate:
    """The facts of one certificate in DER. Raises DecodeError when its frame, names or dates cannot be read."""
    tag, start, end = _read_element(der, 0, len(der))
    _expect_tag(tag, _SEQUENCE)
    tag, at, inner_end = _read_element(der, start, end)
    _expect_tag(tag, _SEQUENCE)
    signature = _read_signature(der, inner_end, end)
    tag, _, after = _read_element(der, at, inner_end)
    if tag == 0xA0:
        tag, _, after = _read_element(der, after, inner_end)
    _expect_tag(tag, _INTEGER)
    tag, _, after = _read_element(der, after, inner_end)
    _expect_tag(tag, _SEQUENCE)
    issuer, _, after = _read_name(der, after, inner_end)
    tag, dates, dates_end = _read_element(der, after, inner_end)
    _expect_tag(tag, _SEQUENCE)
    not_before, second = _read_date(der, dates, dates_end)
    not_after, _ = _read_date(der, second, dates_end)
    subject, common, after = _read_name(der, dates_end, inner_end)
    names: list[str] | None = None
    key = _read_key(der, after, inner_end)
    while after < inner_end:
        tag, content, after = _read_element(der, after, inner_end)
        if tag == 0xA3:
            with suppress(DecodeError):
                names = _alternative_names(der, content, after)
    return Certificate(
        subject=subject[:_TEXT_MOST],
        issuer=issuer[:_TEXT_MOST],
        names=tuple(name[:_TEXT_MOST] for name in (names or common)[:_NAMES_MOST]),
        not_before=not_before,
        not_after=not_after,
        signature=signature,
        key=key,
    )


def _read_element(data: bytes, at: int, end: int) -> tuple[int, int, int]:
    """Tag, start and end of the element at ``at``, which must lie before ``end``."""
    if at + 2 > end:
        raise DecodeError("the certificate breaks off")
    tag = data[at]
    size = data[at + 1]
    at += 2
    if tag & 0x1F == 0x1F:
        raise DecodeError("the certificate has a tag of unknown form")
    if size & 0x80:
        count = size & 0x7F
        if not 1 <= count <= 4 or at + count > end:
            raise DecodeError("the certificate has a length of unknown form")
        size = int.from_bytes(data[at : at + count], "big")
        at += count
    if at + size > end:
        raise DecodeError("the certificate breaks off")
    return tag, at, at + size


def _expect_tag(tag: int, wanted: int) -> None:
    if tag != wanted:
        raise DecodeError("this is not a certificate")


def _read_oid(data: bytes, start: int, end: int) -> str:
    """An object identifier as numbers with dots."""
    if start == end or end - start > 64 or data[end - 1] & 0x80:
        raise DecodeError("the certificate has a broken object identifier")
    numbers: list[int] = []
    value = 0
    for byte in data[start:end]:
        value = value << 7 | byte & 0x7F
        if not byte & 0x80:
            numbers.append(value)
            value = 0
    first = min(numbers[0] // 40, 2)
    return ".".join(map(str, (first, numbers[0] - 40 * first, *numbers[1:])))


def _read_signature(data: bytes, at: int, end: int) -> str:
    """The name of the signature algorithm, or its object identifier; of RSASSA-PSS with its hash."""
    tag, start, stop = _read_element(data, at, end)
    _expect_tag(tag, _SEQUENCE)
    tag, first, after = _read_element(data, start, stop)
    _expect_tag(tag, _OID)
    oid = _read_oid(data, first, after)
    if oid != PSS_SIGNATURE:
        return SIGNATURE_NAMES.get(oid, oid)
    # Without parameters the hash is SHA-1 (RFC 4055, section 3.1).
    digest = "sha1"
    if after < stop:
        _, at, end = _read_element(data, after, stop)
        while at < end:
            tag, inner, at = _read_element(data, at, end)
            if tag == 0xA0:
                _, algorithm, algorithm_end = _read_element(data, inner, at)
                tag, first, after = _read_element(data, algorithm, algorithm_end)
                _expect_tag(tag, _OID)
                hash_oid = _read_oid(data, first, after)
                digest = _HASHES.get(hash_oid, hash_oid)
    return f"rsassaPss-{digest}"


def _read_key(data: bytes, at: int, end: int) -> str | None:
    """Kind and length of the public key, ``RSA 2048`` or ``EC 256``; None for another kind, or where it is broken."""
    try:
        tag, at, end = _read_element(data, at, end)
        _expect_tag(tag, _SEQUENCE)
        tag, first, after = _read_element(data, at, end)
        _expect_tag(tag, _SEQUENCE)
        tag, inner, stop = _read_element(data, first, after)
        _expect_tag(tag, _OID)
        kind = _read_oid(data, inner, stop)
        if kind == _EC_KEY:
            tag, inner, stop = _read_element(data, stop, after)
            _expect_tag(tag, _OID)
            bits = _CURVES.get(_read_oid(data, inner, stop))
            return f"EC {bits}" if bits else None
        if kind != _RSA_KEY:
            return None
        _, at, end = _read_element(data, after, end)
        tag, at, end = _read_element(data, at + 1, end)  # behind the count of unused bits
        _expect_tag(tag, _SEQUENCE)
        tag, at, end = _read_element(data, at, end)
        _expect_tag(tag, _INTEGER)
        return f"RSA {int.from_bytes(data[at:end], 'big').bit_length()}"
    except DecodeError:
        return None


def _read_name(data: bytes, at: int, end: int) -> tuple[str, list[str], int]:
    """A distinguished name as text, its common names, and where it ends."""
    tag, at, end = _read_element(data, at, end)
    _expect_tag(tag, _SEQUENCE)
    after = end
    parts: list[str] = []
    common: list[str] = []
    while at < end and len(parts) < _NAMES_MOST:
        tag, inner, at = _read_element(data, at, end)
        _expect_tag(tag, _SET)
        values = []
        while inner < at:
            tag, pair, inner = _read_element(data, inner, at)
            _expect_tag(tag, _SEQUENCE)
            tag, first, second = _read_element(data, pair, inner)
            _expect_tag(tag, _OID)
            oid = _read_oid(data, first, second)
            tag, first, second = _read_element(data, second, inner)
            text = _decode_text(tag, data[first:second])
            if oid == _COMMON_NAME:
                common.append(text)
            values.append(f"{_ATTRIBUTES.get(oid, oid)}={_escape_value(text)}")
        parts.append("+".join(values))
    return ",".join(reversed(parts)), common, after


def _decode_text(tag: int, data: bytes) -> str:
    return data.decode(_ENCODINGS.get(tag, "utf-8"), "replace")


def _escape_value(text: str) -> str:
    for character in '\\"+,;<>':
        text = text.replace(character, "\\" + character)
    text = text.replace("\0", "\\00")
    if text[:1] == "#" or (text[:1] == " " and len(text) > 1):
        text = "\\" + text
    if text[-1:] == " ":
        text = text[:-1] + "\\ "
    return text


def _read_date(data: bytes, at: int, end: int) -> tuple[int | None, int]:
    """A date as microseconds since the epoch (None: no date that the calendar knows), and where it ends."""
    tag, start, after = _read_element(data, at, end)
    if tag not in (0x17, 0x18) or after - start > 32:
        raise DecodeError("the certificate has a date of unknown form")
    text = data[start:after].decode("latin-1")
    if tag == 0x17:
        text = ("19" if text[:2] >= "50" else "20") + text
    digits = text.removesuffix("Z")
    if not (digits.isdigit() and len(digits) in (12, 14)):
        return None, after
    try:
        # Not strptime: it imports a module when first used, which a sniffer without rights any more may not read.
        parts = [int(digits.ljust(14, "0")[at : at + 2]) for at in range(4, 14, 2)]
        month, day, hour, minute, second = parts
        moment = datetime(int(digits[:4]), month, day, hour, minute, second, tzinfo=UTC)
    except ValueError:
        return None, after
    return (moment - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1), after


def _alternative_names(data: bytes, at: int, end: int) -> list[str] | None:
    """DNS names and addresses of the extension subjectAltName (RFC 5280, section 4.2.1.6), the names first. None where
    no extension is that."""
    tag, at, end = _read_element(data, at, end)
    _expect_tag(tag, _SEQUENCE)
    while at < end:
        tag, inner, at = _read_element(data, at, end)
        _expect_tag(tag, _SEQUENCE)
        tag, first, second = _read_element(data, inner, at)
        _expect_tag(tag, _OID)
        if _read_oid(data, first, second) != _SUBJECT_ALTERNATIVE_NAMES:
            continue
        tag, first, after = _read_element(data, second, at)
        if tag == 0x01:
            tag, first, after = _read_element(data, after, at)
        _expect_tag(tag, _OCTETS)
        tag, first, after = _read_element(data, first, after)
        _expect_tag(tag, _SEQUENCE)
        hosts: list[str] = []
        addresses: list[str] = []
        while first < after:
            tag, start, first = _read_element(data, first, after)
            if tag == 0x82:
                hosts.append(data[start:first].decode("latin-1"))
            elif tag == 0x87 and first - start in (4, 16):
                addresses.append(str(ipaddress.ip_address(data[start:first])))
        return hosts + addresses
    return None
