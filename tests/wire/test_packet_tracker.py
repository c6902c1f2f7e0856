"""The tracker of packets as a whole: how long its parts wait, what they count, and what it asks of a host."""

import struct
from ipaddress import ip_address

import pytest

from tests.bench.traffic import dhcp, dns_answer, dns_question, ethernet, ipv4, tcp, udp
from tests.wire.ladder import PHONE_MAC, POOL_MAC, SECOND, START
from ucdiag.model.observations import Connect, Dhcp, Lookup, Observation
from ucdiag.wire.host_filter import HostFilter
from ucdiag.wire.link.ip_fragments import Fragments
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
            self.tracker.take_packet(self.at, self.frame, ETHERNET, data)
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


def test_packets_of_ipv6_are_read_where_everything_is() -> None:
    ends = ip_address("2001:db8::7").packed + ip_address("2001:db8::80").packed
    segment = tcp(49152, 80, 1000, 0, 2)
    packet = ethernet(PHONE_MAC, POOL_MAC, 0x86DD, struct.pack(">IHBB", 6 << 28, len(segment), 6, 64) + ends + segment)
    for everything in (True, False):
        capture = Capture(everything=everything).sees(packet)
        assert [fact.kind for fact in capture.finishes(9)] == (["connect"] if everything else [])


def test_a_tag_is_that_of_the_frame_or_the_one_that_was_taken_off() -> None:
    payload = dhcp(1, 9, PHONE_MAC, "0.0.0.0", [(53, b"\1"), (60, b"CPE-OCPhone")])
    packet = ipv4("0.0.0.0", "255.255.255.255", 17, udp(68, 67, payload))
    for tag, given, told in ((None, None, None), (None, 7, 7), (100, None, 100), (100, 7, 100)):
        found: list[Observation] = []
        tracker = PacketTracker(found.append, HostFilter(everything=True))
        tracker.take_packet(START, 1, ETHERNET, ethernet(PHONE_MAC, POOL_MAC, 0x0800, packet, tag), given)
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


def datagram(source: int, target: int, payload: bytes, size: int | None = None) -> bytes:
    data = udp(source, target, payload)
    if size is not None:
        data = data[:4] + struct.pack(">H", size) + data[6:]
    return ethernet(PHONE_MAC, POOL_MAC, 0x0800, ipv4(PHONE, RESOLVER, 17, data))


ASKED = dns_question(7, NAME)


@pytest.mark.parametrize(
    ("payload", "size", "read"),
    [
        pytest.param(ASKED, None, True, id="as long as it says"),
        pytest.param(ASKED, 0, True, id="no length"),
        pytest.param(ASKED, 7, False, id="less than its header"),
        pytest.param(ASKED, 8, False, id="its header alone"),
        pytest.param(ASKED + b"more", 8 + len(ASKED), True, id="padded"),
        pytest.param(ASKED, 8 + len(ASKED) - 1, False, id="less than the question"),
    ],
)
def test_the_length_of_a_datagram(payload: bytes, size: int | None, read: bool) -> None:
    found = Capture().sees(datagram(50000, 53, payload, size)).finishes(9)
    assert [lookup.name for lookup in found if isinstance(lookup, Lookup) and lookup.name == NAME] == [NAME] * read


WIREGUARD = b"\4" + bytes(31)
VXLAN_NEEDS = b"\x08" + bytes(7)


@pytest.mark.parametrize(
    ("ports", "payload", "unread"),
    [
        pytest.param((40000, 51820), WIREGUARD, {"WireGuard": 1}, id="between two ports"),
        pytest.param((40000, 53), WIREGUARD, {}, id="to a nameserver"),
        pytest.param((53, 40000), WIREGUARD, {}, id="from a nameserver"),
        pytest.param((40000, 67), WIREGUARD, {}, id="to a DHCP server"),
        pytest.param((68, 40000), WIREGUARD, {}, id="from a DHCP client"),
        pytest.param((4789, 53), bytes(8), {}, id="from a tunnel's port to a nameserver"),
        pytest.param((4789, 40000), bytes(8), {"UDP port 4789": 1}, id="from a tunnel's port"),
        pytest.param((40000, 4789), bytes(8), {"UDP port 4789": 1}, id="to a tunnel's port"),
        pytest.param((40000, 4789), bytes(7), {}, id="too short for a tunnel"),
    ],
)
def test_which_datagrams_are_named_as_what_cannot_be_read(
    ports: tuple[int, int], payload: bytes, unread: dict[str, int]
) -> None:
    assert Capture().sees(datagram(*ports, payload)).tracker.tunnels_unread == unread


