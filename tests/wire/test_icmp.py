"""ICMP and ICMPv6 errors about questions and connections, in whole packets."""

import struct
from ipaddress import ip_address

import pytest

from tests.wire.ladder import START
from ucdiag.model.observations import Connect, Lookup, Observation
from ucdiag.wire.host_filter import HostFilter
from ucdiag.wire.link.icmp import read_icmp_error
from ucdiag.wire.packet_tracker import PacketTracker

RAW = 101  # LINKTYPE_RAW
QUESTION = bytes.fromhex("0007 0100 0001 0000 0000 0000 0c") + b"ucupdates-r2\x07contoso\x03com\0\0\x01\0\x01"
ENDS = {4: ("10.0.0.7", "10.0.0.2", "10.0.0.1"), 6: ("2001:db8::7", "2001:db8::2", "2001:db8::1")}


def packet(src: str, dst: str, protocol: int, payload: bytes) -> bytes:
    one, other = ip_address(src).packed, ip_address(dst).packed
    if len(one) == 4:
        return struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(payload), 1, 0, 64, protocol, 0) + one + other + payload
    return struct.pack("!IHBB", 6 << 28, len(payload), protocol, 64) + one + other + payload


def sent(version: int, tcp: bool) -> bytes:
    client, server, _ = ENDS[version]
    if tcp:
        return packet(client, server, 6, struct.pack("!HHIIBBHHH", 4000, 80, 1, 0, 0x50, 2, 1024, 0, 0))
    return packet(client, server, 17, struct.pack("!HHHH", 4000, 53, 8 + len(QUESTION), 0) + QUESTION)


def error(version: int, icmp: int, code: int, quoted: bytes) -> bytes:
    client, _, router = ENDS[version]
    return packet(router, client, 1 if version == 4 else 58, bytes((icmp, code)) + bytes(6) + quoted)


def seen(*packets: bytes) -> list[Observation]:
    found: list[Observation] = []
    observer = PacketTracker(found.append, HostFilter(everything=True))
    for number, data in enumerate(packets):
        observer.take_packet(START + number, number + 1, RAW, data)
    observer.finish(START + 100)
    return found


SAYS = [
    (4, 3, 0, "network unreachable"),
    (4, 3, 1, "host unreachable"),
    (4, 3, 2, "protocol unreachable"),
    (4, 3, 3, "port unreachable"),
    (4, 3, 6, "network unknown"),
    (4, 3, 7, "host unknown"),
    (4, 3, 9, "network prohibited"),
    (4, 3, 10, "host prohibited"),
    (4, 3, 11, "network unreachable for this service"),
    (4, 3, 12, "host unreachable for this service"),
    (4, 3, 13, "communication prohibited"),
    (4, 11, 0, "time to live exceeded"),
    (6, 1, 0, "no route"),
    (6, 1, 1, "communication prohibited"),
    (6, 1, 2, "beyond the scope of the source address"),
    (6, 1, 3, "address unreachable"),
    (6, 1, 4, "port unreachable"),
    (6, 1, 5, "source address failed the policy"),
    (6, 1, 6, "route rejected"),
    (6, 3, 0, "hop limit exceeded"),
]


@pytest.mark.parametrize(("version", "icmp", "code", "words"), SAYS)
def test_an_error_about_a_question(version: int, icmp: int, code: int, words: str) -> None:
    asked = sent(version, tcp=False)
    (lookup,) = seen(asked, error(version, icmp, code, asked))
    assert isinstance(lookup, Lookup)
    assert (lookup.failure, lookup.answer_frame) == ("unreachable", 2)
    assert lookup.reason == f"ICMP {words}, said {ENDS[version][2]}"


def test_an_error_behind_an_empty_fragment_header() -> None:
    """The one piece of an atomic fragment (RFC 6946) is the whole."""
    client, _, router = ENDS[6]
    asked = sent(6, tcp=False)
    whole = struct.pack("!BBHI", 58, 0, 0, 7) + bytes((1, 0)) + bytes(6) + asked
    (lookup,) = seen(asked, packet(router, client, 44, whole))
    assert isinstance(lookup, Lookup)
    assert lookup.failure == "unreachable"


