"""``ucdiag capture`` on files of a series of which one is missing, and on packets without a time."""

import struct
from collections.abc import Iterable
from pathlib import Path

import pytest

from tests.wire.ladder import START, Ladder
from tests.wire.two_sides import Packet, asked, exchange, leased
from tests.wire.wired import NOTHING_NEWER, POST, SECOND, captured, later
from ucdiag.capture.file_reader import CaptureFileReader
from ucdiag.capture.series import missing_between
from ucdiag.wire.host_filter import HostFilter


@pytest.mark.parametrize(
    ("one", "other", "count"),
    [
        ("s_00001_20260131090000.pcapng", "s_00002_20260131090100.pcapng", 0),
        ("s_00001_20260131090000.pcapng", "s_00003_20260131090200.pcapng", 1),
        ("s_00001_20260131090000.pcapng.gz", "s_00004_20260131090200.pcapng.gz", 2),
        ("s_00009_20260131090000.pcapng", "s_00001_20260131090200.pcapng", 0),
        ("a.pcap", "a.pcap1", 0),
        ("a.pcap", "a.pcap2", 1),
        ("a.pcap1", "a.pcap4", 2),
        ("a.pcap09", "a.pcap00", 0),
        ("a.pcap", "b.pcap3", 0),
        ("site1.pcap", "site3.pcap", 0),
        ("notes", "notes", 0),
    ],
)
def test_missing_files_are_known_by_their_numbers(one: str, other: str, count: int) -> None:
    assert missing_between(one, other) == count


def put(path: Path, packets: Iterable[tuple[int, bytes]]) -> Path:
    parts = [struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 262144, 1)]
    for time, frame in packets:
        parts.append(struct.pack("<IIII", time // SECOND, time % SECOND, len(frame), len(frame)) + frame)
    path.write_bytes(b"".join(parts))
    return path


def series(folder: Path, packets: list[Packet], last: int, number: int) -> dict[str, object]:
    """The packets, and a file of the same series, a minute later, with that number."""
    first = put(folder / "s.pcap1", [(packet.time, packet.frame) for packet in packets])
    other = put(folder / f"s.pcap{number}", [later(last), later(last + SECOND)])
    report: dict[str, object] = captured(first, "-r", str(other))
    return report


@pytest.mark.parametrize(
    ("packets", "step", "code"),
    [
        ([*leased(), *asked(answers=False)], "dns", "dns-no-answer"),
        ([*leased(), *asked(), *exchange(Ladder().asks())], "connect", "connect-no-answer"),
        (
            [*leased(), *asked(), *exchange(Ladder().opens().says(POST).acknowledges(server=True))],
            "request",
            "http-no-answer",
        ),
    ],
)
def test_silence_beside_a_missing_file_proves_nothing(
    packets: list[Packet], step: str, code: str, tmp_path: Path
) -> None:
    lacking = series(tmp_path, packets, START + 60 * SECOND, 3)
    assert lacking["verdict"]["code"] == "capture-gap"  # type: ignore[index]
    assert lacking["verdict"]["status"] == "unknown"  # type: ignore[index]
    assert "files-missing" in [problem["code"] for problem in lacking["problems"]]  # type: ignore[attr-defined]
    complete = series(tmp_path, packets, START + 60 * SECOND, 2)
    assert (complete["verdict"]["status"], complete["verdict"]["code"]) == ("broken", code)  # type: ignore[index]


@pytest.mark.parametrize(
    ("one", "other", "gaps"), [(1, 1, [(START, START + SECOND)]), (0, 1, []), (1, 0, []), (0, 0, [])]
)
def test_beside_a_file_without_packets_nothing_is_missing(
    one: int, other: int, gaps: list[tuple[int, int]], tmp_path: Path
) -> None:
    put(tmp_path / "s.pcap1", [later(START)] * one)
    put(tmp_path / "s.pcap3", [later(START + SECOND)] * other)
    reader = CaptureFileReader(HostFilter())
    list(reader.read([str(tmp_path / "s.pcap1"), str(tmp_path / "s.pcap3")]))
    assert [gap[:2] for gap in reader.gaps] == gaps


def test_what_was_silent_long_before_the_gap_is_judged(tmp_path: Path) -> None:
    packets = [*leased(), *asked(answers=False)]
    packets.append(Packet(*later(START + 30 * SECOND), False, "other"))
    report = series(tmp_path, packets, START + 60 * SECOND, 3)
    assert report["verdict"]["code"] == "dns-no-answer"  # type: ignore[index]


def block(kind: int, body: bytes) -> bytes:
    body += bytes(-len(body) % 4)
    size = struct.pack("<I", len(body) + 12)
    return struct.pack("<I", kind) + size + body + size


def untimed(path: Path, packets: list[Packet]) -> Path:
    """Simple packet blocks, and at last a packet that has a time."""
    parts = [block(0x0A0D0D0A, struct.pack("<IHHq", 0x1A2B3C4D, 1, 0, -1)), block(1, struct.pack("<HHI", 1, 0, 262144))]
    parts += [block(3, struct.pack("<I", len(packet.frame)) + packet.frame) for packet in packets]
    time, frame = later(START + 60 * SECOND)
    parts.append(block(6, struct.pack("<IIIII", 0, time >> 32, time & 0xFFFFFFFF, len(frame), len(frame)) + frame))
    path.write_bytes(b"".join(parts))
    return path


def test_packets_without_a_time_prove_no_silence(tmp_path: Path) -> None:
    report = captured(untimed(tmp_path / "a.pcapng", [*leased(), *asked(answers=False)]))
    assert report["verdict"]["status"] == "unknown"
    assert report["verdict"]["code"] in ("capture-gap", "capture-too-short")
    assert [problem["code"] for problem in report["problems"]] == ["times-missing"]
    served = exchange(Ladder().opens().says(POST).answers(NOTHING_NEWER).acknowledges().closes())
    report = captured(untimed(tmp_path / "b.pcapng", [*leased(), *asked(), *served]))
    assert report["verdict"]["status"] == "whole"
