"""Tunnels, tags and wrappers: the same phone is seen in each of them, from a file and through the kernel's filter."""

import struct
from itertools import product
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.in_parts import in_parts
from tests.runtime.bpf_machine import passes
from tests.wire.wired import Packet, captured, said, write
from tests.wire.wrappings import LABEL, NEAR, STORY, WRAPPINGS, between, carrier, in_ip, in_udp
from ucdiag.capture.bpf import kernel_filter
from ucdiag.model.observations import Http, Observation
from ucdiag.wire.host_filter import HostFilter
from ucdiag.wire.link.link_layer import ETHERNET, IPV4, read_link_layer
from ucdiag.wire.link.tunnels import TUNNEL_PORTS, in_gre
from ucdiag.wire.link.tunnels import in_udp as read_udp
from ucdiag.wire.packet_tracker import PacketTracker

WHOLE = ("whole", None, "no-update-offered")
FILTER = kernel_filter([80, 443])


def wrapped(name: str) -> list[Packet]:
    return [(time, WRAPPINGS[name](frame)) for time, frame in STORY]


@pytest.mark.parametrize("name", WRAPPINGS)
def test_a_phone_is_seen_inside(name: str, tmp_path: Path) -> None:
    path = write(tmp_path / "tunnel.pcap", wrapped(name))
    report = captured(path, "-w", str(tmp_path / "copy.pcapng"))
    [phone] = report["phones"]
    assert said(phone) == WHOLE
    assert [finding["code"] for finding in phone["findings"]] == ["no-update-offered"]
    [again] = captured(tmp_path / "copy.pcapng")["phones"]
    assert said(again) == WHOLE


@in_parts("name, everything", product(WRAPPINGS, [True, False]))
def test_what_was_looked_into_is_not_among_what_cannot_be_read(name: str, everything: bool) -> None:
    found: list[Observation] = []
    tracker = PacketTracker(found.append, HostFilter(everything=everything))
    for frame, (time, data) in enumerate(wrapped(name), 1):
        tracker.take_packet(time, frame, ETHERNET, data)
    tracker.finish(wrapped(name)[-1][0] + 1)
    assert tracker.tunnels_unread == {}
    [http] = [fact for fact in found if isinstance(fact, Http)]
    # Facts have no bodies.
    assert (http.answer_text is None) is everything


# What may be behind LLC alone costs the kernel too much to look for.
@in_parts("name", [name for name in WRAPPINGS if name != "ISL"])
def test_the_kernel_lets_it_through(name: str) -> None:
    for _, frame in wrapped(name):
        assert passes(FILTER, frame)
        if name not in ("a VLAN tag", "two VLAN tags") and frame[12:14] != b"\x81\0":
            assert passes(FILTER, between(b"\x81\0\0\x64")(frame))


@pytest.mark.parametrize(
    "frame",
    [
        pytest.param(between(b"\x88\xe5\x0e\0\0\0\0\x01"), id="MACsec, encrypted"),
        pytest.param(between(b"\x88\xe5\x04\0\0\0\0\x01"), id="MACsec, changed"),
        pytest.param(carrier(0x8847, LABEL + b"\x10\0\0\x01"), id="a pseudowire's own channel"),
        pytest.param(in_ip(97, b"\x40\0"), id="another version of Ethernet in IP"),
        pytest.param(in_ip(115, bytes(4)), id="L2TPv3's control"),
        pytest.param(in_udp(8472, bytes(8)), id="no VXLAN"),
        pytest.param(in_udp(12222, b"\x04" + bytes(5)), id="LWAPP's control"),
        pytest.param(in_udp(6080, b"\x20\x04\0\0", whole=False), id="GUE's control"),
        pytest.param(in_udp(4341, bytes(8)), id="LISP with something else"),
        pytest.param(carrier(0x894F, b"\x4f\xc2\x01\x03" + bytes(4)), id="another version of NSH"),
    ],
)
def test_what_cannot_be_read_is_no_phone(frame: object, tmp_path: Path) -> None:
    path = write(tmp_path / "tunnel.pcap", [(time, frame(inner)) for time, inner in STORY])  # type: ignore[operator]
    assert captured(path)["phones"] == []


@pytest.mark.parametrize(
    "first", [b"\x00\x04\xf2\xaa\xbb\xcc", b"\x45\x00\x00\x04\x00\x01", b"\x60\x00\x00\x04\x00\x01"]
)
def test_a_pseudowire_is_distinguished_from_ip_and_from_a_control_word(first: bytes) -> None:
    """MAC addresses may begin as a control word does, or as IP."""
    inner = first + NEAR + b"\x08\0" + STORY[0][1][14:]
    for header in (b"", bytes(4)):
        found = read_link_layer(1, carrier(0x8847, LABEL + header)(inner))
        assert found is not None
        assert (found.kind, found.dst_mac, found.src_mac) == (IPV4, first, NEAR)


@pytest.mark.parametrize("kind", [b"\x88\x47" + LABEL, b"\x65\x58", b"\x89\x03\0\0", b"\x88\xe7" + bytes(4)])
def test_frames_in_frames_come_to_an_end(kind: bytes) -> None:
    assert read_link_layer(1, (bytes(12) + kind) * 5000 + STORY[0][1]) is None


def test_service_chains_in_labels_come_to_an_end() -> None:
    assert read_link_layer(1, bytes(12) + (b"\x89\x4f\x0f\xc2\x01\x05" + bytes(4) + LABEL) * 5000) is None


@given(st.sampled_from(sorted(TUNNEL_PORTS)), st.binary(max_size=80))
def test_arbitrary_datagrams_are_read_or_not(port: int, data: bytes) -> None:
    found = read_udp(port, data)
    if found is not None and found[0] >= -5:
        read_link_layer(found[0], data, found[1])


@given(st.sampled_from([0x0800, 0x6558, 0x883E, 0x8847, 0x880B, 0x894F, 0x8210]), st.binary(max_size=80))
def test_arbitrary_bytes_in_gre_are_read_or_not(kind: int, data: bytes) -> None:
    data = b"\0\0" + kind.to_bytes(2, "big") + data
    found = in_gre(data)
    assert found is not None
    read_link_layer(found[0], data, found[1])


@given(
    st.sampled_from([0x8847, 0x88E5, 0x8903, 0x88E7, 0x22F3, 0x6558, 0x88BB, 0x894F, 0xF1C1, 0x892F, 0x0040]),
    st.binary(max_size=80),
)
def test_arbitrary_bytes_behind_each_type_are_read_or_not(kind: int, data: bytes) -> None:
    read_link_layer(1, NEAR + NEAR + struct.pack(">H", kind) + data)
