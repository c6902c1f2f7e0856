"""Which packets the loops of the readers pass on, and all that a reader knows at the end, as text.

What a loop passes over changes no fact, only the time that it takes: so what it passes on is noted one by one.
``python -m tests.capture.passed_packets`` writes ``passed_packets.txt`` anew; read the difference.
"""

import hashlib
import itertools
import struct
import tempfile
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tests.bench.traffic import ipv4, tcp, udp
from tests.capture.capture_files import (
    FORMATS,
    Packet,
    block,
    described,
    enhanced,
    facts,
    pcap,
    pcapng,
    phones,
    replaced,
    section,
    simple_packets,
)
from tests.capture.disturbed_files import MADE
from tests.capture.kernel_ring import Ringed, RingSocket, ring
from tests.capture.part_calls import MAC_A, A, C, datagrams, frame
from tests.recorded_calls import Call, Noted, made, raising
from tests.recorded_texts import read_texts, write_texts
from tests.wire.dhcp_options import option
from ucdiag.capture.clock_steps import ClockSteps
from ucdiag.capture.file_reader import CaptureFileReader, Limits
from ucdiag.capture.prefilter import PacketPrefilter
from ucdiag.capture.read_ahead_options import ReadAheadCounts, ReadAheadLimits, ReadAheadOptions
from ucdiag.capture.read_buffer import LONGEST
from ucdiag.model.observations import Extent
from ucdiag.model.report import Problem
from ucdiag.runtime.context import CannotTest
from ucdiag.wire.host_filter import HostFilter
from ucdiag.wire.packet_tracker import PacketTracker

FILE = Path(__file__).with_name("passed_packets.txt")
aligned: Any = import_module("ucdiag.capture.aligned_reader")
Patch = pytest.MonkeyPatch
SITE = phones(3, 2, 100, 3, 5000)


def digest(lines: Sequence[object]) -> str:
    text = "\n".join(map(str, lines))
    return f"{len(lines)} {hashlib.sha256(text.encode()).hexdigest()[:12]}"


class Noting(PacketPrefilter):
    """Notes each packet that comes to it."""

    def __init__(self, *words: Any, **named: Any) -> None:
        super().__init__(*words, **named)
        self.passed: list[Any] = []

    def take_packet(self, view: memoryview, at: int, size: int, mark: int, frame: int, shift: int, key: bytes) -> None:
        self.passed.append((frame, size, mark, shift, key.hex(), self._packet_time(view, at, frame)))
        super().take_packet(view, at, size, mark, frame, shift, key)

    @property
    def stand(self) -> list[Any]:
        runs = sorted((run.left, run.mark, run.length) for run in self.counted_runs.values())
        kept = len(self.rejected), len(self.payload_only), len(self.counted_runs), len(self.moved)
        return [
            f"{digest(self.passed)} {self.passed[:2]} {kept} {digest(runs)} {digest(sorted(self.ignored_ethertypes))}"
        ]


def read_files(files: dict[str, bytes], chunk: int, everything: bool = False, **more: Any) -> list[Any]:
    """Whatever can be asked of a reader, at the end and after each piece."""
    with tempfile.TemporaryDirectory() as folder:
        for name, data in files.items():
            (Path(folder) / name).write_bytes(data)
        reader = CaptureFileReader(
            HostFilter(everything=everything), limits=Limits(chunk=chunk), make_prefilter=Noting, **more
        )
        places: list[Any] = []
        reader.on_piece = lambda: places.append((reader.position, reader.packets, reader.last))
        found: list[object] = []
        try:
            found += [item for item in reader.read([str(Path(folder) / name) for name in files]) if item is not None]
        except CannotTest as error:
            found.append(f"{error.code}: {error.text}".replace(folder, "FOLDER"))
        extent = [str(item) for item in found if isinstance(item, Extent)]
        prefilter: Any = reader.prefilter
        return [
            *prefilter.stand,
            digest([replaced(fact) for fact in facts(found)]),
            *(f"{one.code}: {one.text}".replace(f"{folder}/", "") for one in found if isinstance(one, Problem)),
            *(item for item in found if isinstance(item, str)),
            *extent,
            f"{digest([(name.rpartition('/')[2], *rest) for (name, *rest), *_ in places])}"
            f" {digest([rest for _, *rest in places])}"
            f" {[(number, name.rpartition('/')[2]) for number, name in reader.starts]}"
            f" {[(start, end, text.replace(f'{folder}/', ''), code) for start, end, text, code in reader.gaps]}"
            f" {(reader.first, reader.last, reader.lost, reader.reordered, reader.interrupted, reader.packets)}",
        ]


