"""Certificates byte by byte: every form of a field, its limits, and what is refused in which words."""

import struct

import pytest

from ucdiag.wire.errors import DecodeError
from ucdiag.wire.tls.x509 import read_certificate


def tlv(tag: int, *parts: bytes) -> bytes:
    body = b"".join(parts)
    if len(body) < 0x80:
        return bytes([tag, len(body)]) + body
    return bytes([tag, 0x82]) + struct.pack(">H", len(body)) + body


def oid(text: str) -> bytes:
    first, second, *rest = map(int, text.split("."))
    body = b""
    for number in (first * 40 + second, *rest):
        digits = [number & 0x7F]
        while number := number >> 7:
            digits.append(number & 0x7F | 0x80)
        body += bytes(reversed(digits))
    return tlv(6, body)


def name(*attributes: tuple[str, str]) -> bytes:
    return tlv(0x30, *(tlv(0x31, tlv(0x30, oid(kind), tlv(12, text.encode()))) for kind, text in attributes))


CN = "2.5.4.3"
SHA256_RSA = "1.2.840.113549.1.1.11"
PSS = "1.2.840.113549.1.1.10"
RSA, EC = "1.2.840.113549.1.1.1", "1.2.840.10045.2.1"
SIGNED = tlv(0x30, oid(SHA256_RSA), tlv(5))
ISSUER, SUBJECT = name((CN, "ca")), name((CN, "pool"))
EARLY, LATE = tlv(0x17, b"200101000000Z"), tlv(0x18, b"20500101000000Z")
RSA_KEY = tlv(0x30, tlv(0x30, oid(RSA), tlv(5)), tlv(3, b"\0", tlv(0x30, tlv(2, b"\0" + b"\xff" * 256), tlv(2, b"\3"))))
DAY = 86_400_000_000
IN_2020 = 18_262 * DAY


def names(*entries: bytes, critical: bool = False) -> bytes:
    flag = tlv(1, b"\xff") if critical else b""
    return tlv(0xA3, tlv(0x30, tlv(0x30, oid("2.5.29.17"), flag, tlv(4, tlv(0x30, *entries)))))


def retagged(tag: int, der: bytes) -> bytes:
    """The same content as an element of another kind."""
    return bytes([tag]) + der[1:]


def certificate(
    *,
    version: bytes = tlv(0xA0, tlv(2, b"\2")),
    signed: bytes = SIGNED,
    issuer: bytes = ISSUER,
    dates: bytes = EARLY + LATE,
    subject: bytes = SUBJECT,
    key: bytes = RSA_KEY,
    rest: bytes = b"",
) -> bytes:
    inner = tlv(0x30, version, tlv(2, b"\1"), SIGNED, issuer, tlv(0x30, dates), subject, key, rest)
    return tlv(0x30, inner, signed, tlv(3, b"\0sign"))


def test_every_field() -> None:
    found = read_certificate(certificate(rest=names(tlv(0x82, b"pool.contoso.com"))))
    assert (found.subject, found.issuer, found.names) == ("CN=pool", "CN=ca", ("pool.contoso.com",))
    assert (found.not_before, found.not_after) == (IN_2020, 29_220 * DAY)
    assert (found.signature, found.key) == ("sha256WithRSAEncryption", "RSA 2048")


def test_a_certificate_of_version_1_has_no_version() -> None:
    assert read_certificate(certificate(version=b"")) == read_certificate(certificate())


def pss(*parameters: bytes) -> bytes:
    return tlv(0x30, oid(PSS), *parameters)


