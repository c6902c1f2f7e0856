"""Link layers, and datagrams in pieces."""

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ucdiag.wire.link.ip_fragments import Fragments
from ucdiag.wire.link.link_layer import ARP, IPV4, IPV6, KNOWN, read_link_layer

SRC, DST = bytes.fromhex("0004f2000001"), bytes.fromhex("00505600aa01")
IP = b"\x45\0\0\x1c" + bytes(24)
IP6 = b"\x60" + bytes(60)
SNAP = b"\xaa\xaa\x03\0\0\0\x08\0"


def ethernet(*types: int, tags: tuple[int, ...] = ()) -> bytes:
    """An Ethernet header: the types in order, each but the last followed by a tag."""
    parts = [DST + SRC]
    for number, kind in enumerate(types):
        parts.append(struct.pack(">H", kind))
        if number < len(tags):
            parts.append(struct.pack(">H", tags[number]))
    return b"".join(parts)


def wireless(control: int, flags: int, extra: bytes = b"", *, fourth: bytes = b"") -> bytes:
    """An 802.11 header with DST, SRC and a third address."""
    third = b"\x02\0\0\0\0\x03"
    return bytes([control, flags]) + bytes(2) + DST + SRC + third + bytes(2) + fourth + extra


def radiotap(present: int, fields: bytes) -> bytes:
    return struct.pack("<BBHI", 0, 0, 8 + len(fields), present) + fields


