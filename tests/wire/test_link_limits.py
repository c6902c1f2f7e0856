"""Headers of link layers and tunnels at their limits: the shortest, the longest, each optional part, and no such."""

import struct

import pytest

from tests.in_parts import in_parts
from ucdiag.wire.link.ip_fragments import Fragments
from ucdiag.wire.link.link_layer import (
    ARP,
    CONTROLLER,
    ETHERNET,
    IEEE802_11,
    IPV4,
    IPV6,
    L2TP_SESSION,
    MPLS,
    PPP,
    RADIOTAP,
    RAW,
    SERVICE_CHAIN,
    Network,
    read_link_layer,
)
from ucdiag.wire.link.tunnels import GRE, in_gre, in_ip, in_udp
from ucdiag.wire.link.unread import (
    ENCRYPTED,
    is_wireless_overhead,
    unread_datagram,
    unread_frame,
    unread_gre,
    unread_protocol,
)

SRC, DST = bytes.fromhex("0004f2000001"), bytes.fromhex("00505600aa01")
IP = b"\x45\0\0\x1c" + bytes(24)
IP6 = b"\x60" + bytes(60)
SNAP = b"\xaa\xaa\x03\0\0\0\x08\0"
LABEL = b"\0\2\1\x40"


def frame(kind: int, payload: bytes = b"") -> bytes:
    return DST + SRC + struct.pack(">H", kind) + payload


# What stands behind the last label, where it is read as what; None: nothing that is known.
BELOW: dict[str, tuple[bytes, Network | None]] = {
    "IPv4": (IP, Network(IPV4, 18, SRC, DST)),
    "IPv6": (IP6, Network(IPV6, 18, SRC, DST)),
    "a frame of IPv4": (frame(IPV4, IP), Network(IPV4, 32, SRC, DST)),
    "a frame of IPv6": (frame(IPV6, IP6), Network(IPV6, 32, SRC, DST)),
    "a frame of ARP": (frame(ARP, b"\0\1\x08\0" + bytes(24)), Network(ARP, 32, SRC, DST)),
    "a tagged frame": (frame(0x8100, b"\0\x64\x08\0" + IP), Network(IPV4, 36, SRC, DST, 100)),
    "a frame of 802.3": (frame(0x0024, SNAP + IP), Network(IPV4, 40, SRC, DST)),
    "a frame of labels": (frame(0x8847, LABEL + IP), Network(IPV4, 36, SRC, DST)),
    "a control word and a tagged frame": (
        bytes(4) + frame(0x8100, b"\0\x64\x08\0" + IP),
        Network(IPV4, 40, SRC, DST, 100),
    ),
    "a control word and a frame": (bytes(4) + frame(IPV4, IP), Network(IPV4, 36, SRC, DST)),
    "a control word with a number": (b"\0\0\0\7" + frame(IPV4, IP), Network(IPV4, 36, SRC, DST)),
    "a frame of IPv4 without IPv4": (b"\x02" + frame(IPV4, b"\x65" + bytes(30))[1:], None),
    "a frame of IPv6 without IPv6": (b"\x12" + frame(IPV6, b"\x45" + bytes(30))[1:], None),
    "a frame of 802.3 without SNAP": (b"\x12" + frame(0x0024, bytes(30))[1:], None),
    "another type": (b"\x12" + frame(0x88CC, bytes(30))[1:], None),
    "too short for a frame": (b"\x12" + frame(IPV4, IP)[1:21], None),
    "a channel of its own": (b"\x10\0\0\1" + bytes(30), None),
    # MAC addresses that begin with 4 and 6, in front of something that is known.
    "an address like IPv4's version": (b"\x45" + frame(IPV4, IP)[1:], Network(IPV4, 32, SRC, b"\x45" + DST[1:])),
    "an address like IPv6's version": (b"\x60" + frame(IPV4, IP)[1:], Network(IPV4, 32, SRC, b"\x60" + DST[1:])),
}


@pytest.mark.parametrize(("data", "found"), BELOW.values(), ids=BELOW)
def test_what_is_below_labels(data: bytes, found: Network | None) -> None:
    assert read_link_layer(ETHERNET, frame(0x8847, LABEL + data)) == found


def from_8_0_69(first: int, length: int, *, left: int, options: int = 0, sound: bool = False) -> bytes:
    """IPv4 whose source address looks like the EtherType of IPv4 and the beginning of it; ``left`` bytes are there."""
    head = struct.pack(">BBHIBBH4s4s", first, 0, length, 7, 64, 17, 0, b"\x08\0\x45\1", b"\x0a\0\0\7")
    head += b"\x01" * options
    if sound:
        total = sum(struct.unpack(f">{len(head) // 2}H", head))
        head = head[:10] + struct.pack(">H", ~(total % 0xFFFF) & 0xFFFF) + head[12:]
    return head.ljust(left, b"\0")