WHOLE = certificate()
BROKEN: dict[str, tuple[bytes, str]] = {
    "nothing": (b"", "the certificate breaks off"),
    "one byte": (b"\x30", "the certificate breaks off"),
    "cut": (WHOLE[:-1], "the certificate breaks off"),
    "no sequence": (tlv(0x31, b"x"), "this is not a certificate"),
    "no sequence within": (tlv(0x30, tlv(2, b"\1")), "this is not a certificate"),
    "tag in several bytes": (b"\x3f\x84\x01\x00", "the certificate has a tag of unknown form"),
    "length without end": (b"\x30\x80", "the certificate has a length of unknown form"),
    "length of five bytes": (b"\x30\x85\0\0\0\0\1x", "the certificate has a length of unknown form"),
    "length that is cut": (b"\x30\x82\x01", "the certificate has a length of unknown form"),
    "no serial": (certificate(version=tlv(0x30)), "this is not a certificate"),
    "empty identifier": (certificate(signed=tlv(0x30, tlv(6))), "the certificate has a broken object identifier"),
    "identifier of 65 bytes": (
        certificate(signed=tlv(0x30, tlv(6, b"\1" * 65))),
        "the certificate has a broken object identifier",
    ),
    "identifier that goes on": (
        certificate(signed=tlv(0x30, tlv(6, b"\x2a\x86"))),
        "the certificate has a broken object identifier",
    ),
    "signature of another form": (certificate(signed=tlv(0x31)), "this is not a certificate"),
    "algorithm without a name": (certificate(signed=tlv(0x30, tlv(5))), "this is not a certificate"),
    "date of another kind": (
        certificate(dates=tlv(12, b"200101000000Z") + LATE),
        DATE := "the certificate has a date of unknown form",
    ),
    "date without end": (certificate(dates=EARLY + tlv(0x18, b"2" * 33)), DATE),
    "one date": (certificate(dates=EARLY), "the certificate breaks off"),
    "dates in a set": (
        WHOLE.replace(VALID := tlv(0x30, EARLY + LATE), retagged(0x31, VALID)),
        "this is not a certificate",
    ),
    "algorithm within in a set": (WHOLE.replace(SIGNED, retagged(0x31, SIGNED), 1), "this is not a certificate"),
    "hash without a name": (
        certificate(signed=pss(tlv(0x30, tlv(0xA0, tlv(0x30, retagged(4, oid("2.16.840.1.101.3.4.2.1"))))))),
        "this is not a certificate",
    ),
    "issuer of another form": (certificate(issuer=tlv(0x31)), "this is not a certificate"),
    "subject of another form": (certificate(subject=tlv(0x31)), "this is not a certificate"),
    "part of a name of another form": (certificate(subject=tlv(0x30, tlv(0x30))), "this is not a certificate"),
    "attribute of another form": (certificate(subject=tlv(0x30, tlv(0x31, tlv(0x31)))), "this is not a certificate"),
    "attribute without a kind": (
        certificate(subject=tlv(0x30, tlv(0x31, tlv(0x30, tlv(12, b"a"))))),
        "this is not a certificate",
    ),
}


@pytest.mark.parametrize(("der", "words"), BROKEN.values(), ids=BROKEN)
def test_what_is_refused(der: bytes, words: str) -> None:
    with pytest.raises(DecodeError) as caught:
        read_certificate(der)
    assert str(caught.value) == words


def test_the_longest_identifier_and_one_that_no_table_has() -> None:
    assert read_certificate(certificate(signed=tlv(0x30, tlv(6, b"\1" * 64)))).signature == "0.1" + ".1" * 63
    assert read_certificate(certificate(signed=tlv(0x30, oid("2.999.3")))).signature == "2.999.3"
    assert read_certificate(certificate(signed=tlv(0x30, oid("1.39.200")))).signature == "1.39.200"


