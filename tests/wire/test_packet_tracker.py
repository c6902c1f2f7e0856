"""The tracker of packets as a whole: how long its parts wait, what they count, and what it asks of a host."""

import struct
from ipaddress import ip_address

import pytest

from tests.bench.traffic import dhcp, dns_question, ethernet, ipv4, tcp, udp
from tests.wire.ladder import PHONE_MAC, POOL_MAC, SECOND, START
from ucdiag.model.observations import Connect, Lookup, Observation
from ucdiag.wire.host_filter import HostFilter
from ucdiag.wire.link.link_layer import ETHERNET
from ucdiag.wire.packet_tracker import PacketTracker

PHONE, POOL, RESOLVER = "10.0.0.7", "10.0.0.80", "10.0.0.2"
NAME = "ucupdates-r2.contoso.com"
SYN = ethernet(PHONE_MAC, POOL_MAC, 0x0800, ipv4(PHONE, POOL, 6, tcp(49152, 80, 1000, 0, 2)))
QUESTION = ethernet(PHONE_MAC, POOL_MAC, 0x0800, ipv4(PHONE, RESOLVER, 17, udp(50000, 53, dns_question(7, NAME))))


class Capture:
    """Packets a millisecond apart, and what is told of them."""

    def __init__(self, *, patience: float = 5.0, everything: bool = True, ports: frozenset[int] | None = None) -> None:
        self.found: list[Observation] = []
        interest = HostFilter(everything=everything)
        more = {} if ports is None else {"ports": ports}
        self.tracker = PacketTracker(self.found.append, interest, patience=patience, **more)
        self.at, self.frame = START, 0

    def sees(self, *frames: bytes) -> "Capture":
        for data in frames:
            self.at += 1000
            self.frame += 1
            self.tracker.packet(self.at, self.frame, ETHERNET, data)
        return self

    def finishes(self, after: float) -> list[Observation]:
        self.tracker.finish(self.at + int(after * SECOND))
        return self.found


@pytest.mark.parametrize(
    ("patience", "after", "given_up"), [(2, 2, True), (2, 1.9, False), (9, 8.9, False), (9, 9, True)]
)
def test_a_question_and_an_attempt_wait_as_long_as_is_wanted(patience: float, after: float, given_up: bool) -> None:
    # Facts of packets, and what is judged.
    for everything in (True, False):
        found = Capture(patience=patience, everything=everything).sees(QUESTION, SYN).finishes(after)
        [lookup] = [fact for fact in found if isinstance(fact, Lookup)]
        [connect] = [fact for fact in found if isinstance(fact, Connect)]
        assert (lookup.failure, connect.outcome) == (
            ("no_answer", "no_answer") if given_up else (None, "unfinished")
        ), everything


def test_only_watched_ports_are_of_interest() -> None:
    other = SYN.replace(struct.pack(">HH", 49152, 80), struct.pack(">HH", 49152, 8080))
    assert Capture().sees(other).finishes(9) == []
    assert len(Capture(ports=frozenset({8080})).sees(other).finishes(9)) == 1
    assert Capture(ports=frozenset({8080})).sees(SYN).finishes(9) == []


@pytest.mark.parametrize(
    ("ttl", "routed"),
    [
        (32, False),
        (60, False),
        (64, False),
        (128, False),
        (255, False),
        (1, False),
        (0, False),
        (63, True),
        (127, True),
        (254, True),
        (2, True),
        (129, True),
    ],
)
def test_a_time_to_live_that_was_counted_down_shows_a_router(ttl: int, routed: bool) -> None:
    data = bytearray(SYN)
    assert data[14 + 8] == 64
    data[14 + 8] = ttl
    capture = Capture().sees(bytes(data))
    assert capture.tracker.is_routed(PHONE) is routed
    assert not capture.tracker.is_routed(POOL)


def test_packets_of_ipv6_are_counted_and_read_where_everything_is() -> None:
    ends = ip_address("2001:db8::7").packed + ip_address("2001:db8::80").packed
    segment = tcp(49152, 80, 1000, 0, 2)
    packet = ethernet(PHONE_MAC, POOL_MAC, 0x86DD, struct.pack(">IHBB", 6 << 28, len(segment), 6, 64) + ends + segment)
    for everything in (True, False):
        capture = Capture(everything=everything).sees(packet)
        assert capture.tracker.ipv6 == 1
        assert [fact.kind for fact in capture.finishes(9)] == (["connect"] if everything else [])


def test_a_tag_is_that_of_the_frame_or_the_one_that_was_taken_off() -> None:
    payload = dhcp(1, 9, PHONE_MAC, "0.0.0.0", [(53, b"\1"), (60, b"CPE-OCPhone")])
    packet = ipv4("0.0.0.0", "255.255.255.255", 17, udp(68, 67, payload))
    for tag, given, told in ((None, None, None), (None, 7, 7), (100, None, 100), (100, 7, 100)):
        found: list[Observation] = []
        tracker = PacketTracker(found.append, HostFilter(everything=True))
        tracker.packet(START, 1, ETHERNET, ethernet(PHONE_MAC, POOL_MAC, 0x0800, packet, tag), given)
        assert [getattr(fact, "tag", None) for fact in found] == [told]


@pytest.mark.parametrize(("later", "told"), [(30.999, 1), (31, 0)])
def test_behind_a_leap_of_the_clock_a_second_passes_before_anything_is_given_up(later: float, told: int) -> None:
    """Perhaps the clock was set, and what comes now is the answer."""

    def lookups(capture: Capture) -> int:
        return len([fact for fact in capture.found if isinstance(fact, Lookup)])

    capture = Capture(everything=False, patience=9).sees(QUESTION)
    for _ in range(2):
        capture.at += 10 * SECOND
        capture.sees(SYN)
    assert lookups(capture) == 0
    capture.at += int(later * SECOND)
    capture.sees(SYN)
    assert lookups(capture) == told
    capture.at += SECOND
    capture.sees(SYN)
    assert lookups(capture) == 1
