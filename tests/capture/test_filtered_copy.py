"""``capture -r IN -w OUT``: what matters is kept, as the filter in the kernel would, and judged alike."""

import contextlib
import gzip
import random
import struct
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from click.testing import CliRunner

from tests.bench.traffic import ethernet, ipv4, tcp, udp
from tests.capture.capture_files import (
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
    section,
    simple_packets,
)
from tests.runtime.bpf_machine import passes
from ucdiag import __version__
from ucdiag.capture.bpf import kernel_filter
from ucdiag.capture.file_reader import CaptureFileReader
from ucdiag.capture.filtered_copy import CopyingFileReader
from ucdiag.capture.writer import Writer
from ucdiag.cli.main import cli
from ucdiag.runtime.context import CannotTest
from ucdiag.wire.host_filter import HostFilter

PACKETS = phones()


def various(seed: int = 1) -> list[bytes]:
    """Frames of every kind that the filter knows, whole, tagged, and cut."""
    rng = random.Random(seed)
    found = [frame for _, frame in PACKETS]
    for kind in (0x0806, 0x8864, 0x86DD, 0x88CC, 0x0026, 0x0800):
        found.append(SERVER + PHONE + kind.to_bytes(2, "big") + bytes(60))
    for protocol in (1, 2, 4, 6, 17, 41, 47, 50, 132):
        for piece in (0, 0x4000, 0x2000, 7):
            for ports in ((1, 2), (80, 9), (9, 443), (53, 9), (9, 67), (4789, 1), (0x0300, 0), (0x0B00, 0)):
                for words in (5, 6, 15):
                    head = struct.pack(
                        ">BBHHHBBH4s4s", 0x40 | words, 0, 60, 0, piece, 64, protocol, 0, b"abcd", b"efgh"
                    )
                    head += bytes(words * 4 - 20) + struct.pack(">HH", *ports) + bytes(30)
                    found.append(SERVER + PHONE + b"\x08\x00" + head)
    for tag in (0x8100, 0x88A8, 0x9100, 0x9200):
        tagged = [frame[:12] + struct.pack(">HH", tag, 7) + frame[12:] for frame in rng.sample(found, 200)]
        found += tagged
        found += [frame[:12] + struct.pack(">HH", 0x8100, 9) + frame[12:] for frame in tagged[:20]]
    found += [frame[: rng.randrange(14, 60)] for frame in rng.sample(found, 300)]
    return found


def keep(source: Path, target: Path, interest: HostFilter | None = None, **settings: object) -> list[object]:
    reading = CopyingFileReader(interest or HostFilter(), write=str(target), **settings)  # type: ignore[arg-type]
    return [fact for fact in reading.read([str(source)]) if fact is not None]


def read(source: Path, interest: HostFilter | None = None) -> list[object]:
    return [fact for fact in CaptureFileReader(interest or HostFilter()).read([str(source)]) if fact is not None]