DATES: dict[str, tuple[bytes, int | None]] = {
    "of 1950": (tlv(0x17, b"500101000000Z"), -7305 * DAY),
    # js-x509-utils 1.0.7 of npm writes 2051 so (findings/js-x509-utils-after-2049.sh).
    "of 1951": (tlv(0x17, b"510720225746Z"), -6740 * DAY + 82_666_000_000),
    # tcllib 1.21 reads 1945 (findings/tcllib-pki-after-2037.sh).
    "of 2045": (tlv(0x17, b"450601120000Z"), 27_545 * DAY + DAY // 2),
    "of 2049": (tlv(0x17, b"491231000000Z"), 29_219 * DAY),
    "in the long form": (tlv(0x18, b"20200101000000Z"), IN_2020),
    "to the minute": (tlv(0x17, b"2001010000Z"), IN_2020),
    "to the second": (tlv(0x17, b"200101000007Z"), IN_2020 + 7_000_000),
    "of month 13": (tlv(0x17, b"201301000000Z"), None),
    "of the 30th of February": (tlv(0x17, b"200230000000Z"), None),
    "with an offset": (tlv(0x17, b"2001010000+0100"), None),
    "with a sign": (tlv(0x17, b"2001010000+1"), None),
    "in digits of no alphabet": (tlv(0x17, "2001010000²²Z".encode("latin-1")), None),
    "with a fraction": (tlv(0x18, b"20200101000000.5Z"), None),
    "to the hour": (tlv(0x18, b"2020010100Z"), None),
    "in words": (tlv(0x17, b"yesterday"), None),
    "of 32 digits": (tlv(0x18, b"2" * 32), None),
}


@pytest.mark.parametrize(("date", "moment"), DATES.values(), ids=DATES)
def test_dates(date: bytes, moment: int | None) -> None:
    assert read_certificate(certificate(dates=date + LATE)).not_before == moment
    assert read_certificate(certificate(dates=EARLY + date)).not_after == moment


def hashed(kind: str) -> bytes:
    return tlv(0x30, tlv(0xA0, tlv(0x30, oid(kind), tlv(5))), tlv(0xA2, tlv(2, b"\x20")))


SIGNATURES: dict[str, tuple[bytes, str]] = {
    "without parameters": (pss(), "rsassaPss-sha1"),
    "of defaults": (pss(tlv(0x30)), "rsassaPss-sha1"),
    "with another field first": (
        pss(tlv(0x30, tlv(0xA2, tlv(2, b"\x20")), tlv(0xA0, tlv(0x30, oid("2.16.840.1.101.3.4.2.2"))))),
        "rsassaPss-sha384",
    ),
    "SHA-1": (pss(hashed("1.3.14.3.2.26")), "rsassaPss-sha1"),
    "SHA-224": (pss(hashed("2.16.840.1.101.3.4.2.4")), "rsassaPss-sha224"),
    "SHA-256": (pss(hashed("2.16.840.1.101.3.4.2.1")), "rsassaPss-sha256"),
    "SHA-512": (pss(hashed("2.16.840.1.101.3.4.2.3")), "rsassaPss-sha512"),
    "another hash": (pss(hashed("1.2.3")), "rsassaPss-1.2.3"),
}


@pytest.mark.parametrize(("signed", "words"), SIGNATURES.values(), ids=SIGNATURES)
def test_signatures_with_a_hash_of_their_own(signed: bytes, words: str) -> None:
    assert read_certificate(certificate(signed=signed)).signature == words


def curve(kind: str) -> bytes:
    return tlv(0x30, tlv(0x30, oid(EC), oid(kind)), tlv(3, b"\0\4"))


def rsa(number: bytes) -> bytes:
    return tlv(0x30, tlv(0x30, oid(RSA), tlv(5)), tlv(3, b"\0", tlv(0x30, tlv(2, number), tlv(2, b"\3"))))


NUMBERS = tlv(2, b"\0" + b"\xff" * 128) + tlv(2, b"\3")
BITS = tlv(3, b"\0", tlv(0x30, NUMBERS))

# libcrypt-x509-perl 0.55 counts what is around the number, too (findings/crypt-x509-perl-key-size.sh).
KEYS: dict[str, tuple[bytes, str | None]] = {
    "P-256": (curve("1.2.840.10045.3.1.7"), "EC 256"),
    "P-384": (curve("1.3.132.0.34"), "EC 384"),
    "P-521": (curve("1.3.132.0.35"), "EC 521"),
    "another curve": (curve("1.3.132.0.10"), None),
    "a curve of numbers": (tlv(0x30, tlv(0x30, oid(EC), tlv(0x30)), tlv(3, b"\0\4")), None),
    "RSA": (rsa(b"\0" + b"\xff" * 128), "RSA 1024"),
    "RSA whose number begins with zeros": (rsa(b"\0\0\x0f" + b"\xff" * 127), "RSA 1020"),
    "another kind": (tlv(0x30, tlv(0x30, oid("1.3.101.112")), tlv(3, b"\0\4")), None),
    "broken": (tlv(0x30, tlv(0x30, oid(RSA), tlv(5)), tlv(3, b"\0", tlv(0x31))), None),
    "RSA without a number": (tlv(0x30, tlv(0x30, oid(RSA), tlv(5)), tlv(3, b"\0", tlv(0x30, tlv(3, b"\1")))), None),
    "no sequence": (retagged(0x31, RSA_KEY), None),
    "algorithm in a set": (tlv(0x30, retagged(0x31, ALGORITHM := tlv(0x30, oid(RSA), tlv(5))), BITS), None),
    "kind in octets": (tlv(0x30, tlv(0x30, retagged(4, oid(RSA)), tlv(5)), BITS), None),
    "numbers in a set": (tlv(0x30, ALGORITHM, tlv(3, b"\0", tlv(0x31, NUMBERS))), None),
    "curve in octets": (
        tlv(0x30, tlv(0x30, oid(EC), retagged(4, oid("1.2.840.10045.3.1.7"))), tlv(3, b"\0\4")),
        None,
    ),
}


@pytest.mark.parametrize(("key", "words"), KEYS.values(), ids=KEYS)
def test_keys(key: bytes, words: str | None) -> None:
    found = read_certificate(certificate(key=key, rest=names(tlv(0x82, b"a.example"))))
    assert (found.key, found.names) == (words, ("a.example",))


NAMED = names(tlv(0x82, b"a.example"))
EXTENSION = NAMED[4:]
USAGE = tlv(0x30, oid("2.5.29.15"), tlv(4, tlv(3, b"\0")))


def in_octets(content: bytes, tag: int = 4, kind: bytes = oid("2.5.29.17")) -> bytes:
    return tlv(0xA3, tlv(0x30, tlv(0x30, kind, tlv(tag, content))))


ALTERNATIVES: dict[str, tuple[bytes, tuple[str, ...]]] = {
    "names before addresses": (
        names(tlv(0x87, b"\x0a\0\0\x14"), tlv(0x82, b"a.example"), tlv(0x82, b"b.example")),
        ("a.example", "b.example", "10.0.0.20"),
    ),
    "IPv6": (names(tlv(0x87, b"\xfe\x80" + bytes(13) + b"\1")), ("fe80::1",)),
    "address of no length": (names(tlv(0x87, b"\x0a\0\0"), tlv(0x82, b"a.example")), ("a.example",)),
    "other kinds": (names(tlv(0x86, b"http://a"), tlv(0x81, b"a@b"), tlv(0x82, b"a.example")), ("a.example",)),
    "critical": (names(tlv(0x82, b"a.example"), critical=True), ("a.example",)),
    "none": (names(), ("pool",)),
    "without extensions": (b"", ("pool",)),
    "other extensions": (tlv(0xA3, tlv(0x30, USAGE)), ("pool",)),
    "behind another extension": (tlv(0xA3, tlv(0x30, USAGE, EXTENSION)), ("a.example",)),
    "before a broken extension": (tlv(0xA3, tlv(0x30, EXTENSION, tlv(0x31))), ("a.example",)),
    "extensions in a set": (tlv(0xA3, tlv(0x31, EXTENSION)), ("pool",)),
    "an extension that is a set": (tlv(0xA3, tlv(0x30, retagged(0x31, EXTENSION))), ("pool",)),
    "names in a sequence": (in_octets(tlv(0x30, ENTRY := tlv(0x82, b"a.example"))), ("a.example",)),
    "names in a set": (in_octets(tlv(0x31, ENTRY)), ("pool",)),
    "names in bits": (in_octets(tlv(0x30, ENTRY), tag=3), ("pool",)),
    "kind in octets": (in_octets(tlv(0x30, ENTRY), kind=retagged(4, oid("2.5.29.17"))), ("pool",)),
    "broken": (tlv(0xA3, tlv(0x30, tlv(0x31))), ("pool",)),
    "of no octets": (tlv(0xA3, tlv(0x30, tlv(0x30, oid("2.5.29.17"), tlv(5)))), ("pool",)),
    "behind unique identifiers": (tlv(0x81, b"\0x") + names(tlv(0x82, b"a.example")), ("a.example",)),
}


@pytest.mark.parametrize(("rest", "found"), ALTERNATIVES.values(), ids=ALTERNATIVES)
def test_names_of_the_host(rest: bytes, found: tuple[str, ...]) -> None:
    assert read_certificate(certificate(rest=rest)).names == found


def test_of_many_names_a_hundred_are_kept() -> None:
    many = [tlv(0x82, f"n{number}".encode()) for number in range(120)]
    assert read_certificate(certificate(rest=names(*many))).names == tuple(f"n{number}" for number in range(100))


@pytest.mark.parametrize(("parts", "kept"), [(100, 100), (101, 100)])
def test_of_a_name_a_hundred_parts_are_kept(parts: int, kept: int) -> None:
    found = read_certificate(certificate(subject=name(*[(CN, "a")] * parts)))
    assert found.subject == ",".join(["CN=a"] * kept)


def test_long_texts_are_cut() -> None:
    found = read_certificate(certificate(subject=name((CN, "s" * 2000)), issuer=name((CN, "i" * 2000))))
    assert (len(found.subject), len(found.issuer), len(found.names[0])) == (1024, 1024, 1024)


ATTRIBUTES = {
    "2.5.4.3": "CN",
    "2.5.4.7": "L",
    "2.5.4.8": "ST",
    "2.5.4.10": "O",
    "2.5.4.11": "OU",
    "2.5.4.6": "C",
    "2.5.4.9": "STREET",
    "0.9.2342.19200300.100.1.25": "DC",
    "0.9.2342.19200300.100.1.1": "UID",
    "2.5.4.5": "2.5.4.5",
}


@pytest.mark.parametrize(("kind", "label"), ATTRIBUTES.items())
def test_kinds_of_attributes(kind: str, label: str) -> None:
    assert read_certificate(certificate(issuer=name((kind, "x"), (CN, "a")))).issuer == f"CN=a,{label}=x"


def test_a_part_of_two_attributes() -> None:
    part = tlv(0x31, tlv(0x30, oid(CN), tlv(12, b"a")), tlv(0x30, oid("2.5.4.10"), tlv(12, b"b")))
    found = read_certificate(certificate(subject=tlv(0x30, part)))
    assert (found.subject, found.names) == ("CN=a+O=b", ("a",))


TEXTS: dict[str, tuple[int, bytes, str]] = {
    "UTF-8": (12, "ü".encode(), "ü"),
    "UTF-8 that is none": (12, b"a\xff", "a\ufffd"),
    "printable": (19, b"a", "a"),
    "numeric": (18, b"1\xe9", "1é"),
    "teletex": (20, b"\xe9", "é"),
    "IA5": (22, b"\xe9", "é"),
    "visible": (26, b"\xe9", "é"),
    "universal": (28, "ü".encode("utf-32-be"), "ü"),
    # @fidm/x509 1.2.1 gives a buffer for it (findings/fidm-x509-bmp-names.sh).
    "BMP": (30, "ü".encode("utf-16-be"), "ü"),
    "BMP that is cut": (30, b"\0a\0", "a\ufffd"),
    "another type": (4, "ü".encode(), "ü"),
    "printable, not ASCII": (19, b"\xe9", "é"),
}


@pytest.mark.parametrize(("tag", "data", "text"), TEXTS.values(), ids=TEXTS)
def test_types_of_text(tag: int, data: bytes, text: str) -> None:
    part = tlv(0x31, tlv(0x30, oid(CN), tlv(tag, data)))
    assert read_certificate(certificate(subject=tlv(0x30, part))).subject == f"CN={text}"


@pytest.mark.parametrize(
    ("text", "escaped"),
    [
        ("a,b", "a\\,b"),
        # x509-toolkit 0.0.1 reads no certificate with a comma or with this (findings/x509-toolkit-comma.sh).
        ("a=b", "a=b"),
        ('"a"', '\\"a\\"'),
        ("a+b;c<d>", "a\\+b\\;c\\<d\\>"),
        ("a\\b", "a\\\\b"),
        ("#a#", "\\#a#"),
        (" a b ", "\\ a b\\ "),
        (" ", "\\ "),
        ("a\0b", "a\\00b"),
        ("", ""),
    ],
)
def test_characters_with_a_meaning_are_escaped(text: str, escaped: str) -> None:
    """RFC 4514, section 2.4."""
    assert read_certificate(certificate(subject=name((CN, text)))).subject == f"CN={escaped}"