def from_8_0_69_in_6(length: int, left: int) -> bytes:
    return (b"\x60\0\0\0" + struct.pack(">H", length) + bytes(6) + b"\x08\0\x45").ljust(left, b"\0")


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        pytest.param(from_8_0_69(0x45, 28, left=28), IPV4, id="its length is right"),
        pytest.param(from_8_0_69(0x45, 300, left=300), IPV4, id="its length is right, and more than 255"),
        pytest.param(from_8_0_69(0x45, 28, left=46), None, id="neither its length nor its checksum"),
        pytest.param(from_8_0_69(0x45, 28, left=46, sound=True), IPV4, id="padded, its checksum is right"),
        pytest.param(from_8_0_69(0x46, 32, left=46, options=4, sound=True), IPV4, id="the checksum of options, too"),
        pytest.param(from_8_0_69(0x45, 32, left=46, options=4, sound=True), None, id="the checksum of more than it"),
        pytest.param(from_8_0_69(0x44, 28, left=28), None, id="no header is so short"),
        pytest.param(from_8_0_69(0x4F, 60, left=60), IPV4, id="the longest header"),
        pytest.param(from_8_0_69(0x4F, 59, left=59), None, id="the longest header, cut"),
        pytest.param(from_8_0_69_in_6(0, 40), IPV6, id="IPv6 of a header alone"),
        pytest.param(from_8_0_69_in_6(8, 48), IPV6, id="IPv6 whose length is right"),
        pytest.param(from_8_0_69_in_6(0x0108, 40 + 0x0108), IPV6, id="IPv6 of more than 255 bytes"),
        pytest.param(from_8_0_69_in_6(8, 49), None, id="IPv6 that is padded"),
        pytest.param(from_8_0_69_in_6(8, 47), None, id="IPv6 that is cut"),
    ],
)
def test_ip_below_a_label_whose_address_looks_like_a_frame(data: bytes, kind: int | None) -> None:
    """Else it is a frame from and to what would be its first twelve bytes."""
    wanted = Network(kind, 18, SRC, DST) if kind else Network(IPV4, 32, data[6:12], data[:6])
    assert read_link_layer(ETHERNET, frame(0x8847, LABEL + data)) == wanted


def test_the_longest_stack_of_labels() -> None:
    labels = b"\0\1\0\x40" * 15 + LABEL
    assert read_link_layer(ETHERNET, frame(0x8847, labels + IP)) == Network(IPV4, 78, SRC, DST)
    assert read_link_layer(ETHERNET, frame(0x8847, b"\0\1\0\x40" + labels + IP)) is None
    assert read_link_layer(ETHERNET, frame(0x8847, LABEL)) is None
    assert read_link_layer(ETHERNET, frame(0x8847, LABEL + IP[:1])) == Network(IPV4, 18, SRC, DST)


def test_four_tags_and_the_innermost_number_counts() -> None:
    tags = b"".join(b"\0" + bytes([number]) + b"\x81\0" for number in (1, 2, 3))
    assert read_link_layer(ETHERNET, frame(0x88A8, tags + b"\xe0\x04\x08\0" + IP)) == Network(IPV4, 30, SRC, DST, 4)
    assert read_link_layer(ETHERNET, frame(0x88A8, tags + b"\xe0\0\x08\0" + IP)) == Network(IPV4, 30, SRC, DST, 3)
    assert read_link_layer(ETHERNET, frame(0x8100, b"\0\1\x08")) is None


@pytest.mark.parametrize("kind", [0x8100, 0x88A8, 0x9100, 0x9200])
def test_each_kind_of_tag(kind: int) -> None:
    assert read_link_layer(ETHERNET, frame(kind, b"\0\x64\x08\0" + IP)) == Network(IPV4, 18, SRC, DST, 100)


@pytest.mark.parametrize(("kind", "size"), [(0x8909, 6), (0x8926, 4), (0x893F, 6), (0xF1C1, 4), (0x892F, 4)])
def test_headers_that_are_passed(kind: int, size: int) -> None:
    whole = frame(kind, bytes(size) + b"\x08\0")
    assert read_link_layer(ETHERNET, whole + IP) == Network(IPV4, 16 + size, SRC, DST)
    assert read_link_layer(ETHERNET, whole[:-1]) is None


@pytest.mark.parametrize(
    ("control", "size"), [(0x00, 6), (0x02, 6), (0x20, 14), (0x22, 14), (0x80, 0), (0x08, 0), (0x04, 0), (0x0C, 0)]
)
def test_integrity_with_and_without_encryption(control: int, size: int) -> None:
    data = frame(0x88E5, bytes([control]) + bytes(max(size - 1, 0)) + b"\x08\0" + IP)
    assert read_link_layer(ETHERNET, data) == (Network(IPV4, 16 + size, SRC, DST) if size else None)
    assert read_link_layer(ETHERNET, frame(0x88E5)) is None


@pytest.mark.parametrize("count", range(4))
def test_options_of_trill(count: int) -> None:
    """RFC 6325: five bits count the options in units of four bytes."""
    head = bytes([count >> 2, (count & 3) << 6 | 0x3F]) + bytes(4)
    data = frame(0x22F3, head + bytes(4 * count) + frame(IPV4, IP))
    assert read_link_layer(ETHERNET, data) == Network(IPV4, 34 + 4 * count, SRC, DST)


@pytest.mark.parametrize(
    ("following", "payload", "found"),
    [
        (1, IP, Network(IPV4, 22, SRC, DST)),
        (2, IP6, Network(IPV6, 22, SRC, DST)),
        (3, frame(IPV4, IP), Network(IPV4, 36, SRC, DST)),
        (5, LABEL + IP, Network(IPV4, 26, SRC, DST)),
        (4, IP, None),
        (0, IP, None),
    ],
)
def test_service_chains(following: int, payload: bytes, found: Network | None) -> None:
    """RFC 8300."""
    head = bytes([0x0F, 0xC2, 1, following]) + bytes(4)
    assert read_link_layer(ETHERNET, frame(0x894F, head + payload)) == found
    assert read_link_layer(ETHERNET, frame(0x894F, b"\x4f" + head[1:] + payload)) is None
    assert read_link_layer(ETHERNET, frame(0x894F, head[:7])) is None


