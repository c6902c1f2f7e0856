"""A capture that is read ahead by a worker gives the same as without one."""

import json
import os
import random
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tests.bench.traffic import ethernet, ipv4, make, tcp
from tests.capture.capture_files import (
    FORMATS,
    PHONE,
    SERVER,
    Packet,
    block,
    conversation,
    described,
    enhanced,
    extent,
    facts,
    kuznetzov,
    pcap,
    pcapng,
    phones,
    problems,
    read,
    replaced,
    section,
    set_back,
    shaken,
    whole_download,
)
from ucdiag.capture import read_ahead
from ucdiag.capture.file_reader import CaptureFileReader, Limits
from ucdiag.capture.prefilter import MARGIN
from ucdiag.capture.read_ahead import Direction, RunCompactor
from ucdiag.capture.read_ahead_options import ReadAheadCounts, ReadAheadLimits, ReadAheadOptions, Worker, pcap_layout
from ucdiag.capture.read_ahead_start import ReadAhead
from ucdiag.model.observations import Http, Observation
from ucdiag.runtime.forked_worker import Send, can_fork_worker
from ucdiag.wire.host_filter import HostFilter

pytestmark = pytest.mark.slow

LAYOUTS: dict[str, Callable[[Sequence[Packet]], bytes]] = {
    "pcap": pcap,
    "pcap, big-endian, nanoseconds": lambda packets: pcap(packets, ">", True),
    "pcap of Kuznetsov": kuznetzov,
    "pcapng": pcapng,
    "pcapng, big-endian, nanoseconds": lambda packets: pcapng(packets, ">", 9),
}


Files = Path | str | Sequence[Path]
SOON = ReadAheadLimits(piece=30_000, start=1, worth=1e-9)


class AtOnce:
    """In the place of the other process: everything is told before anybody listens."""

    def __init__(self, work: Callable[[Send], None]) -> None:
        self._results: list[Any] = []
        work(self._results.append)

    def __enter__(self) -> "AtOnce":
        return self

    def __exit__(self, *raised: object) -> None:
        """Nothing is left of it."""

    def results(self) -> Iterator[Any]:
        return iter(self._results)


class Seen(ReadAheadCounts):
    """What workers passed on that ran ahead of everything, by small pieces, whether that is worth it or not."""

    def __init__(self) -> None:
        super().__init__()
        self.limits = SOON
        self.chunk = 20_000
        self.start_worker: Callable[[Callable[[Send], None]], Worker] = AtOnce

    def read(self, path: Files, interest: HostFilter | None = None, **more: object) -> list[object]:
        """As ``read``, of phones by default, with a worker."""
        ahead = ReadAheadOptions(limits=self.limits, can_fork=lambda: True, start_worker=self.start_worker, counts=self)
        return read(path, interest or HostFilter(), limits=Limits(chunk=self.chunk), ahead=ahead, **more)

    def without(self, path: Files, interest: HostFilter | None = None, **more: object) -> list[object]:
        """The same without a worker."""
        ahead = ReadAheadOptions(can_fork=lambda: False)
        return read(path, interest or HostFilter(), limits=Limits(chunk=self.chunk), ahead=ahead, **more)


@pytest.fixture
def seen() -> Seen:
    return Seen()


@pytest.mark.short
@pytest.mark.parametrize("piece", [3000, 30_000, 400_000])
@pytest.mark.parametrize("layout", LAYOUTS)
def test_everything_is_as_without(layout: str, piece: int, seen: Seen, tmp_path: Path) -> None:
    seen.limits = replace(seen.limits, piece=piece)
    packets = phones(6, 3, 1000, seed=piece, size=300_000)
    path = tmp_path / "capture"
    path.write_bytes(LAYOUTS[layout](packets))
    expected = seen.without(path)
    assert not seen.pieces
    found = seen.read(path)
    # A run that was read again may be told after what came after it.
    assert facts(found) == facts(expected)
    assert (problems(found), extent(found)) == ([], extent(expected))
    assert seen.counted > 10
    assert seen.packets < len(packets) * (0.8 if piece > 3000 else 1)
    downloads = [
        exchange for exchange in facts(found) if isinstance(exchange, Http) and exchange.announced_bytes == 300_000
    ]
    assert len(downloads) == 3
    assert all(download.complete and download.answer_bytes == 300_000 for download in downloads)


