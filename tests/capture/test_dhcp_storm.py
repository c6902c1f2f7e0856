"""A storm of DHCP, whose messages are held one after the other: the same comes of it as of each message alone."""

import struct
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.bench.traffic import dhcp, dns_question, ethernet, ipv4, udp
from ucdiag.capture.file_reader import CaptureFileReader, Limits
from ucdiag.capture.prefilter import PacketPrefilter
from ucdiag.model.observations import Dhcp
from ucdiag.wire.host_filter import HostFilter

PHONE, STRANGER, OTHER = (bytes.fromhex(mac) for mac in ("001a2b000001", "001a2b000002", "001a2b000003"))
BROADCAST = b"\xff" * 6
SECOND = 1_000_000
DISCOVER, OFFER, REQUEST, ACK = 1, 2, 3, 5


def message(kind: int, mac: bytes, *options: tuple[int, bytes], **changed: Any) -> bytes:
    """A frame with a message of DHCP. ``changed``: ports, source, time to live, fragment word, what is left out."""
    up = kind in (DISCOVER, REQUEST)
    address = "0.0.0.0" if up else f"10.0.0.{mac[-1]}"
    payload = dhcp(1 if up else 2, 7, mac, address, [(53, bytes([kind])), *options])
    ports = changed.get("ports", (68, 67) if up else (67, 68))
    packet = bytearray(ipv4(changed.get("source", "0.0.0.0"), "255.255.255.255", 17, udp(*ports, payload)))
    packet[6:8] = struct.pack(">H", changed.get("piece", 0))
    packet[8] = changed.get("ttl", 128)
    data = ethernet(mac, BROADCAST, 0x0800, bytes(packet))
    data = data[:12] + changed.get("tag", b"") + data[12:]
    return data[: len(data) - changed.get("cut", 0)]


PACKETS = {
    **{f"{name} of a stranger": message(kind, STRANGER) for name, kind in (("discover", DISCOVER), ("ack", ACK))},
    **{f"{name} of another": message(kind, OTHER) for name, kind in (("offer", OFFER), ("request", REQUEST))},
    "discover of a phone": message(DISCOVER, PHONE),
    "request of a phone": message(REQUEST, PHONE, (60, b"CPE-OCPhone")),
    "ack of a phone": message(ACK, PHONE),
    "by a relay": message(OFFER, STRANGER, ports=(67, 67), source="10.0.0.1"),
    "to another port": message(DISCOVER, STRANGER, ports=(68, 9999)),
    "through a router": message(ACK, OTHER, ttl=63),
    "a fragment": message(DISCOVER, STRANGER, piece=0x2000),
    "not to be fragmented": message(DISCOVER, STRANGER, piece=0x4000),
    "with a tag": message(DISCOVER, STRANGER, tag=b"\x81\0\0\x64"),
    "cut": message(REQUEST, PHONE, (60, b"CPE-OCPhone"), cut=60),
    "question of the phone": ethernet(
        PHONE, BROADCAST, 0x0800, ipv4("10.0.0.1", "10.0.0.53", 17, udp(2000, 53, dns_question(7, "ucupdates-r2.a.b")))
    ),
    "no DHCP": ethernet(PHONE, BROADCAST, 0x0800, ipv4("10.0.0.9", "10.0.0.8", 17, udp(68, 67, bytes(300)))),
}
PAUSES = (0, 1000, SECOND // 2, 2 * SECOND, 40 * SECOND, -100_000, -5 * SECOND)


class OneByOne(PacketPrefilter):
    """Looks at each message by itself."""

    def take_dhcp_run(self, view: memoryview, at: int, end: int, frame: int, stop: int, record_of: Any) -> Any:
        """None is taken here."""
        return at, frame


class Counting(PacketPrefilter):
    """Counts the packets that the loop passes on by themselves."""

    passed = 0

    def take_packet(self, *words: Any) -> None:
        self.passed += 1
        super().take_packet(*words)


def pcap(packets: list[bytes], times: list[int], order: str = "<") -> bytes:
    head = struct.pack(f"{order}IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 262144, 1)
    return head + b"".join(
        struct.pack(f"{order}IIII", time // SECOND, time % SECOND, len(packet), len(packet)) + packet
        for packet, time in zip(packets, times, strict=True)
    )


def read(path: Path, chunk: int, prefilter: type[PacketPrefilter]) -> list[Any]:
    """All that came of the packets, and what is still held."""
    reader = CaptureFileReader(HostFilter(), limits=Limits(chunk=chunk), make_prefilter=prefilter)
    found = list(reader.read([str(path)]))
    observer = reader.observer
    held = list(observer.strangers.held_messages())
    routed = [observer.is_routed(address) for address in ("0.0.0.0", "10.0.0.1")]
    return [found, held, routed, observer.strangers.early_answers, observer.interest.hosts, reader.packets, reader.last]


@settings(deadline=None, max_examples=200)
@given(
    st.lists(st.tuples(st.sampled_from(sorted(PACKETS)), st.sampled_from(PAUSES)), max_size=30),
    st.sampled_from("<>"),
    st.integers(400, 4000),
)
def test_a_run_of_messages_is_read_as_each_of_them(
    tmp_path_factory: pytest.TempPathFactory, wanted: list[tuple[str, int]], order: str, chunk: int
) -> None:
    times = [1_700_000_000 * SECOND]
    for _, pause in wanted:
        times.append(times[-1] + pause)
    path = tmp_path_factory.mktemp("storm") / "file"
    path.write_bytes(pcap([PACKETS[name] for name, _ in wanted], times[1:], order))
    assert read(path, chunk, PacketPrefilter) == read(path, chunk, OneByOne)


def test_strangers_messages_do_not_come_one_by_one(tmp_path: Path) -> None:
    """But for the first, by which the time is known."""
    storm = [message(DISCOVER, number.to_bytes(6, "big")) for number in range(1000)]
    path = tmp_path / "storm"
    path.write_bytes(pcap([*storm, PACKETS["request of a phone"]], list(range(1, 1002))))
    reader = CaptureFileReader(HostFilter(), make_prefilter=Counting)
    found = list(reader.read([str(path)]))
    prefilter: Any = reader.prefilter
    assert [(seen.frame, seen.vendor_class) for seen in found if isinstance(seen, Dhcp)] == [(1001, "CPE-OCPhone")]
    assert prefilter.passed < 10
