"""What a hostile network can make grow, filled beyond its bound: each bound was seen to fail a test without it."""

import struct
import zlib
from time import process_time

import pytest

from tests.traced_memory import peak
from tests.wire.ladder import Ladder, feed, one, only
from tests.wire.wrappings import STORY, VXLAN, gre, in_udp
from ucdiag.model.observations import Http, Observation
from ucdiag.wire.dhcp import strangers
from ucdiag.wire.dhcp.strangers import StrangersDhcp
from ucdiag.wire.dns.over_tcp import DnsDirection
from ucdiag.wire.dns.tracker import DnsTracker
from ucdiag.wire.host_filter import HostFilter
from ucdiag.wire.http.body import Inflater
from ucdiag.wire.http.exchange import EXCERPT, SNIFF, WHOLE, UpdateExchange
from ucdiag.wire.http.framing import HEAD_MOST, LINE_MOST
from ucdiag.wire.link.ip_fragments import Fragments
from ucdiag.wire.link.link_layer import ETHERNET, IPV4, read_link_layer
from ucdiag.wire.packet_tracker import PacketTracker
from ucdiag.wire.tcp.connections import ConnectionTracker
from ucdiag.wire.tcp.stream import Budget
from ucdiag.wire.tls.handshake import ClientHello, read_chain, read_client_hello

GET = b"GET /a HTTP/1.1\r\nHost: pool01.contoso.com\r\n\r\n"
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"