def later(packets: Sequence[Packet], seconds: float) -> list[Packet]:
    return [(time + int(seconds * 1_000_000), data) for time, data in packets]


def _read() -> dict[str, Call]:  # noqa: C901, PLR0912 - a table
    found: dict[str, Any] = {}
    for (form, make), chunk, everything in itertools.product(MADE.items(), (1 << 20, 2000), (False, True)):
        if everything and chunk == 2000:
            continue
        found[f"read {form} {chunk} {everything}"] = lambda patch, m=make, c=chunk, e=everything: read_files(
            {"a.pcap": m(SITE)}, c, e
        )
    for form in ("pcap", "pcapng", "pcap, nanoseconds, big-endian", "pcapng, sections"):
        for count in (0, 1, 2, 7, 100):
            found[f"limited to {count} {form}"] = lambda patch, f=form, n=count: read_files(
                {"a.pcap": FORMATS[f](SITE)}, 2000, limit=n
            )
        for snap in (40, 60, 100):
            found[f"cut at {snap} {form}"] = lambda patch, f=form, n=snap: read_files(
                {"a.pcap": FORMATS[f]([(time, data[:n]) for time, data in SITE])}, 2000
            )
    mirror = [
        (10**15 + number * 1000, data)
        for number, data in enumerate(
            frame(0x0800, ipv4(f"10.0.1.{n % 200}", "10.0.0.53", 17, udp(2000 + n, 53, bytes(12) + b"\3www\0\0\1\0\1")))
            if n % 7
            else frame(0x0800, ipv4(A, C, 17, udp(50000, 53, bytes(12) + b"\x0cucupdates-r2\0\0\1\0\1")))
            for n in range(60)
        )
    ]
    acks = [
        (
            10**15 + number * 1000,
            frame(0x0800, ipv4(A, C, 6, tcp(50000, 80, 1 + number, 1, 0x10, bytes(100 * (number % 3))))),
        )
        for number in range(60)
    ]
    for (name, packets), form in itertools.product(
        {"mirror": mirror, "download": phones(1, 0, 0, 3, 40_000), "both": sorted(mirror + acks + SITE[:100])}.items(),
        ("pcap", "pcapng", "pcap, big-endian", "pcapng, big-endian", "pcap, modified", "pcapng, old packets"),
    ):
        for chunk in (1 << 20, 500):
            found[f"seldom {name} {form} {chunk}"] = lambda patch, p=packets, f=form, c=chunk: read_files(
                {"a.pcap": FORMATS[f](p)}, c
            )
    # Within a mirror of DNS one packet is another: of the loop's conditions each decides once.
    name = bytes(12) + b"\3www\0\0\1\0\1"
    asked = ipv4("10.0.1.9", "10.0.0.53", 17, udp(2000, 53, name))
    others = {
        "answer": frame(0x0800, ipv4("10.0.0.53", "10.0.1.9", 17, udp(53, 2000, name))),
        "answer to the phone": frame(0x0800, ipv4("10.0.0.53", A, 17, udp(53, 2000, name))),
        "from the phone": frame(0x0800, ipv4(A, C, 17, udp(2000, 53, name))),
        "from port 53": frame(0x0800, ipv4(A, "10.0.0.53", 17, udp(53, 2000, name))),
        "update name": frame(0x0800, ipv4("10.0.1.9", "10.0.0.53", 17, udp(2000, 53, name[:13] + b"ucu" + name[16:]))),
        "Update name": frame(0x0800, ipv4("10.0.1.9", "10.0.0.53", 17, udp(2000, 53, name[:13] + b"UCU" + name[16:]))),
        "port 54": frame(0x0800, ipv4("10.0.1.9", "10.0.0.53", 17, udp(2000, 54, name))),
        "tcp": frame(0x0800, ipv4("10.0.1.9", "10.0.0.53", 6, tcp(2000, 53, 1, 1, 0x10, name))),
        "arp": frame(0x0806, bytes(40)),
        "ipv6": frame(0x86DD, asked),
        "tagged": frame(0x0800, asked)[:12] + b"\x81\0\0\7" + frame(0x0800, asked)[12:],
        "tagged, phone": frame(0, b"")[:12] + b"\x81\0\0\7\x08\0" + ipv4(A, C, 17, udp(2000, 53, name)),
        "short": frame(0x0800, asked)[:36],
        "empty": b"",
    }
    for (kind, other), form, at in itertools.product(
        others.items(), ("pcap", "pcapng", "pcapng, big-endian", "pcap, nanoseconds, big-endian"), (31, 45)
    ):
        mixed = [*mirror[:at], (mirror[at][0], other), *mirror[at:]]
        found[f"mirror-{kind.replace(' ', '-')} {form} {at}"] = lambda patch, p=mixed, f=form: read_files(
            {"a.pcap": FORMATS[f](p)}, 2400
        )
    quick = [enhanced(time, data) for time, data in mirror]
    for kind, odd in {
        "statistics": block("<", 5, quick[45][8:-4]),
        "another kind": block("<", 77, quick[45][8:-4]),
        "simple packet": block("<", 3, quick[45][8:-4]),
        "odd length": quick[45][:4] + struct.pack("<I", len(quick[45]) + 1) + quick[45][8:] + b"x",
        "length 28": quick[45][:4] + struct.pack("<I", 28) + quick[45][8:],
        "length 32": quick[45][:4] + struct.pack("<I", 32) + quick[45][8:],
        "no length": quick[45][:4] + bytes(4) + quick[45][8:],
        "no interface": enhanced(mirror[45][0], mirror[45][1], interface=1),
    }.items():
        for at, more in ((31, 60), (45, 60), (45, 0)):
            data = section() + described() + b"".join([*quick[:at], odd, *quick[at : at + more]])
            found[f"mirror-block-{kind.replace(' ', '-')} {at} {more}"] = lambda patch, d=data: read_files(
                {"a.pcapng": d}, 2400
            )
    third = len(SITE) // 3
    one, two, three = SITE[:third], SITE[third : 2 * third], SITE[2 * third :]
    restless = [packet for pair in zip(one, later(two, -9), strict=False) for packet in pair]
    series = "a_00001_20260131090000.pcapng", "a_00002_20260131090100.pcapng", "a_00004_20260131090100.pcapng"
    for name, files in {
        "in order": {"x.pcap": pcap(one), "y.pcap": pcapng(two), "z.pcap": pcap(three)},
        "in another order": {"x.pcap": pcap(two), "y.pcap": pcap(one)},
        "one empty": {"x.pcap": pcap(one), "y.pcap": pcap([]), "z.pcap": pcap(two)},
        "one that is none": {"x.pcap": pcap(one), "y.pcap": b"what is this", "z.pcap": pcap(two)},
        "none that is one": {"x.pcap": b"", "y.pcap": b"abc"},
        "a damaged header": {"x.pcap": pcap(one), "y.pcap": section()[:-8] + bytes(40)},
        "a series": dict(zip(series, (pcapng(one), pcapng(two), pcapng(later(three, 60))), strict=True)),
        "without times": {"x.pcap": simple_packets(one), "y.pcap": pcap(two)},
        "unknown links": {"x.pcap": pcap(one, link=9), "y.pcap": section() + described(link=8) + described(link=7)},
        "a clock set back": {"x.pcap": pcap([*one, *later(two, -3600)])},
        "a restless clock": {"x.pcap": pcap(restless)},
        "more clocks": {"x.pcap": pcap([*one, *later(two, -3600), *later(three, -9000)])},
    }.items():
        found[f"files {name}"] = lambda patch, f=files: read_files(f, 2000)
    for seconds in (3599, 3700, 13 * 3600 - 10, 13 * 3600 + 10):
        for names in (("x.pcap", "y.pcap"), ("x1.pcap", "x2.pcap")):
            found[f"files apart {seconds} {names[0]}"] = lambda patch, s=seconds, n=names: read_files(
                {n[0]: pcap(one[:5]), n[1]: pcap(later(one[:5], s))}, 2000
            )
    for form, size in itertools.product(
        ("pcap", "pcapng", "pcapng, old packets", "pcap, modified"), (72 << 10, LONGEST, LONGEST + 1)
    ):
        long = [*one[:3], (one[3][0], one[3][1] + bytes(size - len(one[3][1]))), *one[4:9]]
        found[f"long {form} {size - LONGEST}"] = lambda patch, f=form, p=long: read_files(
            {"x.pcap": FORMATS[f](p)}, 1 << 20
        )
        found[f"long at the end {form} {size - LONGEST}"] = lambda patch, f=form, p=long[:4]: read_files(
            {"x.pcap": FORMATS[f](p)}, 1 << 20
        )
    again = [(one[3][0] + number * 1000, one[3][1]) for number in range(5)]
    for form in ("pcap", "pcapng", "pcap, big-endian", "pcapng, sections"):
        # Of a conversation that the loop passes over, the last packet is one that a system put together.
        last = (one[3][0] + 9_000_000, one[3][1] + bytes(100_000))
        found[f"long and passed over {form}"] = lambda patch, f=form, p=[*again, last]: read_files(
            {"x.pcap": FORMATS[f](p)}, 1 << 20
        )
    blocks = block("<", 5, struct.pack("<III", 0, 0, 0) + struct.pack("<HHQHHQHHQHH", 4, 8, 9, 5, 8, 7, 7, 8, 5, 0, 0))
    ended = block("<", 5, struct.pack("<III", 0, 0, 0) + struct.pack("<HHIIHH", 3, 8, 0x0005FFFF, 0, 0, 0))
    body = b"".join(enhanced(time, data) for time, data in one)
    for name, data in {
        "counted": section() + described() + body + blocks,
        "counted twice": section() + described() + blocks + body + blocks + section() + described() + blocks,
        "ended": section() + described() + body + ended,
        "of no interface": section() + described() + block("<", 5, struct.pack("<III", 7, 0, 0)) + body,
        "short": section() + described() + block("<", 5, bytes(8)) + body,
        "numbered": section() + described() + body + block("<", 8, bytes(16)) * 2 + block("<", 7, bytes(16)) + body,
        "one numbered": section() + described() + block("<", 8, bytes(16)) + body,
        "large": section() + described() + block("<", 77, bytes(5000)) + body,
        "secrets too large": section() + described() + block("<", 10, bytes((1 << 20) + 64)) + body,
        "no interface": section() + body,
        "a damaged section": section() + described() + body + section()[:8] + b"what" + section()[12:],
        "another version": section() + described() + body + section()[:12] + b"\2\0" + section()[14:],
        "an odd section": section() + described() + body + b"\x0a\x0d\x0d\x0a\x1e\0\0\0" + section()[8:] + b"xx",
        "a short section": section() + described() + body + b"\x0a\x0d\x0d\x0a\x18\0\0\0" + section()[8:],
        "a short interface": section() + block("<", 1, bytes(4)) + body,
        "a short packet": section() + described() + block("<", 6, bytes(16)) + body,
        "a block of 8": section() + described() + body + struct.pack("<II", 77, 8) + body,
        "an odd block": section() + described() + body + struct.pack("<II", 77, 13) + body,
        "a packet of another interface": section() + described() + enhanced(5, bytes(60), interface=1) + body,
        "a packet too long": section()
        + described()
        + body
        + block("<", 6, struct.pack("<IIIII", 0, 0, 0, 99, 99) + bytes(60)),
        "a zero block": section() + described() + body + bytes(100),
        "many interfaces": section() + described() * 4 + body,
        "very many interfaces": section() + described() * 5,
    }.items():
        found[f"blocks {name}"] = lambda patch, d=data: (
            patch.setattr("ucdiag.capture.pcapng._MAX_INTERFACES", 4),
            read_files({"x.pcapng": d}, 2000, True),
        )[1]
    return found