def token_ring(routing: bytes = b"") -> bytes:
    source = bytes([SRC[0] | 0x80]) + SRC[1:] if routing else SRC
    return b"\x10\x40" + DST + source + routing + SNAP


@pytest.mark.parametrize("routing", [b"", b"\x02\0", b"\x06\0\0\0\0\0", b"\xe6\0\0\0\0\0"])
def test_token_ring_with_a_route(routing: bytes) -> None:
    data = token_ring(routing)
    assert read_link_layer(6, data + IP) == Network(IPV4, len(data), SRC, DST)
    assert read_link_layer(6, b"\x10\x00" + data[2:] + IP) is None
    assert read_link_layer(6, data[:14]) is None


AIR = b"\x08\0\0\0" + DST + SRC + b"\x02\0\0\0\0\x03" + bytes(2)
QOS = b"\x88\0" + AIR[2:] + bytes(2)


def radiotap(words: tuple[int, ...], fields: bytes) -> bytes:
    present = b"".join(struct.pack("<I", word) for word in words)
    return struct.pack("<BBH", 0, 0, 4 + len(present) + len(fields)) + present + fields


RADIOTAPS: dict[str, tuple[bytes, bool]] = {
    "without fields": (radiotap((0,), b""), False),
    "flags": (radiotap((2,), b"\x20"), True),
    "flags of something else": (radiotap((2,), b"\x10"), False),
    "a clock and flags": (radiotap((3,), bytes(8) + b"\x20"), True),
    "a clock with that bit": (radiotap((1,), b"\x20" * 8), False),
    "a clock, not flags": (radiotap((3,), b"\x20" * 8 + b"\0"), False),
    "two words and flags": (radiotap((0x80000002, 0), b"\x20"), True),
    "three words and flags": (radiotap((0x80000002, 0x80000000, 0), b"\x20"), True),
    # Behind two words a clock begins at the next multiple of eight.
    "two words, a clock and flags": (radiotap((0x80000003, 0), bytes(4) + bytes(8) + b"\x20"), True),
    "three words, a clock and flags": (radiotap((0x80000003, 0x80000000, 0), bytes(8) + b"\x20"), True),
    "words without an end": (radiotap((0x80000002,) + (0x80000000,) * 40, b"\x20"), False),
}


@pytest.mark.parametrize(("head", "padded"), RADIOTAPS.values(), ids=RADIOTAPS)
def test_whether_radiotap_says_that_the_header_is_padded(head: bytes, padded: bool) -> None:
    data = head + QOS + (b"\0\0" if padded else b"") + SNAP
    assert read_link_layer(RADIOTAP, data + IP) == Network(IPV4, len(data), SRC, DST)


def test_a_radiotap_header_that_is_too_short() -> None:
    assert read_link_layer(RADIOTAP, b"\0\0\x07\0" + AIR + SNAP + IP) is None
    assert read_link_layer(RADIOTAP, b"\0\0\x08\0" + bytes(4) + AIR + SNAP + IP) == Network(IPV4, 40, SRC, DST)


@pytest.mark.parametrize(("link", "order"), [(119, "little"), (163, "big")])
@pytest.mark.parametrize(("size", "good"), [(23, False), (24, True), (1024, True), (1025, False)])
def test_sizes_of_other_headers_of_the_air(link: int, order: str, size: int, good: bool) -> None:
    head = bytes(4) + size.to_bytes(4, order) + bytes(size - 8)  # type: ignore[arg-type]
    found = read_link_layer(link, head + AIR + SNAP + IP)
    assert found == (Network(IPV4, size + 32, SRC, DST) if good else None)


AIRS: dict[str, tuple[bytes, int | None]] = {
    "data": (AIR, 24),
    "with quality": (QOS, 26),
    "with quality and order": (b"\x88\x80" + AIR[2:] + bytes(6), 30),
    "of a bridge": (b"\x08\x03" + AIR[2:] + SRC, 30),
    "null data": (b"\x48\0" + AIR[2:], None),
    "management": (b"\x00\0" + AIR[2:], None),
    "control": (b"\x04\0" + AIR[2:], None),
    "protected": (b"\x08\x40" + AIR[2:], None),
    "aggregate": (b"\x88\0" + AIR[2:] + b"\x80\0", None),
}


@pytest.mark.parametrize(("head", "size"), AIRS.values(), ids=AIRS)
def test_frames_of_the_air(head: bytes, size: int | None) -> None:
    found = read_link_layer(IEEE802_11, head + SNAP + IP)
    assert (found and found.at) == (None if size is None else size + 8)
    assert read_link_layer(IEEE802_11, head[:23]) is None


@pytest.mark.parametrize(
    ("data", "found"),
    [
        (b"\xff\x03\0\x21" + IP, Network(IPV4, 4)),
        (b"\xff\x03\x21" + IP, Network(IPV4, 3)),
        (b"\0\x57" + IP6, Network(IPV6, 2)),
        (b"\x57" + IP6, Network(IPV6, 1)),
        (b"\xc0\x21" + IP, None),
        (b"\xff\x03", None),
        (b"", None),
    ],
)
def test_ppp(data: bytes, found: Network | None) -> None:
    assert read_link_layer(PPP, data) == found
    assert read_link_layer(204, b"\0" + data) == (found and found._replace(at=found.at + 1))


