"""ICMP and ICMPv6 errors about questions and connections, in whole packets."""

import struct
from ipaddress import ip_address

import pytest

from tests.wire.ladder import START
from ucdiag.model.observations import Connect, Lookup, Observation
from ucdiag.wire.host_filter import HostFilter
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
        observer.packet(START + number, number + 1, RAW, data)
    observer.finish(START + 100)
    return found


SAYS = [
    (4, 3, 3, "port unreachable"),
    (4, 3, 1, "host unreachable"),
    (4, 3, 0, "network unreachable"),
    (4, 3, 13, "communication prohibited"),
    (4, 11, 0, "time to live exceeded"),
    (6, 1, 4, "port unreachable"),
    (6, 1, 3, "address unreachable"),
    (6, 1, 0, "no route"),
    (6, 1, 1, "communication prohibited"),
    (6, 3, 0, "hop limit exceeded"),
]


@pytest.mark.parametrize(("version", "icmp", "code", "words"), SAYS)
def test_an_error_about_a_question(version: int, icmp: int, code: int, words: str) -> None:
    asked = sent(version, tcp=False)
    (lookup,) = seen(asked, error(version, icmp, code, asked))
    assert isinstance(lookup, Lookup)
    assert (lookup.failure, lookup.answer_frame) == ("unreachable", 2)
    assert lookup.reason == f"ICMP {words}, said {ENDS[version][2]}"


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