@pytest.mark.parametrize(
    ("ports", "names"),
    [
        pytest.param((40000, 4789), [NAME], id="to its port"),
        pytest.param((4789, 40000), [NAME], id="from its port"),
        pytest.param((4789, 53), [], id="from its port to a nameserver"),
        pytest.param((53, 4789), [], id="from a nameserver to its port"),
    ],
)
def test_a_tunnel_by_its_ports(ports: tuple[int, int], names: list[str]) -> None:
    found = Capture().sees(datagram(*ports, VXLAN_NEEDS + QUESTION)).finishes(9)
    assert [lookup.name for lookup in found if isinstance(lookup, Lookup) and lookup.name == NAME] == names


def test_tunnels_in_udp_end_at_some_depth() -> None:
    frame = QUESTION
    for _ in range(4):
        frame = datagram(40000, 4789, VXLAN_NEEDS + frame)
        assert len(Capture().sees(frame).finishes(9)) == 1
    capture = Capture().sees(datagram(40000, 4789, VXLAN_NEEDS + frame))
    assert capture.finishes(9) == []


def test_what_a_tunnel_in_four_others_carries_is_not_named() -> None:
    packet = ipv4(PHONE, POOL, 50, bytes(40))
    for depth in range(6):
        unread = Capture().sees(ethernet(PHONE_MAC, POOL_MAC, 0x0800, packet)).tracker.tunnels_unread
        assert unread == ({"IPsec (ESP)": 1} if depth < 4 else {}), depth
        packet = ipv4(PHONE, POOL, 4, packet)


@pytest.mark.parametrize(
    ("flags", "size", "read"),
    [
        (0x0000, 4, True),
        (0x8000, 8, True),
        (0x2000, 8, True),
        (0x1000, 8, True),
        (0xB000, 16, True),
        # Version 1, of PPTP: a number that is acknowledged.
        (0x2001, 8, True),
        (0x2081, 12, True),
        (0x3081, 16, True),
        (0x2080, 8, True),
        (0x0081, 8, True),
        (0x0082, 4, True),
        # Routing (RFC 1701).
        (0x4000, 4, False),
    ],
)
def test_headers_of_gre(flags: int, size: int, read: bool) -> None:
    packet = struct.pack(">HH", flags, 0x0800) + bytes(size - 4) + QUESTION[14:]
    capture = Capture().sees(ethernet(PHONE_MAC, POOL_MAC, 0x0800, ipv4(PHONE, POOL, 47, packet)))
    assert len(capture.finishes(9)) == read
    assert capture.tracker.tunnels_unread == {}


def test_gre_that_is_cut() -> None:
    capture = Capture()
    for size in range(4):
        packet = b"\0\0\x88\xcc"[:size]
        capture.sees(ethernet(PHONE_MAC, POOL_MAC, 0x0800, ipv4(PHONE, POOL, 47, packet)))
    assert capture.tracker.tunnels_unread == {}
    capture.sees(ethernet(PHONE_MAC, POOL_MAC, 0x0800, ipv4(PHONE, POOL, 47, b"\0\0\x88\xcc")))
    assert capture.tracker.tunnels_unread == {"GRE with EtherType 0x88cc": 1}


@pytest.mark.parametrize(("kind", "protocol", "read"), [(0x2000, 17, True), (0x2000, 6, False), (0x2001, 17, False)])
def test_of_a_first_piece_that_is_cut_a_datagram_alone_is_read(kind: int, protocol: int, read: bool) -> None:
    payload = QUESTION[34:] if protocol == 17 else tcp(49152, 80, 1000, 0, 2)
    packet = bytearray(ipv4(PHONE, RESOLVER, protocol, payload + bytes(400)))
    packet[6:8] = struct.pack(">H", kind)
    frame = ethernet(PHONE_MAC, POOL_MAC, 0x0800, bytes(packet))
    assert len(Capture().sees(frame[: 34 + len(payload)]).finishes(9)) == read