def test_only_ethernets_own_addresses_are_those_of_a_cooked_capture() -> None:
    head = b"\0\0\0\1\0\6" + SRC + b"\0\0\x08\0"
    assert read_link_layer(113, head + IP) == Network(IPV4, 16, SRC)
    assert read_link_layer(113, head[:5] + b"\x08" + head[6:] + IP) == Network(IPV4, 16)
    second = b"\x08\0\0\0\0\0\0\1\0\1\0\6" + SRC + b"\0\0"
    assert read_link_layer(276, second + IP) == Network(IPV4, 20, SRC)
    assert read_link_layer(276, second[:11] + b"\x08" + second[12:] + IP) == Network(IPV4, 20)


@pytest.mark.parametrize(
    ("protocol", "found"),
    [
        (0xD4, Network(IPV4, 8)),
        (0xD5, Network(ARP, 8)),
        (0xC4, Network(IPV6, 8)),
        (0xF0, Network(IPV4, 5)),
        (0xF1, Network(ARP, 5)),
        (0xF2, None),
    ],
)
def test_protocols_of_arcnet(protocol: int, found: Network | None) -> None:
    """RFC 1201 has a count of pieces behind the protocol, RFC 1051 has none."""
    assert read_link_layer(129, b"\xbe\x50\xc3\x08" + bytes([protocol]) + bytes(60)) == found
    assert read_link_layer(129, b"\xbe\x50\xc3\x08") is None


@pytest.mark.parametrize(("family", "kind"), [(2, IPV4), (10, IPV6), (24, IPV6), (28, IPV6), (30, IPV6), (7, None)])
def test_address_families(family: int, kind: int | None) -> None:
    for order in ("little", "big"):
        found = read_link_layer(0, family.to_bytes(4, order) + IP)  # type: ignore[arg-type]
        assert found == (Network(kind, 4) if kind else None)


@pytest.mark.parametrize(("sizes", "found"), [((4, 4), True), ((5, 8), True), ((7, 8), True), ((3, 4), False)])
def test_attributes_of_nflog(sizes: tuple[int, int], found: bool) -> None:
    size, step = sizes
    data = b"\2\0\0\0" + struct.pack("<HH", size, 1) + bytes(step - 4) + struct.pack("<HH", 32, 9)
    assert read_link_layer(239, data + IP) == (Network(IPV4, len(data)) if found else None)
    many = b"\2\0\0\0" + struct.pack("<HH", 4, 1) * 63 + struct.pack("<HH", 32, 9)
    assert read_link_layer(239, many + IP) == Network(IPV4, len(many))
    assert read_link_layer(239, many[:4] + struct.pack("<HH", 4, 1) + many[4:] + IP) is None


# Frames that carry a frame: its header, up to the inner one.
CARRIERS: dict[str, bytes] = {
    "FabricPath": frame(0x8903, bytes(2)),
    "802.1ah": frame(0x88E7, bytes(4)),
    "TRILL": frame(0x22F3, bytes(6)),
    "Ethernet": frame(0x6558),
    "NSH": frame(0x894F, bytes([0x0F, 0xC2, 1, 3]) + bytes(4)),
    "labels": frame(0x8847, LABEL),
    "labels and a control word": frame(0x8847, LABEL + bytes(4)),
    "ISL": b"\x01\0\x0c\0\0" + b"\0" + SRC + b"\0\x50\xaa\xaa\x03\0\0\x0c" + bytes(6),
}


@pytest.mark.parametrize(("times", "found"), [(1, True), (4, True), (5, False)])
@pytest.mark.parametrize("name", CARRIERS)
def test_how_many_frames_one_may_be_in(name: str, times: int, found: bool) -> None:
    data = CARRIERS[name] * times
    assert read_link_layer(ETHERNET, data + frame(IPV4, IP)) == (
        Network(IPV4, len(data) + 14, SRC, DST) if found else None
    )


def test_a_service_chain_counts_and_so_do_the_labels_in_it() -> None:
    data = frame(0x894F, bytes([0x0F, 0xC2, 1, 5]) + bytes(4) + LABEL) * 2
    assert read_link_layer(ETHERNET, data + frame(IPV4, IP)) == Network(IPV4, len(data) + 14, SRC, DST)
    assert read_link_layer(ETHERNET, data + frame(0x6558) + frame(IPV4, IP)) is None


@pytest.mark.parametrize(("times", "found"), [(4, True), (5, False)])
def test_how_many_frames_are_below_one_another_in_a_tunnel(times: int, found: bool) -> None:
    data = CARRIERS["Ethernet"] * times + frame(IPV4, IP)
    chain = bytes([0x0F, 0xC2, 1, 3]) + bytes(4)
    for link, head, less in ((SERVICE_CHAIN, chain, 0), (MPLS, LABEL, 1), (L2TP_SESSION, b"", 1)):
        inner = data[14 * less :]
        assert (read_link_layer(link, head + inner) is not None) is found, link


@pytest.mark.parametrize("name", [name for name in CARRIERS if "labels" not in name])
def test_a_frame_in_a_frame_that_is_cut(name: str) -> None:
    data = CARRIERS[name] + frame(IPV4, IP)
    whole = read_link_layer(ETHERNET, data)
    for size in range(len(CARRIERS[name]) + 14):
        assert read_link_layer(ETHERNET, data[:size]) is None
    assert read_link_layer(ETHERNET, data[: len(CARRIERS[name]) + 14]) == whole


