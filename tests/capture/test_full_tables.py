"""What a hostile capture can make grow, filled beyond its bound: each bound was seen to fail a test without it."""

import struct
from pathlib import Path

import pytest

from tests.capture.capture_files import described, facts, kuznetzov, pcap, phones, problems, read, section
from tests.traced_memory import peak
from ucdiag.capture import prefilter
from ucdiag.capture.key_log import read_key_logs
from ucdiag.capture.read_buffer import LONGEST


@pytest.mark.parametrize(("count", "said"), [(4096, False), (4097, True)])
def test_a_section_has_so_many_interfaces(count: int, said: bool, tmp_path: Path) -> None:
    path = tmp_path / "many.pcapng"
    path.write_bytes(section() + described() * count)
    assert any("it names more than 4096 interfaces" in text for text in problems(read(path))) is said


@pytest.mark.parametrize("form", [pcap, kuznetzov])
def test_a_packet_that_claims_to_be_huge_ends_a_file(form: object, tmp_path: Path) -> None:
    """Of a file that is read to its end, and of one of which a few packets are read."""
    packets = phones(count=1, broken=0, noise=0)
    data = bytearray(form(packets))  # type: ignore[operator]
    head = 24 if form is kuznetzov else 16
    at = 24
    for _ in range(3):
        at += head + struct.unpack_from("<I", data, at + 8)[0]
    struct.pack_into("<I", data, at + 8, 1 << 20)
    path = tmp_path / "huge.pcap"
    path.write_bytes(data + bytes(1 << 20))
    for settings in ({}, {"limit": 50}):
        (said,) = problems(read(path, **settings))
        assert "packet 4 claims an impossible length: all before it counts" in said


def test_more_downloads_at_once_than_are_followed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The table of runs stays at its bound, and what is found is the same."""
    path = tmp_path / "phones.pcap"
    path.write_bytes(pcap(phones(count=12, broken=3)))
    usual = facts(read(path))
    sizes = []
    purge = prefilter.PacketPrefilter._purge_counted_runs

    def purged(self: prefilter.PacketPrefilter, view: memoryview) -> None:
        purge(self, view)
        sizes.append(len(self.counted_runs))

    monkeypatch.setattr(prefilter, "MAX_COUNTED_RUNS", 2)
    monkeypatch.setattr(prefilter.PacketPrefilter, "_purge_counted_runs", purged)
    assert facts(read(path)) == usual
    assert sizes
    assert max(sizes) < 2


def test_a_key_log_is_read_by_pieces(tmp_path: Path) -> None:
    path = tmp_path / "keys"
    path.write_bytes((b"#" * 1000 + b"\n") * 12_000)
    with peak(6 << 20):
        secrets, (said,) = read_key_logs([str(path)])
    assert (len(secrets), said.code) == (0, "keylog-incomplete")


@pytest.mark.parametrize(("size", "whole"), [(LONGEST, True), (LONGEST + 1, False)])
def test_a_last_packet_that_claims_to_be_huge_is_none(size: int, whole: bool, tmp_path: Path) -> None:
    """One that is as long as a packet can be is only cut."""
    path = tmp_path / "end.pcap"
    small = struct.pack("<4I", 1_700_000_001, 0, 2, 60) + b"ab"
    path.write_bytes(pcap(phones(count=1, broken=0, noise=0))[:24] + small * 3 + struct.pack("<4I", 1, 0, size, size))
    (said,) = problems(read(path))
    assert ("ends in the middle of packet 4" in said, "packet 4 claims an impossible length" in said) == (
        whole,
        not whole,
    )
