"""An Ethernet frame of IPv4 in each kind of tunnel, tag and wrapper: whole frames of an outer network."""

import struct
from collections.abc import Callable

from tests.bench.traffic import ethernet, ipv4, udp
from tests.wire.ladder import Ladder
from tests.wire.wired import NOTHING_NEWER, POST, frames, question

NEAR, FAR = bytes.fromhex("020000000001"), bytes.fromhex("020000000002")
ONE, TWO = "198.51.100.1", "198.51.100.9"
Wrap = Callable[[bytes], bytes]
# A phone asks DNS, and is told that nothing is newer: ten packets.
STORY = [*question(), *frames(Ladder().opens().says(POST).answers(NOTHING_NEWER).closes().segments)]


def outer(kind: int, payload: bytes) -> bytes:
    return ethernet(NEAR, FAR, kind, payload)


def between(header: bytes) -> Wrap:
    """A header that begins with an EtherType, between the MAC addresses and the EtherType of the frame."""
    return lambda frame: frame[:12] + header + frame[12:]


def carrier(kind: int, header: bytes = b"", whole: bool = True) -> Wrap:
    """Behind an EtherType and a header: the whole frame, or its IP packet."""
    return lambda frame: outer(kind, header + (frame if whole else frame[14:]))


def in_ip(protocol: int, header: bytes = b"", whole: bool = True) -> Wrap:
    return lambda frame: outer(0x0800, ipv4(ONE, TWO, protocol, header + (frame if whole else frame[14:])))


def in_udp(port: int, header: bytes = b"", whole: bool = True) -> Wrap:
    return lambda frame: outer(0x0800, ipv4(ONE, TWO, 17, udp(40000, port, header + (frame if whole else frame[14:]))))


def gre(kind: int, flags: int = 0, more: bytes = b"", whole: bool = True) -> Wrap:
    return in_ip(47, struct.pack(">HH", flags, kind) + more, whole)


def wireless(frame: bytes, swapped: bool = False) -> bytes:
    """The frame as 802.11, from a station to the network."""
    control = b"\x01\x08" if swapped else b"\x08\x01"
    snap = b"\xaa\xaa\x03\0\0\0" + frame[12:14]
    return control + bytes(2) + NEAR + frame[6:12] + frame[:6] + bytes(2) + snap + frame[14:]


LABEL = b"\0\x06\x41\xff"
VXLAN = b"\x08\0\0\0\0\0\x64\0"
ERSPAN_3 = struct.pack(">HHIII", 0x2007, 0, 0, 0, 0)[:12]