@pytest.mark.parametrize("options", [1, 4, 16, 31])
def test_each_bit_of_the_count_of_options_of_trill(options: int) -> None:
    for others in (0, 0xF83F):
        head = struct.pack(">H", options << 6 | others) + bytes(4 + 4 * options)
        assert read_link_layer(ETHERNET, frame(0x22F3, head + frame(IPV4, IP))) == Network(
            IPV4, 34 + 4 * options, SRC, DST
        )


@pytest.mark.parametrize(("first", "read"), [(0xFB, True), (0x04, False), (0xFF, False)])
def test_a_stations_frame_in_lwapp(first: int, read: bool) -> None:
    data = frame(0x88BB, bytes([first]) + bytes(5) + AIR + SNAP)
    assert (read_link_layer(ETHERNET, data + IP) is not None) is read


# Tunnels in IP and in UDP.

NOTHING = bytes(8)
DATAGRAMS: dict[str, tuple[int, bytes, tuple[int, int] | None]] = {
    "VXLAN": (4789, b"\x08" + bytes(7), (ETHERNET, 8)),
    "VXLAN without a network": (4789, NOTHING, None),
    "VXLAN that is cut": (4789, b"\x08" + bytes(6), None),
    "VXLAN-GPE without a protocol": (4790, b"\x08" + bytes(7), (ETHERNET, 8)),
    "VXLAN-GPE with IPv4": (4790, b"\x0c\0\0\1" + bytes(4), (RAW, 8)),
    "VXLAN-GPE with IPv6": (4790, b"\x0c\0\0\2" + bytes(4), (RAW, 8)),
    "VXLAN-GPE with Ethernet": (4790, b"\x0c\0\0\3" + bytes(4), (ETHERNET, 8)),
    "VXLAN-GPE with NSH": (4790, b"\x0c\0\0\4" + bytes(4), (SERVICE_CHAIN, 8)),
    "VXLAN-GPE with MPLS": (4790, b"\x0c\0\0\5" + bytes(4), (MPLS, 8)),
    "VXLAN-GPE with something else": (4790, b"\x0c\0\0\6" + bytes(4), None),
    "VXLAN-GPE without a network": (4790, b"\x04\0\0\1" + bytes(4), None),
    "Geneve": (6081, b"\0\0\x65\x58" + bytes(4), (ETHERNET, 8)),
    "Geneve with IPv6": (6081, b"\0\0\x86\xdd" + bytes(4), (RAW, 8)),
    "Geneve with MPLS": (6081, b"\0\0\x88\x48" + bytes(4), (MPLS, 8)),
    "Geneve with the most options": (6081, b"\x3f\0\x08\0" + bytes(4), (RAW, 260)),
    "Geneve of another version": (6081, b"\x40\0\x08\0" + bytes(4), None),
    "Geneve with something else": (6081, b"\0\0\x88\xcc" + bytes(4), None),
    "LISP with IPv4": (4341, bytes(8) + b"\x45", (RAW, 8)),
    "LISP with IPv6": (4341, bytes(8) + b"\x60", (RAW, 8)),
    "LISP with something else": (4341, bytes(8) + b"\x55", None),
    "LISP with nothing": (4341, bytes(8), None),
    "TZSP": (37008, b"\1\0\0\1\1\0\0\0", (ETHERNET, 5)),
    "TZSP with the air": (37008, b"\1\0\0\x12\1\0\0\0", (IEEE802_11, 5)),
    "TZSP with fields": (37008, b"\1\0\0\1\0\x0a\1\x77\0\1", (ETHERNET, 10)),
    "TZSP with something else": (37008, b"\1\0\0\2\1\0\0\0", None),
    "TZSP of another kind": (37008, b"\2\0\0\1\1\0\0\0", None),
    "TZSP of a field that is cut": (37008, b"\1\0\0\1\0\0\0\x0a", (ETHERNET, 10)),
    "GTP-U": (2152, b"\x30\xff" + bytes(6), (RAW, 8)),
    "GTP-U with a number": (2152, b"\x32\xff" + bytes(10), (RAW, 12)),
    "GTP-U with an extension": (2152, b"\x34\xff" + bytes(9) + b"\x85\1\0\0\0", (RAW, 16)),
    "GTP-U with two extensions": (2152, b"\x34\xff" + bytes(9) + b"\x85\1\0\0\x85\2\0\0\0\0\0\0\0", (RAW, 24)),
    "GTP-U with an extension of no length": (2152, b"\x34\xff" + bytes(9) + b"\x85\0\0\0\0", None),
    "GTP-U with an extension that is cut": (2152, b"\x34\xff" + bytes(9) + b"\x85\2\0\0\0", None),
    "GTP-U whose extension is not there": (2152, b"\x34\xff" + bytes(9) + b"\x85", None),
    "GTP-U's control": (2152, b"\x30\1" + bytes(6), None),
    "GTP of another kind": (2152, b"\x20\xff" + bytes(6), None),
    "L2TP 2": (1701, b"\0\2" + bytes(6), (PPP, 6)),
    "L2TP 2 with a length": (1701, b"\x40\2" + bytes(6), (PPP, 8)),
    "L2TP 2 with numbers": (1701, b"\x08\2" + bytes(8), (PPP, 10)),
    "L2TP 2 with an offset": (1701, b"\2\2" + bytes(4) + b"\0\3" + bytes(3), (PPP, 11)),
    "L2TP 2 with all": (1701, b"\x4a\2" + bytes(10) + b"\0\1" + bytes(1), (PPP, 15)),
    "L2TP 2 with an offset that is cut": (1701, b"\x42\2" + bytes(6), None),
    "L2TP 3": (1701, b"\0\3" + bytes(6), (L2TP_SESSION, 8)),
    "L2TP's control": (1701, b"\x80\2" + bytes(6), None),
    "L2TP 1": (1701, b"\0\1" + bytes(6), None),
    "CAPWAP": (5247, b"\0\x10\0\0" + bytes(4), (ETHERNET, 8)),
    "CAPWAP with the air": (5247, b"\0\x10\1\0" + bytes(4), (CONTROLLER, 8)),
    "CAPWAP with a longer header": (5247, b"\0\x20\0\0" + bytes(12), (ETHERNET, 16)),
    "CAPWAP in pieces": (5247, b"\0\x10\0\x80" + bytes(4), None),
    "CAPWAP that is kept alive": (5247, b"\0\x10\0\x08" + bytes(4), None),
    "CAPWAP that is encrypted": (5247, b"\1\x10\0\0" + bytes(4), None),
    "Teredo": (3544, b"\x60" + bytes(7), (RAW, 0)),
    "Teredo with an origin": (3544, bytes(8) + b"\x60", (RAW, 8)),
    "Teredo with an authentication": (3544, b"\0\1\2\3" + bytes(14) + b"\x60", (RAW, 18)),
    "Teredo with both": (3544, b"\0\1\0\0" + bytes(9) + bytes(8) + b"\x60", (RAW, 21)),
    "Teredo with something else": (3544, b"\x45" + bytes(7), None),
    "Teredo with nothing": (3544, bytes(8), None),
    "LWAPP": (12222, bytes(8), (CONTROLLER, 6)),
    "LWAPP's control": (12222, b"\4" + bytes(7), None),
    "LWAPP in pieces": (12222, b"\1" + bytes(7), None),
    "LWAPP of another version": (12222, b"\x40" + bytes(7), None),
    "LWAPP of a radio": (12222, b"\x38" + bytes(7), (CONTROLLER, 6)),
    "GUE as it is": (6080, b"\x45" + bytes(7), (RAW, 0)),
    "GUE with IPv4": (6080, b"\0\4" + bytes(6), (RAW, 4)),
    "GUE with IPv6": (6080, b"\0\x29" + bytes(6), (RAW, 4)),
    "GUE with fields": (6080, b"\2\4" + bytes(10), (RAW, 12)),
    "GUE with GRE": (6080, b"\0\x2f" + bytes(6), (GRE, 4)),
    "GUE with Ethernet in IP": (6080, b"\0\x61\0\0\x30\0\0\0", (ETHERNET, 6)),
    "GUE with MPLS": (6080, b"\1\x89" + bytes(6), (MPLS, 8)),
    "GUE with something else": (6080, b"\0\6" + bytes(6), None),
    "GUE's control": (6080, b"\x20\4" + bytes(6), None),
    "GUE of another version": (6080, b"\x80\4" + bytes(6), None),
    "GRE": (4754, NOTHING, (GRE, 0)),
    "MPLS": (6635, NOTHING, (MPLS, 0)),
    "another port": (53, b"\x45" + bytes(7), None),
}


