"""A mirror of DNS, in which nearly every packet is passed over: what a phone asks among them is found."""

import struct
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.bench.traffic import dns_answer, dns_question, ethernet, ipv4, udp
from ucdiag.capture.clock_steps import ClockSteps
from ucdiag.capture.file_reader import CaptureFileReader, Limits
from ucdiag.capture.prefilter import PacketPrefilter
from ucdiag.model.observations import Extent, Lookup
from ucdiag.wire.host_filter import HostFilter
from ucdiag.wire.packet_tracker import PacketTracker

RESOLVER, PHONE = "10.0.0.53", "10.0.0.9"
MAC = bytes.fromhex("001a2b000001")
NAME = "ucupdates-r2.contoso.com"


def asks(client: str, port: int, name: str) -> bytes:
    return ethernet(MAC, MAC, 0x0800, ipv4(client, RESOLVER, 17, udp(port, 53, dns_question(7, name))))


def answers(client: str, port: int, name: str) -> bytes:
    return ethernet(MAC, MAC, 0x0800, ipv4(RESOLVER, client, 17, udp(53, port, dns_answer(7, name, "10.0.0.80"))))


STRANGERS = [asks("10.0.1.1", 2000, "www.example"), answers("10.0.1.2", 2001, "longer.name.example")]
OTHERS = {
    "question": asks(PHONE, 3000, NAME),
    "answer": answers(PHONE, 3000, NAME),
    "another question": asks(PHONE, 3001, "pool01.contoso.com"),
    "no IPv4": ethernet(MAC, MAC, 0x86DD, bytes(60)),
    "no UDP": ethernet(MAC, MAC, 0x0800, ipv4("10.0.1.1", RESOLVER, 99, bytes(60))),
    "short": b"\0" * 14,
    "empty": b"",
}


def pcap(packets: list[bytes], order: str) -> bytes:
    head = struct.pack(f"{order}IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 262144, 1)
    return head + b"".join(
        struct.pack(f"{order}IIII", 1_700_000_000, number, len(packet), len(packet)) + packet
        for number, packet in enumerate(packets)
    )


def pcapng(packets: list[bytes], order: str) -> bytes:
    out = struct.pack(f"{order}IIIHHqI", 0x0A0D0D0A, 28, 0x1A2B3C4D, 1, 0, -1, 28)
    out += struct.pack(f"{order}IIHHII", 1, 20, 1, 0, 262144, 20)
    for number, packet in enumerate(packets):
        time, padded = 1_700_000_000_000_000 + number, packet + bytes(-len(packet) & 3)
        total = struct.pack(f"{order}I", 32 + len(padded))
        out += struct.pack(f"{order}I", 6) + total
        out += struct.pack(f"{order}IIIII", 0, time >> 32, time & 0xFFFFFFFF, len(packet), len(packet)) + padded + total
    return out


FORMATS = {"pcap": pcap, "pcapng": pcapng}


class Patient(PacketPrefilter):
    """Passes over no DNS."""

    def __init__(self, observer: PacketTracker, clock_steps: ClockSteps, most: int) -> None:
        super().__init__(observer, clock_steps, most)
        self.dns_hosts = None


def lookups(
    path: Path, chunk: int, prefilter: type[PacketPrefilter] = PacketPrefilter
) -> tuple[list[tuple[int | None, int | None]], int]:
    """The frames of a phone's question and of its answer, of each, and how many packets there were."""
    reader = CaptureFileReader(HostFilter(), limits=Limits(chunk=chunk), make_prefilter=prefilter)
    seen = list(reader.read([str(path)]))
    packets = next(item.packets for item in seen if isinstance(item, Extent))
    found = [(item.frame, item.answer_frame) for item in seen if isinstance(item, Lookup) and item.client == PHONE]
    return found, packets or 0


class Counting(PacketPrefilter):
    """Counts the datagrams that are looked into."""

    datagrams = 0

    def _take_datagram(self, *args: Any) -> None:
        self.datagrams += 1
        super()._take_datagram(*args)


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize(
    ("packet", "looked_into"), [(STRANGERS[0], 0), (STRANGERS[1], 0), (OTHERS["question"], 1), (OTHERS["answer"], 1)]
)
def test_of_a_stranger_not_even_the_first_packet_is_looked_into(
    form: str, packet: bytes, looked_into: int, tmp_path: Path
) -> None:
    """It is the one that the loops pass on."""
    path = tmp_path / "mirror"
    path.write_bytes(FORMATS[form]([packet], "<"))
    reader = CaptureFileReader(HostFilter(), make_prefilter=Counting)
    list(reader.read([str(path)]))
    assert (reader.packets, reader.prefilter.datagrams) == (1, looked_into)


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("chunk", [256, 1000, 1 << 16])
def test_a_phone_is_found_in_the_middle_of_many(form: str, order: str, chunk: int, tmp_path: Path) -> None:
    many = STRANGERS * 20
    packets = [*many, OTHERS["question"], *many, OTHERS["answer"], *many, OTHERS["another question"], *many]
    path = tmp_path / "mirror"
    path.write_bytes(FORMATS[form](packets, order))
    assert lookups(path, chunk) == ([(41, 82), (123, None)], 163)


@settings(deadline=None, max_examples=50)
@given(
    st.lists(st.sampled_from(["stranger", *OTHERS]), max_size=40),
    st.sampled_from(sorted(FORMATS)),
    st.sampled_from("<>"),
    st.integers(200, 2000),
)
def test_all_that_is_no_stranger_s_is_seen(
    tmp_path_factory: pytest.TempPathFactory, kinds: list[str], form: str, order: str, chunk: int
) -> None:
    packets: list[bytes] = []
    for kind in kinds:
        packets += STRANGERS * 2 if kind == "stranger" else [OTHERS[kind]]
    path = tmp_path_factory.mktemp("mirror") / "file"
    path.write_bytes(FORMATS[form](packets, order))
    assert lookups(path, chunk) == lookups(path, chunk, Patient)