def judged(*frames: bytes, macs: tuple[bytes, ...] = (), leased: bool = False) -> Capture:
    capture = Capture(everything=False)
    capture.tracker.interest.macs |= frozenset(macs)
    return capture.sees(*frames)


OTHER = dns_question(8, "www.contoso.com")
OTHER_ANSWER = dns_answer(8, "www.contoso.com", POOL)


def from_server(payload: bytes, target: str = PHONE) -> bytes:
    return ethernet(POOL_MAC, PHONE_MAC, 0x0800, ipv4(RESOLVER, target, 17, udp(53, 50000, payload)))


@pytest.mark.parametrize(
    ("frames", "macs", "hosts"),
    [
        pytest.param([QUESTION], (), [PHONE], id="who asks for the update server"),
        pytest.param([datagram(50000, 53, OTHER)], (), [], id="who asks for something else"),
        pytest.param([datagram(50000, 53, OTHER)], (PHONE_MAC,), [PHONE], id="whose MAC address was named"),
        pytest.param([datagram(50000, 53, OTHER)], (POOL_MAC,), [], id="the other's was named"),
        pytest.param([datagram(53, 50000, OTHER)], (PHONE_MAC,), [], id="a nameserver whose address was named"),
        pytest.param([from_server(dns_answer(7, NAME, POOL))], (), [PHONE], id="whose answer alone is there"),
        pytest.param([from_server(dns_question(7, NAME))], (), [], id="no answer from a nameserver"),
        pytest.param([from_server(OTHER_ANSWER)], (), [], id="another answer"),
    ],
)
def test_whose_questions_are_of_interest(frames: list[bytes], macs: tuple[bytes, ...], hosts: list[str]) -> None:
    interest = judged(*frames, macs=macs).tracker.interest
    assert [str(ip_address(host)) for host in interest.hosts] == hosts


@pytest.mark.parametrize(
    ("frame", "read"),
    [(datagram(50000, 53, OTHER), True), (from_server(OTHER_ANSWER), True), (from_server(OTHER_ANSWER, POOL), False)],
    ids=["its question", "an answer to it", "an answer to another host"],
)
def test_all_questions_of_a_host_of_interest_are_read(frame: bytes, read: bool) -> None:
    found = judged(QUESTION, frame).finishes(9)
    names = sorted(lookup.name for lookup in found if isinstance(lookup, Lookup))
    assert names == [NAME] + ["www.contoso.com"] * read


@pytest.mark.parametrize(
    ("length", "short"), [(0, 1), (24, 1), (25, 0), (30, 0)], ids=["nothing", "24 bytes", "25 bytes", "30 bytes"]
)
def test_a_question_that_was_cut_before_it_says_of_what(length: int, short: int) -> None:
    for frame, counted in (
        (datagram(50000, 53, OTHER), short),
        (datagram(53, 50000, OTHER), 0),
        (datagram(50000, 53, OTHER[:length]), 0),
    ):
        assert judged(frame[: 42 + length]).tracker.unreadable_packets == counted


def test_a_question_of_a_host_of_interest_that_was_cut() -> None:
    assert judged(QUESTION, datagram(50000, 53, OTHER)[:-1]).tracker.unreadable_packets == 1
    assert judged(QUESTION, datagram(50000, 53, OTHER)).tracker.unreadable_packets == 0


SEGMENT = ethernet(
    PHONE_MAC, POOL_MAC, 0x0800, ipv4(PHONE, POOL, 6, tcp(49152, 80, 1001, 9001, 16, b"GET / HTTP/1.1\r\n\r\n"))
)
ANSWER = ethernet(POOL_MAC, PHONE_MAC, 0x0800, ipv4(POOL, PHONE, 6, tcp(80, 49152, 9000, 1001, 18)))