@pytest.mark.parametrize(("port", "data", "found"), DATAGRAMS.values(), ids=DATAGRAMS)
def test_tunnels_in_udp(port: int, data: bytes, found: tuple[int, int] | None) -> None:
    assert in_udp(port, data) == found
    assert in_udp(port, data[:7]) is None


@pytest.mark.parametrize(
    ("protocol", "data", "found"),
    [
        (97, b"\x30\0", (ETHERNET, 2)),
        (97, b"\x40\0", None),
        (97, b"\x30\1", None),
        (115, b"\0\0\0\1", (L2TP_SESSION, 4)),
        (115, bytes(8), None),
        (137, b"", (MPLS, 0)),
        (50, b"\x30\0", None),
    ],
)
def test_tunnels_in_ip(protocol: int, data: bytes, found: tuple[int, int] | None) -> None:
    assert in_ip(protocol, data) == found


@pytest.mark.parametrize(
    ("kind", "data", "found"),
    [
        (0x0800, b"", (RAW, 4)),
        (0x86DD, b"", (RAW, 4)),
        (0x6558, b"", (ETHERNET, 4)),
        (0x8847, b"", (MPLS, 4)),
        (0x8848, b"", (MPLS, 4)),
        (0x894F, b"", (SERVICE_CHAIN, 4)),
        (0x880B, b"", (PPP, 4)),
        (0x883E, bytes(4) + b"\x45", (RAW, 4)),
        (0x883E, bytes(4) + b"\0\1\0\2\x45", (RAW, 8)),
        (0x883E, bytes(4), (RAW, 8)),
        (0x8200, b"", (IEEE802_11, 4)),
        (0x82F0, b"", (IEEE802_11, 4)),
        (0x8201, b"", None),
        (0x8300, b"", None),
        (0x88CC, b"", None),
    ],
)
def test_what_gre_carries(kind: int, data: bytes, found: tuple[int, int] | None) -> None:
    assert in_gre(b"\0\0" + kind.to_bytes(2, "big") + data[4:]) == found