@pytest.mark.parametrize(
    ("link", "header", "kind", "src", "dst", "tag"),
    [
        pytest.param(1, ethernet(IPV4), IPV4, SRC, DST, None, id="ethernet"),
        pytest.param(1, ethernet(ARP), ARP, SRC, DST, None, id="arp"),
        pytest.param(1, ethernet(0x8100, IPV4, tags=(100,)), IPV4, SRC, DST, 100, id="tag"),
        # tcpflow 1.6.1 takes the priority for part of the number (findings/tcpflow-vlan-priority.sh).
        pytest.param(1, ethernet(0x8100, IPV4, tags=(0xE064,)), IPV4, SRC, DST, 100, id="tag with priority"),
        pytest.param(1, ethernet(0x8100, IPV4, tags=(0xE000,)), IPV4, SRC, DST, None, id="priority alone"),
        pytest.param(1, ethernet(0x88A8, 0x8100, IPV4, tags=(7, 100)), IPV4, SRC, DST, 100, id="QinQ"),
        pytest.param(1, ethernet(0x8909) + b"\x01\x01\0\x01\0\x07\x08\0", IPV4, SRC, DST, None, id="Cisco metadata"),
        pytest.param(
            1,
            ethernet(0x8926) + b"\0\x05\0\0\x81\0\0\x64\x89\x09\x01\x01\0\x01\0\x07\x08\0",
            IPV4,
            SRC,
            DST,
            100,
            id="VN-Tag, tag and Cisco metadata",
        ),
        pytest.param(1, ethernet(0x8864) + b"\x11\0\0\1\0\x1e\0\x21", IPV4, SRC, DST, None, id="pppoe"),
        pytest.param(1, ethernet(0x8848) + b"\0\2\1\x40", IPV6, SRC, DST, None, id="mpls with IPv6"),
        pytest.param(
            1,
            bytes(12) + b"\x88\x47\0\2\1\x40" + bytes(4) + ethernet(IPV4),
            IPV4,
            SRC,
            DST,
            None,
            id="mpls with a pseudowire",
        ),
        pytest.param(1, ethernet(0x8847) + b"\0\1\0\x40\0\2\1\x40", IPV4, SRC, DST, None, id="mpls, two labels"),
        pytest.param(
            1, ethernet(0x8847) + b"\0\2\1\x40" + bytes(4) + ethernet(IPV4), IPV4, SRC, DST, None, id="pseudowire"
        ),
        pytest.param(1, ethernet(0x0024) + SNAP, IPV4, SRC, DST, None, id="802.3 with SNAP"),
        pytest.param(0, struct.pack("<I", 2), IPV4, None, None, None, id="null, little"),
        pytest.param(0, struct.pack(">I", 2), IPV4, None, None, None, id="null, big"),
        pytest.param(108, struct.pack(">I", 2), IPV4, None, None, None, id="loop"),
        pytest.param(101, b"", IPV4, None, None, None, id="raw"),
        pytest.param(228, b"", IPV4, None, None, None, id="raw IPv4"),
        pytest.param(113, b"\0\0\0\1\0\6" + SRC + b"\0\0\x08\0", IPV4, SRC, None, None, id="cooked"),
        pytest.param(113, b"\0\0\0\1\0\6" + SRC + b"\0\0\x81\0\0\x64\x08\0", IPV4, SRC, None, 100, id="cooked, tagged"),
        pytest.param(276, b"\x08\0\0\0\0\0\0\1\0\1\0\6" + SRC + b"\0\0", IPV4, SRC, None, None, id="cooked v2"),
        pytest.param(9, b"\xff\x03\0\x21", IPV4, None, None, None, id="ppp"),
        pytest.param(9, b"\x21", IPV4, None, None, None, id="ppp, compressed"),
        pytest.param(50, b"\xff\x03\x00\x57", IPV6, None, None, None, id="ppp with IPv6"),
        pytest.param(51, b"\x11\0\0\1\0\x1e\0\x21", IPV4, None, None, None, id="pppoe link type"),
        pytest.param(104, b"\x0f\0\x08\0", IPV4, None, None, None, id="cisco hdlc"),
        pytest.param(105, wireless(0x08, 0x00) + SNAP, IPV4, SRC, DST, None, id="802.11 ad hoc"),
        pytest.param(105, wireless(0x08, 0x01) + SNAP, IPV4, SRC, b"\x02\0\0\0\0\x03", None, id="802.11 to AP"),
        pytest.param(105, wireless(0x08, 0x02) + SNAP, IPV4, b"\x02\0\0\0\0\x03", DST, None, id="802.11 from AP"),
        pytest.param(105, wireless(0x88, 0x01, b"\0\0") + SNAP, IPV4, SRC, b"\x02\0\0\0\0\x03", None, id="802.11 QoS"),
        pytest.param(
            105, wireless(0x08, 0x03, fourth=SRC) + SNAP, IPV4, SRC, b"\x02\0\0\0\0\x03", None, id="802.11 bridge"
        ),
        pytest.param(127, radiotap(0, b"") + wireless(0x08, 0) + SNAP, IPV4, SRC, DST, None, id="radiotap"),
        pytest.param(
            127,
            radiotap(3, bytes(8) + b"\x10") + wireless(0x08, 0) + SNAP,
            IPV4,
            SRC,
            DST,
            None,
            id="radiotap with flags",
        ),
        pytest.param(
            127,
            radiotap(2, b"\x20") + wireless(0x88, 0, b"\0\0") + b"\0\0" + SNAP,
            IPV4,
            SRC,
            DST,
            None,
            id="radiotap, padded",
        ),
        pytest.param(192, struct.pack("<BBHI", 0, 0, 8, 1) + ethernet(IPV4), IPV4, SRC, DST, None, id="ppi"),
        pytest.param(149, struct.pack("<III", 12, 0, 1) + ethernet(IPV4), IPV4, SRC, DST, None, id="pktap of old"),
        pytest.param(0, b"\x0f\0\x08\0", IPV4, None, None, None, id="null with an EtherType"),
        pytest.param(10, b"\x50" + DST + SRC + SNAP, IPV4, None, None, None, id="FDDI"),
        pytest.param(129, b"\xbe\x50\xc3\x08\xd4\0\1\x69", IPV4, None, None, None, id="ARCNET"),
        pytest.param(129, b"\xbe\x50\xc6\0\xf0", IPV4, None, None, None, id="ARCNET of RFC 1051"),
        pytest.param(239, b"\2\0\0\x2a\5\0\x0a\0\1\0\0\0\x40\0\x09\0", IPV4, None, None, None, id="nflog, little"),
        pytest.param(239, b"\2\0\0\x2a\0\x40\0\x09", IPV4, None, None, None, id="nflog, big"),
        pytest.param(6, b"\x10\x40" + DST + SRC + SNAP, IPV4, SRC, DST, None, id="token ring"),
        pytest.param(6, b"\x10\x7f" + DST + SRC + SNAP, IPV4, SRC, DST, None, id="token ring with a priority"),
    ],
)
def test_finds_the_network_layer(
    link: int, header: bytes, kind: int, src: bytes | None, dst: bytes | None, tag: int | None
) -> None:
    data = header + (IP6 if kind == IPV6 else IP)
    found = read_link_layer(link, data)
    assert found is not None
    assert (found.kind, found.at, found.src_mac, found.dst_mac, found.tag) == (kind, len(header), src, dst, tag)


