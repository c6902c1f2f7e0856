"""The kernel's packet ring, filled as the kernel fills it: what is made of it is what is made of a file."""

import errno
import random
import socket
import struct
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

if sys.platform != "linux":
    pytest.skip("the packet ring is Linux'", allow_module_level=True)

from tests.bench.traffic import BROKEN, Noise, PhoneTraffic, ethernet, ipv4, tcp
from tests.capture.kernel_ring import BLOCK, OUTGOING, VLAN_VALID, Poll, Ringed, RingSocket, prepare, ring
from ucdiag.capture import packet_ring
from ucdiag.capture.file_reader import CaptureFileReader
from ucdiag.capture.live import Live
from ucdiag.capture.packet_ring import BLOCKS, PacketRing
from ucdiag.capture.prefilter import PacketPrefilter
from ucdiag.capture.writer import Writer
from ucdiag.model.codec import to_json
from ucdiag.model.observations import Extent, Observation
from ucdiag.model.report import Problem
from ucdiag.runtime.context import CannotTest
from ucdiag.wire.host_filter import HostFilter
from ucdiag.wire.packet_tracker import PacketTracker

START = 1_790_000_000_000_000_000
TAG = 20


def site(noise: int = 600, seed: int = 7) -> list[tuple[int, bytes]]:
    """A site with phones of every fate: nanoseconds and frames."""
    rng = random.Random(seed)
    timed: list[tuple[float, bytes]] = []
    for number, code in enumerate([*BROKEN, None], 1):
        timed += PhoneTraffic(number, code, number % 3 == 0, 30_000, 0.2 * number, rng).packets
    timed += [(0.001 * number, frame) for number, frame in enumerate(Noise(rng, 0.3).frames(noise))]
    return [(START + int(at * 1_000_000) * 1000, frame) for at, frame in sorted(timed)]


SITE = site()