WRAPPINGS: dict[str, Wrap] = {
    "a VLAN tag": between(b"\x81\0\0\x64"),
    "two VLAN tags": between(b"\x88\xa8\0\x07\x81\0\0\x64"),
    "R-TAG (802.1CB)": between(b"\xf1\xc1\0\0\0\x01"),
    "R-TAG behind a VLAN tag": between(b"\x81\0\0\x64\xf1\xc1\0\0\0\x01"),
    "HSR": between(b"\x89\x2f\0\x40\0\x01"),
    "MACsec without encryption": between(b"\x88\xe5\x02\0\0\0\0\x01"),
    "MACsec with an identifier": between(b"\x88\xe5\x22\0\0\0\0\x01" + NEAR + b"\0\x01"),
    "Cisco metadata": between(b"\x89\x09\x01\x01\0\x01\0\x07"),
    "FabricPath": carrier(0x8903, b"\0\x05"),
    "802.1ah": carrier(0x88E7, b"\0\0\0\x64"),
    "802.1ah behind its tag": lambda frame: between(b"\x88\xa8\0\x07")(carrier(0x88E7, b"\0\0\0\x64")(frame)),
    "TRILL": carrier(0x22F3, b"\0\x3f\0\x01\0\x02"),
    "TRILL with options": carrier(0x22F3, b"\0\x7f\0\x01\0\x02" + bytes(4)),
    "Ethernet in Ethernet": carrier(0x6558),
    "ISL": lambda frame: b"\x01\0\x0c\0\0\0" + NEAR + b"\0\x50\xaa\xaa\x03\0\0\x0c\0\xc9\0\x01\0\0" + frame,
    "NSH with Ethernet": carrier(0x894F, b"\x0f\xc6\x01\x03" + bytes(20)),
    "NSH with IP": carrier(0x894F, b"\x0f\xc2\x02\x01" + bytes(4), whole=False),
    "LWAPP": lambda frame: outer(0x88BB, b"\0\0\0\0\0\0" + wireless(frame, swapped=True)),
    "MPLS": carrier(0x8847, LABEL[:2] + b"\x41\xff", whole=False),
    "MPLS, three labels": carrier(0x8847, b"\0\x05\x40\xff" * 2 + LABEL, whole=False),
    "EoMPLS": carrier(0x8847, LABEL),
    "EoMPLS with a control word": carrier(0x8847, LABEL + b"\0\0\0\x01"),
    "EoMPLS with a control word of zero": carrier(0x8847, LABEL + bytes(4)),
    "EoMPLS with a VLAN tag": lambda frame: carrier(0x8847, LABEL)(between(b"\x81\0\0\x64")(frame)),
    "EoMPLS behind a VLAN tag": lambda frame: between(b"\x81\0\0\x64")(carrier(0x8847, LABEL)(frame)),
    "MPLS in IP": in_ip(137, LABEL, whole=False),
    "MPLS in UDP": in_udp(6635, LABEL, whole=False),
    "IP in IP": in_ip(4, whole=False),
    "AH": in_ip(51, b"\x04\x04" + bytes(22), whole=False),
    "Ethernet in IP": in_ip(97, b"\x30\0"),
    "GRE": gre(0x0800, whole=False),
    "GRE with key, checksum and number": gre(0x0800, 0xB000, bytes(12), whole=False),
    "GRE with Ethernet (NVGRE)": gre(0x6558, 0x2000, b"\0\x13\x88\x01"),
    "GRE with MPLS": gre(0x8847, more=LABEL),
    "GRE with NSH": gre(0x894F, more=b"\x0f\xc2\x02\x03" + bytes(4)),
    "ERSPAN I": gre(0x88BE),
    "ERSPAN II": gre(0x88BE, 0x1000, bytes(4) + b"\x10\x07\0\x64" + bytes(4)),
    "ERSPAN III": gre(0x22EB, 0x1000, bytes(4) + ERSPAN_3),
    "WCCP": gre(0x883E, whole=False),
    "WCCP 2": gre(0x883E, more=b"\0\x01\0\x02", whole=False),
    "GRE in UDP": in_udp(4754, b"\0\0\x65\x58"),
    "VXLAN": in_udp(4789, VXLAN),
    "VXLAN with a policy": in_udp(4789, b"\x88\0\0\x07\0\0\x64\0"),
    "VXLAN with a VLAN tag": lambda frame: in_udp(4789, VXLAN)(between(b"\x81\0\0\x64")(frame)),
    "VXLAN on the old port": in_udp(8472, VXLAN),
    "VXLAN-GPE with Ethernet": in_udp(4790, b"\x0c\0\0\x03\0\0\x64\0"),
    "VXLAN-GPE with IP": in_udp(4790, b"\x0c\0\0\x01\0\0\x64\0", whole=False),
    "VXLAN-GPE with NSH": in_udp(4790, b"\x0c\0\0\x04\0\0\x64\0\x0f\xc2\x02\x03" + bytes(4)),
    "Geneve": in_udp(6081, b"\0\0\x65\x58\0\0\x64\0"),
    "Geneve with options": in_udp(6081, b"\x02\0\x65\x58\0\0\x64\0" + bytes(8)),
    "GUE with IP": in_udp(6080, b"\0\x04\0\0", whole=False),
    "GUE as it is": in_udp(6080, whole=False),
    "GUE with GRE": in_udp(6080, b"\0\x2f\0\0\0\0\x65\x58"),
    "LISP": in_udp(4341, b"\xc0\0\0\x01\0\0\0\x01", whole=False),
    "TZSP": in_udp(37008, b"\x01\0\0\x01\x01"),
    "TZSP with 802.11": lambda frame: outer(
        0x0800, ipv4(ONE, TWO, 17, udp(40000, 37008, b"\x01\0\0\x12\x01" + wireless(frame)))
    ),
    "GTP-U": in_udp(2152, b"\x30\xff\0\x40\0\0\0\x01", whole=False),
    "L2TPv2": in_udp(1701, b"\0\x02\0\x01\0\x01\xff\x03\0\x21", whole=False),
    "L2TPv3 in UDP": in_udp(1701, b"\0\x03\0\0\0\0\0\x01"),
    "L2TPv3": in_ip(115, b"\0\0\0\x01"),
    "L2TPv3 with a cookie": in_ip(115, b"\0\0\0\x01" + b"cookie!!"),
    "L2TPv3 with a sublayer": in_ip(115, b"\0\0\0\x01" + bytes(4)),
    "CAPWAP with Ethernet": in_udp(5247, b"\0\x10\0\0\0\0\0\0"),
    "CAPWAP with 802.11": lambda frame: outer(
        0x0800, ipv4(ONE, TWO, 17, udp(40000, 5247, b"\0\x10\x01\0\0\0\0\0" + wireless(frame, swapped=True)))
    ),
    "LWAPP in UDP": lambda frame: outer(
        0x0800, ipv4(ONE, TWO, 17, udp(40000, 12222, bytes(6) + wireless(frame, swapped=True)))
    ),
    "PPPoE": carrier(0x8864, b"\x11\0\0\x01\0\x40\0\x21", whole=False),
}