@pytest.mark.parametrize(
    ("link", "data"),
    [
        pytest.param(1, ethernet(0x0026) + b"\x42\x42\x03" + bytes(40), id="spanning tree"),
        pytest.param(1, ethernet(0x88CC) + bytes(40), id="LLDP"),
        pytest.param(1, ethernet(0x8100, 0x8100, 0x8100, 0x8100, 0x8100, IPV4, tags=(1,) * 5) + IP, id="too many tags"),
        pytest.param(1, ethernet(0x8909) + b"\x01\x01\0\x01\0\x07\x08", id="Cisco metadata that breaks off"),
        pytest.param(1, ethernet(0x8847) + b"\0\1\0\x40" * 16 + b"\0\2\1\x40" + IP, id="mpls, too many labels"),
        pytest.param(1, ethernet(0x8847) + b"\0\2\1\x40" + b"\x55" * 40, id="mpls with something else"),
        pytest.param(192, struct.pack("<BBHI", 0, 0, 8, 192) + ethernet(IPV4) + IP, id="ppi in ppi"),
        pytest.param(149, struct.pack("<III", 11, 0, 1) + ethernet(IPV4) + IP, id="pktap that is too short"),
        pytest.param(-1, ethernet(IPV4) + IP, id="no link type"),
        pytest.param(105, wireless(0x08, 0x40) + SNAP + IP, id="encrypted"),
        pytest.param(105, wireless(0x80, 0x00) + SNAP + IP, id="beacon"),
        pytest.param(105, wireless(0x48, 0x00) + SNAP + IP, id="no data"),
        pytest.param(105, wireless(0x88, 0x00, b"\x80\0") + SNAP + IP, id="aggregate"),
        pytest.param(101, b"\x55" + bytes(40), id="no version of IP"),
        pytest.param(0, b"\x0f\0\x08\6" + IP, id="null with something else"),
        pytest.param(129, b"\xbe\x50\xc3\x08\x80" + IP, id="ARCNET with something else"),
        pytest.param(129, b"\xbe\x50\xc3\x08", id="ARCNET that breaks off"),
        pytest.param(239, b"\2\0\0\x2a\0\0\0\0" + IP, id="nflog without a packet"),
        pytest.param(147, ethernet(IPV4) + IP, id="unknown link type"),
        pytest.param(6, b"\x10\x00" + DST + SRC + SNAP + IP, id="token ring's own control"),
        pytest.param(6, b"\x10\xc0" + DST + SRC + SNAP + IP, id="token ring with something else"),
        pytest.param(100, b"\xaa\xaa\x03\0\0\x0c" + bytes(6) + ethernet(IPV4) + IP, id="ISL to nobody"),
    ],
)
def test_leaves_out_what_holds_no_packet(link: int, data: bytes) -> None:
    assert read_link_layer(link, data) is None