def in_blocks(packets: Sequence[Ringed], size: int = 90) -> RingSocket:
    sock = RingSocket(lost=[0] * 9)
    for number in range(0, len(packets), size):
        assert number // size < BLOCKS
        sock.put(number // size, packets[number : number + size])
    return sock


def captured(
    patch: pytest.MonkeyPatch, sock: RingSocket, kind: int = 1, **values: Any
) -> tuple[Live, list[Observation | Problem]]:
    prepare(patch, sock, kind)
    values = {"duration": 20.0, "now": lambda: START // 1000 + 60_000_000, **values}
    capture = Live("eth7", HostFilter(), sniffer="ring", **values)
    capture.held_back = 0
    return capture, [item for item in capture.read() if item is not None]


def as_json(found: Sequence[object]) -> list[str]:
    return sorted(
        str(to_json(item)) for item in found if isinstance(item, Observation) and not isinstance(item, Extent)
    )


def of_file(path: Path) -> list[str]:
    return as_json([item for item in CaptureFileReader(HostFilter()).read([str(path)]) if item is not None])


@pytest.fixture(params=[("plain", 1), ("tagged", 1), ("service tag", 1), ("raw", 65534)], ids=lambda way: way[0])
def way(request: pytest.FixtureRequest) -> Iterator[tuple[list[Ringed], int]]:
    """The packets of the site in the ring of an interface of this kind."""
    name, kind = request.param
    if name == "raw":
        yield [Ringed(at, frame[14:]) for at, frame in SITE if frame[12:14] in (b"\x08\x00", b"\x86\xdd")], kind
        return
    tag = {"plain": {}, "tagged": {"tag": 0x6000 | TAG}, "service tag": {"tag": TAG, "kind": 0x88A8}}[name]
    status = VLAN_VALID if tag else 0
    yield [Ringed(at, frame, status=status, **tag) for at, frame in SITE], kind


def test_the_facts_are_those_of_the_file_that_is_written_of_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, way: tuple[list[Ringed], int]
) -> None:
    packets, kind = way
    path = tmp_path / "out.pcap"
    capture, found = captured(monkeypatch, in_blocks(packets), kind, count=len(packets), write=str(path))
    assert capture.packets == len(packets)
    assert len(as_json(found)) > 40
    assert as_json(found) == of_file(path)
    assert [item.time for item in found if isinstance(item, Extent)] == [packets[0].time // 1000]


@pytest.mark.parametrize(
    ("tag", "kind", "put"), [(0x6014, 0, "81006014"), (0x14, 0x8100, "81000014"), (0x14, 0x88A8, "88a80014")]
)
def test_the_tag_that_the_kernel_took_off_is_put_back(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, tag: int, kind: int, put: str
) -> None:
    path = tmp_path / "out.pcap"
    frame = bytes(range(60))
    packet = Ringed(START + 123_456_789, frame, 70, VLAN_VALID, tag, kind)
    captured(monkeypatch, in_blocks([packet]), count=1, write=str(path))
    wanted = frame[:12] + bytes.fromhex(put) + frame[12:]
    assert path.read_bytes()[24:] == struct.pack("<IIII", START // 10**9, 123_456_789, 64, 74) + wanted


def test_without_a_tag_nothing_is_put_in(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    path = tmp_path / "out.pcap"
    captured(monkeypatch, in_blocks([Ringed(START, bytes(60), tag=5, kind=0x8100)]), count=1, write=str(path))
    assert path.read_bytes()[24:] == struct.pack("<IIII", START // 10**9, 0, 60, 60) + bytes(60)


@pytest.mark.parametrize("ways", [(1, 0), (0, 1)], ids=["sent first", "received first"])
@pytest.mark.parametrize("count", [1, 60, 500])
def test_what_goes_over_loopback_counts_once(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, count: int, ways: tuple[int, int]
) -> None:
    path = tmp_path / "out.pcap"
    packets = [Ringed(at, frame, station=OUTGOING * way) for at, frame in SITE[:500] for way in ways]
    capture, found = captured(monkeypatch, in_blocks(packets), 772, count=count, write=str(path))
    assert capture.packets == count
    assert as_json(found) == of_file(path)
    once, found_once = captured(monkeypatch, in_blocks([Ringed(*one) for one in SITE[:500]]), count=count)
    assert (once.packets, as_json(found)) == (count, as_json(found_once))


def test_elsewhere_what_this_machine_sends_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    packets = [Ringed(at, frame, station=OUTGOING) for at, frame in SITE[:100]]
    assert captured(monkeypatch, in_blocks(packets), count=100)[0].packets == 100


@pytest.mark.parametrize("count", [1, 89, 90, 91, 123])
def test_a_count_ends_it_exactly_there(monkeypatch: pytest.MonkeyPatch, count: int) -> None:
    capture, _ = captured(monkeypatch, in_blocks([Ringed(*one) for one in SITE[:200]]), count=count)
    assert capture.packets == count


def test_a_block_is_given_back_and_the_ring_goes_round(monkeypatch: pytest.MonkeyPatch) -> None:
    sock = RingSocket()
    taken = ring(monkeypatch, sock)
    frame = 1
    noted: list[int] = []

    class Prefilter:
        rejected = ignored_ethertypes = frozenset({b"x"})
        payload_only: frozenset[bytes] = frozenset()
        counted_runs: dict[bytes, Any] = {}
        moved: list[Any] = []
        tag = None

        def use_format(self, link: int, clock: Any, form: str, *where: int) -> None:
            noted.append(clock(struct.unpack("=Q", struct.pack("=II", 5, 7_999))[0]))
            noted.extend((link, *where))

        def take_packet(self, data: Any, at: int, *words: Any) -> None:
            noted.append(at)
            noted.extend(words[:4])

        def settle_runs(self, view: Any) -> None:
            noted.append(-1)

    for round_ in range(BLOCKS + 2):
        assert taken.take_packets(Prefilter(), frame, 1 << 62, None) == frame
        sock.put(round_ % BLOCKS, [Ringed(START, bytes(60), 77)] * 2)
        assert taken.take_packets(Prefilter(), frame, frame, None) == frame
        frame = taken.take_packets(Prefilter(), frame, 1 << 62, None)
        assert frame == 3 + 2 * round_
    assert noted[:13] == [5_000_007, 1, 4, 82, 48, 60, 60, 1, 0, 48 + 144, 60, 60, 2]
    assert len(noted) == (BLOCKS + 2) * 15
    taken.close()


@pytest.mark.parametrize("split", range(1, 26))
def test_an_answer_that_the_kernel_still_holds_is_waited_for(monkeypatch: pytest.MonkeyPatch, split: int) -> None:
    # The program was away for longer than the patience, and looks at the clock between two blocks.
    packets = [
        Ringed(START + int(at * 1_000_000) * 1000, frame)
        for at, frame in PhoneTraffic(1, None, False, 2000, 0.0, random.Random(1)).packets
    ]
    sock = in_blocks(packets, split)
    now = START // 1000 + 20_000_000
    _, found = captured(monkeypatch, sock, count=len(packets), now=lambda: now)
    _, at_once = captured(monkeypatch, in_blocks(packets), count=len(packets), now=lambda: now)
    assert as_json(found) == as_json(at_once)


@pytest.mark.parametrize("split", [1, 2, 7, 500])
def test_what_comes_after_the_last_counted_packet_is_not_missed(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, split: int
) -> None:
    # As above: when the count is reached, the kernel may still hold the answer to the last question.
    packets = [
        Ringed(START + int(at * 1_000_000) * 1000, frame)
        for at, frame in PhoneTraffic(1, None, False, 2000, 0.0, random.Random(1)).packets
    ]
    for count in range(1, len(packets)):
        path = tmp_path / f"{count}.pcap"
        now = START // 1000 + 20_000_000
        given = {"count": count, "now": lambda now=now: now, "write": str(path)}
        _, found = captured(monkeypatch, in_blocks(packets, split), **given)
        assert as_json(found) == of_file(path)


def test_an_empty_block_is_no_packet(monkeypatch: pytest.MonkeyPatch) -> None:
    sock = in_blocks([Ringed(START, bytes(60))])
    sock.put(0, [])
    sock.put(1, [Ringed(START, bytes(60))])
    assert captured(monkeypatch, sock, count=1)[0].packets == 1


@pytest.mark.parametrize("tag", [None, TAG])
def test_acknowledgements_between_strangers_are_passed_over(monkeypatch: pytest.MonkeyPatch, tag: int | None) -> None:
    class Noting(PacketPrefilter):
        def take_packet(self, view: memoryview, at: int, size: int, mark: int, frame: int, *more: Any) -> None:
            frames.append(frame)
            super().take_packet(view, at, size, mark, frame, *more)

    def sends(seq: int, payload: bytes = b"") -> Ringed:
        packet = ipv4("10.9.0.1", "10.9.0.2", 6, tcp(40000, 80, seq, 1, 0x10, payload))
        return Ringed(START, ethernet(bytes(6), bytes(6), 0x0800, packet, tag))

    frames: list[int] = []
    device = ring(
        monkeypatch, in_blocks([sends(1), sends(1), sends(1), sends(1, b"GET /index.html HTTP/1.1\r\n"), sends(27)]), 1
    )
    device.take_packets(Noting(PacketTracker(lambda _: None, HostFilter())), 1, 1 << 30, None)
    device.close()
    assert frames == [1, 4]


def test_a_packet_at_the_very_end_of_the_ring(monkeypatch: pytest.MonkeyPatch) -> None:
    sock = RingSocket(lost=[0])
    for block in range(BLOCKS - 1):
        sock.put(block, [Ringed(START, bytes(60))])
    filler = Ringed(START, bytes(BLOCK - 48 - 160 - 96))
    sock.put(BLOCKS - 1, [filler, Ringed(START, bytes(14))])
    capture, found = captured(monkeypatch, sock, count=BLOCKS + 1)
    assert capture.packets == BLOCKS + 1
    assert not [item for item in found if isinstance(item, Problem)]


def test_a_full_disk_ends_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def fail(writer: Writer, records: bytes) -> None:
        raise CannotTest("capture-unwritable", "It is full.")

    monkeypatch.setattr(Writer, "write", fail)
    sock = in_blocks([Ringed(*one) for one in SITE[:300]])
    capture, found = captured(monkeypatch, sock, write=str(tmp_path / "out.pcap"))
    assert capture.unwritten in found
    assert capture.packets == 90


def test_the_socket_is_set_up_before_its_first_packet(monkeypatch: pytest.MonkeyPatch) -> None:
    sock, poll = RingSocket(), Poll()
    opened = ring(monkeypatch, sock, poll=poll)
    assert (opened.link, opened.counts_loss, opened.most_pieces, opened.first) == (1, True, 128, None)
    opened.close()
    names = [words[0] for words in sock.asked]
    assert names == ["option 10", "filter", "option 5", "promiscuous", "bind", "error", "close"]
    assert sock.asked[0][1:] == (263, 10, 2)
    assert struct.unpack("=7I", sock.asked[2][3]) == (BLOCK, 128, 2048, 128 * 128, 50, 0, 0)
    assert sock.asked[3:5] == [("promiscuous", 7), ("bind", "eth7")]
    assert poll.asked == [(1 | 8,)]


def test_loopback_is_not_made_promiscuous(monkeypatch: pytest.MonkeyPatch) -> None:
    sock = RingSocket()
    ring(monkeypatch, sock, 772).close()
    assert "promiscuous" not in [words[0] for words in sock.asked]


@pytest.mark.parametrize(("kind", "link", "filtered"), [(1, 1, True), (65534, 101, True), (772, 1, True)])
def test_each_kind_of_link_has_its_filter(
    monkeypatch: pytest.MonkeyPatch, kind: int, link: int, filtered: bool
) -> None:
    sock = RingSocket()
    opened = ring(monkeypatch, sock, kind)
    opened.close()
    assert opened.link == link
    assert ("filter" in [words[0] for words in sock.asked]) is filtered


@pytest.mark.parametrize("lost", [0, 7])
def test_what_the_kernel_dropped(monkeypatch: pytest.MonkeyPatch, lost: int) -> None:
    sock = RingSocket(lost=[lost, OSError(errno.ENETDOWN, "no")])
    opened = ring(monkeypatch, sock)
    assert (opened.count_lost(), opened.count_lost()) == (lost, 0)
    assert sock.asked[-1] == ("get", 263, 6, 12)


@pytest.mark.parametrize(("seconds", "milliseconds"), [(0, 0), (0.0004, 1), (0.25, 250), (3, 3000)])
def test_waiting(monkeypatch: pytest.MonkeyPatch, seconds: float, milliseconds: int) -> None:
    sock, poll = RingSocket(fails={}), Poll(1)
    opened = ring(monkeypatch, sock, poll=poll)
    asked = len(sock.asked)
    opened.wait_for_packets(seconds)
    assert poll.asked[1:] == [milliseconds]
    assert len(sock.asked) == asked


def test_what_is_there_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    sock, poll = in_blocks([Ringed(START, bytes(60))]), Poll()
    ring(monkeypatch, sock, poll=poll).wait_for_packets(5)
    assert len(poll.asked) == 1


def test_an_interface_that_goes_away_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    sock = RingSocket()
    opened = ring(monkeypatch, sock, poll=Poll(8))
    sock.fails["error"] = OSError(errno.ENETDOWN, "Network is down")
    with pytest.raises(OSError, match="down"):
        opened.wait_for_packets(1)


DOWN = "Nothing can be captured on eth7, which is down: 'sudo ip link set eth7 up' first."
NO_MEMORY = "Nothing can be captured on eth7: it is full."


@pytest.mark.parametrize("where", ["option 10", "filter", "option 5", "promiscuous", "bind", "error"])
@pytest.mark.parametrize(
    ("error", "said"),
    [
        (OSError(errno.ENETDOWN, "is down"), DOWN),
        (OSError(errno.ENOMEM, "it is full"), NO_MEMORY),
        (OSError("no number"), "Nothing can be captured on eth7: no number."),
    ],
)
def test_what_prevents_it_is_said_and_the_socket_closed(
    monkeypatch: pytest.MonkeyPatch, where: str, error: OSError, said: str
) -> None:
    sock = RingSocket(fails={where: error})
    with pytest.raises(CannotTest) as raised:
        ring(monkeypatch, sock)
    assert (raised.value.code, raised.value.text) == ("no-interface", said)
    assert sock.asked[-1] == ("close",)


@pytest.mark.parametrize("error", [OSError(errno.ENODEV, "none"), ValueError("embedded null character")])
def test_an_interface_that_is_not_there(monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    def fail(name: str) -> int:
        raise error

    monkeypatch.setattr(socket, "if_nametoindex", fail)
    with pytest.raises(CannotTest, match="eth7") as raised:
        PacketRing("eth7", [80])
    assert raised.value.code == "no-interface"


def test_a_kind_that_cannot_be_read(monkeypatch: pytest.MonkeyPatch) -> None:
    prepare(monkeypatch, RingSocket(), 280)
    with pytest.raises(CannotTest) as raised:
        PacketRing("eth7", [80])
    assert raised.value.text == "The interface eth7 is of a kind (280) that cannot be read."
    assert raised.value.code == "no-interface"


def test_too_many_ports(monkeypatch: pytest.MonkeyPatch) -> None:
    prepare(monkeypatch, RingSocket())
    with pytest.raises(CannotTest) as raised:
        PacketRing("eth7", list(range(1, 3000)))
    assert raised.value.code == "too-many-ports"
    assert raised.value.text == "These are too many ports for one filter: give fewer with --port."


@pytest.mark.parametrize(
    ("error", "code", "said"),
    [
        (PermissionError(1, "no"), "no-privilege", "Capturing on eth7 needs privilege: "),
        (OSError(97, "Address family not supported"), "no-interface", "captured here: Address family not supported."),
    ],
)
def test_without_a_packet_socket(monkeypatch: pytest.MonkeyPatch, error: OSError, code: str, said: str) -> None:
    def fail() -> None:
        raise error

    prepare(monkeypatch, RingSocket())
    monkeypatch.setattr(packet_ring, "PacketSocket", fail)
    with pytest.raises(CannotTest) as raised:
        PacketRing("eth7", [80])
    assert raised.value.code == code
    assert said in raised.value.text


@pytest.mark.parametrize("order", ["little", "big"])
@pytest.mark.parametrize(
    ("seconds", "nanoseconds", "time"),
    [(0, 999, 0), (0, 1000, 1), (5, 999_999_999, 5_999_999), ((1 << 32) - 1, 0, ((1 << 32) - 1) * 1_000_000)],
)
def test_a_time_of_the_kernel_is_in_the_order_of_the_machine(
    order: Any, seconds: int, nanoseconds: int, time: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(packet_ring.sys, "byteorder", order)
    stamp = seconds.to_bytes(4, order) + nanoseconds.to_bytes(4, order)
    assert packet_ring._kernel_time(int.from_bytes(stamp, order)) == time
