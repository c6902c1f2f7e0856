"""``capture`` through scapy: what the device makes of packets, without a network (``tests/site`` has one)."""

import random
import struct
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

import ucdiag.capture.scapy_socket as scapy_socket
from tests.bench.traffic import BROKEN, Noise, PhoneTraffic
from ucdiag.capture.file_reader import CaptureFileReader
from ucdiag.capture.live import Live
from ucdiag.capture.writer import Writer
from ucdiag.model.codec import to_json
from ucdiag.model.observations import Extent, Observation
from ucdiag.model.report import Problem
from ucdiag.runtime.context import CannotTest
from ucdiag.runtime.scapy_packets import RawPacket
from ucdiag.wire.host_filter import HostFilter


class Socket:
    """Packets that were put in, a few at a time, in the place of scapy's."""

    def __init__(
        self, packets: Sequence[RawPacket], link: int = 1, lost: int | None = 0, error: OSError | None = None
    ) -> None:
        self.link = link
        self.counts = lost is not None
        self.closed = False
        self.now = packets[0].time if packets else 0
        self._packets = list(packets)
        self._lost = lost
        self._error = error
        self._chance = random.Random(1)

    def wait(self, seconds: float) -> bool:
        return bool(self._packets)

    def packets(self, most: int) -> list[RawPacket]:
        if not self._packets and self._error is not None:
            raise self._error
        count = min(self._chance.randrange(1, 40), most)
        taken, self._packets = self._packets[:count], self._packets[count:]
        if taken:
            self.now = taken[-1].time
        return taken

    def lost(self) -> int | None:
        return self._lost

    def close(self) -> None:
        self.closed = True


def site() -> list[RawPacket]:
    """A busy site: phones of every fate, and others."""
    rng = random.Random(7)
    timed: list[tuple[float, bytes]] = []
    for number, code in enumerate([*BROKEN, None], 1):
        timed += PhoneTraffic(number, code, number % 3 == 0, 30_000, 0.2 * number, rng).packets
    timed += [(0.001 * number, frame) for number, frame in enumerate(Noise(rng, 0.3).frames(3000))]
    start = 1_790_000_000_000_000
    return [RawPacket(start + int(at * 1_000_000), len(frame), frame) for at, frame in sorted(timed)]


def live(monkeypatch: pytest.MonkeyPatch, socket: Socket, **values: Any) -> tuple[Live, list[Observation | Problem]]:
    monkeypatch.setattr(scapy_socket, "ScapySocket", lambda *words: socket)
    values = {"duration": 1.0, "now": lambda: socket.now, **values}
    capture = Live("eth0", HostFilter(), sniffer="scapy", **values)
    capture.held_back = 0
    return capture, [item for item in capture.read() if item is not None]


def as_json(found: Sequence[object]) -> list[dict[str, Any]]:
    return [to_json(item) for item in found if isinstance(item, Observation) and not isinstance(item, Extent)]


def test_the_facts_are_those_of_a_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    packets = site()
    path = tmp_path / "out.pcap"
    capture, found = live(monkeypatch, Socket(packets), count=len(packets), write=str(path), duration=20.0)
    assert capture.packets == len(packets)
    read = CaptureFileReader(HostFilter())
    from_file = as_json([item for item in read.read([str(path)]) if item is not None])
    assert len(from_file) > 50
    assert sorted(map(str, as_json(found))) == sorted(map(str, from_file))


@pytest.mark.parametrize("form", ["pcap", "pcapng"])
def test_a_packet_that_was_cut_is_written_with_its_length(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, form: str
) -> None:
    path = tmp_path / f"out.{form}"
    live(monkeypatch, Socket([RawPacket(1_790_000_000_123_456, 70_000, bytes(60))]), count=1, write=str(path))
    data = path.read_bytes()
    head = struct.pack("<II", 60, 70_000)
    assert head + bytes(60) in data
    if form == "pcap":
        assert struct.pack("<II", 1_790_000_000, 123_456_000) + head in data


@pytest.mark.parametrize(("number", "link"), [(12, 101), (14, 101), (0, 0), (105, 105), (127, 127), (113, 113)])
def test_the_link_type_is_that_of_files(monkeypatch: pytest.MonkeyPatch, number: int, link: int) -> None:
    monkeypatch.setattr(scapy_socket, "ScapySocket", lambda *words: Socket([], number))
    device = scapy_socket.ScapyDevice("eth0", [80])
    assert device.link == link


@pytest.mark.parametrize("number", [-777, 189, 249])
def test_a_link_that_cannot_be_read_is_said_before_anything_is_captured(
    monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    socket = Socket([], number)
    monkeypatch.setattr(scapy_socket, "ScapySocket", lambda *words: socket)
    with pytest.raises(CannotTest, match=r"of a kind .* that cannot be read"):
        scapy_socket.ScapyDevice("usbmon1", [80])
    assert socket.closed


@pytest.mark.parametrize(
    ("error", "code", "said"),
    [
        (ModuleNotFoundError("no scapy", name="scapy"), "no-scapy", "pip install scapy"),
        (ImportError("no secur32"), "no-scapy", "it cannot be loaded: no secur32. 'ucdiag doctor' says what to do."),
        (LookupError("eth7"), "no-interface", "'ucdiag capture -D' lists them"),
        (PermissionError(1, "eth0: You don't have permission"), "no-privilege", "Capturing on eth7 needs privilege"),
        (OSError(100, "eth0 is down"), "no-interface", "Nothing can be captured on eth7: eth0 is down."),
    ],
)
def test_what_prevents_it_is_said(monkeypatch: pytest.MonkeyPatch, error: Exception, code: str, said: str) -> None:
    def fail(*words: object) -> None:
        raise error

    monkeypatch.setattr(scapy_socket, "ScapySocket", fail)
    with pytest.raises(CannotTest) as raised:
        scapy_socket.ScapyDevice("eth7", [80])
    assert raised.value.code == code
    assert said in raised.value.text


def test_an_interface_that_goes_away_ends_the_capture_after_its_last_packet(monkeypatch: pytest.MonkeyPatch) -> None:
    packets = site()[:50]
    capture, found = live(monkeypatch, Socket(packets, error=OSError(100, "The interface went down")), duration=20.0)
    assert capture.packets == 50
    (problem,) = [item for item in found if isinstance(item, Problem)]
    assert (problem.code, problem.text) == ("capture-ended", "The interface eth0 went away: The interface went down.")


@pytest.mark.parametrize("lost", [0, 7, None])
def test_what_was_lost_is_counted_or_said_to_be_unknown(monkeypatch: pytest.MonkeyPatch, lost: int | None) -> None:
    capture, found = live(monkeypatch, Socket(site()[:50], lost=lost), count=50)
    (extent,) = [item for item in found if isinstance(item, Extent)]
    assert (extent.lost, capture.lost) == (lost, lost)


def test_a_count_ends_it_exactly_there(monkeypatch: pytest.MonkeyPatch) -> None:
    capture, _ = live(monkeypatch, Socket(site()), count=123, duration=20.0)
    assert capture.packets == 123


def test_a_full_disk_ends_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def fail(writer: Writer, records: bytes) -> None:
        raise CannotTest("capture-unwritable", "It is full.")

    monkeypatch.setattr(Writer, "write", fail)
    capture, found = live(monkeypatch, Socket(site()), write=str(tmp_path / "out.pcap"), duration=20.0)
    assert capture.unwritten is not None
    assert capture.unwritten in found
    assert capture.packets < 100