@pytest.mark.parametrize(
    ("frame", "macs", "hosts"),
    [
        pytest.param(SEGMENT, (), [], id="nobody"),
        pytest.param(SEGMENT, (PHONE_MAC,), [PHONE], id="who sends"),
        pytest.param(ANSWER, (PHONE_MAC,), [PHONE], id="to whom it is sent"),
        pytest.param(SEGMENT, (bytes(6),), [], id="another MAC address"),
    ],
)
def test_a_host_whose_mac_address_was_named_is_known_by_its_segments(
    frame: bytes, macs: tuple[bytes, ...], hosts: list[str]
) -> None:
    capture = judged(frame, macs=macs)
    assert [str(ip_address(host)) for host in capture.tracker.interest.hosts] == hosts
    assert bool(capture.finishes(9)) is bool(hosts)


POST = b"POST /RequestHandler/ucdevice.upx HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n"


def segment(port: int, payload: bytes, seq: int = 1001, flags: int = 24) -> bytes:
    return ethernet(PHONE_MAC, POOL_MAC, 0x0800, ipv4(PHONE, POOL, 6, tcp(49152, port, seq, 9001, flags, payload)))


@pytest.mark.parametrize(
    ("port", "payload", "kinds"),
    [
        (80, POST, ["connect", "http"]),
        (80, b"GET / HTTP/1.1\r\n\r\n", []),
        (80, b"", []),
        (443, POST, []),
        (5061, POST, []),
        (53, POST, []),
    ],
)
def test_a_phones_first_request_brings_its_opening_with_it(port: int, payload: bytes, kinds: list[str]) -> None:
    opening = SYN.replace(struct.pack(">HH", 49152, 80), struct.pack(">HH", 49152, port))
    answer = ANSWER.replace(struct.pack(">HH", 80, 49152), struct.pack(">HH", port, 49152))
    capture = judged(opening, answer, segment(port, payload))
    assert [fact.kind for fact in capture.finishes(9)] == kinds
    if kinds:
        [connect] = [fact for fact in capture.found if isinstance(fact, Connect)]
        assert (connect.lacking, connect.frame, connect.outcome) == (None, 1, "open")


@pytest.mark.parametrize(
    ("payload", "cut", "short"),
    [
        pytest.param(POST, 8, 1, id="the beginning of a POST"),
        pytest.param(POST, 0, 1, id="nothing of it"),
        pytest.param(b"GET / HTTP/1.1\r\n\r\n", 8, 0, id="a GET"),
        pytest.param(POST, len(POST), 0, id="all of it"),
    ],
)
def test_a_strangers_segment_that_was_cut(payload: bytes, cut: int, short: int) -> None:
    capture = judged(segment(80, payload)[: 54 + cut])
    assert (capture.tracker.unreadable_packets, capture.tracker.cut) == (short, 0)


@pytest.mark.parametrize(("cut", "count"), [(0, 0), (1, 1)])
def test_segments_of_interest_that_were_cut_are_counted(cut: int, count: int) -> None:
    frame = segment(80, b"GET / HTTP/1.1\r\n\r\n")
    capture = judged(QUESTION, frame[: len(frame) - cut])
    assert capture.tracker.cut == count


LEASE = dhcp(1, 9, PHONE_MAC, "0.0.0.0", [(53, b"\3"), (60, b"MSFT 5.0"), (12, b"desk"), (55, bytes(40))])


@pytest.mark.parametrize(
    ("cut", "macs", "short", "kinds"),
    [
        pytest.param(0, (), 0, [], id="a stranger's message"),
        pytest.param(0, (PHONE_MAC,), 0, ["dhcp"], id="that of a phone"),
        pytest.param(20, (), 0, ["dhcp"], id="a stranger's message that was cut"),
        pytest.param(20, (PHONE_MAC,), 1, ["dhcp"], id="that of a phone that was cut"),
        pytest.param(len(LEASE) - 20, (), 1, [], id="too little to be read"),
    ],
)
def test_messages_of_dhcp_that_were_cut(cut: int, macs: tuple[bytes, ...], short: int, kinds: list[str]) -> None:
    packet = ipv4("0.0.0.0", "255.255.255.255", 17, udp(68, 67, LEASE))
    frame = ethernet(PHONE_MAC, b"\xff" * 6, 0x0800, packet)
    capture = Capture(everything=False)
    capture.tracker.interest.clients.update(dict.fromkeys(macs))
    capture.sees(frame[: len(frame) - cut])
    assert [fact.kind for fact in capture.found] == kinds
    assert capture.tracker.unreadable_packets == short
    for fact in capture.found:
        assert isinstance(fact, Dhcp)
        assert (fact.truncated, fact.snapped) == (cut > 0, cut > 0)