def records(data: bytes) -> list[Packet]:
    """The packets of a pcap with nanoseconds, without the help of what is tested."""
    assert data[:4] == struct.pack("<I", 0xA1B23C4D)
    found, at = [], 24
    while at < len(data):
        seconds, rest, size, _ = struct.unpack_from("<IIII", data, at)
        found.append((seconds * 1_000_000 + rest // 1000, data[at + 16 : at + 16 + size]))
        at += 16 + size
    return found


def test_a_copy_tells_when_the_capture_ended(tmp_path: Path) -> None:
    # What nobody answered counts in the copy too, although its last packet is the question.
    asked = conversation("10.2.0.9", b"", mac=PHONE)[:1]
    later = (asked[0][0] + 9_000_000, ethernet(SERVER, PHONE, 0x0800, ipv4("10.9.0.1", "10.9.0.2", 17, udp(9, 9, b""))))
    source, target, none = (tmp_path / name for name in ("source.pcap", "target.pcapng", "none.pcapng"))
    source.write_bytes(pcap([*asked, later]))
    found = keep(source, target, HostFilter(macs=frozenset({PHONE})))
    again = read(target, HostFilter(macs=frozenset({PHONE})))
    assert [getattr(fact, "outcome", None) for fact in facts(found)] == ["no_answer"]
    assert facts(again) == facts(found)
    assert problems(again) == []
    assert extent(again).end == extent(found).end == later[0]
    # Its times are those of the packets in it, also where a clock was set back that is told as if it had gone on.
    before = [(later[0] + 900_000_000 + at, frame) for at, frame in enumerate([asked[0][1]] * 4)]
    source.write_bytes(pcap([*before, *asked, *[(asked[0][0] + 1 + at, later[1]) for at in range(4)]]))
    assert extent(keep(source, target)).end > before[-1][0]
    assert extent(read(target)).end < before[-1][0] + 1_000_000
    source.write_bytes(pcap([]))
    keep(source, none)
    assert extent(read(none)).packets == extent(read(none)).end == 0


def test_a_copy_tells_what_was_lost_whatever_is_claimed(tmp_path: Path) -> None:
    source, target = tmp_path / "source.pcapng", tmp_path / "target.pcapng"
    for claimed in (3, (1 << 64) - 1):
        told = block("<", 5, struct.pack("<IIIHHQ", 0, 0, 0, 5, 8, claimed))
        source.write_bytes(pcapng(PACKETS) + told + section("<") + described("<") + told)
        assert extent(keep(source, target)).lost == 2 * claimed
        assert extent(read(target)).lost == min(2 * claimed, (1 << 64) - 1)


def test_a_packet_in_a_copy_is_as_long_as_others_read(tmp_path: Path) -> None:
    """Wireshark takes a file with a longer one for damaged."""
    first, (time, frame), *rest = phones(count=1, broken=0, noise=0)
    path, copy = tmp_path / "in.pcap", tmp_path / "out.pcap"
    long = struct.pack("<IIII", time // 1_000_000, time % 1_000_000, 300_000, 300_000) + frame.ljust(300_000, b"\0")
    path.write_bytes(pcap([first]) + long + pcap(rest)[24:])
    keep(path, copy)
    sizes = [len(frame) for _, frame in records(copy.read_bytes())]
    assert (max(sizes), len(sizes)) == (262_144, len(rest) + 2)


def test_kept_is_what_the_kernel_lets_through(tmp_path: Path) -> None:
    frames = various()
    source, target = tmp_path / "in.pcap", tmp_path / "out.pcap"
    source.write_bytes(pcap([(1_700_000_000_000_000 + number, frame) for number, frame in enumerate(frames)]))
    keep(source, target)
    program = kernel_filter([80, 443])
    expected = [(1_700_000_000_000_000 + at, frame) for at, frame in enumerate(frames) if passes(program, frame)]
    assert 200 < len(expected) < len(frames) - 200
    assert records(target.read_bytes()) == expected


def test_a_port_that_is_watched_is_kept(tmp_path: Path) -> None:
    source, target = tmp_path / "in.pcap", tmp_path / "out.pcap"
    frames = [
        ethernet(SERVER, PHONE, 0x0800, ipv4("10.0.0.1", "10.0.0.2", 6, tcp(5000, port, 1, 1, 16)))
        for port in (80, 8080, 8081)
    ]
    source.write_bytes(pcap([(number, frame) for number, frame in enumerate(frames)]))
    keep(source, target, ports=frozenset({80, 443, 8080}))
    assert [frame for _, frame in records(target.read_bytes())] == frames[:2]


FORMS = {
    "pcap": pcap(PACKETS),
    "big endian": pcap(PACKETS, ">"),
    "nanoseconds": pcap(PACKETS, nanoseconds=True),
    "kuznetzov": kuznetzov(PACKETS),
    "pcapng": pcapng(PACKETS),
    "pcapng big endian": pcapng(PACKETS, ">"),
    # editcap 4.0.17 moves the times of such a file (findings/editcap-powers-of-two.sh).
    "pcapng, powers of two": pcapng(PACKETS, resolution=0x80 | 10),
    "gzip": gzip.compress(pcap(PACKETS)),
}


@pytest.mark.parametrize("everything", [False, True])
@pytest.mark.parametrize("name", ["out.pcap", "out.pcapng"])
@pytest.mark.parametrize("form", FORMS)
def test_the_copy_tells_the_same(form: str, name: str, everything: bool, tmp_path: Path) -> None:
    source, target = tmp_path / "in", tmp_path / name
    source.write_bytes(FORMS[form])
    found = keep(source, target, HostFilter(everything=everything))
    again = read(target, HostFilter(everything=everything))
    assert facts(found)
    assert facts(found) == facts(again)  # frame by frame: their numbers are those of the copy
    without = read(source, HostFilter(everything=everything))
    timeless = [(fact.kind, fact.time) for fact in facts(without)]
    assert sorted((fact.kind, fact.time) for fact in facts(found)) == sorted(timeless)
    assert extent(found).packets == len(PACKETS)
    assert extent(again).packets < len(PACKETS)
    [said] = problems(found)
    assert (
        said == f"Frame numbers are those of {target}, where {extent(again).packets} of the {len(PACKETS)} packets are."
    )


def test_lengths_on_the_wire_and_packets_without_a_time(tmp_path: Path) -> None:
    # os-ken 4.2.2 moves packets by a microsecond and forgets these lengths (findings/os-ken-written-times.sh).
    source, target = tmp_path / "in", tmp_path / "out.pcap"
    source.write_bytes(pcap(PACKETS, snap=70))
    keep(source, target)
    data = target.read_bytes()
    lengths = {(at, frame[:70]): len(frame) for at, frame in PACKETS}
    place = 24
    for at, frame in records(data):
        assert struct.unpack_from("<II", data, place + 8) == (len(frame), lengths[at, frame])
        place += 16 + len(frame)
    assert place > 10_000
    source.write_bytes(simple_packets(PACKETS))
    found = keep(source, target)
    assert len(records(target.read_bytes())) == extent(read(target)).packets > 100
    assert len(problems(found)) == 1


ARP = SERVER + PHONE + b"\x08\x06" + bytes(46)


def snapped(form: str, length: int) -> bytes:
    """A file of one packet, of which so many bytes were on the wire."""
    order = ">" if "big" in form else "<"
    if form.startswith("pcapng"):
        head = struct.pack(f"{order}IIIII", 0, 0, 7_000_000, len(ARP), length)
        return section(order) + described(order) + block(order, 6, head + ARP)
    file, words = (kuznetzov([]), (1, 8, 0, 0)) if form == "kuznetzov" else (pcap([], order), ())
    return file + struct.pack(f"{order}IIII{'IHBB' if words else ''}", 7, 0, len(ARP), length, *words) + ARP


@pytest.mark.parametrize(("length", "kept"), [(1514, 1514), (61, 61), (60, 60), (59, 60), (0, 60)])
@pytest.mark.parametrize("form", ["pcap", "pcap big endian", "kuznetzov", "pcapng", "pcapng big endian"])
def test_the_length_on_the_wire_in_each_format(form: str, length: int, kept: int, tmp_path: Path) -> None:
    source, target = tmp_path / "in", tmp_path / "out.pcap"
    source.write_bytes(snapped(form, length))
    keep(source, target)
    assert target.read_bytes()[24:] == struct.pack("<IIII", 7, 0, len(ARP), kept) + ARP


@pytest.mark.parametrize("text", [b"CLIENT_RANDOM 1 2\n", b"word", b"words", b"a line\n\n"])
@pytest.mark.parametrize("order", ["<", ">"])
def test_secrets_of_tls_are_copied_to_their_last_byte(order: str, text: bytes, tmp_path: Path) -> None:
    source, target = tmp_path / "in", tmp_path / "out.pcapng"
    kind, other = 0x544C534B, 0x57474B4C  # "TLSK" and "WGKL"
    secrets = [block(order, 10, struct.pack(f"{order}II", kind, len(text)) + text) for kind in (kind, other)]
    packet = block(order, 6, struct.pack(f"{order}IIIII", 0, 0, 7, len(ARP), len(ARP)) + ARP)
    source.write_bytes(section(order) + described(order) + b"".join(secrets) + packet)
    keep(source, target)
    data = target.read_bytes()
    assert data.count(block("<", 10, struct.pack("<II", kind, len(text)) + text)) == 1
    assert other.to_bytes(4, "little") not in data


@pytest.mark.parametrize("interface", ["eth0", None])
def test_a_file_begins_with_who_wrote_it_and_where(interface: str | None, tmp_path: Path) -> None:
    path = tmp_path / "a.pcapng"
    writer = Writer(str(path), 113, interface)
    head = path.read_bytes()
    writer.close()
    wrote = f"ucdiag {__version__}".encode()
    wrote = struct.pack("<IHHqHH", 0x1A2B3C4D, 1, 0, -1, 4, len(wrote)) + wrote + bytes(-len(wrote) & 3) + bytes(4)
    named = b"\2\0\4\0eth0" if interface else b""
    described = struct.pack("<HHI", 113, 0, 262_144) + named + b"\x09\0\1\0\x09\0\0\0" + bytes(4)
    assert head == block("<", 0x0A0D0D0A, wrote) + block("<", 1, described)


@pytest.mark.parametrize(
    ("source", "copied"),
    [
        (pcap(PACKETS[:60])[:-1], True),
        (pcap(PACKETS[:60]), True),
        (pcap([]), True),
        (pcap([])[:-1], False),
    ],
    ids=["cut", "whole", "empty", "cut in its head"],
)
def test_a_copy_that_holds_nothing_of_a_damaged_file_replaces_none(source: bytes, copied: bool, tmp_path: Path) -> None:
    path, target = tmp_path / "in.pcap", tmp_path / "out.pcap"
    path.write_bytes(source)
    target.write_bytes(b"what was there")
    with contextlib.suppress(CannotTest):
        keep(path, target, of_captures=[])
    assert (target.read_bytes() != b"what was there") is copied
    assert sorted(tmp_path.iterdir()) == [path, target]


def two_links() -> bytes:
    """Packets of Ethernet and of Linux' "any" in one file."""
    cooked = [(at, bytes(4) + b"\0\6" + PHONE + b"\xff\xff" + frame[12:]) for at, frame in PACKETS]
    parts = [section(), described(), described(link=113)]
    for number, (plain, other) in enumerate(zip(PACKETS, cooked, strict=True)):
        parts.append(enhanced(*(other if number % 2 else plain), interface=number % 2))
    return b"".join(parts)


def test_several_link_types_need_pcapng(tmp_path: Path) -> None:
    source, target, small = tmp_path / "in", tmp_path / "out.pcapng", tmp_path / "out.pcap"
    source.write_bytes(two_links())
    found = keep(source, target)
    # The capture ends with its last packet, whether that is kept or not: so times of what is open at the end differ.
    assert [(fact.kind, fact.frame) for fact in facts(found)] == [
        (fact.kind, fact.frame) for fact in facts(read(target))
    ]
    assert len(facts(found)) > 20
    assert len(problems(found)) == 1
    told = keep(source, small)
    assert facts(told) == facts(found)
    assert ["cannot hold packets of several link types" in text for text in problems(told)] == [True]
    assert extent(read(small)).packets >= 1
    done = CliRunner().invoke(cli, ["capture", "-r", str(source), "-w", str(small), "--force", "--facts"])
    assert done.exit_code == 3
    assert "several link types" in done.stderr


def test_several_files_are_one_copy(tmp_path: Path) -> None:
    first, second, target = tmp_path / "a", tmp_path / "b", tmp_path / "out.pcapng"
    first.write_bytes(pcap(PACKETS[:200]))
    second.write_bytes(pcapng(PACKETS[200:]))
    reading = CopyingFileReader(HostFilter(), write=str(target))
    found = [fact for fact in reading.read([str(first), str(second)]) if fact is not None]
    assert facts(found) == facts(read(target)) != []


def test_a_damaged_capture_is_kept_up_to_the_damage(tmp_path: Path) -> None:
    source, target = tmp_path / "in", tmp_path / "out.pcap"
    source.write_bytes(pcap(PACKETS)[:-5])
    found = keep(source, target)
    assert any("ends in the middle" in text for text in problems(found))
    assert facts(found) == facts(read(target))
    source.write_bytes(pcap([]))
    keep(source, target)
    assert target.read_bytes() == struct.pack("<IHHiIII", 0xA1B23C4D, 2, 4, 0, 0, 262144, 1)


def test_others_leave_nothing(tmp_path: Path) -> None:
    source, target = tmp_path / "in", tmp_path / "out.pcap"
    frames = [ethernet(SERVER, PHONE, 0x0800, ipv4("10.0.0.1", "10.0.0.2", 17, udp(5000, 5060, b"x" * 50)))] * 50
    source.write_bytes(pcap([(number, frame) for number, frame in enumerate(frames)]))
    keep(source, target)
    assert records(target.read_bytes()) == []


def run(*arguments: object) -> "tuple[int, str, str]":
    done = CliRunner().invoke(cli, ["capture", *map(str, arguments)])
    return done.exit_code, done.stdout, done.stderr


def test_the_input_is_not_overwritten(tmp_path: Path) -> None:
    source, link = tmp_path / "in.pcap", tmp_path / "link.pcap"
    source.write_bytes(pcap(PACKETS))
    link.symlink_to(source)
    for option in ("-w", "-o", "--save-request"):
        for target in (source, link):
            code, shown, said = run("-r", source, option, target)
            assert (code, shown) == (2, "")
            assert f"{option} would overwrite" in said
    line = f"exec {sys.executable} -m ucdiag capture -r - -w {source} < {source}"
    done = subprocess.run(["sh", "-c", line], capture_output=True, text=True, timeout=60)
    assert done.returncode == 2
    assert "-w would overwrite standard input" in done.stderr
    assert source.read_bytes() == pcap(PACKETS)


def test_a_capture_without_a_name_is_used_wrongly() -> None:
    code, shown, said = run("-r", "")
    assert (code, shown) == (2, "")
    assert "'' names no file" in said


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_standard_output_that_is_full_is_called_so(tmp_path: Path) -> None:
    source = tmp_path / "in.pcap"
    source.write_bytes(pcap(PACKETS))
    line = f"exec {sys.executable} -m ucdiag capture -r {source} -w - -o {tmp_path / 'report'} > /dev/full"
    done = subprocess.run(["sh", "-c", line], capture_output=True, text=True, timeout=60)
    assert "The capture on standard output cannot be written: No space left on device." in done.stderr


@pytest.mark.parametrize("others", [("-o", "-w"), ("-o", "--save-request"), ("-w", "--save-request")])
@pytest.mark.parametrize("there", [False, True])
def test_outputs_do_not_overwrite_each_other(others: tuple[str, str], there: bool, tmp_path: Path) -> None:
    source, target = tmp_path / "in.pcap", tmp_path / "out"
    source.write_bytes(pcap(PACKETS))
    if there:
        target.write_bytes(b"what was there")
    code, shown, said = run("-r", source, others[1], target, others[0], tmp_path / ".." / tmp_path.name / "out")
    assert (code, shown) == (2, "")
    assert f"{others[0]} and {others[1]} would overwrite each other" in said
    assert target.exists() == there
    assert run("-r", source, others[0], "/dev/null", others[1], "/dev/null", "-q")[0] == 1


@pytest.mark.parametrize("option", ["-o", "-w", "--save-request", "--bundle"])
def test_what_exists_is_not_overwritten_without_force(option: str, tmp_path: Path) -> None:
    source, target = tmp_path / "in.pcap", tmp_path / "out.x"
    source.write_bytes(pcap(phones(broken=0)))
    target.write_bytes(b"what was there")
    code, shown, said = run("-r", source, option, target)
    assert (code, shown) == (2, "")
    assert said.startswith(
        f"ucdiag: {option} {str(target)!r}: the file exists: name another, or overwrite it with --force"
    )
    assert target.read_bytes() == b"what was there"
    assert run("-r", source, option, target, "--force")[0] == 0
    assert target.stat().st_size > 14


def test_a_capture_that_is_not_there_leaves_the_old_copy(tmp_path: Path) -> None:
    target = tmp_path / "out.pcap"
    target.write_bytes(b"what was there")
    assert run("-r", tmp_path / "missing", "--force", "-w", target)[0] == 3
    assert target.read_bytes() == b"what was there"


def test_the_verdict_is_the_same_with_a_copy(tmp_path: Path) -> None:
    source, target = tmp_path / "in.pcap", tmp_path / "out.pcapng"
    source.write_bytes(pcap(PACKETS))
    alone, kept = run("-r", source, "-f", "short"), run("-r", source, "-w", target, "-f", "short")
    assert alone[0] == kept[0] == 1
    told = [line for line in kept[1].splitlines() if "frames-of-copy" not in line]
    assert run("-r", target, "-f", "short")[1].splitlines() == told


def test_a_full_disk_is_reported_and_the_rest_is_read(tmp_path: Path) -> None:
    source = tmp_path / "in.pcap"
    source.write_bytes(pcap(phones(broken=0)))
    code, shown, said = run("-r", source, "-w", "/dev/full", "-f", "short")
    assert code == 3
    assert "/dev/full cannot be written: No space left on device" in said
    assert "problem capture-unwritable: " in shown
    assert "all 4 phones is whole" in shown


def test_packets_on_standard_output(tmp_path: Path) -> None:
    source, target, report = tmp_path / "in.pcap", tmp_path / "out.pcapng", tmp_path / "report"
    source.write_bytes(pcap(PACKETS))
    for more in ([], ["-o", "-"], ["--json"], ["--facts"]):
        code, shown, said = run("-r", source, "-w", "-", *more)
        assert (code, shown) == (2, "")
        assert "-w - would mix the packets with the " in said
    code, shown, said = run("-r", source, "-w", "-", "--save-request", "-", "-o", report)
    assert (code, shown) == (2, "")
    run("-r", source, "-w", target)
    words = [sys.executable, "-m", "ucdiag", "capture", "-r", str(source), "-w", "-", "-o", str(report)]
    done = subprocess.run(words, capture_output=True, timeout=60)
    assert done.returncode == 1
    assert done.stdout == target.read_bytes()


def test_what_arrives_is_kept_at_once(tmp_path: Path) -> None:
    """A program that is killed leaves a whole file with all that it has seen."""
    target = tmp_path / "kept.pcap"
    words = [sys.executable, "-m", "ucdiag", "capture", "-r", "-", "-w", str(target), "--facts"]
    process = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    assert process.stdin is not None
    packets: Sequence[Packet] = conversation("10.0.0.7", b"POST /x HTTP/1.1\r\n\r\n")
    sent = pcap(packets)
    try:
        process.stdin.write(sent)
        process.stdin.flush()
        for _ in range(600):
            if target.exists() and target.stat().st_size >= len(sent):
                break
            time.sleep(0.05)
        assert process.poll() is None
    finally:
        process.kill()
        process.wait(timeout=60)
        process.stdin.close()
    assert records(target.read_bytes()) == list(packets)


@pytest.mark.parametrize("limit", [1, 5, None])
def test_a_copy_ends_where_the_reading_does(limit: int | None, tmp_path: Path) -> None:
    source, target = tmp_path / "in.pcap", tmp_path / "out.pcap"
    source.write_bytes(pcap(PACKETS))
    assert extent(keep(source, target, limit=limit)).packets == (limit or len(PACKETS))
    whole = records(target.read_bytes())
    keep(source, target)
    assert whole == records(target.read_bytes())[: len(whole)]
    assert (len(whole) <= limit) if limit else len(whole) > 5


def test_a_copy_watches_the_ports_that_it_is_given(tmp_path: Path) -> None:
    source, target = tmp_path / "in.pcap", tmp_path / "out.pcap"
    frames = [
        ethernet(SERVER, PHONE, 0x0800, ipv4("10.0.0.7", "10.0.0.20", 6, tcp(50_000 + port, port, 1, 1, 2, b"")))
        for port in (80, 443, 8080)
    ]
    source.write_bytes(pcap([(number, frame) for number, frame in enumerate(frames)]))
    keep(source, target)
    assert [frame for _, frame in records(target.read_bytes())] == frames[:2]
    keep(source, target, ports=frozenset({8080}))
    assert [frame for _, frame in records(target.read_bytes())] == frames[2:]


@pytest.mark.parametrize("write", [lambda writer: writer.write(b""), lambda writer: writer.write_end(1)])
def test_a_file_of_two_names_begins_with_the_first_that_is_written(
    write: Callable[[Writer], None], tmp_path: Path
) -> None:
    path = tmp_path / "a.pcap"
    path.write_bytes(b"what stood here")
    (tmp_path / "b.pcap").hardlink_to(path)
    writer = Writer(str(path), 1)
    assert path.read_bytes() == b"what stood here"
    write(writer)
    writer.keep()
    writer.close()
    assert path.read_bytes() == struct.pack("<IHHiIII", 0xA1B23C4D, 2, 4, 0, 0, 262144, 1)