PLACES = bytes(range(60))  # each says where it is


@in_parts(
    "flags, behind",
    [
        (0x0000, 0),
        (0x8000, 4),  # a checksum
        (0x2000, 4),  # a key
        (0x1000, 12),  # a sequence number, with which ERSPAN has a header of its own
        (0xB000, 20),
        (0x4000, None),  # routing
        (0x0001, 0),
        (0x0081, 4),  # version 1 alone has an acknowledgment number
        (0x0080, 0),
        (0x0082, 0),
        (0x3081, 20),
        (0x3001, 16),
        (0xFF81, None),
    ],
    ids=str,
)
def test_the_fields_of_gre_are_left_out(flags: int, behind: int | None) -> None:
    data = flags.to_bytes(2, "big") + b"\x88\xbe" + PLACES
    found = in_gre(data)
    assert (found and (found[0], data[found[1]])) == (None if behind is None else (ETHERNET, behind))


def test_what_is_shorter_than_a_header_of_gre_has_nothing_in_it() -> None:
    assert in_gre(b"\0\0\x88") is None
    assert in_gre(b"\0\0\x88\xbe") == (ETHERNET, 4)


# What cannot be read.

UNREAD: dict[str, tuple[int, bytes, str | None]] = {
    "ESP in UDP": (4500, b"\0\0\0\1" + bytes(4), "IPsec (ESP in UDP)"),
    "IKE": (4500, bytes(8), None),
    "seven bytes": (4500, b"\1" * 7, None),
    "DTLS 1.0": (40000, b"\x16\xfe\xff" + bytes(5), "DTLS"),
    "DTLS 1.2": (40000, b"\x17\xfe\xfd" + bytes(5), "DTLS"),
    "DTLS, first type": (40000, b"\x14\xfe\xfd" + bytes(5), "DTLS"),
    "DTLS, last type": (40000, b"\x1a\xfe\xfd" + bytes(5), "DTLS"),
    "before the types of DTLS": (40000, b"\x13\xfe\xfd" + bytes(5), None),
    "behind the types of DTLS": (40000, b"\x1b\xfe\xfd" + bytes(5), None),
    "TLS": (40000, b"\x16\x03\x03" + bytes(5), None),
    "CAPWAP": (5246, bytes(8), "UDP port 5246"),
    "CAPWAP's data": (5247, bytes(8), "UDP port 5247"),
    "CAPWAP with DTLS": (5246, b"\1" + bytes(7), "CAPWAP with DTLS"),
    "CAPWAP of another preamble": (5247, b"\2" + bytes(7), "UDP port 5247"),
    "WireGuard": (51820, b"\4" + bytes(31), "WireGuard"),
    "WireGuard, longer": (51820, b"\4" + bytes(47), "WireGuard"),
    "WireGuard of no such length": (51820, b"\4" + bytes(32), None),
    "WireGuard that is too short": (51820, b"\4" + bytes(15), None),
    "WireGuard's handshake": (51820, b"\1" + bytes(147), None),
    "OpenVPN": (1194, b"\x48" + bytes(7), "OpenVPN"),
    "OpenVPN of old": (1194, b"\x30" + bytes(7), "OpenVPN"),
    "OpenVPN's control": (1194, b"\x38" + bytes(7), None),
    "sFlow": (6343, bytes(8), "sFlow's samples"),
    "a tunnel's port": (4789, bytes(8), "UDP port 4789"),
    "DNS": (53, bytes(8), None),
}


@pytest.mark.parametrize(("port", "data", "name"), UNREAD.values(), ids=UNREAD)
def test_names_of_what_cannot_be_read(port: int, data: bytes, name: str | None) -> None:
    assert unread_datagram(port, 50000, data) == name
    assert unread_datagram(50000, port, data) == name


def test_of_two_ports_the_smaller_is_named() -> None:
    assert unread_datagram(8472, 4789, bytes(8)) == "UDP port 4789"
    assert unread_datagram(5247, 5246, bytes(8)) == "UDP port 5246"


def test_what_is_encrypted_and_what_only_is_not_read() -> None:
    names = {name for _, _, name in UNREAD.values() if name} | {"Wi-Fi (WPA)", "MACsec", "IPsec (ESP)", "IPComp"}
    without_a_key = {"UDP port 5246", "UDP port 5247", "UDP port 4789", "sFlow's samples", "IPComp"}
    assert names - without_a_key == ENCRYPTED


def test_names_of_protocols() -> None:
    assert [unread_protocol(number) for number in (50, 108, 51)] == ["IPsec (ESP)", "IPComp", None]
    assert unread_gre(0x88CC) == "GRE with EtherType 0x88cc"
    assert unread_gre(0x0102) == "GRE with EtherType 0x0102"


@pytest.mark.parametrize("tags", range(4))
def test_macsec_behind_up_to_three_tags(tags: int) -> None:
    data = DST + SRC + b"\x81\0\0\1" * tags + b"\x88\xe5" + bytes(20)
    assert unread_frame(ETHERNET, data) == "MACsec"
    assert unread_frame(ETHERNET, data.replace(b"\x88\xe5", b"\x88\xcc")) is None