def test_a_message_that_was_cut_tells_what_its_client_said_before() -> None:
    packet = ipv4("0.0.0.0", "255.255.255.255", 17, udp(68, 67, LEASE))
    frame = ethernet(PHONE_MAC, b"\xff" * 6, 0x0800, packet)
    capture = Capture(everything=False).sees(frame)
    assert capture.found == []
    capture.sees(frame[:-20])
    assert [fact.frame for fact in capture.found] == [1, 2]


def test_what_a_host_does_tells_what_it_said_in_dhcp() -> None:
    packet = ipv4("0.0.0.0", "255.255.255.255", 17, udp(68, 67, LEASE))
    capture = Capture(everything=False).sees(ethernet(PHONE_MAC, b"\xff" * 6, 0x0800, packet))
    assert [message.client for message in capture.tracker.held_dhcp()] == ["00:04:f2:aa:bb:cc"]
    capture.sees(QUESTION)
    capture.finishes(9)
    assert [fact.kind for fact in capture.found] == ["dhcp", "lookup"]
    assert list(capture.tracker.held_dhcp()) == []


@pytest.mark.parametrize(("routed", "known"), [(4095, True), (4096, False)])
def test_so_many_hosts_came_through_a_router(routed: int, known: bool) -> None:
    tracker = PacketTracker(lambda _: None, HostFilter())
    for number in range(routed):
        tracker.came_routed(number.to_bytes(4, "big"))
    tracker.came_routed(b"\x0a\0\0\7")
    assert tracker.is_routed(PHONE) is known


def test_what_had_to_be_forgotten_is_counted_wherever_it_was() -> None:
    tracker = PacketTracker(lambda _: None, HostFilter())
    tracker.connections._forgotten, tracker.lookups.dropped = 1, 20
    tracker.fragments.dropped, tracker.arp.dropped, tracker.interest.forgotten = 300, 4000, 50000
    assert tracker.dropped == 54321


RANDOM = bytes(range(32))
HELLO = b"\x16\x03\x01\0\x2d\x01\0\0\x29\x03\x03" + RANDOM + bytes(7)


def secret(random: bytes) -> bytes:
    return b"CLIENT_RANDOM %s %s\n" % (random.hex().encode(), (b"ab" * 48))


@pytest.mark.parametrize(
    ("secrets", "port", "hosts"),
    [
        pytest.param([], 443, [], id="without secrets"),
        pytest.param([secret(RANDOM)], 443, [PHONE], id="with its secret"),
        pytest.param([secret(RANDOM), secret(bytes(32))], 443, [PHONE], id="with more of them"),
        pytest.param([secret(bytes(32))], 443, [], id="with another's"),
        pytest.param([secret(RANDOM)], 5061, [], id="where phones sign in"),
    ],
)
def test_a_session_of_which_there_are_secrets_may_be_a_phones(
    secrets: list[bytes], port: int, hosts: list[str]
) -> None:
    capture = Capture(everything=False)
    for text in secrets:
        capture.tracker.add_secrets(text)
    capture.sees(segment(port, HELLO))
    assert [str(ip_address(host)) for host in capture.tracker.interest.hosts] == hosts


def test_an_error_about_another_port_is_about_no_question() -> None:
    asked = datagram(50000, 53, ASKED)
    for port, failure in ((53, "unreachable"), (54, "no_answer")):
        quoted = ipv4(PHONE, RESOLVER, 17, udp(50000, port, ASKED))
        error = ipv4(RESOLVER, PHONE, 1, b"\3\3" + bytes(6) + quoted)
        found = Capture().sees(asked, ethernet(POOL_MAC, PHONE_MAC, 0x0800, error)).finishes(9)
        assert [lookup.failure for lookup in found if isinstance(lookup, Lookup)] == [failure]