@pytest.mark.parametrize(("version", "icmp", "code", "words"), SAYS)
def test_an_error_about_a_connection(version: int, icmp: int, code: int, words: str) -> None:
    asked = sent(version, tcp=True)
    (connect,) = seen(asked, error(version, icmp, code, asked))
    assert isinstance(connect, Connect)
    assert (connect.outcome, connect.reason) == ("unreachable", f"ICMP {words}, said {ENDS[version][2]}")


@pytest.mark.parametrize("version", [4, 6])
@pytest.mark.parametrize(("icmp", "code"), [(0, 0), (8, 0), (128, 0), (135, 0), (2, 0), (3, 4), (1, 99)])
def test_what_is_no_error_of_these_ends_nothing(version: int, icmp: int, code: int) -> None:
    asked = sent(version, tcp=False)
    (lookup,) = seen(asked, error(version, icmp, code, asked))
    assert isinstance(lookup, Lookup)
    assert (lookup.rcode, lookup.failure) == (None, None)


def message(version: int, quoted: bytes) -> bytes:
    return bytes((3 if version == 4 else 1, 3)) + bytes(6) + quoted


@pytest.mark.parametrize("version", [4, 6])
def test_what_an_error_quotes(version: int) -> None:
    client, server, _ = (ip_address(address).packed for address in ENDS[version])
    error = read_icmp_error(message(version, sent(version, tcp=False)), version=version)
    assert error is not None
    assert (error.protocol, error.key, error.ident) == (17, (client, 4000, server, 53), 7)


@pytest.mark.parametrize(("left", "ident"), [(8 + 2, 7), (8 + 1, None), (8, None), (4, None)])
@pytest.mark.parametrize("version", [4, 6])
def test_the_identifier_is_known_where_it_is_quoted(version: int, left: int, ident: int | None) -> None:
    # An IPv4 header is so short that 8 bytes behind it are the least that routers quote.
    left = max(left, 8) if version == 4 else left
    quoted = sent(version, tcp=False)[: (20 if version == 4 else 40) + left]
    error = read_icmp_error(message(version, quoted), version=version)
    assert error is not None
    assert error.ident == ident


@pytest.mark.parametrize("size", [0, 8, 20, 27])
@pytest.mark.parametrize("version", [4, 6])
def test_an_error_without_the_ports_says_nothing(version: int, size: int) -> None:
    assert read_icmp_error(message(version, sent(version, tcp=False)[:size]), version=version) is None


@pytest.mark.parametrize("other", [4, 6])
def test_a_packet_of_the_other_version_says_nothing(other: int) -> None:
    version = 10 - other
    assert read_icmp_error(message(version, sent(other, tcp=False)), version=version) is None


def test_a_later_fragment_has_no_ports() -> None:
    quoted = bytearray(sent(4, tcp=False))
    quoted[7] = 1
    assert read_icmp_error(message(4, bytes(quoted)), version=4) is None
    quoted[6:8] = b"\x20\0"  # the first of several
    assert read_icmp_error(message(4, bytes(quoted)), version=4) is not None


def test_the_ports_are_behind_the_options_of_the_quoted_header() -> None:
    quoted = bytearray(sent(4, tcp=False))
    quoted[0] = 0x46
    quoted[20:20] = b"\x01\x01\x01\x00"
    error = read_icmp_error(message(4, bytes(quoted)), version=4)
    assert error is not None
    assert (error.key[1], error.key[3], error.ident) == (4000, 53, 7)


@pytest.mark.parametrize("version", [4, 6])
def test_an_error_that_quotes_the_ports_alone(version: int) -> None:
    asked = sent(version, tcp=False)
    short = asked[: (20 if version == 4 else 40) + 8]
    (lookup,) = seen(asked, error(version, 3 if version == 4 else 1, 3, short))
    assert isinstance(lookup, Lookup)
    assert lookup.failure == "unreachable"


@pytest.mark.parametrize("version", [4, 6])
def test_an_error_that_is_cut_anywhere(version: int) -> None:
    asked = sent(version, tcp=False)
    whole = error(version, 3 if version == 4 else 1, 3, asked)
    for end in range(len(whole)):
        seen(asked, whole[:end])