class AtOnce:
    """In the place of the process that reads ahead: all is sent before anybody listens, and noted."""

    def __init__(self, work: Any, sent: list[Any]) -> None:
        self._results: list[Any] = []
        work(self._results.append)
        for end, following, stamp, records, items in self._results:
            kinds = [digest(items), hashlib.sha256(bytes(records)).hexdigest()[:8]]
            sent.append((end, following, stamp, len(records), *kinds))

    def __enter__(self) -> "AtOnce":
        return self

    def __exit__(self, *raised: object) -> None: ...

    def results(self) -> Any:
        return iter(self._results)


def _read_ahead() -> dict[str, Call]:
    """What a process that reads ahead leaves out, and what is made of what it sends."""
    found: dict[str, Any] = {}
    packets = phones(2, 1, 60, 3, 60_000)
    tagged = [(time, data[:12] + b"\x81\0\0\7" + data[12:]) for time, data in phones(1, 0, 20, 5, 40_000)]
    slow = [(time + number // 40 * 600_000, data) for number, (time, data) in enumerate(packets)]
    kinds = {"plain": packets, "tagged": tagged, "slow": slow, "cut": [(time, data[:90]) for time, data in packets]}
    settings: Any = (
        {"piece": 3000},
        {"piece": 30_000},
        {"piece": 30_000, "first": 1},
        {"piece": 30_000, "most": 9},
        {"piece": 8000, "worth": 4.0, "dull": 1},
        {"piece": 8000, "start": 50_000},
    )
    for (kind, those), form, setting in itertools.product(
        kinds.items(), ("pcap", "pcap, nanoseconds, big-endian", "pcapng", "pcapng, sections"), settings
    ):
        if kind != "plain" and (form == "pcapng, sections" or len(setting) > 1):
            continue

        def ahead_of(patch: Patch, those: Any = those, form: str = form, setting: Any = setting) -> Any:
            sent: list[Any] = []
            counts = ReadAheadCounts()
            limits = ReadAheadLimits(**{"start": 1, "worth": 1e-9, **setting})
            options = ReadAheadOptions(
                limits=limits, can_fork=lambda: True, start_worker=lambda work: AtOnce(work, sent), counts=counts
            )
            lines = read_files({"a.pcap": FORMATS[form](those)}, 20_000, ahead=options)
            told = [getattr(counts, name) for name in ("pieces", "largest", "packets", "counted", "again")]
            return [*lines, f"{told} {sent[:2]} {digest(sent)}"]

        found[f"ahead {kind} {form} {setting}"] = ahead_of
    return found


def _rung() -> dict[str, Call]:  # noqa: C901 - a table
    found: dict[str, Any] = {}
    packets = [Ringed(time * 1000, data) for time, data in SITE]
    download = [Ringed(time * 1000, data) for time, data in phones(1, 0, 0, 3, 60_000)]
    for size, stop in itertools.product((30, 1000), (1 << 30, 70)):

        def downloaded(patch: Patch, size: int = size, stop: int = stop) -> Any:
            sock = RingSocket()
            for number in range(0, len(download), size):
                sock.put(number // size, download[number : number + size])
            device = ring(patch, sock, 1)
            said: list[object] = []
            prefilter = Noting(PacketTracker(said.append, HostFilter()))
            at, stands = 1, []
            for _ in range(len(download) // size + 2):
                at = device.take_packets(prefilter, at, stop, None)
                stands.append(
                    (at, [(run.left, run.mark, run.length, run.number) for run in prefilter.counted_runs.values()])
                )
            device.close()
            prefilter.observer.finish(10**16)
            return (
                f"{stands[:3]} {digest(stands)} {prefilter.stand[0]} {digest([replaced(fact) for fact in facts(said)])}"
            )

        found[f"ring, download {size} {stop}"] = downloaded
    for kind, tag, count, stop in itertools.product((1, 772, 65534), (None, 20), (90, 200), (1 << 30, 50)):
        if tag is not None and kind != 1:
            continue

        def rung(patch: Patch, kind: int = kind, tag: int | None = tag, count: int = count, stop: int = stop) -> Any:
            those = packets
            if kind == 65534:
                those = [Ringed(one.time, one.frame[14:]) for one in packets if one.frame[12:14] == b"\x08\0"]
            if kind == 772:
                those = [one for one in packets for one in (one, Ringed(one.time, one.frame, station=4))]
            if tag is not None:
                those = [Ringed(one.time, one.frame, status=0x10, tag=tag) for one in those]
            sock = RingSocket()
            for number in range(0, len(those), count):
                sock.put(number // count, those[number : number + count])
            device = ring(patch, sock, kind)
            prefilter = Noting(PacketTracker(lambda fact: None, HostFilter()))
            at, frames = 1, []
            for _ in range(len(those) // count + 2):
                at = device.take_packets(prefilter, at, stop, None)
                frames.append(at)
            device.close()
            return f"{frames} {device.first} {prefilter.stand[0]}"

        found[f"ring {kind} {tag} {count} {stop}"] = rung
    return found


def _gathered() -> dict[str, Call]:
    """What is held of each packet where two clocks are put in order."""
    found: dict[str, Any] = {}
    lease = b"".join([bytes(28), MAC_A, bytes(202), b"\x63\x82\x53\x63"])
    packets = {
        **datagrams(),
        **{
            f"dhcp {kind} {ports}": frame(
                0x0800, ipv4(A, C, 17, udp(*ports, bytes([1 + kind % 2]) + lease[1:] + option(53, bytes([kind]))))
            )
            for kind in range(1, 9)
            for ports in ((68, 67), (67, 68), (67, 67), (1, 2))
        },
        "dhcp, no kind": frame(0x0800, ipv4(A, C, 17, udp(68, 67, lease))),
        "dhcp, cut kind": frame(0x0800, ipv4(A, C, 17, udp(68, 67, lease + b"\x35\1"))),
        "dhcp, short": frame(0x0800, ipv4(A, C, 17, udp(68, 67, bytes(7)))),
        "dhcp, just long": frame(0x0800, ipv4(A, C, 17, udp(68, 67, bytes(8)))),
        **{
            f"tcp {flags:#x} {seq} {ports}": frame(0x0800, ipv4(A, C, 6, tcp(*ports, seq, 9, flags)))
            for flags in (2, 0x12, 4, 0x14, 0x10, 0x18, 1, 0x11)
            for seq in (0, 0xFFFFFFFF)
            for ports in ((50000, 80), (443, 50000), (80, 443), (1, 2))
        },
    }
    for known in (True, False):
        for name, data in packets.items():

            def gathered(patch: Patch, data: bytes = data, known: bool = known) -> Any:
                interest = HostFilter()
                if known:
                    interest.hosts[bytes((10, 0, 0, 7))] = None
                lines = []
                for cut in sorted({len(data), *(at for at in (22, 23, 24, 33, 34, 41, 42, 47, 48) if at < len(data))}):
                    tracker = PacketTracker(lambda fact: None, interest)
                    gatherer = aligned._Gatherer(tracker, ClockSteps(), 5000)
                    gatherer.use_format(1, lambda stamp: stamp, "<Q", 0, 8)
                    view = memoryview((77).to_bytes(8, "little") + data[:cut] + bytes(20))
                    gatherer.take_packet(view, 0, cut, cut, 5, 0, b"key")
                    held = [(one.protocol, one.is_answer, len(one.data)) for one in gatherer.held]
                    line = f"{held} {gatherer.bytes} {sorted(gatherer.rejected)} {gatherer.is_full}"
                    lines.append(f"{cut} {line} {[str(sight) for sight in gatherer.sights]}")
                said = [line.partition(" ") for line in lines]
                return "\n".join(" ".join(line) for at, line in enumerate(said) if not at or line[2] != said[at - 1][2])

            found[f"held {known} {name}"] = gathered

    def full(patch: Patch) -> Any:
        stands = []
        for most in (0, 1, 700, 703, 704, 705, 10**6):
            interest = HostFilter()
            interest.hosts[bytes((10, 0, 0, 7))] = None
            gatherer = aligned._Gatherer(
                PacketTracker(lambda fact: None, interest),
                ClockSteps(),
                most,
            )
            gatherer.use_format(1, lambda stamp: stamp, "<Q", 0, 8)
            data = packets["tcp"]
            for number in range(9):
                gatherer.take_packet(memoryview(bytes(8) + data), 0, len(data), len(data), number, 0, b"")
            stands.append((most, len(gatherer.held), gatherer.bytes, gatherer.is_full))
        return stands

    found["held, at most"] = full
    for shift, count in itertools.product((-90, -2, 0, 2, 90), (1, 3)):

        def two_clocks(patch: Patch, shift: int = shift, count: int = count) -> Any:
            moved = [
                (time + shift * 1_000_000 if data[6:12] != data[:6] and data[0] != 0xFF and number % 2 else time, data)
                for number, (time, data) in enumerate(phones(count, 0, 0, 3, 3000))
            ]
            with tempfile.TemporaryDirectory() as folder:
                path = Path(folder) / "a.pcap"
                path.write_bytes(pcap(moved))
                interest = HostFilter()
                first = CaptureFileReader(interest)
                plain = [item for item in first.read([str(path)]) if item is not None]
                reader = aligned.AlignedFileReader(interest, most_bytes=10**6)
                differs = reader.gather_packets([str(path)])
                found_: list[Any] = [item for item in reader.read([str(path)]) if item is not None]
            lines = [str((*replaced(fact), fact.time, getattr(fact, "seconds", None))) for fact in facts(found_)]
            ends = [str(item) for item in found_ if isinstance(item, Extent)]
            return (
                differs,
                reader.difference,
                reader._shifts,
                digest(lines),
                lines[:3],
                ends,
                len(plain),
                reader.too_large,
            )

        found[f"aligned {shift} {count}"] = two_clocks
    return found


class Device:
    """An interface: what each ``take`` gives, or an error; ``unwritten`` from that many packets on."""

    link, most_pieces = 1, 3

    def __init__(self, pieces: Sequence[Any], lost: int | None = 0, unwritten: int | None = None) -> None:
        self.counts_loss = lost is not None
        self.reached = None
        self.first: int | None = None
        self.unwritten: CannotTest | None = None
        self.notes: Any = []
        self._pieces, self._lost, self._unwritten = list(pieces), lost, unwritten

    def wait_for_packets(self, seconds: float) -> None:
        self.notes.append(("wait", round(seconds, 3)))

    def take_packets(self, prefilter: Any, frame: int, stop: int, writer: Any) -> int:
        self.notes.append(("take", frame, stop if stop < 1 << 40 else "never"))
        if not self._pieces:
            return frame
        piece = self._pieces.pop(0)
        if isinstance(piece, Exception):
            raise piece
        self.first = 77 if self.first is None and piece else self.first
        if self._unwritten is not None and frame + piece > self._unwritten:
            self.unwritten = CannotTest("capture-unwritable", "The disk is full.")
        return min(frame + int(piece), stop)

    def count_lost(self) -> int | None:
        return self._lost

    def close(self) -> None:
        self.notes.append("closed")


def _live() -> dict[str, Call]:  # noqa: C901, PLR0915 - a table
    """Captures on an interface, from beginning to end, with a clock that jumps."""
    live: Any = import_module("ucdiag.capture.live")
    by_scapy: Any = import_module("ucdiag.capture.scapy_socket")
    live_rights: Any = import_module("ucdiag.runtime.root_rights")
    found: dict[str, Any] = {}

    def captured(pieces: Sequence[Any], *, lost: int | None = 0, unwritten: int | None = None, **more: Any) -> Call:
        def examine(patch: Patch) -> Any:
            device = Device(pieces, lost, unwritten)
            now = [1000.0]

            def moved(seconds: float) -> float:
                now[0] += seconds
                return now[0]

            clock = SimpleNamespace(monotonic=lambda: moved(0.125), sleep=lambda seconds: device.notes.append(seconds))
            patch.setattr(live, "time", clock)
            patch.setattr(live, "_open_device", lambda *words: device.notes.append(words) or device)
            writer = Noted(
                None,
                begin_file=more.get("begins"),
                write_end=more.get("ends"),
                keep=None,
                close=None,
                give_to=None,
                entrust=None,
            )
            writer.beside = "beside"  # type: ignore[attr-defined]
            patch.setattr(live, "Writer", lambda *words: device.notes.append(words) or writer)
            capture = live.Live(
                "eth0",
                HostFilter(),
                count=more.get("count"),
                duration=more.get("duration"),
                write=more.get("write"),
                secrets=more.get("secrets"),
                now=lambda: int(now[0] * 1e6),
            )
            patch.setattr(capture.observer, "tick", lambda time: device.notes.append(("tick", time)))
            patch.setattr(capture.observer, "finish", lambda time: device.notes.append(("finish", time)))
            items = []
            for item in capture.read():
                items.append(str(item))
                if len(items) == more.get("stop_after", 20):
                    capture.stop()
            capture.entrust()
            ends = capture.packets, capture.lost, capture.beside, capture._first, capture.unwritten is not None
            return items, ends, device.notes, writer.notes

        return examine

    gone = OSError(100, "Network is down")
    full = CannotTest("capture-unwritable", "The disk is full.")
    found["live"] = captured([3, 0, 4], stop_after=4)
    found["live, stopped at once"] = captured([3, 4, 5, 6, 7, 8], stop_after=1)
    for count in (1, 3, 5):
        found[f"live, {count} packets"] = captured([2, 2, 2], count=count)
    for duration in (0.0, 0.2, 1.0):
        found[f"live, {duration} seconds"] = captured([1] * 20, duration=duration)
    found["live, gone"] = captured([2, gone, 1], duration=9.0)
    found["live, gone without words"] = captured([2, OSError("gone"), gone], duration=9.0)
    for lost in (None, 5):
        found[f"live, lost {lost}"] = captured([2], lost=lost, stop_after=2)
        found[f"live, written, lost {lost}"] = captured([2], lost=lost, stop_after=2, write="a.pcap")
    found["live, full"] = captured([2, 2, 2], unwritten=3, write="a.pcap", duration=9.0)
    found["live, full at the end"] = captured([2, 2, 2], unwritten=5, write="a.pcap", stop_after=2)
    found["live, full at the beginning"] = captured([2], begins=full, write="a.pcap")
    found["live, full at its end"] = captured([2], ends=full, write="a.pcap", stop_after=2)

    def unwritable(patch: Patch) -> Any:
        device = Device([])
        patch.setattr(live, "_open_device", lambda *words: device)
        patch.setattr(live, "Writer", raising(full))
        try:
            live.Live("eth0", HostFilter(), write="a.pcap")
        except CannotTest as cannot:
            return cannot.text, device.notes
        return "no error"

    found["live, no file"] = unwritable

    def with_keys(patch: Patch) -> Any:
        secrets: Any = import_module("ucdiag.wire.tls.secrets").TlsSecrets(most=1)
        secrets.add_text(b"".join(b"CLIENT_RANDOM %064d %096d\n" % (number, number) for number in range(4)))
        return captured([2], stop_after=2, secrets=secrets)(patch)

    found["live, keys"] = with_keys
    for account, gives, root, platform, write in (
        ("one", True, True, "linux", "x"),
        ("one", True, True, "linux", None),
        ("one", False, True, "linux", "x"),
        ("one", True, False, "linux", "x"),
        ("one", True, True, "win32", "x"),
        ("stands in", True, True, "linux", "x"),
        ("root", False, True, "linux", "x"),
    ):

        def became(
            patch: Patch,
            account: str = account,
            gives: bool = gives,
            root: bool = root,
            platform: str = platform,
            write: Any = write,
        ) -> Any:
            device, writer = Device([]), Noted(None, give_to=None)
            user = live_rights.Account(account, 0 if account == "root" else 12, 34, account == "stands in")
            asked = Noted(None, successor_of_root=user, give_up=gives)
            patch.setattr(live, "_open_device", lambda *words: device)
            patch.setattr(live, "Writer", lambda *words: writer)
            for name, value in (
                ("successor_of_root", asked.successor_of_root),
                ("give_up", asked.give_up),
                ("is_root", lambda: root),
            ):
                patch.setattr(live, name, value)
            capture = live.Live("eth0", HostFilter(), write=write)
            patch.setattr(live.sys, "platform", platform)
            said = capture.become("somebody")
            return said, [tuple(map(str, note)) for note in asked.notes], writer.notes

        found[f"live, becomes {account} {gives} {root} {platform} {write}"] = became
    for sniffer, ring_there in itertools.product(("auto", "ring", "scapy"), (True, False)):

        def device_of(patch: Patch, sniffer: str = sniffer, ring_there: bool = ring_there) -> Any:
            patch.setattr(live.sys, "platform", "linux")
            patch.setattr(live, "has_ring", lambda: ring_there)
            patch.setattr("ucdiag.capture.packet_ring.PacketRing", lambda *words: ("ring", *words))
            patch.setattr(by_scapy, "ScapyDevice", lambda *words: ("scapy", *words))
            return live._open_device("eth0", frozenset({443, 80}), sniffer)

        found[f"live by {sniffer} {ring_there}"] = device_of
    raws = [import_module("ucdiag.runtime.scapy_packets").RawPacket(time, len(data), data) for time, data in SITE[:60]]
    for link, lost, stop, counts in itertools.product((1, 12, 14, 101, 9), (0, 7), (1 << 30, 20), (True, False)):
        if (link != 1 and (lost or stop == 20)) or (not counts and stop == 20):
            continue

        def by_device(patch: Patch, link: int = link, lost: int = lost, stop: int = stop, counts: bool = counts) -> Any:
            left = [raws[:25], [], raws[25:]]
            losses = [lost, None, lost + 3, 1]
            sock = Noted(
                SimpleNamespace(link=link, counts=counts),
                packets=lambda most: left.pop(0)[:most] if left else [],
                lost=lambda: losses.pop(0),
                wait=None,
                close=None,
            )
            patch.setattr(by_scapy, "ScapySocket", lambda *words: sock)
            device = by_scapy.ScapyDevice("eth0", [80])
            writer = Noted(
                None, packet_record=lambda at, data, length: b"%d %d %d;" % (at, len(data), length), write=None
            )
            prefilter = Noting(PacketTracker(lambda fact: None, HostFilter()))
            at, frames = 1, []
            for _ in range(4):
                at = device.take_packets(prefilter, at, stop, writer)
                frames.append((at, device.first))
            losses_told = [device.count_lost() for _ in range(4)]
            device.wait_for_packets(2.5)
            device.close()
            written = [note for note in writer.notes if note[0] == "write"]
            return frames, losses_told, device.link, prefilter.stand, digest(written), [note[:2] for note in sock.notes]

        found[f"live device {link} {lost} {stop} {counts}"] = by_device
    errors: Any = (
        ImportError("x"),
        LookupError("eth0"),
        PermissionError(1, "no"),
        OSError(19, "No device."),
        OSError("words."),
    )
    for error, platform, library in itertools.product(errors, ("linux", "win32"), (True, False)):

        def not_opened(patch: Patch, error: Any = error, platform: str = platform, library: bool = library) -> Any:
            def fail(*words: Any) -> Any:
                raise error

            patch.setattr(by_scapy, "ScapySocket", fail)
            patch.setattr(by_scapy.sys, "platform", platform)
            patch.setattr(by_scapy, "has_library", lambda: library)
            patch.setattr(by_scapy, "privilege_hint", lambda name: f"the hint for {name}")
            return by_scapy.ScapyDevice("eth0", [80])

        if (platform == "win32" or library) and not isinstance(error, LookupError):
            found[f"live, not opened {error!r} {platform} {library}"] = not_opened
    return found


CALLS: dict[str, Call] = {**_read(), **_read_ahead(), **_rung(), **_gathered(), **_live()}


def recorded() -> dict[str, str]:
    """The texts in the file."""
    return read_texts(FILE)


if __name__ == "__main__":
    write_texts(FILE, {name: made(call) for name, call in CALLS.items()})