@pytest.mark.short
@pytest.mark.parametrize("first", [1, 8])
@pytest.mark.parametrize("seed", range(6))
def test_what_is_lost_doubled_and_late_is_as_without(seed: int, first: int, seen: Seen, tmp_path: Path) -> None:
    seen.limits = replace(seen.limits, first=first)
    packets = shaken(phones(6, 3, 300, seed=seed, size=200_000), seed)
    path = tmp_path / "capture"
    path.write_bytes((pcap, pcapng)[seed % 2](packets))
    expected, found = facts(seen.without(path)), facts(seen.read(path))
    assert [whole_download(fact) for fact in found] == [whole_download(fact) for fact in expected]
    assert seen.counted > 5


@pytest.mark.short
@pytest.mark.parametrize("layout", ["pcap", "pcapng"])
def test_a_long_silence_within_a_piece_is_noticed_as_without(layout: str, seen: Seen, tmp_path: Path) -> None:
    """Flows that say nothing for long are forgotten: a run must not hide that one was still alive, or was not."""
    seen.limits = replace(seen.limits, piece=600_000)
    packets = phones(3, 0, 200, seed=5, size=400_000)
    for pause in (100, 600, 1000):
        slow = [(packets[0][0] + (time - packets[0][0]) * pause, frame) for time, frame in packets]
        path = tmp_path / "capture"
        path.write_bytes(LAYOUTS[layout](slow))
        assert seen.read(path) == seen.without(path)
    assert seen.counted > 5


@pytest.mark.short
@pytest.mark.parametrize("layout", ["pcap", "pcapng"])
def test_a_clock_that_is_set_back_is_noticed_as_without(layout: str, seen: Seen, tmp_path: Path) -> None:
    packets = phones(3, 2, 200, size=400_000)
    path = tmp_path / "capture"
    for share in (0.3, 0.5, 0.7):
        path.write_bytes(LAYOUTS[layout](set_back(packets, int(len(packets) * share), 3600)))
        expected, found = seen.without(path), seen.read(path)
        assert problems(found) == problems(expected)
        assert len(problems(found)) == 1
        assert extent(found).end == pytest.approx(extent(expected).end, abs=1_000_000)
        assert [replaced(fact) for fact in facts(found)] == [replaced(fact) for fact in facts(expected)]
    assert seen.counted > 5


def segments(count: int, size: int = 1000, flags: int = 0x10, start: int = 0) -> list[Packet]:
    """An upload by somebody to a web server: nothing that could be counted."""
    found = []
    for number in range(count):
        segment = tcp(50000, 80, 1 + number * size, 1, flags, b"x" * size)
        found.append(
            (start + number * 1000, ethernet(PHONE, SERVER, 0x0800, ipv4("10.9.9.9", "10.1.0.10", 6, segment)))
        )
    return found


@pytest.mark.short
def test_what_cannot_be_counted_is_read_again(seen: Seen, tmp_path: Path) -> None:
    packets = phones(2, 0, 100, size=100_000)
    packets = sorted(packets + segments(400, start=packets[0][0]), key=lambda packet: packet[0])
    path = tmp_path / "capture"
    for layout in LAYOUTS.values():
        path.write_bytes(layout(packets))
        assert seen.read(path) == seen.without(path)
    assert seen.again > 5
    # A phone's own: everybody who posts the update request is one.
    post = conversation(
        "10.9.9.9", b"POST /RequestHandler/ucdevice.upx HTTP/1.1\r\nContent-Length: 400000\r\n\r\n", at=0
    )
    later = max(time for time, _ in post)
    path.write_bytes(pcap([*post, *segments(300, start=later + 10_000), *packets]))
    found = seen.read(path)
    assert found == seen.without(path)


