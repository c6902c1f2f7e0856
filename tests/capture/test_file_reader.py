"""Reading captures: every format gives the same facts, and the fast loops lose nothing that matters."""

import bz2
import gc
import gzip
import io
import lzma
import os
import random
import struct
import subprocess
import sys
import threading
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.bench.traffic import (
    START,
    dns_answer,
    dns_question,
    ethernet,
    ipv4,
    make,
    tcp,
    udp,
)
from tests.capture.capture_files import (
    FORMATS,
    PHONE,
    SERVER,
    STRANGER,
    Packet,
    block,
    conversation,
    described,
    enhanced,
    extent,
    facts,
    pcap,
    pcapng,
    phones,
    problems,
    read,
    replaced,
    section,
    set_back,
    shaken,
    simple_packets,
    whole_download,
)
from tests.examples import examples
from tests.real import need
from tests.wire import wired
from tests.wire.ladder import Ladder
from ucdiag.capture import open_capture
from ucdiag.capture.file_reader import CaptureFileReader, Limits
from ucdiag.capture.frame_order import FactSorter
from ucdiag.capture.prefilter import CACHED_WITH_MANY, MAX_CACHED, PacketPrefilter
from ucdiag.capture.read_buffer import Buffer
from ucdiag.model.observations import Connect, Dhcp, Http, Lookup, Observation
from ucdiag.runtime.context import CannotTest
from ucdiag.update_service.captured_answer import read_captured_answer
from ucdiag.wire.host_filter import HostFilter
from ucdiag.wire.link.arp import Arp
from ucdiag.wire.packet_tracker import PacketTracker
from ucdiag.wire.tcp.segment import ACK

PACKETS = phones()


@pytest.fixture(scope="module")
def expected(tmp_path_factory: pytest.TempPathFactory) -> list[Observation]:
    path = tmp_path_factory.mktemp("expected") / "plain.pcap"
    path.write_bytes(pcap(PACKETS))
    found = read(path)
    assert problems(found) == []
    found_facts = facts(found)
    kinds = {type(fact) for fact in found_facts}
    assert kinds >= {Dhcp, Lookup, Connect, Http}
    return found_facts


def without_sub_microseconds(found: list[Observation]) -> list[tuple[object, ...]]:
    return [(fact.kind, fact.frame, getattr(fact, "client", None), getattr(fact, "outcome", None)) for fact in found]


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_gives_the_same_facts(name: str, tmp_path: Path, expected: list[Observation]) -> None:
    path = tmp_path / "capture"
    path.write_bytes(FORMATS[name](PACKETS))
    found = read(path)
    assert problems(found) == []
    if name == "pcapng, a power of two":
        # Its units do not divide a microsecond: times may be one off.
        assert without_sub_microseconds(facts(found)) == without_sub_microseconds(expected)
        assert all(abs(one.time - other.time) <= 1 for one, other in zip(facts(found), expected, strict=True))
    else:
        assert facts(found) == expected
    whole = extent(found)
    assert whole.packets == len(PACKETS)
    assert abs(whole.time - PACKETS[0][0]) <= 1
    assert abs(whole.end - PACKETS[-1][0]) <= 1


def test_packets_without_a_time_are_counted_and_read(tmp_path: Path, expected: list[Observation]) -> None:
    path = tmp_path / "capture"
    path.write_bytes(simple_packets(PACKETS))
    found = read(path)
    assert extent(found).packets == len(PACKETS)
    questions = [(lookup.frame, lookup.name) for lookup in facts(found) if isinstance(lookup, Lookup)]
    assert questions == [(lookup.frame, lookup.name) for lookup in expected if isinstance(lookup, Lookup)]
    # scapy 2.8.0 gives them the time of reading (findings/scapy-simple-packet-gets-now.sh).
    assert {lookup.time for lookup in facts(found) if isinstance(lookup, Lookup)} == {0}


def test_an_offset_of_the_interface_is_added(tmp_path: Path) -> None:
    # Not so scapy 2.8.0 and python-pcapng 2.1.1 (findings/pcapng-offset-of-times.sh).
    path = tmp_path / "capture"
    blocks = b"".join(enhanced(time - START * 1_000_000, frame) for time, frame in PACKETS)
    path.write_bytes(section() + described(offset=START) + blocks)
    assert extent(read(path)).time == PACKETS[0][0]


@pytest.mark.parametrize("run", [1, 3])
def test_interfaces_may_count_time_differently(run: int, tmp_path: Path) -> None:
    # dpkt 1.9.8 counts all in the units of the first (findings/dpkt-pcapng-second-interface.sh).
    # A download of which the last segments, which are only counted, come now from one and now from the other.
    packets = phones(count=1, broken=0, noise=0, size=60_000)[:-20]
    path = tmp_path / "capture"
    path.write_bytes(pcap(packets))
    expected = read(path)
    path.write_bytes(
        section()
        + described()
        + described(resolution=9)
        + b"".join(
            enhanced(time, frame, interface=1, per_second=1_000_000_000) if at // run % 2 else enhanced(time, frame)
            for at, (time, frame) in enumerate(packets)
        )
    )
    assert facts(read(path)) == facts(expected)


def test_a_section_describes_its_interfaces_anew(tmp_path: Path) -> None:
    # fpcap 0.2.0 and pycapng 0.19.7 keep those of the first section (findings/pcapng-second-section.sh).
    path = tmp_path / "capture"
    path.write_bytes(pcap(PACKETS))
    expected = read(path)
    half = len(PACKETS) // 2
    path.write_bytes(pcapng(PACKETS[:half], resolution=9) + pcapng(PACKETS[half:]))
    found = read(path)
    assert facts(found) == facts(expected)
    assert (extent(found).time, extent(found).end) == (extent(expected).time, extent(expected).end)


@pytest.mark.parametrize("order", "<>")
def test_a_file_may_say_how_long_check_sequences_are(order: str, tmp_path: Path) -> None:
    # pktcap 0.1.3 takes the flag for part of the link type (findings/pktcap-frame-check.sh).
    path = tmp_path / "capture"
    path.write_bytes(pcap(PACKETS))
    expected = read(path)
    plain = pcap([(time, frame.ljust(60, b"\0") + b"\1\2\3\4") for time, frame in PACKETS], order)
    path.write_bytes(plain[:20] + struct.pack(order + "I", 0x24000001) + plain[24:])
    found = read(path)
    assert facts(found) == facts(expected)
    assert problems(found) == []


@pytest.mark.parametrize("order", "<>")
def test_statistics_say_when_the_capture_ended_and_what_it_lost(order: str, tmp_path: Path) -> None:
    def statistics(time: int, interface: int, *counts: tuple[int, int]) -> bytes:
        halves = struct.pack(order + "II", time >> 32, time & 0xFFFFFFFF)
        told = b"".join(struct.pack(order + "HHQ", code, 8, count) for code, count in counts)
        body = struct.pack(order + "I", interface) + halves + struct.pack(order + "HH", 3, 8) + halves
        return block(order, 5, body + told)

    path = tmp_path / "capture"
    ended = PACKETS[-1][0] + 60_000_000
    file = section(order) + described(order) + described(order, resolution=9)
    file += b"".join(enhanced(*packet, order) for packet in PACKETS)
    # Of one that is not described, of the second, which counts nanoseconds, of the first; and cut off.
    file += statistics((1 << 64) - 1, 2, (5, 9)) + statistics(ended * 1000, 1, (5, 3), (4, len(PACKETS)))
    file += statistics(PACKETS[0][0], 0, (7, 1)) + statistics(PACKETS[-1][0], 0, (7, 2)) + block(order, 5, bytes(4))
    path.write_bytes(file)
    found = read(path)
    assert (extent(found).end, extent(found).lost, extent(found).packets) == (ended, 5, len(PACKETS))
    assert problems(found) == []
    assert extent(read(path, limit=len(PACKETS) - 1)).end < ended
    # Part of a capture that had more packets ends with its last.
    path.write_bytes(file + statistics(ended, 0, (4, 1)))
    found = read(path)
    assert (extent(found).end, extent(found).lost) == (PACKETS[-1][0], 5)
    # Each section counts by itself.
    path.write_bytes(file + section(order) + described(order) + statistics(ended, 0, (5, 4), (4, 0)))
    assert (extent(read(path)).end, extent(read(path)).lost) == (ended, 9)


@pytest.mark.parametrize("form", ["pcap", "pcapng"])
def test_a_capture_begins_with_its_first_packet_whatever_it_is(form: str, tmp_path: Path) -> None:
    path = tmp_path / "capture"
    tree = b"\x01\x80\xc2\0\0\0" + STRANGER + b"\0\x26\x42\x42\x03" + bytes(43)
    others = ethernet(STRANGER, SERVER, 0x0800, ipv4("10.3.0.1", "10.3.0.2", 17, udp(9, 53, dns_question(1, "b.c"))))
    for first in (tree, others):
        path.write_bytes(FORMATS[form]([(PACKETS[0][0] - 7_000_000, first), *PACKETS]))
        assert extent(read(path, HostFilter())).time == PACKETS[0][0] - 7_000_000


@pytest.mark.parametrize(
    "pack",
    [
        pytest.param(gzip.compress, id="gzip"),
        pytest.param(lzma.compress, id="xz"),
        pytest.param(bz2.compress, id="bzip2"),
        pytest.param(lambda data: gzip.compress(data[:1000]) + gzip.compress(data[1000:]), id="gzip, two members"),
    ],
)
@pytest.mark.parametrize("form", ["pcap", "pcapng"])
def test_compressed_captures(
    pack: Callable[[bytes], bytes], form: str, tmp_path: Path, expected: list[Observation]
) -> None:
    path = tmp_path / "capture"
    path.write_bytes(pack(FORMATS[form](PACKETS)))
    found = read(path)
    assert problems(found) == []
    assert facts(found) == expected


