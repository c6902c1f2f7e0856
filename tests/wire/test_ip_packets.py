"""IP itself: lengths, options, pieces, headers of IPv6, packets in packets; and who came through a router."""

import struct
from ipaddress import ip_address

import pytest

from tests.in_parts import in_parts
from tests.wire.ladder import START
from ucdiag.model.observations import Lookup, Observation
from ucdiag.wire.host_filter import HostFilter
from ucdiag.wire.packet_tracker import FRESH, PacketTracker

RAW = 101  # LINKTYPE_RAW
CLIENT, RESOLVER = "10.0.0.7", "10.0.0.2"
CLIENT_6, RESOLVER_6 = "2001:db8::7", "2001:db8::2"
QUESTION = bytes.fromhex("0007 0100 0001 0000 0000 0000 0c") + b"ucupdates-r2\x07contoso\x03com\0\0\x01\0\x01"
ASKS = struct.pack("!HHHH", 4000, 53, 8 + len(QUESTION), 0) + QUESTION
WHOLE = (CLIENT, RESOLVER, "ucupdates-r2.contoso.com")


def four(
    payload: bytes,
    protocol: int = 17,
    *,
    total: int | None = None,
    options: bytes = b"",
    piece: int = 0,
    ttl: int = 64,
    first: int | None = None,
    src: str = CLIENT,
) -> bytes:
    size = 20 + len(options)
    length = size + len(payload) if total is None else total
    head = first if first is not None else 0x40 | size // 4
    start = struct.pack("!BBHHHBBH", head, 0, length, 7, piece, ttl, protocol, 0)
    return start + ip_address(src).packed + ip_address(RESOLVER).packed + options + payload


def six(payload: bytes, following: int = 17, *, length: int | None = None) -> bytes:
    size = len(payload) if length is None else length
    ends = ip_address(CLIENT_6).packed + ip_address(RESOLVER_6).packed
    return struct.pack("!IHBB", 6 << 28, size, following, 64) + ends + payload


def tracker(found: list[Observation], everything: bool = True) -> PacketTracker:
    return PacketTracker(found.append, HostFilter(everything=everything))


def asked(*packets: bytes) -> list[tuple[str | None, str | None, str]]:
    found: list[Observation] = []
    observer = tracker(found)
    for number, data in enumerate(packets):
        observer.take_packet(START + number, number + 1, RAW, data)
    observer.finish(START + 100)
    return [(lookup.client, lookup.server, lookup.name) for lookup in found if isinstance(lookup, Lookup)]


FOURS: dict[str, tuple[bytes, bool]] = {
    "plain": (four(ASKS), True),
    "padded": (four(ASKS) + bytes(18), True),
    "no length": (four(ASKS, total=0), True),
    "options": (four(ASKS, options=bytes(8)), True),
    "the most options": (four(ASKS, options=bytes(40)), True),
    "a header of 16 bytes": (four(ASKS, first=0x44), False),
    "a header of 16 bytes, and what is behind it": (four(b"", first=0x44, total=16 + len(ASKS))[:16] + ASKS, False),
    "a length below its header": (four(ASKS, options=bytes(8), total=27), False),
    "another version": (four(ASKS, first=0x65), False),
    "19 bytes": (four(ASKS)[:19], False),
    "another protocol": (four(ASKS, 99), False),
}


@pytest.mark.parametrize(("packet", "read"), FOURS.values(), ids=FOURS)
def test_headers_of_ipv4(packet: bytes, read: bool) -> None:
    assert asked(packet) == ([WHOLE] if read else [])


def options(following: int, words: int = 0) -> bytes:
    return bytes([following, words]) + bytes(6 + 8 * words)


SIXES: dict[str, tuple[bytes, bool]] = {
    "plain": (six(ASKS), True),
    "padded": (six(ASKS) + bytes(18), True),
    "no length": (six(ASKS, length=0), True),
    "hop-by-hop": (six(options(17) + ASKS, 0), True),
    "routing": (six(options(17, 1) + ASKS, 43), True),
    "destination": (six(options(17) + ASKS, 60), True),
    "three of them": (six(options(43) + options(60) + options(17, 2) + ASKS, 0), True),
    "eight of them": (six(options(60) * 7 + options(17) + ASKS, 60), True),
    "nine of them": (six(options(60) * 8 + options(17) + ASKS, 60), False),
    "half of one": (six(options(17)[:7], 0), False),
    "39 bytes": (six(ASKS)[:39], False),
    "another version": (b"\x40" + six(ASKS)[1:], False),
    "nothing": (six(b""), False),
    "a piece that is whole": (six(bytes([17, 0, 0, 0]) + bytes(4) + ASKS, 44), True),
    "a piece that is cut": (six(bytes([17, 0, 0, 0]) + bytes(4) + ASKS, 44)[:-1], False),
    "a piece that is too short": (six(bytes(7), 44), False),
}


@pytest.mark.parametrize(("packet", "read"), SIXES.values(), ids=SIXES)
def test_headers_of_ipv6(packet: bytes, read: bool) -> None:
    assert asked(packet) == ([(CLIENT_6, RESOLVER_6, "ucupdates-r2.contoso.com")] if read else [])


def test_ipv6_is_left_where_only_phones_are_sought() -> None:
    found: list[Observation] = []
    observer = tracker(found, everything=False)
    observer.take_packet(START, 1, RAW, six(ASKS))
    observer.take_packet(START, 2, RAW, four(ASKS))
    observer.finish(START + 100)
    assert [lookup.client for lookup in found if isinstance(lookup, Lookup)] == [CLIENT]