@pytest.mark.short
def test_packets_without_a_byte_hide_nothing(seen: Seen, tmp_path: Path) -> None:
    """They stand between segments that are read again."""
    asked = b"POST /RequestHandler/ucdevice.upx HTTP/1.1\r\nContent-Length: 400000\r\n\r\n"
    packets = conversation("10.9.9.9", asked, at=0)
    for number, packet in enumerate(segments(300, start=max(time for time, _ in packets) + 10_000)):
        packets += [packet, (packet[0], b"")] if number % 40 == 39 else [packet]
    path = tmp_path / "capture"
    path.write_bytes(pcap(packets))
    assert seen.read(path) == seen.without(path)
    assert seen.pieces


@pytest.mark.short
@pytest.mark.parametrize("layout", ["pcap", "pcapng"])
def test_a_host_is_of_interest_no_earlier_than_without(layout: str, seen: Seen, tmp_path: Path) -> None:
    """A run of another connection of the host, begun before, is told behind the packet that shows what it is.

    So many segments of a connection, met in its middle, make up that it is left alone: then the next file on it would
    be without an answer.
    """
    seen.limits = replace(seen.limits, piece=1 << 20)
    seen.chunk = 1 << 20

    def frame(up: bool, seq: int, ack: int, flags: int, payload: bytes) -> bytes:
        ends = ("10.9.9.9", "10.1.0.11") if up else ("10.1.0.11", "10.9.9.9")
        ports = (50101, 80) if up else (80, 50101)
        macs = (PHONE, SERVER) if up else (SERVER, PHONE)
        return ethernet(*macs, 0x0800, ipv4(*ends, 6, tcp(*ports, seq, ack, flags, payload)))

    start = 1_767_225_600_000_000
    packets = [(start + number, bytes(1500)) for number in range(2500)]  # what is read before a worker is sent out
    packets += [(start + 10_000 + n * 300, frame(False, 1 + n * 1000, 1, 0x10, b"x" * 1000)) for n in range(1200)]
    packets += [(start + 10_001 + n * 300, frame(True, 1, 1 + n * 1000, 0x10, b"")) for n in range(0, 1200, 2)]
    post = conversation("10.9.9.9", b"POST /RequestHandler/ucdevice.upx HTTP/1.1\r\nContent-Length: 0\r\n\r\n", at=0)
    packets += [(start + 100_000 - post[0][0] + time, frame) for time, frame in post]
    packets.sort(key=lambda packet: packet[0])
    asked, answered = b"GET /CPE.nbt HTTP/1.1\r\nHost: x\r\n\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
    later = packets[-1][0] + 100_000
    packets.append((later, frame(True, 1, 1_200_001, 0x18, asked)))
    packets.append((later + 1000, frame(False, 1_200_001, 1 + len(asked), 0x18, answered)))
    packets += [(later + 5000 + number, bytes(1500)) for number in range(1500)]
    path = tmp_path / "capture"
    path.write_bytes(LAYOUTS[layout](packets))
    found = seen.read(path)
    assert found == seen.without(path)
    assert [exchange.status for exchange in facts(found) if isinstance(exchange, Http)] == [200, 200]
    assert seen.pieces