@pytest.mark.parametrize(
    ("link", "head"),
    [
        (105, b""),
        (127, b"\0\0\x08\0" + bytes(4)),
        (127, b"\0\0\x02\1" + bytes(254)),
        (192, b"\0\0\x09\0" + bytes(5)),
        (119, bytes(4) + b"\x18\0\0\0" + bytes(16)),
        (163, bytes(4) + b"\0\0\0\x18" + bytes(16)),
    ],
)
@pytest.mark.parametrize(
    ("control", "name", "overhead"),
    [
        (b"\x08\x40", "Wi-Fi (WPA)", False),
        (b"\x88\x41", "Wi-Fi (WPA)", False),
        (b"\x08\x00", None, False),
        (b"\x09\x40", "Wi-Fi (WPA)", False),
        (b"\x80\x40", None, True),
        (b"\xb4\x00", None, True),
        (b"\x0c\x40", None, True),
    ],
)
def test_frames_of_the_air_that_are_encrypted(
    link: int, head: bytes, control: bytes, name: str | None, overhead: bool
) -> None:
    data = head + control
    assert unread_frame(link, data) == name
    assert is_wireless_overhead(link, data) is overhead
    assert unread_frame(link, data[:-1]) is None
    assert not is_wireless_overhead(link, data[:-1])


def test_other_links_have_no_air() -> None:
    assert unread_frame(101, b"\x08\x40") is None
    assert not is_wireless_overhead(101, b"\x80\0")


# Headers that are cut.

CUT: dict[str, tuple[int, bytes]] = {
    **{f"below labels, {name}": (ETHERNET, frame(0x8847, LABEL + data)) for name, (data, _) in BELOW.items()},
    **{f"of the air, {name}": (IEEE802_11, head + SNAP + IP) for name, (head, _) in AIRS.items()},
    **{f"radiotap, {name}": (RADIOTAP, head + QOS + SNAP + IP) for name, (head, _) in RADIOTAPS.items()},
    "integrity": (ETHERNET, frame(0x88E5, b"\x20" + bytes(13) + b"\x08\0" + IP)),
    "tags": (ETHERNET, frame(0x88A8, b"\0\1\x81\0\0\2\x08\0" + IP)),
    "PPP": (PPP, b"\xff\x03\0\x21" + IP),
    "PPPoE": (ETHERNET, frame(0x8864, b"\x11\0\0\1\0\x2a\0\x21" + IP)),
    "TRILL": (ETHERNET, frame(0x22F3, b"\0\x40" + bytes(8) + frame(IPV4, IP))),
    "a service chain": (ETHERNET, frame(0x894F, bytes([0x0F, 0xC2, 1, 3]) + bytes(4) + frame(IPV4, IP))),
    "token ring": (6, token_ring(b"\x06\0\0\0\0\0") + IP),
    "802.3": (ETHERNET, frame(0x0024, SNAP + IP)),
    "cooked": (113, b"\0\0\0\1\0\6" + SRC + b"\0\0\x08\0" + IP),
    "cooked 2": (276, b"\x08\0\0\0\0\0\0\1\0\1\0\6" + SRC + b"\0\0" + IP),
    "nflog": (239, b"\2\0\0\0" + struct.pack("<HH", 5, 1) + bytes(4) + struct.pack("<HH", 32, 9) + IP),
}


@in_parts("name", CUT)
def test_a_header_that_is_cut_anywhere_is_none_or_the_whole_one(name: str) -> None:
    link, data = CUT[name]
    whole = read_link_layer(link, data)
    for size in range(len(data)):
        found = read_link_layer(link, data[:size])
        # Below labels it is seen from what follows what it is. And nothing stands behind the end.
        assert found in (None, whole) or name.startswith("below") or found.at >= size, size


# Pieces of datagrams.

KEY = (b"\x0a\0\0\1", b"\x0a\0\0\2", 17, 1)


def test_the_largest_datagram_and_one_byte_more() -> None:
    half = 32768
    fragments = Fragments()
    assert fragments.add(KEY, 1, 0, True, b"a" * half) is None
    whole = fragments.add(KEY, 2, half, False, b"b" * (65535 - half))
    assert whole is not None
    assert len(whole) == 65535
    assert fragments.add(KEY, 3, 0, True, b"a" * half) is None
    assert fragments.add(KEY, 4, half, False, b"b" * (65536 - half)) is None
    assert fragments.add(KEY, 5, half, False, b"b") is None
    assert fragments.dropped == 0


def test_a_piece_without_bytes_that_is_not_the_last_is_no_piece() -> None:
    fragments = Fragments()
    assert fragments.add(KEY, 1, 0, True, b"") is None
    assert fragments.add(KEY, 2, 0, False, b"whole") == b"whole"
    assert fragments.dropped == 0


# A header that names the link type of what is behind it: of the link type, with what it names.
NAMING = {
    192: lambda inner: struct.pack("<BBHI", 0, 0, 8, inner),
    258: lambda inner: struct.pack("<III", 12, 0, inner),
    149: lambda inner: struct.pack("<III", 12, 0, inner),
}


@in_parts("outer, inner", [(outer, inner) for outer in NAMING for inner in (*NAMING, RAW)])
def test_no_header_that_names_a_link_type_is_read_in_another(outer: int, inner: int) -> None:
    """They could go on so without end."""
    named = NAMING[inner](RAW) + IP if inner in NAMING else IP
    data = NAMING[outer](inner) + named
    expected = Network(IPV4, len(data) - len(IP)) if inner == RAW else None
    assert read_link_layer(outer, data) == expected