@pytest.mark.parametrize(("size", "unread"), [(7, {}), (8, {"IPsec (ESP)": 1})])
def test_a_header_of_ipv6_of_which_all_is_there_and_no_more(size: int, unread: dict[str, int]) -> None:
    """A snap length cut what follows."""
    observer = tracker([])
    observer.take_packet(START, 1, RAW, six(options(50) + bytes(40), 0)[: 40 + size])
    assert observer.tunnels_unread == unread


def test_pieces_of_ipv4_in_any_order() -> None:
    first, second = four(ASKS[:24], piece=0x2000), four(ASKS[24:], piece=3)
    assert asked(first, second) == asked(second, first) == [WHOLE]
    assert asked(first) == asked(second) == []


def test_pieces_of_ipv6_in_any_order() -> None:
    first = six(bytes([17, 0, 0, 1]) + b"\0\0\0\7" + ASKS[:24], 44)
    second = six(bytes([17, 0, 0, 24]) + b"\0\0\0\7" + ASKS[24:], 44)
    other = six(bytes([17, 0, 0, 24]) + b"\0\0\0\x08" + ASKS[24:], 44)
    name = [(CLIENT_6, RESOLVER_6, "ucupdates-r2.contoso.com")]
    assert asked(first, second) == asked(second, first) == name
    assert asked(first, other) == []


def test_the_first_piece_says_enough_where_a_snap_length_cut_it() -> None:
    cut = four(ASKS + bytes(500), piece=0x2000)[: 20 + len(ASKS)]
    assert asked(cut) == [WHOLE]
    assert asked(four(ASKS + bytes(500), piece=0x2003)[: 20 + len(ASKS)]) == []


def test_packets_in_packets_end_at_some_depth() -> None:
    packet = four(ASKS)
    for _ in range(4):
        packet = four(packet, 4)
        assert asked(packet) == [WHOLE]
    assert asked(four(packet, 4)) == []


@pytest.mark.parametrize("size", [0, 12, 20])
def test_an_authenticated_packet(size: int) -> None:
    header = bytes([17, size // 4]) + bytes(6 + size)
    assert asked(four(header + ASKS, 51)) == [WHOLE]
    assert asked(four(b"\x11", 51)) == []


def test_what_cannot_be_read_is_counted_by_name() -> None:
    observer = tracker([])
    for number, protocol in enumerate((50, 50, 108, 99)):
        observer.take_packet(START + number, number + 1, RAW, four(bytes(40), protocol))
    assert observer.tunnels_unread == {"IPsec (ESP)": 2, "IPComp": 1}


@in_parts("ttl", range(256))
def test_who_came_through_a_router_by_its_time_to_live(ttl: int) -> None:
    observer = tracker([])
    observer.take_packet(START, 1, RAW, four(ASKS, ttl=ttl))
    assert observer.is_routed(CLIENT) is (ttl not in (0, 1, 32, 60, 64, 128, 255))
    assert not observer.is_routed(RESOLVER)
    assert (ttl in FRESH) is not observer.is_routed(CLIENT)


def test_routed_hosts_are_bounded() -> None:
    observer = tracker([])
    for number in range(4100):
        observer.take_packet(
            START + number, number + 1, RAW, four(ASKS, ttl=63, src=f"10.1.{number >> 8}.{number & 255}")
        )
    assert observer.is_routed("10.1.15.255")
    assert not observer.is_routed("10.1.16.0")


def test_pending_is_what_the_end_would_tell() -> None:
    found: list[Observation] = []
    observer = tracker(found)
    observer.take_packet(START, 1, RAW, four(ASKS))
    pending = observer.pending(START + 100)
    assert found == []
    observer.finish(START + 100)
    assert pending == found


def test_time_that_runs_backwards_is_noticed() -> None:
    observer = tracker([])
    observer.take_packet(START, 1, RAW, four(ASKS))
    assert not observer.is_due(START + 999_999)
    assert observer.is_due(START + 1_000_000)
    assert not observer.is_due(START - 1_000_000)
    assert observer.is_due(START - 1_000_001)


def tcp(words: int, payload: bytes = b"", port: int = 80) -> bytes:
    return struct.pack("!HHIIBBHHH", 4000, port, 1, 0, words << 4, 2, 1024, 0, 0) + payload


@pytest.mark.parametrize(
    ("segment", "read"),
    [
        (tcp(5), True),
        (tcp(6, bytes(4)), True),
        (tcp(15, bytes(40)), True),
        (tcp(6), False),
        (tcp(4), False),
        (tcp(5)[:19], False),
        (tcp(5, port=8081), False),
    ],
)
def test_headers_of_tcp(segment: bytes, read: bool) -> None:
    found: list[Observation] = []
    observer = tracker(found)
    observer.take_packet(START, 1, RAW, four(segment, 6))
    observer.finish(START + 100_000_000)
    assert bool(found) is read


@pytest.mark.parametrize("size", [0, 12])
def test_of_an_authenticated_segment_nothing_is_missing(size: int) -> None:
    observer = tracker([])
    header = bytes([6, size // 4]) + bytes(6 + size)
    observer.take_packet(START, 1, RAW, four(header + tcp(5, b"GET / HTTP/1.1\r\n"), 51))
    assert observer.cut == 0
    observer.take_packet(START, 2, RAW, four(header + tcp(5, b"GET / HTTP/1.1\r\n"), 51)[:-1])
    assert observer.cut == 1