@pytest.mark.short
@pytest.mark.parametrize("lost", [32, 33, 34])
@pytest.mark.parametrize("layout", ["pcap", "pcapng"])
def test_what_is_acknowledged_behind_the_end_of_a_run_counts(
    layout: str, lost: int, seen: Seen, tmp_path: Path
) -> None:
    """The first file ends, and the second, with a segment that the capture lacks, follows, all within a run."""
    seen.limits = replace(seen.limits, piece=1 << 20)
    seen.chunk = 40_000
    packets = phones(1, 0, 0, size=3000)
    at = packets[-1][0] + 100_000

    def send(up: bool, seq: int, ack: int, flags: int, payload: bytes = b"") -> None:
        nonlocal at
        at += 200
        ends, ports, macs = ("10.2.0.1", "10.1.0.11"), (45001, 80), (PHONE, SERVER)
        if not up:
            ends, ports, macs = ends[::-1], ports[::-1], macs[::-1]
        packets.append((at, ethernet(*macs, 0x0800, ipv4(*ends, 6, tcp(*ports, seq, ack, flags, payload)))))

    send(True, 999, 0, 2)
    send(False, 4999, 1000, 0x12)
    send(True, 1000, 5000, 0x10)
    asked = b"GET /CPE.nbt HTTP/1.1\r\nHost: h\r\n\r\n" * 2
    send(True, 1000, 5000, 0x18, asked)
    answers = b"".join(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % n + b"a" * n for n in (30_500, 7417))
    assert len(answers) == 38_000
    for number in range(38):
        if number != lost:
            send(False, 5000 + number * 1000, 1000 + len(asked), 0x10, answers[number * 1000 : number * 1000 + 1000])
        send(True, 1000 + len(asked), 6000 + number * 1000, 0x10)
    packets += [(at + 10_000_000 + number, bytes(1500)) for number in range(800)]
    path = tmp_path / "capture"
    path.write_bytes(LAYOUTS[layout](packets))
    found = seen.read(path)
    assert facts(found) == facts(seen.without(path))
    files = [exchange for exchange in facts(found) if isinstance(exchange, Http) and exchange.target == "/CPE.nbt"]
    assert [(file.complete, file.lost_bytes) for file in files] == [(True, 0), (True, 1000)]
    assert seen.counted + seen.again


def test_a_worker_that_leaves_nothing_out_is_called_back(seen: Seen, tmp_path: Path) -> None:
    seen.limits = replace(seen.limits, start=200_000, worth=4, piece=50_000)
    seen.chunk = 100_000
    noise = phones(0, 0, 4000)
    path = tmp_path / "capture"
    path.write_bytes(pcap(noise))
    assert seen.read(path) == seen.without(path)
    assert not seen.pieces  # not even sent out
    many = phones(4, 0, 0, size=400_000)
    path.write_bytes(pcap([*many, *((time + 60_000_000, frame) for time, frame in noise)]))
    assert seen.read(path) == seen.without(path)
    assert 10 < seen.pieces < 45


def side_by_side(count: int, packets: int, size: int, port: int = 80, up: bool = True, step: int = 20) -> list[Packet]:
    """Segments of so many strangers' connections, in turn."""
    start = 1_767_225_700_000_000
    frames = []
    for number in range(count):
        ends, ports = (f"10.8.{number >> 8}.{number & 255}", "93.184.1.1"), (50000, port)
        ends, ports = (ends, ports) if up else (ends[::-1], ports[::-1])
        frames.append(ethernet(PHONE, SERVER, 0x0800, ipv4(*ends, 6, tcp(*ports, 1, 1, 0x10, b"x" * size))))
    return [(start + number * step, frames[number % count]) for number in range(count * packets)]


@pytest.mark.parametrize("up", [True, False])
def test_it_is_not_worth_it_where_the_reader_rejects_nearly_all_by_address(
    up: bool, seen: Seen, tmp_path: Path
) -> None:
    """Few have to be looked at then too, but rejecting takes less time than running ahead."""
    seen.limits = replace(seen.limits, start=200_000, worth=4, piece=50_000)
    seen.chunk = 100_000
    strangers = side_by_side(1, 3000, 1000, 443, up)
    path = tmp_path / "capture"
    path.write_bytes(pcap(strangers))
    assert seen.read(path) == seen.without(path)
    assert not seen.pieces
    # Nor any more.
    path.write_bytes(pcap([*phones(4, 0, 0, size=400_000), *strangers]))
    assert seen.read(path) == seen.without(path)
    assert 10 < seen.pieces < 45