@given(st.sampled_from([*sorted(KNOWN), 147]), st.binary(max_size=200))
def test_any_bytes_are_read_or_left_out(link: int, data: bytes) -> None:
    found = read_link_layer(link, data)
    assert found is None or found.kind in (IPV4, IPV6, ARP)


@given(st.sampled_from(sorted(KNOWN)), st.data())
def test_a_header_cut_anywhere_does_no_harm(link: int, data: st.DataObject) -> None:
    metadata = b"\0\x05\0\0\x89\x09\x01\x01\0\x01\0\x07\x08\0" + IP
    whole = ethernet(0x8926) + metadata
    read_link_layer(link, whole[: data.draw(st.integers(0, len(whole)))])
    whole = ethernet(0x8100, 0x8847, tags=(5,)) + b"\0\1\0\x40\0\2\1\x40" + IP
    read_link_layer(link, whole[: data.draw(st.integers(0, len(whole)))])


KEY = (b"\x0a\0\0\1", b"\x0a\0\0\2", 17, 1)


def pieces(payload: bytes, size: int) -> list[tuple[int, bool, bytes]]:
    return [(at, at + size < len(payload), payload[at : at + size]) for at in range(0, len(payload), size)]


@given(st.binary(min_size=1, max_size=3000), st.integers(1, 60), st.randoms())
def test_pieces_in_any_order_make_the_whole(payload: bytes, words: int, random: object) -> None:
    parts = pieces(payload, words * 8)
    random.shuffle(parts)  # type: ignore[attr-defined]
    fragments = Fragments()
    found = [fragments.add(KEY, 0, *part) for part in parts]
    assert found[-1] == payload
    assert found[:-1] == [None] * (len(parts) - 1)
    assert fragments.dropped == 0


def test_what_came_first_counts_where_pieces_overlap() -> None:
    fragments = Fragments()
    assert fragments.add(KEY, 0, 8, True, b"BBBBBBBB") is None
    assert fragments.add(KEY, 0, 16, False, b"CCCC") is None
    assert fragments.add(KEY, 0, 0, True, b"A" * 16) == b"A" * 16 + b"CCCC"


def test_datagrams_of_the_same_number_are_distinguished_by_time_and_ends() -> None:
    fragments = Fragments()
    other = (KEY[1], KEY[0], 17, 1)
    assert fragments.add(KEY, 0, 0, True, b"A" * 8) is None
    assert fragments.add(other, 0, 8, False, b"x") is None
    # 31 seconds later the first piece is forgotten, so this one alone is not the whole.
    assert fragments.add(KEY, 31_000_000, 8, False, b"B") is None
    assert fragments.dropped == 0


def test_memory_is_bounded_and_the_oldest_goes_first() -> None:
    fragments = Fragments(datagrams=4, size=10_000)
    for number in range(100):
        fragments.add((*KEY[:3], number), 0, 0, True, bytes(800))
    assert fragments.dropped == 96
    assert fragments.add((*KEY[:3], 99), 0, 800, False, b"end") == bytes(800) + b"end"
    assert fragments.add((*KEY[:3], 1), 0, 800, False, b"end") is None


def test_a_large_few_are_bounded_in_bytes() -> None:
    fragments = Fragments(datagrams=1000, size=10_000)
    for number in range(100):
        fragments.add((*KEY[:3], number), 0, 8, True, bytes(1000))
    assert fragments.dropped >= 90


@given(st.lists(st.tuples(st.integers(0, 70_000), st.booleans(), st.binary(max_size=64)), max_size=60))
def test_any_pieces_do_no_harm(parts: list[tuple[int, bool, bytes]]) -> None:
    fragments = Fragments(datagrams=2, size=500)
    for at, more, payload in parts:
        whole = fragments.add(KEY, 0, at, more, payload)
        assert whole is None or len(whole) <= 65535