def test_xz_may_take_much_memory_but_not_any_amount(tmp_path: Path, expected: list[Observation]) -> None:
    path = tmp_path / "capture.xz"
    data = pcap(PACKETS)
    whole = lzma.compress(data[:5000], preset=9) + bytes(8) + lzma.compress(data[5000:], preset=0) + bytes(4)
    path.write_bytes(whole)
    found = read(path)
    assert problems(found) == []
    assert facts(found) == expected
    for end in (whole[:-2000], whole[:-20]):
        path.write_bytes(end)
        assert "the compressed data ends too early" in problems(read(path))[0]
    path.write_bytes(whole[:-300] + b"damaged!" + whole[-292:])
    assert "the compressed data is damaged" in problems(read(path))[0]
    path.write_bytes(lzma.compress(data, filters=[{"id": lzma.FILTER_LZMA2, "preset": 0, "dict_size": 256 << 20}]))
    with pytest.raises(CannotTest, match=r"capture\.xz: the compressed data needs more than 68 MiB.*unxz"):
        read(path)


def test_archives_of_files_are_named(tmp_path: Path) -> None:
    path = tmp_path / "site.pcap"
    for begin in (b"PK\3\4", b"7z\xbc\xaf\x27\x1c", b"Rar!\x1a\7\1\0"):
        path.write_bytes(begin + bytes(100))
        with pytest.raises(CannotTest, match=r"site\.pcap is an archive of files \(.*\): unpack it first"):
            read(path)


def test_zstandard_is_read(tmp_path: Path) -> None:
    zstandard = pytest.importorskip("zstandard")
    path = tmp_path / "capture.zst"
    path.write_bytes(zstandard.compress(pcap(PACKETS)))
    assert extent(read(path)).packets == len(PACKETS)


def test_the_absence_of_zstandard_is_reported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "zstandard", None)
    path = tmp_path / "capture.zst"
    path.write_bytes(b"\x28\xb5\x2f\xfd" + bytes(20))
    with pytest.raises(CannotTest, match=r"zstd.*pip install zstandard"):
        read(path)


SKIPPABLE = b"\x50\x2a\x4d\x18\x04\0\0\0size"


def with_skippable_frames(data: bytes) -> bytes:
    """As pzstd writes it: each part behind a frame that says how long it is."""
    zstandard = pytest.importorskip("zstandard")
    compress = zstandard.ZstdCompressor().compress
    half = len(data) // 2
    long = b"\x5f\x2a\x4d\x18" + (200_000).to_bytes(4, "little") + bytes(200_000)
    return b"".join((SKIPPABLE, long, compress(data[:half]), SKIPPABLE, compress(b""), compress(data[half:]), long))


def pzstd(data: bytes, folder: Path) -> bytes:
    source = folder / "source"
    source.write_bytes(data)
    command = [need("pzstd"), "-q", "-p", "2", str(source), "-o", str(folder / "packed")]
    subprocess.run(command, check=True, timeout=60, capture_output=True)
    return (folder / "packed").read_bytes()


@pytest.mark.parametrize("packed", ["frames", "pzstd"])
def test_skippable_and_several_frames_of_zstandard_are_read(tmp_path: Path, packed: str) -> None:
    pytest.importorskip("zstandard")
    path = tmp_path / "capture.zst"
    data = pcap(PACKETS)
    path.write_bytes(with_skippable_frames(data) if packed == "frames" else pzstd(data, tmp_path))
    assert extent(read(path)).packets == len(PACKETS)
    assert problems(read(path)) == []


@pytest.mark.parametrize(
    ("rest", "said"),
    [
        (b"", "is empty"),
        (SKIPPABLE[:7], "is empty"),
        (b"\x04\x22\x4d\x18" + bytes(20), "is compressed with LZ4: decompress it first"),
        (b"text of some kind", "is no capture"),
    ],
    ids=["nothing", "cut", "LZ4", "text"],
)
def test_what_stands_behind_skippable_frames_is_named(tmp_path: Path, rest: bytes, said: str) -> None:
    path = tmp_path / "capture.zst"
    path.write_bytes(SKIPPABLE + rest)
    with pytest.raises(CannotTest, match=said):
        read(path)