def test_of_many_clients_that_are_reported_the_latest_are_known(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(strangers, "MAX_HOSTS", 3)
    held = StrangersDhcp(HostFilter(), lambda message: None)
    for number in range(9):
        held.report_client(b"\2\0\0\0\0%d" % number)
    assert list(held._reported) == [b"\2\0\0\0\0%d" % number for number in (6, 7, 8)]


@pytest.mark.parametrize(("length", "whole"), [(LINE_MOST - 200, True), (LINE_MOST + 200, False)])
def test_a_line_of_chunks_that_does_not_end_is_given_up(length: int, whole: bool) -> None:
    """It comes in pieces, so that it has to be kept."""
    line = b"9;" + b"x" * length
    pieces = [line[at : at + 700] for at in range(0, len(line), 700)]
    ladder = Ladder().opens().says(GET).answers(CHUNKED, *pieces, b"\r\n<answer/>\r\n0\r\n\r\n").closes()
    assert one(ladder.facts(), Http).complete is whole


@pytest.mark.parametrize(("tags", "found"), [(0, True), (4, True), (5, False), (5000, False)])
def test_tags_below_snap_below_tags_are_not_followed_for_ever(tags: int, found: bool) -> None:
    """Each tag is one frame more for who looks; a packet has room for thousands."""
    snap = b"\xaa\xaa\x03\0\0\0"
    inner = b"\x08\0\x45\0\0\x1c" + bytes(24)
    data = bytes(12) + struct.pack(">H", 100) + snap + (b"\x81\0\0\x64\0\x64" + snap) * tags + inner
    seen = read_link_layer(ETHERNET, data)
    assert (seen is not None and seen.kind == IPV4) is found


@pytest.mark.parametrize(("length", "read"), [(HEAD_MOST - 2000, True), (HEAD_MOST + 2000, False)])
def test_a_head_that_does_not_end_is_given_up(length: int, read: bool) -> None:
    """It comes in pieces, so that it has to be kept."""
    head = GET[:-2] + b"".join(b"X-%04d: %s\r\n" % (number, b"y" * 492) for number in range(length // 502)) + b"\r\n"
    pieces = [head[at : at + 1400] for at in range(0, len(head), 1400)]
    answer = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
    found = only(Ladder().opens().says(*pieces).answers(answer).closes().facts(), Http)
    assert [http.complete for http in found if http.host is not None and http.status == 200] == [True] * read


@pytest.mark.parametrize(("pieces", "whole"), [(1024, True), (1025, False)])
def test_a_datagram_has_so_many_pieces(pieces: int, whole: bool) -> None:
    fragments = Fragments()
    key = (b"\x0a\0\0\1", b"\x0a\0\0\2", 17, 1)
    found = [fragments.add(key, 0, 8 * number, number < pieces - 1, bytes(8)) for number in range(pieces)]
    assert (found[-1] == bytes(8 * pieces)) is whole


@pytest.mark.parametrize(("last", "size"), [(65520, 65528), (65528, None)])
def test_a_datagram_is_so_long(last: int, size: int | None) -> None:
    """The longest that a header can say; what lies beyond is the ping of death."""
    fragments = Fragments(size=1 << 20)
    key = (b"\x0a\0\0\1", b"\x0a\0\0\2", 17, 1)
    assert fragments.add(key, 0, 0, True, bytes(last)) is None
    whole = fragments.add(key, 0, last, False, bytes(8))
    assert (len(whole) if whole is not None else None) == size


@pytest.mark.parametrize(("sent", "kept"), [(9, 9), (10, 10), (11, 10), (5000, 10)])
def test_of_a_long_chain_the_first_certificates_are_read(sent: int, kept: int) -> None:
    chain = b"\0\0\1x" * sent
    assert len(read_chain(len(chain).to_bytes(3, "big") + chain)) == kept


def test_of_a_hello_that_names_and_offers_without_end_the_beginning_is_read() -> None:
    name = b"x" * 60_000
    named = b"\0\0" + (len(name) + 5).to_bytes(2, "big") + bytes(3) + len(name).to_bytes(2, "big") + name
    offered = b"\0\x2b\0\xff\xfe" + b"\3\1" * 127
    extensions = named + offered
    hello = ClientHello()
    read_client_hello(
        b"\3\3" + bytes(32) + b"\0\0\2\0\x2f\1\0" + len(extensions).to_bytes(2, "big") + extensions, hello
    )
    assert (hello.server_name, hello.versions) == ("x" * 255, ("TLS 1.0",) * 16)


def test_of_a_compression_that_is_none_the_beginning_is_named() -> None:
    assert len(Inflater("x" * 8000, 1).problem or "") < 200


def gzipped(data: bytes) -> bytes:
    packer = zlib.compressobj(wbits=31)
    return packer.compress(data) + packer.flush()


POST = b"POST /RequestHandler/ucdevice.upx HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n%s\r\n"
PACKED = b"Content-Encoding: gzip\r\n"


@pytest.mark.parametrize("side", ["request", "answer"])
@pytest.mark.parametrize("bodies", [True, False])
def test_a_body_that_unpacks_to_much_takes_no_memory(side: str, bodies: bool) -> None:
    bomb = gzipped(bytes(20 << 20))
    request, answer = (bomb, b"<a/>") if side == "request" else (b"<a/>", bomb)
    more = [PACKED if side == name else b"" for name in ("request", "answer")]
    ladder = Ladder().opens().says(POST % (len(request), more[0]))
    ladder.says(*[request[at : at + 1400] for at in range(0, len(request), 1400)])
    ladder.answers(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n%s\r\n" % (len(answer), more[1]))
    ladder.answers(*[answer[at : at + 1400] for at in range(0, len(answer), 1400)])
    given: list[UpdateExchange] = []
    with peak(6 << 20):
        found = one(ladder.closes().facts(update=given.append, bodies=bodies), Http)
    assert (found.status, found.complete) == (200, True)
    assert [len(exchange.answer_body) for exchange in given] == [WHOLE if side == "answer" else 4]


@pytest.mark.parametrize(
    ("target", "bodies", "asked", "answered"),
    [
        (b"/RequestHandler/ucdevice.upx", True, WHOLE, WHOLE),
        (b"/RequestHandler/ucdevice.upx", False, WHOLE, WHOLE),
        (b"/other", True, EXCERPT, EXCERPT),
        (b"/other", False, 0, SNIFF),
    ],
)
def test_of_a_body_the_beginning_is_kept(target: bytes, bodies: bool, asked: int, answered: int) -> None:
    """What is kept is missing in the budget."""
    size = 600_000
    ladder = Ladder().opens().says(b"POST %s HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n" % (target, size))
    ladder.says(*[b"<" * 60_000] * 10).answers(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % size)
    before = len(ladder.segments)
    ladder.answers(*[b"<" * 50_000] * 11)
    flows = ConnectionTracker(lambda fact: None, DnsTracker(lambda fact: None), bodies=bodies)
    budget = flows.budget.left
    for number, segment in enumerate(ladder.segments[:before], 1):
        feed(flows, segment, number)
    kept = budget - flows.budget.left
    for number, segment in enumerate(ladder.segments[before:], before):
        feed(flows, segment, number)
    assert (kept // 1024, (budget - flows.budget.left - kept) // 1024) == (asked // 1024, answered // 1024)


def test_ever_new_members_of_a_compressed_body_are_no_work_without_end() -> None:
    """What is behind each that ends is copied."""
    began = process_time()
    inflater = Inflater("gzip", 1 << 20)
    assert inflater.feed(gzipped(b"") * 80_000) == b""
    assert process_time() - began < 1.5


ENDS = (b"\x0a\0\0\1", b"\x0a\0\0\2", 17)


@pytest.mark.parametrize(("others", "kept"), [(127, True), (128, False)])
def test_so_many_datagrams_wait_for_their_pieces(others: int, kept: bool) -> None:
    fragments = Fragments()
    for number in range(others + 1):
        assert fragments.add((*ENDS, number), number, 0, True, bytes(8)) is None
    assert fragments.dropped == (not kept)
    assert (fragments.add((*ENDS, 0), others, 8, False, b"end") is not None) is kept


@pytest.mark.parametrize(("last", "kept"), [(32 * 1024, True), (32 * 1024 + 1, False)])
def test_so_many_bytes_wait_for_others(last: int, kept: bool) -> None:
    """A piece that is counted when it comes is not counted any more when it has gone."""
    fragments = Fragments()
    for _ in range(40):
        fragments.add((*ENDS, 99), 0, 0, True, bytes(48 * 1024))
        assert fragments.add((*ENDS, 99), 0, 48 * 1024, False, b"x") is not None
    for number in range(32):
        assert fragments.add((*ENDS, number), 0, 0, True, bytes(last if number == 31 else 32 * 1024)) is None
    assert fragments.dropped == (not kept)
    assert (fragments.add((*ENDS, 0), 0, 32 * 1024, False, b"x") is not None) is kept


@pytest.mark.parametrize(
    ("later", "whole"), [(30_000_000, True), (30_000_001, False), (-30_000_000, True), (-30_000_001, False)]
)
def test_so_long_a_piece_waits_for_the_others(later: int, whole: bool) -> None:
    fragments = Fragments()
    fragments.add((*ENDS, 1), 100_000_000, 0, True, bytes(8))
    assert (fragments.add((*ENDS, 1), 100_000_000 + later, 8, False, b"end") is not None) is whole
    assert fragments.dropped == 0


@pytest.mark.parametrize(("later", "dropped"), [(0, 3), (29_999_997, 3), (29_999_998, 2), (30_000_000, 0)])
def test_what_grew_too_old_is_not_lost_to_the_bounds(later: int, dropped: int) -> None:
    """A capture of days with a piece missing here and there is not short of memory."""
    fragments = Fragments(datagrams=3)
    for number in range(3):
        fragments.add((*ENDS, number), number, 0, True, bytes(8))
    for number in range(3, 6):
        fragments.add((*ENDS, number), later + 3, 0, True, bytes(8))
    assert fragments.dropped == dropped


@pytest.mark.parametrize(
    ("pieces", "whole"),
    [
        pytest.param([(0, b"abcdefgh"), (0, b"XY"), (8, b"-")], b"abcdefgh-", id="a shorter copy"),
        pytest.param([(0, b"ab"), (0, b"abcdefgh"), (8, b"-")], b"abcdefgh-", id="a longer copy"),
        pytest.param([(8, b"-"), (0, b"abcd"), (0, b"abcd"), (4, b"efgh")], b"abcdefgh-", id="a copy"),
        pytest.param([(0, b"abcdefghij"), (8, b"-")], b"abcdefghi", id="more than there is"),
    ],
)
def test_pieces_with_copies(pieces: list[tuple[int, bytes]], whole: bytes) -> None:
    """The last piece is that of "-"."""
    fragments = Fragments()
    found = [fragments.add((*ENDS, 1), 0, at, data != b"-", data) for at, data in pieces]
    assert [data for data in found if data is not None] == [whole]
    assert fragments.dropped == 0


@pytest.mark.parametrize("name", ["VXLAN", "GRE"])
@pytest.mark.parametrize(("times", "found"), [(1, True), (4, True), (5, False), (30, False)])
def test_tunnels_in_tunnels_are_not_followed_for_ever(name: str, times: int, found: bool) -> None:
    """Each is some frames more for who looks; a packet has room for dozens."""
    wrap = in_udp(4789, VXLAN) if name == "VXLAN" else gre(0x6558)
    seen: list[Observation] = []
    tracker = PacketTracker(seen.append, HostFilter())
    for frame, (time, data) in enumerate(STORY, 1):
        for _ in range(times):
            data = wrap(data)
        tracker.take_packet(time, frame, ETHERNET, data)
    tracker.finish(STORY[-1][0] + 1)
    assert any(isinstance(fact, Http) for fact in seen) is found


def test_behind_a_hole_so_many_segments_are_looked_at_together() -> None:
    """Each may be where a message begins: with every one more, all are tried again."""
    direction = DnsDirection(Budget(1 << 20), lambda *_: None, in_step=False)
    sought = []
    for frame in range(300):
        direction.receive_data(b"\0\x11", frame, frame)
        sought.append(len(direction._sought))
    assert sought == [frame % 32 + 1 for frame in range(300)]