def test_an_error_about_another_protocol_is_about_no_attempt() -> None:
    for protocol, outcome in ((6, "unreachable"), (17, "no_answer"), (132, "no_answer")):
        quoted = ipv4(PHONE, POOL, protocol, tcp(49152, 80, 1000, 0, 2))
        error = ipv4(POOL, PHONE, 1, b"\3\1" + bytes(6) + quoted)
        found = Capture().sees(SYN, ethernet(POOL_MAC, PHONE_MAC, 0x0800, error)).finishes(9)
        assert [connect.outcome for connect in found if isinstance(connect, Connect)] == [outcome]


@pytest.mark.parametrize(("port", "watched"), [(80, 1), (443, 1), (53, 1), (5061, 1), (8080, 0), (81, 0), (444, 0)])
def test_the_ports_that_are_watched_unless_others_are_given(port: int, watched: int) -> None:
    assert len(Capture().sees(segment(port, b"", 1000, 2)).finishes(9)) == watched


@pytest.mark.parametrize(("after", "failures"), [(4.9, ["unfinished", None]), (5, ["no_answer", "no_answer"])])
def test_how_long_is_waited_unless_it_is_given(after: float, failures: list[str | None]) -> None:
    found: list[Observation] = []
    tracker = PacketTracker(found.append, HostFilter(everything=True))
    tracker.take_packet(START, 1, ETHERNET, SYN)
    tracker.take_packet(START, 2, ETHERNET, QUESTION)
    tracker.finish(START + int(after * SECOND))
    told = [fact.outcome if isinstance(fact, Connect) else getattr(fact, "failure", "") for fact in found]
    assert told == failures


@pytest.mark.parametrize(("client", "names"), [(50000, [NAME]), (50001, [])])
def test_an_answer_from_another_port_than_was_asked(client: int, names: list[str]) -> None:
    answer = ethernet(
        POOL_MAC, PHONE_MAC, 0x0800, ipv4(RESOLVER, PHONE, 17, udp(54, client, dns_answer(7, NAME, POOL)))
    )
    found = Capture(everything=False).sees(QUESTION, answer).finishes(9)
    assert [lookup.name for lookup in found if isinstance(lookup, Lookup) and lookup.rcode == "NOERROR"] == names


@pytest.mark.parametrize(("protocol", "held"), [(1, 0), (17, 1), (6, 1)], ids=["ICMP", "UDP", "TCP"])
def test_pieces_of_a_long_echo_are_not_held(protocol: int, held: int) -> None:
    """An error of ICMP is never so long as to be sent in pieces; a ping can be, and hides nothing that is missing."""
    capture = Capture()
    capture.tracker.fragments = Fragments(datagrams=1)
    for number in range(2):
        packet = bytearray(ipv4(PHONE, POOL, protocol, bytes(64), number))
        packet[6] |= 0x20
        capture.sees(ethernet(PHONE_MAC, POOL_MAC, 0x0800, bytes(packet)))
    assert capture.tracker.dropped == held


@pytest.mark.parametrize(
    ("protocol", "piece", "held"),
    [(58, 1, 0), (58, 8, 0), (17, 0, 0), (17, 1, 1), (17, 8, 1)],
    ids=["ICMPv6, first", "ICMPv6, last", "UDP, whole", "UDP, first", "UDP, last"],
)
def test_pieces_of_a_long_echo_of_ipv6_are_not_held(protocol: int, piece: int, held: int) -> None:
    ends = ip_address("2001:db8::7").packed + ip_address("2001:db8::80").packed
    capture = Capture()
    capture.tracker.fragments = Fragments(datagrams=1)
    for number in range(2):
        payload = struct.pack(">BBHI", protocol, 0, piece, number) + bytes(64)
        packet = struct.pack(">IHBB", 6 << 28, len(payload), 44, 64) + ends + payload
        capture.sees(ethernet(PHONE_MAC, POOL_MAC, 0x86DD, packet))
    assert capture.tracker.dropped == held