def test_acknowledgements_of_strangers_downloads_are_not_read_again(seen: Seen, tmp_path: Path) -> None:
    path = tmp_path / "capture"
    for layout in LAYOUTS.values():
        path.write_bytes(layout([*phones(1, 0, 0, size=100_000), *side_by_side(10, 100, 0)]))
        assert seen.read(path) == seen.without(path)
    assert seen.counted
    assert not seen.again


@pytest.mark.short
@pytest.mark.parametrize("layout", ["pcap", "pcapng"])
def test_many_runs_that_are_read_again_are_read_once(
    layout: str, seen: Seen, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Uploads side by side, each of which lasts through the piece."""
    seen.limits = replace(seen.limits, piece=200_000)
    path = tmp_path / "capture"
    path.write_bytes(LAYOUTS[layout](side_by_side(50, 200, 100)))
    expected = seen.without(path)
    read_again = [0]
    preadv, pread = os.preadv, os.pread

    def counted_preadv(file: int, buffers: Any, place: int) -> int:
        found = preadv(file, buffers, place)
        read_again[0] += found
        return found

    def counted_pread(file: int, amount: int, place: int) -> bytes:
        read_again[0] += amount
        return pread(file, amount, place)

    monkeypatch.setattr(os, "preadv", counted_preadv)
    monkeypatch.setattr(os, "pread", counted_pread)
    assert seen.read(path) == expected
    assert seen.again > 200
    assert read_again[0] < 3 * path.stat().st_size


def test_thousands_of_connections_side_by_side_are_no_search_among_them(seen: Seen, tmp_path: Path) -> None:
    compared = [0]

    class Counted(Direction):
        __slots__ = ()
        __hash__ = object.__hash__

        def __eq__(self, other: object) -> bool:
            compared[0] += 1
            return self is other

    class Counting(RunCompactor):
        direction_type = Counted

    data = pcap(side_by_side(700, 40, 6))[24:]
    told = Counting(pcap_layout("<", 16), int, ReadAheadLimits(most=1 << 62)).compact_piece(
        memoryview(data + bytes(MARGIN)), len(data), 24, 1
    )
    assert told is not None
    assert sum(len(item) == 4 for item in told[-1]) >= 700
    assert compared[0] < 1000


def test_thousands_of_connections_side_by_side_are_as_without(seen: Seen, tmp_path: Path) -> None:
    seen.limits = replace(seen.limits, piece=1 << 20)
    path = tmp_path / "capture"
    path.write_bytes(pcap(side_by_side(700, 40, 6)))
    assert seen.read(path) == seen.without(path)
    assert seen.counted > 300


@pytest.mark.short
def test_more_connections_than_are_followed_are_as_without(
    seen: Seen, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The table stays at its bound, and what is found is the same."""
    monkeypatch.setattr(read_ahead, "_MAX_DIRECTIONS", 50)
    path, packets = tmp_path / "capture", side_by_side(120, 40, 6)
    path.write_bytes(pcap(packets))
    compactor = RunCompactor(pcap_layout("<", 16), int, ReadAheadLimits(most=1 << 62))
    data = pcap(packets)[24:]
    assert compactor.compact_piece(memoryview(data + bytes(MARGIN)), len(data), 24, 1) is not None
    assert 0 < len(compactor._directions) <= 50
    seen.limits = replace(seen.limits, piece=1 << 20)
    assert seen.read(path) == seen.without(path)


def test_a_piece_of_very_many_packets_to_pass_on_is_a_shorter_one(seen: Seen, tmp_path: Path) -> None:
    """What is told of it takes room, in both processes."""
    seen.limits = replace(seen.limits, piece=1 << 20)
    path = tmp_path / "capture"
    path.write_bytes(pcap([*phones(2, 0, 2000, size=100_000), *side_by_side(3000, 12, 6)]))
    assert seen.read(path) == seen.without(path)
    assert 500 < seen.largest <= seen.limits.most


@pytest.mark.short
@pytest.mark.parametrize("layout", ["pcap", "pcapng"])
def test_a_connection_of_a_host_to_its_own_port(layout: str, seen: Seen, tmp_path: Path) -> None:
    """Both directions have the same addresses and ports."""
    segment = ethernet(PHONE, SERVER, 0x0800, ipv4("10.1.0.10", "10.1.0.10", 6, tcp(80, 80, 1, 1, 0x10, b"x" * 500)))
    packets = phones(2, 0, 0, size=100_000)
    start = packets[0][0]
    packets = sorted(packets + [(start + number * 700, segment) for number in range(300)], key=lambda packet: packet[0])
    path = tmp_path / "capture"
    path.write_bytes(LAYOUTS[layout](packets))
    assert seen.read(path) == seen.without(path)
    assert seen.pieces > 5


@pytest.mark.parametrize("layout", ["pcap", "pcapng"])
def test_what_the_worker_cannot_read_the_reader_does(layout: str, seen: Seen, tmp_path: Path) -> None:
    """Damage in the middle, other blocks, an end in the middle of a packet, lengths of nothing."""
    data = LAYOUTS[layout](phones(4, 2, 300, size=200_000))
    path = tmp_path / "capture"
    rng = random.Random(1)
    for _ in range(40):
        changed = bytearray(data[: rng.randrange(len(data) // 2, len(data))])
        for _ in range(rng.randrange(4)):
            at = rng.randrange(1000, len(changed) - 8)
            changed[at : at + 4] = rng.choice([bytes(4), b"\xff" * 4, rng.randbytes(4)])
        path.write_bytes(changed)
        expected, found = seen.without(path), seen.read(path)
        assert problems(found) == problems(expected)
        assert facts(found) == facts(expected)
    assert seen.counted > 50


@pytest.mark.short
def test_blocks_of_other_kinds_are_left_to_the_reader(seen: Seen, tmp_path: Path) -> None:
    packets = phones(3, 0, 100, size=200_000)
    blocks = [section(), described()]
    for number, (time, frame) in enumerate(packets):
        if number % 150 == 149:
            blocks.append(block("<", 0xBAD, b"\0" * 64))
            blocks.append(block("<", 5, b"\0" * 12))
        blocks.append(enhanced(time, frame))
    path = tmp_path / "capture"
    path.write_bytes(b"".join(blocks))
    assert seen.read(path) == seen.without(path)
    assert seen.counted > 3
    # A second interface: nothing is counted ahead any more.
    blocks.insert(2, described())
    path.write_bytes(b"".join(blocks))
    before = seen.pieces
    assert seen.read(path) == seen.without(path)
    assert seen.pieces == before


@pytest.mark.short
def test_named_phones_and_leases_are_as_without(seen: Seen, tmp_path: Path) -> None:
    path = tmp_path / "capture"
    path.write_bytes(pcap(phones(5, 2, 500, size=200_000)))
    for wanted in (
        {"macs": frozenset({bytes.fromhex("0004f2000003")})},
        {"leased": True},
        {"everything": True},
    ):
        before = seen.pieces
        found = seen.read(path, HostFilter(**wanted))  # type: ignore[arg-type]
        assert (seen.pieces > before) == ("everything" not in wanted)
        assert seen.without(path, HostFilter(**wanted)) == found  # type: ignore[arg-type]


def test_a_worker_that_is_lost_on_the_way_changes_nothing(seen: Seen, tmp_path: Path) -> None:
    class Lost(AtOnce):
        def __init__(self, work: Callable[[Send], None]) -> None:
            super().__init__(work)
            del self._results[5:]

    seen.start_worker = Lost
    path = tmp_path / "capture"
    for layout in LAYOUTS.values():
        path.write_bytes(layout(phones(4, 2, 300, size=200_000)))
        assert seen.read(path) == seen.without(path)
    assert seen.pieces


@pytest.mark.short
@pytest.mark.parametrize("form", ["pcap", "pcapng"])
def test_a_number_of_packets_several_files_and_copies_are_as_without(form: str, seen: Seen, tmp_path: Path) -> None:
    packets = phones(4, 2, 300, size=100_000)
    one, two = tmp_path / "one", tmp_path / "two"
    middle = len(packets) // 2
    one.write_bytes(FORMATS[form](packets[:middle]))
    two.write_bytes(FORMATS[form](packets[middle:]))
    found = seen.read([one, two])
    assert seen.pieces
    assert seen.without([one, two]) == found
    before = seen.pieces
    assert seen.read(one, limit=100) == seen.without(one, limit=100)
    assert seen.pieces == before


# The real thing.


@pytest.mark.slow
@pytest.mark.skipif(not can_fork_worker(), reason="this machine has one processor, or no fork")
@pytest.mark.parametrize("form", ["pcap", "pcapng"])
def test_one_processor_gives_the_same_report(form: str, tmp_path: Path) -> None:
    path = tmp_path / "capture"
    make(path, packets=0, phones=128, broken=30, size=600_000, pcapng=form == "pcapng")
    command = [sys.executable, "-m", "ucdiag", "capture", "-r", str(path), "--json"]
    reports = []
    for processors in (os.sched_getaffinity(0), {min(os.sched_getaffinity(0))}):
        done = subprocess.run(
            command,
            capture_output=True,
            timeout=120,
            check=False,
            preexec_fn=lambda allowed=processors: os.sched_setaffinity(0, allowed),
        )
        assert (done.returncode, done.stderr) == (1, b"")
        report = json.loads(done.stdout)
        del report["started"], report["finished"]
        reports.append(report)
    assert reports[0] == reports[1]
    assert len(reports[0]["phones"]) == 128
    assert sum(phone["verdict"]["status"] == "broken" for phone in reports[0]["phones"]) == 30


def test_nothing_runs_on_when_the_reading_stops(tmp_path: Path) -> None:
    if not can_fork_worker():
        pytest.skip("this process has threads, or this machine one processor")
    path = tmp_path / "capture"
    path.write_bytes(pcap(phones(6, 0, 300, size=400_000)))
    reading = CaptureFileReader(HostFilter(), ahead=ReadAheadOptions(limits=SOON))
    found: list[Observation] = []
    for observation in reading.read([str(path)]):
        if isinstance(observation, Observation):
            found.append(observation)
        if len(found) == 20:
            break
    reading_on = reading.read([str(path)])
    next(reading_on)
    reading_on.close()  # type: ignore[attr-defined]
    del observation
    with pytest.raises(ChildProcessError):
        os.waitpid(-1, os.WNOHANG)


@pytest.mark.short
def test_standard_input_is_not_read_ahead(seen: Seen, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its file may stand anywhere, and be read by others."""
    path = tmp_path / "capture"
    path.write_bytes(b"before" + pcap(phones(2, 0, 0, size=200_000)))
    with path.open("rb", buffering=0) as stream:
        stream.seek(6)
        monkeypatch.setattr(sys, "stdin", stream)
        found = seen.read("-")
    assert len([exchange for exchange in facts(found) if isinstance(exchange, Http)]) == 4
    assert not seen.pieces


@pytest.mark.parametrize(
    ("start", "place", "due"), [(1000, 299, False), (1000, 300, True), (200, 199, False), (200, 200, True)]
)
def test_it_is_tried_after_three_pieces_or_where_a_worker_is_worth_it(start: int, place: int, due: bool) -> None:
    buffer: Any = SimpleNamespace(place=place)
    limits = ReadAheadLimits(piece=100, start=start)
    assert ReadAhead(buffer, SimpleNamespace(), ReadAheadOptions(limits=limits)).is_due is due  # type: ignore[arg-type]