def test_a_damaged_archive_counts_up_to_the_damage(tmp_path: Path) -> None:
    path = tmp_path / "capture.gz"
    whole = gzip.compress(pcap(PACKETS), 1)
    path.write_bytes(whole[: len(whole) // 2])
    found = read(path)
    assert len(problems(found)) == 1
    assert "ends too early" in problems(found)[0]
    assert 0 < extent(found).packets < len(PACKETS)


def test_all_that_is_whole_before_a_damaged_place_counts(tmp_path: Path) -> None:
    path = tmp_path / "capture.gz"
    filler = random.Random(1).randbytes(1000)
    packets = [(number, filler + number.to_bytes(4, "big")) for number in range(300)]
    packer = zlib.compressobj(wbits=31)
    whole = packer.compress(pcap(packets)) + packer.flush(zlib.Z_FULL_FLUSH)
    path.write_bytes(whole + b"\7" + bytes(100_000))  # there is no such kind of block
    found = read(path)
    assert "is damaged" in problems(found)[0]
    assert extent(found).packets == 300


def test_what_is_behind_a_gzip_is_one_more_or_nothing(tmp_path: Path) -> None:
    path = tmp_path / "capture.gz"
    data = pcap(PACKETS)
    parts = gzip.compress(data[:1000]), gzip.compress(data[1000:])
    path.write_bytes(parts[0] + bytes(100_000) + parts[1] + bytes(5))
    assert extent(found := read(path)).packets == len(PACKETS)
    assert problems(found) == []
    path.write_bytes(b"".join(parts) + b"something else")
    assert extent(found := read(path)).packets == len(PACKETS)
    assert "is damaged" in problems(found)[0]


@pytest.mark.parametrize(("zeros", "junk"), [(0, b"x"), (4, b""), (100_000, b"x")])
def test_what_is_behind_an_xz_is_one_more_or_nothing(zeros: int, junk: bytes, tmp_path: Path) -> None:
    path = tmp_path / "capture.xz"
    data = pcap(PACKETS)
    path.write_bytes(lzma.compress(data[:1000]) + bytes(zeros) + lzma.compress(data[1000:]) + bytes(zeros) + junk)
    assert extent(found := read(path)).packets == len(PACKETS)
    assert ["compressed data" in problem for problem in problems(found)] == [True] * (junk != b"")


@pytest.mark.slow
@pytest.mark.parametrize("everything", [True, False], ids=["facts", "phones"])
@pytest.mark.parametrize("form", ["pcap", "pcapng"])
def test_a_capture_cut_anywhere_counts_its_whole_packets(form: str, everything: bool, tmp_path: Path) -> None:
    # Of conversations that are known not to matter, too.
    packets = [*PACKETS[:15], *PACKETS[:15]]
    data = FORMATS[form](packets)
    # The length up to which each packet is whole.
    ends = [len(FORMATS[form](packets[: number + 1])) for number in range(len(packets))]
    path = tmp_path / "capture"
    path.write_bytes(data)
    lengths = {*range(ends[0] - 80, ends[2] + 5), *range(ends[2], len(data), 131), len(data)}
    # The longest first: ext4 writes a file to the disk that is emptied and filled again.
    for length in sorted(lengths, reverse=True):
        os.truncate(path, length)
        found = read(path, HostFilter(everything=everything))
        whole = sum(end <= length for end in ends)
        assert extent(found).packets == whole, length
        at_an_end = length in ends or length == len(FORMATS[form]([]))
        assert len(problems(found)) == (0 if at_an_end else 1), (length, problems(found))
        if not at_an_end:
            assert "ends in the middle" in problems(found)[0] or "ends in its header" in problems(found)[0]
            assert "all before it counts" in problems(found)[0] or whole == 0


@pytest.mark.parametrize("form", ["pcap", "pcapng"])
def test_a_capture_ends_with_its_last_packet_wherever_it_is_read(form: str, tmp_path: Path) -> None:
    """Also where all that the last reading brings is the rest of a packet that does not matter."""
    frame = ethernet(PHONE, SERVER, 0x0800, ipv4("10.9.9.9", "10.9.9.8", 6, tcp(5000, 6000, 1, 1, 0x10, bytes(1400))))
    packets = [(1_700_000_000_000_000 + number * 1_000_000, frame) for number in range(100)]
    path = tmp_path / "capture"
    path.write_bytes(FORMATS[form](packets))
    for amount in range(20_000, 21_600, 50):
        assert extent(read(path, HostFilter(), limits=Limits(chunk=amount))).end == packets[-1][0], amount


@pytest.mark.parametrize("rest", [0, 1, 8, 15, 16, 40, 75])
@pytest.mark.parametrize("form", ["pcap", "pcapng"])
def test_a_capture_that_is_cut_behind_a_long_packet_ends_with_that(form: str, rest: int, tmp_path: Path) -> None:
    packets = [(START + number, bytes(size)) for number, size in enumerate([60, 60, 100_000, 60])]
    path = tmp_path / "capture"
    path.write_bytes(FORMATS[form](packets)[: len(FORMATS[form](packets[:3])) + rest])
    found = read(path)
    assert (extent(found).end, extent(found).packets) == (START + 2, 3)
    assert ["in the middle" in text for text in problems(found)] == [True] * (rest > 0)


def test_several_files_are_numbered_through(tmp_path: Path, expected: list[Observation]) -> None:
    first, second = tmp_path / "a.pcap", tmp_path / "b.pcapng"
    first.write_bytes(pcap(PACKETS[:100]))
    second.write_bytes(pcapng(PACKETS[100:]))
    reading = CaptureFileReader(HostFilter(everything=True))
    found = list(reading.read([str(first), str(second)]))
    assert facts(found) == expected
    assert reading.starts == [(1, str(first)), (101, str(second))]
    assert extent(found).packets == len(PACKETS)


def test_one_unreadable_file_of_several_is_reported(tmp_path: Path) -> None:
    good = tmp_path / "good.pcap"
    good.write_bytes(pcap(PACKETS))
    found = read([tmp_path / "none.pcap", good])  # type: ignore[arg-type]
    assert ["none.pcap cannot be read: No such file" in text for text in problems(found)] == [True]
    assert extent(found).packets == len(PACKETS)


@pytest.mark.parametrize(
    ("error", "raised"),
    [(OSError(5, "Input/output error"), CannotTest), (KeyboardInterrupt(), KeyboardInterrupt)],
    ids=["broken", "interrupted"],
)
def test_a_file_of_which_not_even_the_beginning_is_read_is_closed(
    error: BaseException, raised: type[BaseException], monkeypatch: pytest.MonkeyPatch
) -> None:
    class Failing(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            raise error

    stream = Failing(pcap(PACKETS))
    monkeypatch.setattr(open_capture, "open_input", lambda name: stream)
    with pytest.raises(raised):
        open_capture.open_capture("a.pcap")
    assert stream.closed


def test_ctrl_c_while_a_file_is_opened_leaves_what_was_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    names = [str(tmp_path / name) for name in ("first.pcap", "second.pcap", "third.pcap")]
    for name in names:
        Path(name).write_bytes(pcap(PACKETS))
    ordinary = open_capture.open_input
    opened: list[str] = []

    def opening(name: str) -> Any:
        opened.append(name)
        # Each is opened before, for its first time.
        if len(opened) == 5:
            raise KeyboardInterrupt
        return ordinary(name)

    monkeypatch.setattr(open_capture, "open_input", opening)
    reader = CaptureFileReader(HostFilter())
    try:
        found = list(reader.read(names))
    except KeyboardInterrupt:
        pytest.fail("it ends the program")
    assert opened == [*names, *names[:2]]
    assert (reader.interrupted, reader.unread) == (True, [])
    assert extent(found).packets == len(PACKETS)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        pytest.param(b"", "is empty", id="empty"),
        pytest.param(b"\xa1", "is no capture", id="one byte"),
        pytest.param(b"GET / HTTP/1.1\r\n", "neither pcap nor pcapng", id="text"),
        pytest.param(gzip.compress(b"something else entirely", mtime=0), "neither pcap nor pcapng", id="gzip of text"),
        pytest.param(b"GMBU\0\2" + bytes(150), "Network Monitor.*'editcap -F pcapng IN OUT'", id="Network Monitor"),
        pytest.param(b"RTSS" + bytes(150), "Network Monitor.*editcap", id="Network Monitor 1"),
        pytest.param(b"snoop\0\0\0" + bytes(50), "snoop.*editcap", id="snoop"),
        pytest.param(gzip.compress(b"snoop\0\0\0\0\0\0\2", mtime=0), "snoop.*editcap", id="snoop in gzip"),
        pytest.param(b"\0\0\1\0" + bytes(70) + b"\1\xc0" + bytes(90), "trace.*etl2pcapng IN.*pktmon", id="event trace"),
        pytest.param(b"\0\0\1\0" + bytes(166), "neither pcap nor pcapng", id="no event trace"),
        pytest.param(b"\x1f\x8b" + b"\xff" * 40, "is damaged|is no capture", id="no gzip"),
        pytest.param(b"\x04\x22\x4d\x18" + bytes(20), "LZ4", id="lz4"),
    ],
)
def test_what_is_no_capture_is_reported(data: bytes, said: str, tmp_path: Path) -> None:
    path = tmp_path / "capture"
    path.write_bytes(data)
    with pytest.raises(CannotTest, match=said) as raised:
        read(path)
    assert str(path) in raised.value.text


def test_an_event_trace_is_known_by_its_name_too(tmp_path: Path) -> None:
    path = tmp_path / "NetTrace.ETL"
    path.write_bytes(b"\0\0\1\0" + bytes(20))
    with pytest.raises(CannotTest, match="etl2pcapng"):
        read(path)


def test_a_folder_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(CannotTest, match="cannot be read"):
        read(tmp_path)


def test_an_unknown_link_type_is_reported(tmp_path: Path) -> None:
    path = tmp_path / "capture"
    path.write_bytes(pcap(PACKETS, link=147))
    found = read(path)
    assert facts(found) == []
    assert "link type that cannot be read (147)" in problems(found)[0]
    assert extent(found).packets == len(PACKETS)


@pytest.mark.parametrize("form", ["pcap", "pcapng"])
def test_a_number_of_packets_is_enough(form: str, tmp_path: Path, expected: list[Observation]) -> None:
    path = tmp_path / "capture"
    path.write_bytes(FORMATS[form](PACKETS))
    found = read(path, limit=50)
    assert extent(found).packets == 50
    assert all((fact.frame or 0) <= 50 for fact in facts(found))
    assert extent(found).end == PACKETS[49][0]


def test_packets_cut_by_the_snap_length(tmp_path: Path) -> None:
    path = tmp_path / "capture"
    path.write_bytes(pcap(PACKETS, snap=96))
    found = read(path)
    assert extent(found).packets == len(PACKETS)
    opened = {connect.outcome for connect in facts(found) if isinstance(connect, Connect)}
    assert "open" in opened
    assert any(isinstance(lookup, Lookup) for lookup in facts(found))


def test_standard_input_is_read_as_it_arrives(monkeypatch: pytest.MonkeyPatch) -> None:
    receiver, sender = os.pipe()
    with os.fdopen(receiver, "rb") as stdin, os.fdopen(sender, "wb", buffering=0) as source_:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(stdin))
        data = pcap(PACKETS)
        half = len(pcap(PACKETS[: len(PACKETS) // 2])) + 7
        told = threading.Event()

        def feed() -> None:
            source_.write(data[:half])
            # The rest comes only when the first half was told: a reader that waits for more never ends.
            assert told.wait(30)
            source_.write(data[half:])
            source_.close()

        thread = threading.Thread(target=feed)
        thread.start()
        found: list[object] = []
        for fact in CaptureFileReader(HostFilter(everything=True)).read(["-"]):
            if fact is None and found:
                told.set()
            found.append(fact)
        thread.join()
    assert extent(found).packets == len(PACKETS)


# The fast loops against the slow way.


def slowly(packets: Sequence[Packet], interest: HostFilter, link: int = 1) -> list[Observation]:
    """Every packet through the whole dissection, none rejected early."""
    found: list[Observation] = []
    observer = PacketTracker(found.append, interest, read_update=read_captured_answer)
    for number, (time, frame) in enumerate(packets, 1):
        observer.take_packet(time, number, link, frame)
    observer.finish(packets[-1][0])
    return facts(found)


@pytest.mark.parametrize("everything", [True, False], ids=["facts", "phones"])
@pytest.mark.parametrize("form", ["pcap", "pcapng"])
def test_nothing_is_lost_by_rejecting_early(form: str, everything: bool, tmp_path: Path) -> None:
    packets = phones(8, 4, 3000, seed=11, size=300_000)
    path = tmp_path / "capture"
    path.write_bytes(FORMATS[form](packets))
    fast = facts(read(path, HostFilter(everything=everything)))
    assert fast == slowly(packets, HostFilter(everything=everything))
    downloads = [exchange for exchange in fast if isinstance(exchange, Http) and exchange.announced_bytes == 300_000]
    assert len(downloads) == 4
    assert all(download.complete and download.answer_bytes == 300_000 for download in downloads)


@pytest.mark.parametrize("everything", [True, False], ids=["facts", "phones"])
@pytest.mark.parametrize("seed", range(3))
def test_nothing_is_lost_where_link_types_are_mixed(seed: int, everything: bool, tmp_path: Path) -> None:
    rng = random.Random(seed)
    packets = phones(6, 3, 600, seed=11, size=100_000)
    blocks, observed = [], []
    interest = HostFilter(everything=everything)
    observer = PacketTracker(observed.append, interest, read_update=read_captured_answer)
    ethernet = rng.random() < 0.5  # which of the two is described first
    for number, (time, frame) in enumerate(packets, 1):
        # Cooked captures have no tag: it is taken off before.
        cooked = b"\0\0\0\1\0\6" + frame[6:12] + b"\0\0" + frame[12:]
        link, data = (1, frame) if frame[12:14] == b"\x81\0" or rng.random() < 0.5 else (113, cooked)
        observer.take_packet(time, number, link, data)
        blocks.append(enhanced(time, data, interface=int((link == 1) != ethernet)))
    observer.finish(packets[-1][0])
    path = tmp_path / "mixed.pcapng"
    described_ = [described(link=1), described(link=113)]
    path.write_bytes(section() + b"".join(described_ if ethernet else described_[::-1]) + b"".join(blocks))
    found = facts(read(path, HostFilter(everything=everything)))
    assert (
        len([exchange for exchange in found if isinstance(exchange, Http) and exchange.announced_bytes == 100_000]) == 3
    )
    assert found == facts(observed)


@pytest.mark.parametrize("everything", [True, False], ids=["facts", "phones"])
@pytest.mark.parametrize("seed", range(4))
def test_nothing_is_lost_when_packets_are_lost_doubled_and_late(seed: int, everything: bool, tmp_path: Path) -> None:
    packets = shaken(phones(6, 3, 2000, seed=seed, size=200_000), seed)
    path = tmp_path / "capture"
    path.write_bytes(pcap(packets))
    fast = facts(read(path, HostFilter(everything=everything)))
    slow = slowly(packets, HostFilter(everything=everything))
    assert [whole_download(fact) for fact in fast] == [whole_download(fact) for fact in slow]


def test_chunks_of_any_size_give_the_same(tmp_path: Path) -> None:
    packets = phones(3, 1, 400, size=60_000)
    path = tmp_path / "capture"
    expected = slowly(packets, HostFilter())
    for form in ("pcap", "pcapng"):
        path.write_bytes(FORMATS[form](packets))
        for chunk in (2048, 3001, 4096, 65536):
            assert facts(read(path, HostFilter(), limits=Limits(chunk=chunk))) == expected, (form, chunk)


POST = b"POST /RequestHandler/ucdevice.upx HTTP/1.1\r\nHost: pool01.contoso.com\r\nContent-Length: 4\r\n\r\n<a/>"


def test_a_phone_that_asks_no_dns_is_known_by_its_post_and_keeps_its_syn(tmp_path: Path) -> None:
    path = tmp_path / "capture"
    path.write_bytes(pcap(conversation("10.2.0.9", POST)))
    found = facts(read(path, HostFilter()))
    assert [(fact.kind, fact.frame) for fact in found if fact.kind != "answer"] == [("connect", 1), ("http", 4)]


@pytest.mark.parametrize(
    "request_",
    [
        b"GET /RequestHandler/ucdevice.upx HTTP/1.1\r\nHost: x\r\n\r\n",
        b"POST /api/items HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n",
        b"POST",
    ],
)
def test_others_on_the_same_port_leave_nothing(request_: bytes, tmp_path: Path) -> None:
    path = tmp_path / "capture"
    path.write_bytes(pcap(conversation("10.2.0.9", request_)))
    assert facts(read(path, HostFilter())) == []


def test_a_host_turns_out_to_be_a_phone_after_its_conversations_were_rejected(tmp_path: Path) -> None:
    other = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"
    question = udp(50001, 53, dns_question(7, "UcUpdates-R2.contoso.com"))
    reply = udp(53, 50001, dns_answer(7, "UcUpdates-R2.contoso.com", "10.1.0.10"))
    at = START * 1_000_000 + 100_000
    packets = [
        *conversation("10.2.0.9", other),
        (at, ethernet(STRANGER, SERVER, 0x0800, ipv4("10.2.0.9", "10.1.0.2", 17, question))),
        (at + 1000, ethernet(SERVER, STRANGER, 0x0800, ipv4("10.1.0.2", "10.2.0.9", 17, reply))),
        *conversation("10.2.0.9", POST, at=200_000),
        *conversation("10.2.0.8", other, at=300_000),
    ]
    path = tmp_path / "capture"
    path.write_bytes(pcap(packets))
    found = facts(read(path, HostFilter()))
    shown = [(fact.kind, fact.frame) for fact in found if fact.kind != "answer"]
    assert shown == [("lookup", 9), ("connect", 11), ("http", 14)]
    assert isinstance(found[0], Lookup)
    assert found[0].addresses == ("10.1.0.10",)


def test_a_named_mac_is_watched_whatever_it_does(tmp_path: Path) -> None:
    other = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"
    path = tmp_path / "capture"
    path.write_bytes(pcap([*conversation("10.2.0.9", other, mac=PHONE), *conversation("10.2.0.8", other, at=100_000)]))
    found = facts(read(path, HostFilter(macs=frozenset({PHONE}))))
    assert {getattr(fact, "client", None) for fact in found} == {"10.2.0.9"}
    assert [fact.frame for fact in found] == [1, 4]


@pytest.mark.parametrize("protocol", [17, 50])
@pytest.mark.parametrize("everything", [False, True])
@pytest.mark.parametrize("port", [80, 443])
def test_a_connection_is_not_taken_for_what_else_has_its_ports(
    protocol: int, everything: bool, port: int, tmp_path: Path
) -> None:
    path = tmp_path / "capture"
    connection = conversation("10.2.0.9", POST, port=port)
    ports = {frame[34:38] for _, frame in connection}
    at, frame = connection[0]
    question = udp(999, 53, dns_question(1, "ucupdates-r2.contoso.com"))
    first = [
        (at, frame[:14] + ipv4(*ends, protocol, both + bytes(20)))
        for both in ports
        for ends in (("10.2.0.9", "10.1.0.10"), ("10.1.0.10", "10.2.0.9"))
    ]
    asked = (at, frame[:14] + ipv4("10.2.0.9", "10.1.0.2", 17, question))
    for before in ([*first, asked], [asked, *first]) if port == 443 else ([*first, asked], [asked, *first], first):
        path.write_bytes(pcap([*before, *connection]))
        found = facts(read(path, HostFilter(everything=everything)))
        assert [(fact.kind, fact.frame) for fact in found if fact.kind in ("connect", "http")] == [
            ("connect", len(before) + 1),
            ("http", len(before) + 4),
        ]


def test_a_question_is_not_taken_for_a_segment_from_its_port(tmp_path: Path) -> None:
    path = tmp_path / "capture"
    asked = udp(50000, 53, dns_question(1, "ucupdates-r2.contoso.com"))
    frame = ethernet(PHONE, SERVER, 0x0800, ipv4("10.2.0.9", "10.1.0.10", 17, asked))
    connection = conversation("10.2.0.9", b"x", port=53, mac=PHONE)
    path.write_bytes(pcap([*connection, (START * 1_000_000 + 900_000, frame)]))
    assert [lookup.frame for lookup in facts(read(path, HostFilter())) if isinstance(lookup, Lookup)] == [
        len(connection) + 1
    ]


def test_another_port_is_watched_when_it_is_named(tmp_path: Path) -> None:
    path = tmp_path / "capture"
    path.write_bytes(pcap(conversation("10.2.0.9", POST, port=8080)))
    assert facts(read(path, HostFilter())) == []
    found = facts(read(path, HostFilter(), ports=frozenset({80, 443, 8080})))
    assert [(fact.kind, fact.frame) for fact in found if fact.kind != "answer"] == [("connect", 1), ("http", 4)]


@pytest.mark.parametrize(
    ("link", "head"),
    [
        # pcapfix 1.1.7 makes Ethernet of 276 (findings/pcapfix-repairs-whole-files.sh).
        pytest.param(101, b"", id="raw"),
        pytest.param(0, struct.pack("<I", 2), id="null"),
        pytest.param(113, b"\0\0\0\1\0\6" + PHONE + b"\0\0\x08\0", id="cooked"),
        pytest.param(276, b"\x08\0\0\0\0\0\0\1\0\1\0\6" + PHONE + b"\0\0", id="cooked v2"),
        pytest.param(9, b"\xff\x03\0\x21", id="ppp"),
        pytest.param(
            127, b"\0\0\x08\0\0\0\0\0\x08\0\0\0" + PHONE + SERVER + bytes(8) + b"\xaa\xaa\x03\0\0\0\x08\0", id="wifi"
        ),
    ],
)
@pytest.mark.parametrize("form", ["pcap", "pcapng"])
def test_phones_are_found_on_any_link_type(link: int, head: bytes, form: str, tmp_path: Path) -> None:
    packets = [(time, head + frame[14:]) for time, frame in conversation("10.2.0.9", POST)]
    packets += [(time, head + frame[14:]) for time, frame in conversation("10.2.0.8", b"GET / HTTP/1.1\r\n\r\n")]
    path = tmp_path / "capture"
    if form == "pcap":
        path.write_bytes(pcap(packets, link=link))
    else:
        path.write_bytes(section() + described(link=link) + b"".join(enhanced(*packet) for packet in packets))
    found = facts(read(path, HostFilter()))
    assert [(fact.kind, fact.frame) for fact in found if fact.kind != "answer"] == [("connect", 1), ("http", 4)]


@pytest.mark.parametrize("form", ["pcap", "pcapng"])
def test_a_packet_of_which_nothing_was_kept_ends_nothing(form: str, tmp_path: Path) -> None:
    """pypcapfile 0.12.0 stops before it (findings/pypcapfile-big-endian.sh)."""
    packets = list(conversation("10.2.0.9", POST))
    packets.insert(1, (packets[0][0], b""))
    path = tmp_path / "capture"
    if form == "pcap":
        path.write_bytes(pcap(packets))
    else:
        path.write_bytes(section() + described() + b"".join(enhanced(*packet) for packet in packets))
    found = facts(read(path, HostFilter()))
    assert [(fact.kind, fact.frame) for fact in found if fact.kind != "answer"] == [("connect", 1), ("http", 5)]


def in_fragments(frame: bytes, size: int = 64) -> Iterator[bytes]:
    header, payload = frame[14:34], frame[34:]
    for at in range(0, len(payload), size):
        more = 0x2000 if at + size < len(payload) else 0
        part = payload[at : at + size]
        head = header[:2] + struct.pack(">HHH", 20 + len(part), 99, more | at // 8) + header[8:]
        yield frame[:14] + head + part


def _wireless(frame: bytes) -> bytes:
    return b"\x08\1" + bytes(2 + 18 + 2) + b"\xaa\xaa\3\0\0\0" + frame[12:]


def _authenticated(packet: bytes) -> bytes:
    """The packet with IPsec's authentication header."""
    head = bytearray(packet[:20])
    head[2:4] = struct.pack(">H", len(packet) + 24)
    head[9] = 51
    return bytes(head) + bytes((packet[9], 4)) + bytes(22) + packet[20:]


def test_fragments_and_tunnels_are_looked_into(tmp_path: Path) -> None:
    post = conversation("10.2.0.9", POST)
    parts = [(time, piece) for time, frame in post for piece in in_fragments(frame)]
    gre = [
        (time, ethernet(STRANGER, SERVER, 0x0800, ipv4("10.9.0.1", "10.9.0.2", 47, b"\0\0\x08\0" + frame[14:])))
        for time, frame in post
    ]
    erspan = [
        (
            time,
            ethernet(STRANGER, SERVER, 0x0800, ipv4("10.9.0.1", "10.9.0.2", 47, b"\x10\0\x88\xbe" + bytes(12) + frame)),
        )
        for time, frame in post
    ]
    aruba = [
        (
            time,
            ethernet(
                STRANGER,
                SERVER,
                0x0800,
                ipv4("10.9.0.1", "10.9.0.2", 47, b"\0\0\x82\0" + _wireless(frame)),
            ),
        )
        for time, frame in post
    ]
    capwap = [
        (
            time,
            ethernet(
                STRANGER,
                SERVER,
                0x0800,
                ipv4("10.9.0.1", "10.9.0.2", 17, udp(9, 5247, b"\0\x20\x43\x20" + bytes(12) + inside)),
            ),
        )
        for time, frame in post
        for inside in (b"\1\x08" + _wireless(frame)[2:],)
    ]
    bridged = [
        (time, ethernet(STRANGER, SERVER, 0x0800, ipv4("10.9.0.1", "10.9.0.2", 17, udp(5247, 9, header + frame))))
        for time, frame in post
        for header in (b"\0\x10\2\0" + bytes(4),)
    ]
    signed = [(time, ethernet(STRANGER, SERVER, 0x0800, _authenticated(frame[14:]))) for time, frame in post]
    path = tmp_path / "capture"
    for packets in (parts, gre, erspan, aruba, capwap, bridged, signed):
        path.write_bytes(pcap(packets))
        found = facts(read(path, HostFilter()))
        assert [fact.kind for fact in found if fact.kind != "answer"] == ["connect", "http"]
        assert any(isinstance(exchange, Http) and exchange.status == 200 for exchange in found)


@pytest.mark.parametrize(
    ("ports", "header", "whole"),
    [
        pytest.param((1, 4789), b"\x08" + bytes(7), True, id="VXLAN"),
        pytest.param((1, 4790), b"\x0c\0\0\3" + bytes(4), True, id="VXLAN-GPE"),
        pytest.param((1, 4790), b"\x0c\0\0\1" + bytes(4), False, id="VXLAN-GPE with IP"),
        pytest.param((1, 6081), b"\0\0\x65\x58" + bytes(4), True, id="Geneve"),
        pytest.param((1, 6081), b"\2\0\x08\0" + bytes(4 + 8), False, id="Geneve with options and IP"),
        pytest.param((1, 37008), b"\1\0\0\1\x0a\1\x55\0\1", True, id="TZSP"),
        pytest.param((1, 4754), b"\0\0\x08\0", False, id="GRE"),
        pytest.param((2152, 2152), b"\x30\xff\0\0\0\0\0\1", False, id="GTP"),
        pytest.param((9, 2152), b"\x32\xff\0\0\0\0\0\1\0\7\0\0", False, id="GTP with a sequence number"),
        pytest.param((9, 2152), b"\x34\xff\0\0\0\0\0\1\0\0\0\x85\1\0\1\0", False, id="GTP of 5G"),
        pytest.param((1701, 1701), b"\0\2\0\1\0\2\xff\3\0\x21", False, id="L2TP"),
        pytest.param(
            (1701, 9), b"\x4a\2\0\0\0\1\0\2\0\0\0\0\0\1\0\0\x21", False, id="L2TP with all fields that may be"
        ),
    ],
)
def test_tunnels_in_udp_are_looked_into(ports: tuple[int, int], header: bytes, whole: bool, tmp_path: Path) -> None:
    """``whole``: they carry Ethernet frames, not IP packets."""
    packets = [
        (
            time,
            ethernet(
                STRANGER,
                SERVER,
                0x0800,
                ipv4("10.9.0.1", "10.9.0.2", 17, udp(*ports, header + frame[0 if whole else 14 :])),
            ),
        )
        for time, frame in conversation("10.2.0.9", POST)
    ]
    path = tmp_path / "capture"
    path.write_bytes(pcap(packets))
    found = facts(read(path, HostFilter()))
    assert [fact.kind for fact in found if fact.kind != "answer"] == ["connect", "http"]
    assert any(isinstance(exchange, Http) and exchange.status == 200 for exchange in found)


@pytest.mark.parametrize("header", [b"", b"\0\1\2\3" + bytes(13 + 1), b"\0\0" + bytes(6)])
def test_teredo_is_looked_into(header: bytes, tmp_path: Path) -> None:
    inside = udp(50000, 53, dns_question(7, "www.example.org"))
    packet = b"\x60\0\0\0" + struct.pack(">HBB", len(inside), 17, 64) + bytes(16) + bytes(15) + b"\1" + inside
    path = tmp_path / "capture"
    outside = ipv4("10.9.0.1", "10.9.0.2", 17, udp(3544, 3545, header + packet))
    path.write_bytes(pcap([(START * 1_000_000, ethernet(STRANGER, SERVER, 0x0800, outside))]))
    (found,) = facts(read(path, HostFilter(everything=True)))
    assert isinstance(found, Lookup)
    assert (found.client, found.server, found.name) == ("::", "::1", "www.example.org")


def test_the_first_piece_of_a_datagram_says_what_it_can_when_a_snap_length_cut_it(tmp_path: Path) -> None:
    told = udp(53, 5000, dns_answer(7, "www.example.org", "10.0.0.80"))
    for offset, count in ((0, 1), (8, 0)):
        packet = bytearray(ipv4("10.9.0.2", "10.9.0.1", 17, told))
        packet[2:4], packet[6:8] = struct.pack(">H", 1500), struct.pack(">H", 0x2000 | offset)
        path = tmp_path / "capture"
        path.write_bytes(pcap([(START * 1_000_000, ethernet(SERVER, STRANGER, 0x0800, bytes(packet)))]))
        found = facts(read(path, HostFilter(everything=True)))
        assert [lookup.addresses for lookup in found if isinstance(lookup, Lookup)] == [("10.0.0.80",)] * count


def test_a_client_of_dns_may_have_the_port_of_a_tunnel(tmp_path: Path) -> None:
    path = tmp_path / "capture"
    asked = ipv4("10.9.0.1", "10.9.0.2", 17, udp(4754, 53, dns_question(7, "www.example.org")))
    told = ipv4("10.9.0.2", "10.9.0.1", 17, udp(53, 4754, dns_answer(7, "www.example.org", "10.0.0.80")))
    path.write_bytes(
        pcap(
            [
                (START * 1_000_000, ethernet(STRANGER, SERVER, 0x0800, asked)),
                (START * 1_000_000 + 1000, ethernet(SERVER, STRANGER, 0x0800, told)),
            ]
        )
    )
    (found,) = facts(read(path, HostFilter(everything=True)))
    assert isinstance(found, Lookup)
    assert found.rcode == "NOERROR"


@pytest.mark.parametrize("order", ["<", ">"])
def test_frames_count_the_blocks_that_wireshark_numbers(order: str, tmp_path: Path) -> None:
    asked = ethernet(
        STRANGER, SERVER, 0x0800, ipv4("10.9.0.1", "10.9.0.2", 17, udp(5000, 53, dns_question(7, "www.example.org")))
    )
    parts = [section(order), described(order)]
    for kind in (0xBAD, 5, 0x40000BAD, 4, 9, 10, 0x204):
        parts += [block(order, kind, bytes(16)), enhanced(START * 1_000_000, asked, order)]
    path = tmp_path / "capture"
    path.write_bytes(b"".join(parts))
    found = read(path, HostFilter(everything=True))
    assert [fact.frame for fact in facts(found)] == [2, 3, 5, 6, 8, 9, 11]
    (said,) = problems(found)
    assert "4 blocks without a packet that Wireshark numbers as frames" in said


def test_where_frames_are_packets_nothing_is_said_of_it(tmp_path: Path) -> None:
    path = tmp_path / "capture"
    path.write_bytes(section() + described() + b"".join(enhanced(time, frame) for time, frame in PACKETS))
    assert problems(read(path)) == []


def arp(operation: int, mac: bytes, sender: str, target: str) -> bytes:
    body = struct.pack(">HHBBH6s4s6s4s", 1, 0x0800, 6, 4, operation, mac, _packed(sender), bytes(6), _packed(target))
    return ethernet(mac, b"\xff" * 6, 0x0806, body + bytes(18))


def _packed(text: str) -> bytes:
    return bytes(map(int, text.split(".")))


@pytest.mark.parametrize("then", ["nothing", "answered", "a SYN"])
def test_arp_that_nobody_answers_is_an_unreachable_server(then: str, tmp_path: Path) -> None:
    name = "ucupdates-r2.contoso.com"
    begin = START * 1_000_000

    def down(packet: bytes) -> bytes:
        return ethernet(SERVER, PHONE, 0x0800, packet)

    packets = [
        (begin, ethernet(PHONE, SERVER, 0x0800, ipv4("10.2.0.9", "10.1.0.2", 17, udp(5, 53, dns_question(1, name))))),
        (begin + 1000, down(ipv4("10.1.0.2", "10.2.0.9", 17, udp(53, 5, dns_answer(1, name, "10.2.0.77"))))),
        *((begin + 2000 + second * 1_000_000, arp(1, PHONE, "10.2.0.9", "10.2.0.77")) for second in range(3)),
    ]
    if then == "answered":
        packets.append((begin + 2_500_000, arp(2, SERVER, "10.2.0.77", "10.2.0.9")))
    elif then == "a SYN":  # so the answer was out of sight
        syn = ethernet(PHONE, SERVER, 0x0800, ipv4("10.2.0.9", "10.2.0.77", 6, tcp(1234, 80, 1, 0, 2)))
        packets.append((begin + 2_500_000, syn))
    packets.append((begin + 20_000_000, ethernet(STRANGER, SERVER, 0x0800, ipv4("10.3.0.1", "10.3.0.2", 1, bytes(40)))))
    path = tmp_path / "capture"
    path.write_bytes(pcap(packets))
    found = [connect for connect in facts(read(path, HostFilter())) if isinstance(connect, Connect)]
    if then == "answered":
        assert found == []
    elif then == "a SYN":
        assert [(fact.outcome, fact.server, fact.reason) for fact in found] == [("no_answer", "10.2.0.77", None)]
    else:
        assert [(fact.outcome, fact.server, fact.frame, fact.attempts) for fact in found] == [
            ("unreachable", "10.2.0.77", 3, 3)
        ]
        assert found[0].reason == "ARP for 10.2.0.77 was not answered"


@pytest.mark.parametrize(
    ("resolvers", "wanted", "server"),
    [
        (("10.2.0.53",), "10.2.0.53", "10.2.0.53"),
        (("10.2.0.53", "10.2.0.54"), "10.2.0.54", "10.2.0.54"),
        (("10.9.0.53",), "10.2.0.1", "10.9.0.53"),
        # One that may be near needs no gateway, and nobody asks DNS of other hosts.
        (("10.9.0.53", "10.2.0.53"), "10.2.0.1", None),
        (("10.2.0.53",), "10.2.0.99", None),
        ((), "10.2.0.1", None),
    ],
)
def test_arp_for_the_dns_server_that_nobody_answers(
    resolvers: tuple[str, ...], wanted: str, server: str | None
) -> None:
    begin = START * 1_000_000
    ack = Dhcp(
        time=begin,
        type="ack",
        client="00:04:f2:00:00:01",
        address="10.2.0.9",
        resolvers=resolvers,
        routers=("10.2.0.1",),
    )

    def asked(*answers: bytes) -> list[Observation]:
        found: list[Observation] = []
        seen = Arp(found.append, patience=5_000_000)
        seen.learn_targets(ack)
        for second in range(3):
            seen.take_message(begin + second * 1_000_000, 2 + second, arp(1, PHONE, "10.2.0.9", wanted), 14)
        for answer in answers:
            seen.take_message(begin + 3_000_000, 5, answer, 14)
        seen.finish(begin + 20_000_000)
        return found

    told = [
        (connect.server, connect.port, connect.outcome, connect.attempts)
        for connect in asked()
        if isinstance(connect, Connect)
    ]
    assert told == ([(server, 53, "unreachable", 3)] if server else [])
    assert asked(arp(2, SERVER, wanted, "10.2.0.9")) == []


GONE = "10.2.0.77"


def asks_arp(wanted: str, *heard: Observation, first: str | None = None) -> list[tuple[str, int]]:
    """Server and port of each Connect that comes of ARP for ``wanted`` in vain, by a phone of which that was known."""
    found: list[Observation] = []
    seen = Arp(found.append, patience=5_000_000)
    begin = START * 1_000_000
    for fact in heard:
        seen.learn_targets(fact)
    if first is not None:
        seen.take_message(begin, 1, arp(2, SERVER, first, "10.2.0.9"), 14)
    for second in range(3):
        seen.take_message(begin + second * 1_000_000, 2 + second, arp(1, PHONE, "10.2.0.9", wanted), 14)
    seen.finish(begin + 20_000_000)
    return [(connect.server, connect.port) for connect in found if isinstance(connect, Connect)]


def resolved(*addresses: str) -> Lookup:
    return Lookup(time=0, client="10.2.0.9", name="x.contoso.com", type="A", rcode="NOERROR", addresses=addresses)


def test_a_gateway_that_is_gone_is_nothing_to_a_server_nearby() -> None:
    lease = Dhcp(time=0, type="ack", address="10.2.0.9", resolvers=("10.2.0.53",), routers=("10.2.0.1",))
    assert asks_arp("10.2.0.1", lease, resolved("10.9.0.77")) == [("10.9.0.77", 80)]
    assert asks_arp("10.2.0.1", lease, resolved("10.2.0.77")) == []
    # A network may be larger than that: who speaks ARP here is near.
    assert asks_arp("10.2.0.1", lease, resolved("10.2.4.77"), first="10.2.4.77") == []
    assert asks_arp("10.2.0.1", lease, resolved("10.2.4.77")) == [("10.2.4.77", 80)]


def test_a_host_may_be_going_to_more_than_what_it_asked_for_last() -> None:
    assert asks_arp(GONE, resolved(GONE), resolved("10.2.0.78")) == [(GONE, 80)]
    assert asks_arp(GONE, resolved("10.2.0.78", GONE)) == [(GONE, 80)]
    assert asks_arp("10.2.0.79", resolved(GONE), resolved("10.2.0.78")) == []

    # Where it was before, it goes again, without asking DNS.
    def connected(outcome: str, port: int) -> Connect:
        return Connect(time=0, client="10.2.0.9", server=GONE, port=port, outcome=outcome)

    assert asks_arp(GONE, connected("open", 80)) == [(GONE, 80)]
    assert asks_arp(GONE, connected("refused", 80), connected("open", 53)) == []


# Hostile captures.


@given(st.binary(max_size=400), st.sampled_from([b"\xd4\xc3\xb2\xa1", b"\xa1\xb2\xc3\xd4", b"\x0a\x0d\x0d\x0a"]))
@settings(max_examples=examples(300))
def test_any_bytes_as_a_file(tmp_path_factory: pytest.TempPathFactory, data: bytes, magic: bytes) -> None:
    path = tmp_path_factory.getbasetemp() / "any"
    for head in (magic, pcap([]), section() + described(), section(">") + described(">")):
        path.write_bytes(head + data)
        read(path)
        read(path, HostFilter())


@given(st.data())
@settings(max_examples=examples(150))
def test_a_capture_with_changed_bytes(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    form = data.draw(st.sampled_from(["pcap", "pcapng", "pcapng, sections"]))
    changed = bytearray(FORMATS[form](PACKETS[:40]))
    for _ in range(data.draw(st.integers(1, 6))):
        changed[data.draw(st.integers(0, len(changed) - 1))] = data.draw(st.integers(0, 255))
    path = tmp_path_factory.getbasetemp() / "changed"
    path.write_bytes(changed)
    try:
        found = read(path, HostFilter(everything=data.draw(st.booleans())))
    except CannotTest:
        return
    assert extent(found).packets <= 400


@given(st.lists(st.binary(max_size=120), max_size=12), st.sampled_from([0, 1, 9, 101, 105, 113, 127, 276]))
@settings(max_examples=examples(300))
def test_any_bytes_as_packets(tmp_path_factory: pytest.TempPathFactory, frames: list[bytes], link: int) -> None:
    path = tmp_path_factory.getbasetemp() / "packets"
    path.write_bytes(pcap([(START * 1_000_000 + number, frame) for number, frame in enumerate(frames)], link=link))
    for everything in (True, False):
        assert extent(read(path, HostFilter(everything=everything))).packets == len(frames)


@pytest.mark.parametrize(
    "tail",
    [
        pytest.param(struct.pack("<III", 6, 0, 0), id="a block without a length"),
        pytest.param(struct.pack("<II", 6, 0) * 100, id="many of them"),
        pytest.param(struct.pack("<II", 6, 0xFFFFFFFC) + bytes(40), id="a block of 4 GiB"),
        pytest.param(struct.pack("<II", 0x0A0D0D0A, 28) + bytes(40), id="a section without its mark"),
        pytest.param(enhanced(0, bytes(60), interface=9), id="an interface that is not described"),
        pytest.param(struct.pack("<II", 77, 0xFFFFFFFC) + bytes(40), id="an unknown block of 4 GiB"),
    ],
)
def test_damaged_blocks_end_the_reading(tail: bytes, tmp_path: Path) -> None:
    path = tmp_path / "capture"
    path.write_bytes(pcapng(PACKETS[:20]) + tail + b"\0" * 200)
    found = read(path)
    assert extent(found).packets == 20
    assert len(problems(found)) == 1


def head_of_section(total: int = 28, order: int = 0x1A2B3C4D, major: int = 1) -> bytes:
    return struct.pack("<IIIHHq", 0x0A0D0D0A, total, order, major, 0, -1) + struct.pack("<I", total)


def packet_of(size: int, total: int, *, kind: int = 6, interface: int = 0) -> bytes:
    """A block of a packet that says that it has ``size`` bytes, and is itself of ``total`` bytes."""
    head = struct.pack("<IIIIIII", kind, total, interface, 0, 0, size, size)
    return (head + bytes(total))[: total - 4] + struct.pack("<I", total)


MIB = 1 << 20
SAYS_LENGTH = "a block after packet 5 claims an impossible length: all before it counts"
SAYS_PACKET = "packet 6 claims an impossible length: all before it counts"
SAYS_INTERFACE = "packet 6 is of an interface that is not described: all before it counts"


@pytest.mark.parametrize(
    ("tail", "more", "said"),
    [
        pytest.param(b"", 1, None, id="nothing"),
        pytest.param(block("<", 77, b""), 1, None, id="the shortest block"),
        pytest.param(struct.pack("<III", 77, 8, 8), 0, SAYS_LENGTH, id="a shorter one"),
        pytest.param(struct.pack("<II", 77, 14) + bytes(6), 0, SAYS_LENGTH, id="of no whole words"),
        pytest.param(block("<", 77, bytes(MIB)), 1, None, id="a long block of an unknown kind"),
        pytest.param(block("<", 1, bytes([1]) + bytes(MIB - 13)), 1, None, id="the longest of an interface"),
        pytest.param(block("<", 1, bytes([1]) + bytes(MIB - 12)), 0, SAYS_LENGTH, id="a longer one"),
        pytest.param(block("<", 1, bytes(8)), 1, None, id="the shortest of an interface"),
        pytest.param(
            block("<", 1, bytes(4)), 0, "the description of an interface is damaged", id="a shorter one of it"
        ),
        pytest.param(described() * 4095, 1, None, id="4096 interfaces"),
        pytest.param(described() * 4096, 0, "it names more than 4096 interfaces", id="4097 interfaces"),
        pytest.param(head_of_section() + described(), 1, None, id="a section"),
        pytest.param(head_of_section(24), 0, "a section's header claims an impossible length", id="a short section"),
        pytest.param(
            head_of_section(30), 0, "a section's header claims an impossible length", id="no whole words of it"
        ),
        pytest.param(
            head_of_section(MIB + 4),
            0,
            "a section's header claims an impossible length",
            id="a section that is too long",
        ),
        pytest.param(head_of_section(order=0x1A2B3C4E), 0, "a section's header is damaged", id="a section of no order"),
        pytest.param(
            head_of_section(major=2), 0, "it is pcapng of version 2, which is not known", id="another version"
        ),
        pytest.param(packet_of(60, 92), 2, None, id="a packet"),
        pytest.param(packet_of(0, 32), 2, None, id="an empty packet"),
        pytest.param(packet_of(0, 28), 0, "packet 6 is damaged: all before it counts", id="a packet without its head"),
        pytest.param(packet_of(61, 92), 0, SAYS_PACKET, id="a packet longer than its block"),
        pytest.param(packet_of(262144, 262176), 2, None, id="the longest packet"),
        pytest.param(packet_of(60, 92, interface=1), 0, SAYS_INTERFACE, id="of another interface"),
        pytest.param(packet_of(60, 92, kind=2), 2, None, id="an old packet"),
        pytest.param(packet_of(60, 92, kind=2, interface=1), 0, SAYS_INTERFACE, id="an old one of another interface"),
        pytest.param(packet_of(60, 92, kind=2, interface=5 << 16), 2, None, id="an old one after drops"),
    ],
)
def test_the_limits_of_blocks(tail: bytes, more: int, said: str | None, tmp_path: Path) -> None:
    path = tmp_path / "capture"
    path.write_bytes(pcapng(PACKETS[:5]) + tail + enhanced(*PACKETS[5]) + bytes(0 if said is None else 200))
    found = read(path)
    assert extent(found).packets == 5 + more
    told = problems(found)
    assert len(told) == (said is not None)
    assert all(str(said) in text for text in told), told


@pytest.mark.parametrize(
    ("kind", "numbered"),
    [
        *((kind, True) for kind in (0xBAD, 0x40000BAD, 9, 0x204, 0x208, 0x216, 0x217, 0x221, 0x222)),
        *((kind, False) for kind in (0xBAC, 0x40000BAE, 8, 11, 0x203, 0x205, 0x209, 0x215, 0x218, 0x220, 0x223)),
    ],
)
def test_which_blocks_have_the_number_of_a_frame(kind: int, numbered: bool, tmp_path: Path) -> None:
    path = tmp_path / "capture"
    asked = ethernet(STRANGER, SERVER, 0x0800, ipv4("10.9.0.1", "10.9.0.2", 17, udp(5, 53, dns_question(7, "a.b"))))
    path.write_bytes(section() + described() + block("<", kind, bytes(16)) + enhanced(START * 1_000_000, asked))
    assert [fact.frame for fact in facts(read(path))] == [2 if numbered else 1]


def test_an_impossible_length_ends_the_reading(tmp_path: Path) -> None:
    path = tmp_path / "capture"
    for length in (0xFFFFFFFF, 0x7FFFFFFF, 300_000):
        path.write_bytes(pcap(PACKETS[:20]) + struct.pack("<IIII", 1, 1, length, length) + bytes(2000))
        found = read(path)
        assert extent(found).packets == 20, length
        assert len(problems(found)) == 1


def test_a_flood_of_openings_is_bounded(tmp_path: Path) -> None:
    rng = random.Random(5)
    frames = []
    for number in range(20_000):
        source_ip = ".".join(str(rng.randrange(1, 255)) for _ in range(4))
        syn = ipv4(source_ip, "10.1.0.10", 6, tcp(rng.randrange(1, 65536), 80, number, 0, 2))
        frames.append((START * 1_000_000 + number, ethernet(STRANGER, SERVER, 0x0800, syn)))
    path = tmp_path / "capture"
    path.write_bytes(pcap(frames))
    reading = CaptureFileReader(HostFilter())
    assert facts(list(reading.read([str(path)]))) == []
    assert len(reading.observer.recent_syns) <= 4096


@pytest.mark.parametrize("write", [pcap, pcapng])
@pytest.mark.parametrize("tag", [None, 100])
def test_an_answer_makes_a_host_one_of_interest_before_its_question_and_without(
    tmp_path: Path, write: Callable[..., bytes], tag: int | None
) -> None:
    name, begin = "ucupdates-r2.contoso.com", START * 1_000_000
    asked = ethernet(PHONE, SERVER, 0x0800, ipv4("10.2.0.9", "10.1.0.2", 17, udp(5, 53, dns_question(1, name))), tag)
    reply = ipv4("10.1.0.2", "10.2.0.9", 17, udp(53, 5, dns_answer(1, name, "10.1.0.10")))
    said = ethernet(SERVER, PHONE, 0x0800, reply, tag)
    other = ipv4("10.1.0.2", "10.2.0.8", 17, udp(53, 6, dns_answer(1, "www.contoso.com", "10.1.0.10")))
    noise = ethernet(SERVER, STRANGER, 0x0800, other, tag)
    path = tmp_path / "capture"
    for frames, first in (((noise, said, asked), 3), ((noise, said), None)):
        path.write_bytes(write([(begin + number, frame) for number, frame in enumerate(frames)]))
        (lookup,) = (lookup for lookup in facts(read(path, HostFilter())) if isinstance(lookup, Lookup))
        assert (lookup.client, lookup.rcode, lookup.answer_frame) == ("10.2.0.9", "NOERROR", 2)
        assert first is None or lookup.frame == first


@pytest.mark.parametrize(("cached", "most"), [(64, 64), (MAX_CACHED, CACHED_WITH_MANY)])
def test_hosts_that_become_phones_one_after_the_other_are_bounded(tmp_path: Path, cached: int, most: int) -> None:
    frames = []
    for number in range(500):
        for at, said in enumerate((b"GET / HTTP/1.1\r\n\r\n", b"POST /RequestHandler/ucdevice.upx HTTP/1.1\r\n\r\n")):
            data = ipv4(f"10.2.{number >> 8}.{number & 255}", "10.1.0.10", 6, tcp(40000 + at, 80, 1, 1, 24, said))
            frames.append((START * 1_000_000 + number, ethernet(STRANGER, SERVER, 0x0800, data)))
    path = tmp_path / "capture"
    path.write_bytes(pcap(frames))
    reading = CaptureFileReader(HostFilter(), limits=Limits(cached=cached))
    found = facts(list(reading.read([str(path)])))
    assert sum(isinstance(exchange, Http) and exchange.method == "POST" for exchange in found) == 500
    assert reading.prefilter.most == most


def test_of_more_conversations_than_there_is_room_for_half_stay_known(tmp_path: Path) -> None:
    frames = []
    for number in range(1000):
        ports = 1000 + number, (443, 80, 445)[number % 3]
        data = ipv4("10.3.0.1", "93.184.1.1", 6, tcp(*ports, 1, 1, 16, b"x"))
        frames.append((START * 1_000_000 + number, ethernet(STRANGER, SERVER, 0x0800, data)))
    path = tmp_path / "capture"
    path.write_bytes(pcap(frames))
    reading = CaptureFileReader(HostFilter(), limits=Limits(cached=64))
    assert facts(list(reading.read([str(path)]))) == []
    assert 32 <= len(reading.prefilter.rejected) <= 64
    assert 32 <= len(reading.prefilter.payload_only) <= 64


@pytest.mark.parametrize("cache", ["rejected", "payload_only"])
@pytest.mark.parametrize("side", [0, 4])
def test_what_stays_known_goes_when_its_host_becomes_one_of_interest(cache: str, side: int) -> None:
    prefilter = PacketPrefilter(PacketTracker(lambda fact: None, HostFilter()), most=64)
    known: set[bytes] = getattr(prefilter, cache)
    keys = [struct.pack(">IIHH", number, 1000 + number, 80, 80) for number in range(65)]
    known.update(keys[:64])
    prefilter._cache_key(known, keys[64])
    kept = sorted(known - {keys[64]})
    assert len(kept) == 32
    for key in kept:
        prefilter._on_host_learnt(key[side : side + 4])
    assert known == {keys[64]}


# Order.


def ordered(lines: Sequence[int], limit: int) -> tuple[list[str], list[str]]:
    written: list[str] = []
    order = FactSorter(written.append, limit)
    for number, frame in enumerate(lines):
        order.add_line(frame, number, f"{frame}:{number}")
    order.finish()
    return written, [f"{frame}:{number}\n" for frame, number in sorted(zip(lines, range(len(lines)), strict=True))]


@given(st.lists(st.integers(0, 100), max_size=80), st.integers(1, 7))
def test_lines_come_in_the_order_of_their_frames(lines: list[int], limit: int) -> None:
    written, wanted = ordered(lines, limit)
    assert written == wanted


def test_lines_that_do_not_fit_into_memory_are_merged() -> None:
    rng = random.Random(1)
    written, wanted = ordered([rng.randrange(10_000) for _ in range(5000)], 50)
    assert written == wanted


@pytest.mark.parametrize("room", [0, 3, 64, 66])
def test_a_full_disk_loses_no_line_that_was_reported(room: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each temporary file holds seven lines; the 65th is only begun when all before it went into one."""
    made = 0

    def file(*words: object, **settings: object) -> io.StringIO:
        nonlocal made
        made += 1
        found = io.StringIO()
        if made > room:
            lines = 0

            def write(text: str) -> int:
                nonlocal lines
                lines += 1
                if lines > 2:
                    raise OSError(28, "No space left on device")
                return len(text)

            found.write = write  # type: ignore[method-assign]
        return found

    monkeypatch.setattr("tempfile.TemporaryFile", file)
    written: list[str] = []
    order = FactSorter(written.append, 7)
    numbers = iter(range(1000))

    def fill() -> None:
        for number in numbers:
            order.add_line(1000 - number, 0, str(number))

    with pytest.raises(CannotTest, match=r"No space left on device.*TMPDIR"):
        fill()
    order.finish()
    assert written == [f"{number}\n" for number in reversed(range(next(numbers) - 1))]
    assert len(written) > 6


def test_what_began_long_ago_is_written_at_once() -> None:
    written: list[str] = []
    order = FactSorter(written.append)
    order.add_line(5, 50, "five")
    order.add_line(2, 20, "two")
    order.add_line(9, 90, "nine")
    order.write_before(60)
    assert written == ["two\n", "five\n"]
    order.finish()
    assert written == ["two\n", "five\n", "nine\n"]


def test_the_maker_of_captures_says_what_it_made(tmp_path: Path) -> None:
    count, made = make(tmp_path / "a.pcap", packets=5000, phones=12, broken=10, size=5000)
    assert count == extent(read(tmp_path / "a.pcap")).packets
    assert len(made) == 12
    assert sum(report.status == "broken" for report in made) == 10


@pytest.mark.parametrize("form", [pcap, pcapng])
def test_the_frame_that_fills_the_last_hole_completes_an_answer(
    form: Callable[[Sequence[Packet]], bytes], tmp_path: Path
) -> None:
    body = bytes(1000)
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 300000\r\n\r\n"
    ladder = Ladder().opens().says(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n").answers(head, *[body] * 300)
    segments = [replace(segment, flags=ACK) if segment.payload is body else segment for segment in ladder.segments]
    lost = segments.pop(200)
    path = tmp_path / "a"
    path.write_bytes(form(wired.frames([*segments, replace(lost, time=segments[-1].time + 1000)])))
    (http,) = (exchange for exchange in read(path, HostFilter(everything=True)) if isinstance(exchange, Http))
    assert (http.complete, http.answer_bytes, http.lost_bytes) == (True, 300_000, 0)
    assert http.answer_frame == http.last_frame == len(segments) + 1


# Times that go back.


@pytest.mark.parametrize("piece", [1 << 20, 60_000, 20_000])
@pytest.mark.parametrize("form", [pcap, pcapng])
def test_a_clock_that_was_set_back_goes_on(
    form: Callable[[Sequence[Packet]], bytes], piece: int, tmp_path: Path
) -> None:
    """Also in the middle of a download, of which the fast loops count most segments, or of a piece of the file."""
    path = tmp_path / "a"
    packets = phones(count=3, broken=2, size=400_000)
    path.write_bytes(form(packets))
    limits = Limits(chunk=piece)
    expected = read(path, HostFilter(), limits=limits)
    assert problems(expected) == []
    for share in (0.2, 0.4, 0.6):
        at = int(len(packets) * share)
        path.write_bytes(form(set_back(packets, at, 3600)))
        found = read(path, HostFilter(), limits=limits)
        (told,) = problems(found)
        assert "clock" in told
        assert "3,600" in told or "3,599" in told
        assert extent(found).end == pytest.approx(extent(expected).end, abs=3_000_000)
        assert [replaced(fact) for fact in facts(found)] == [replaced(fact) for fact in facts(expected)]
        assert all((getattr(fact, "seconds", None) or 0) >= 0 for fact in facts(found))


def test_a_clock_that_was_set_back_goes_on_in_another_section(tmp_path: Path) -> None:
    path = tmp_path / "a"
    packets = set_back(PACKETS, len(PACKETS) // 3, 3600)
    path.write_bytes(pcapng(packets))
    expected = read(path, HostFilter())
    assert len(problems(expected)) == 1
    path.write_bytes(pcapng(packets[: len(PACKETS) // 2]) + pcapng(packets[len(PACKETS) // 2 :]))
    found = read(path, HostFilter())
    assert (problems(found), facts(found)) == (problems(expected), facts(expected))
    assert extent(found) == extent(expected)


@pytest.mark.parametrize("form", [pcap, pcapng])
def test_facts_have_the_times_that_the_packets_have(form: Callable[[Sequence[Packet]], bytes], tmp_path: Path) -> None:
    path = tmp_path / "a"
    packets = set_back(PACKETS, len(PACKETS) // 2, 3600)
    path.write_bytes(form(packets))
    found = read(path, HostFilter(everything=True))
    assert problems(found) == []
    told = facts(found)
    assert sum((fact.frame or 0) > len(PACKETS) // 2 for fact in told) == 10
    assert [fact.time for fact in told if fact.frame] == [packets[fact.frame - 1][0] for fact in told if fact.frame]


def test_no_duration_is_negative_where_times_go_back_again_and_again(tmp_path: Path) -> None:
    path = tmp_path / "capture"
    hello = bytes.fromhex("160301002f0100002b0303") + bytes(32) + bytes.fromhex("000002002f01000000")
    packets = phones(count=6, broken=4, noise=0, size=3000) + conversation("10.2.0.9", hello, port=443)
    path.write_bytes(pcap([(time - 7_000_000 * at, frame) for at, (time, frame) in enumerate(packets)]))
    found = [fact for fact in facts(read(path)) if getattr(fact, "seconds", None) is not None]
    assert {fact.kind for fact in found} >= {"connect", "lookup", "http", "tls"}
    assert all(getattr(fact, "seconds", 0) >= 0 for fact in found)


def test_a_clock_that_was_set_back_when_all_was_over_is_reported(tmp_path: Path) -> None:
    path = tmp_path / "a.pcap"
    path.write_bytes(pcap(set_back(PACKETS, len(PACKETS) - 3, 3600)))
    found = read(path, HostFilter())
    (told,) = problems(found)
    assert "clock" in told
    assert extent(found).end >= max(fact.time for fact in facts(found))


def test_a_single_packet_ahead_is_no_step(tmp_path: Path) -> None:
    path = tmp_path / "a.pcap"
    ahead = [(time + 60_000_000 * (at == 40), frame) for at, (time, frame) in enumerate(PACKETS)]
    path.write_bytes(pcap(ahead))
    assert problems(read(path)) == []


def test_times_that_go_back_again_and_again_are_left_and_reported(tmp_path: Path) -> None:
    path = tmp_path / "a.pcap"
    path.write_bytes(pcap([(time + 60_000_000 * (at // 20 % 2), frame) for at, (time, frame) in enumerate(PACKETS)]))
    (told,) = problems(read(path))
    assert "reordercap" in told


def test_files_are_read_in_the_order_of_their_time(tmp_path: Path, expected: list[Observation]) -> None:
    first, second = tmp_path / "a.pcap", tmp_path / "b.pcapng.gz"
    first.write_bytes(pcap(PACKETS[100:]))
    second.write_bytes(gzip.compress(pcapng(PACKETS[:100])))
    reading = CaptureFileReader(HostFilter(everything=True))
    found = list(reading.read([str(first), str(second)]))
    assert facts(found) == expected
    assert reading.starts == [(1, str(second)), (101, str(first))]
    assert reading.reordered
    assert problems(found) == []


def test_standard_input_that_begins_earlier_is_reported(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    path = tmp_path / "a.pcap"
    path.write_bytes(pcap(PACKETS[100:]))
    earlier = tmp_path / "b.pcap"
    earlier.write_bytes(pcap(PACKETS[:100]))
    with earlier.open("rb") as stream:
        monkeypatch.setattr("sys.stdin", stream)
        found = read([path, Path("-")])
    (told,) = problems(found)
    assert told.startswith(f"Standard input begins before {path}")


def test_the_buffer_of_a_file_does_not_wait_for_the_collector(tmp_path: Path) -> None:
    path = tmp_path / "site.pcap"
    path.write_bytes(pcap(conversation("10.2.0.9", POST)))
    gc.disable()
    gc.freeze()  # All that is there already is not looked at.
    try:
        assert read(path)
        assert not [found for found in gc.get_objects() if isinstance(found, Buffer)]
    finally:
        gc.enable()
