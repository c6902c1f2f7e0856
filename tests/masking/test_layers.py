"""Where in a frame its addresses and its payload are, to the byte, and what is left out."""

import pytest

from ucdiag.masking.layers import ICMP, TCP, UDP, Layers, LeftOut, ip_header, layers_of
from ucdiag.wire.link.link_layer import ETHERNET, LINUX_SLL, LINUX_SLL2, LOOP, NULL, RAW

ARP_HEAD = b"\0\1\x08\0\6\4"


def ip(
    protocol: int = UDP,
    payload: bytes = bytes(8),
    *,
    words: int = 5,
    total: int | None = None,
    fragment: int = 0,
    version: int = 4,
) -> bytes:
    size = words * 4 + len(payload) if total is None else total
    head = bytes([version << 4 | words, 0]) + size.to_bytes(2, "big") + bytes(2) + fragment.to_bytes(2, "big")
    return head + bytes([64, protocol]) + bytes(10) + bytes(words * 4 - 20) + payload


def ethernet(kind: int, rest: bytes, *tags: int) -> bytes:
    kinds = [*tags, kind]
    return (
        bytes(12) + kinds[0].to_bytes(2, "big") + b"".join(b"\0\7" + one.to_bytes(2, "big") for one in kinds[1:]) + rest
    )


def left_out(link: int, frame: bytes) -> str:
    with pytest.raises(LeftOut) as caught:
        layers_of(link, frame)
    return str(caught.value)


@pytest.mark.parametrize(
    ("link", "head", "macs"),
    [
        (ETHERNET, ethernet(0x0800, b""), (0, 6)),
        (ETHERNET, ethernet(0x0800, b"", 0x8100), (0, 6)),
        (ETHERNET, ethernet(0x0800, b"", 0x88A8, 0x8100), (0, 6)),
        (ETHERNET, ethernet(0x0800, b"", 0x8100, 0x8100, 0x8100), (0, 6)),
        (LINUX_SLL, bytes(14) + b"\x08\0", (6,)),
        (LINUX_SLL2, b"\x08\0" + bytes(18), (12,)),
        (NULL, bytes(4), ()),
        (LOOP, bytes(4), ()),
        (RAW, b"", ()),
        (12, b"", ()),
        (14, b"", ()),
        (228, b"", ()),
    ],
)
def test_each_kind_of_link(link: int, head: bytes, macs: tuple[int, ...]) -> None:
    at = len(head)
    expected = Layers(macs=macs, network=at, protocol=UDP, inner=at + 20, payload=at + 28, end=at + 30)
    assert layers_of(link, head + ip(payload=bytes(10))) == expected
    # What stands behind the packet fills the frame up.
    assert layers_of(link, head + ip(payload=bytes(10)) + b"filling") == expected


def test_arp() -> None:
    for head in (ethernet(0x0806, b""), ethernet(0x0806, b"", 0x8100)):
        at = len(head)
        expected = Layers(macs=(0, 6), network=at, arp=True, end=at + 28)
        assert layers_of(ETHERNET, head + ARP_HEAD + bytes(22)) == expected
        assert layers_of(ETHERNET, head + ARP_HEAD + bytes(40)) == expected
        assert left_out(ETHERNET, head + ARP_HEAD + bytes(21)) == "ARP of another form"
        for place in range(6):
            other = bytearray(ARP_HEAD)
            other[place] ^= 1
            assert left_out(ETHERNET, head + other + bytes(22)) == "ARP of another form"


@pytest.mark.parametrize(
    ("link", "frame", "why"),
    [
        (ETHERNET, ethernet(0x86DD, bytes(40)), "IPv6"),
        (RAW, ip(version=6), "IPv6"),
        (NULL, bytes(4) + ip(version=6), "IPv6"),
        (RAW, ip(version=5), "LLC (spanning tree and the like)"),
        (RAW, b"", "LLC (spanning tree and the like)"),
        (NULL, bytes(4), "LLC (spanning tree and the like)"),
        (ETHERNET, ethernet(0x88CC, bytes(40)), "EtherType 0x88cc"),
        (ETHERNET, ethernet(0x0600, bytes(40)), "EtherType 0x0600"),
        (ETHERNET, ethernet(0x05FF, bytes(40)), "LLC (spanning tree and the like)"),
        (ETHERNET, ethernet(0x0800, ip(), 0x8100, 0x8100, 0x8100, 0x8100), "EtherType 0x8100"),
        (ETHERNET, ethernet(0x8100, bytes(3)), "EtherType 0x8100"),
        (ETHERNET, bytes(13), "frames that are cut"),
        (ETHERNET, bytes(14), "LLC (spanning tree and the like)"),
        (LINUX_SLL, bytes(15), "frames that are cut"),
        (LINUX_SLL2, bytes(19), "frames that are cut"),
        (999, bytes(60), "link type 999"),
        (RAW, ip()[:19], "frames that are cut"),
        (ETHERNET, ethernet(0x0800, ip(version=6)), "frames that are cut"),
        (RAW, ip(words=6)[:23], "IP headers that are cut"),
        (RAW, b"\x44" + ip()[1:], "IP headers that are cut"),
        (RAW, ip(fragment=0x2000), "fragments of IP"),
        (RAW, ip(fragment=1), "fragments of IP"),
        (RAW, ip(47), "IP protocol 47"),
    ],
)
def test_what_is_left_out(link: int, frame: bytes, why: str) -> None:
    assert left_out(link, frame) == why


@pytest.mark.parametrize("fragment", [0x4000, 0x8000, 0xC000])
def test_what_may_not_be_cut_into_fragments_is_none(fragment: int) -> None:
    assert layers_of(RAW, ip(fragment=fragment)).payload == 28


@pytest.mark.parametrize(
    ("frame", "found"),
    [
        (ip(), (UDP, 20, 28, 0)),
        (ip(words=6), (UDP, 24, 32, 0)),
        (ip(words=15), (UDP, 60, 68, 0)),
        (ip(total=25), (UDP, 20, 25, 0)),
        (ip(total=20), (UDP, 20, 20, 0)),
        # None: the network card cut the segments.
        (ip(total=0), (UDP, 20, 28, 0)),
        (ip(total=19), (UDP, 20, 28, 0)),
        (ip(total=1500), (UDP, 20, 1500, 0)),
        (ip(fragment=0xFFFF), (UDP, 20, 28, 0x3FFF)),
    ],
)
def test_the_header_of_ip(frame: bytes, found: tuple[int, int, int, int]) -> None:
    assert ip_header(frame, 0) == found
    protocol, inner, end, fragment = ip_header(bytes(14) + frame, 14)
    assert (protocol, inner - 14, end - 14, fragment) == found


def tcp(words: int, size: int) -> bytes:
    return (bytes(12) + bytes([words << 4]) + bytes(60))[:size]


@pytest.mark.parametrize(
    ("protocol", "data", "payload"),
    [
        (TCP, tcp(5, 40), 40),
        (TCP, tcp(8, 40), 52),
        (TCP, tcp(15, 73), 80),
        # Fewer words than a header has, or more than there are.
        (TCP, tcp(4, 40), 40),
        (TCP, tcp(0, 40), 40),
        (TCP, tcp(15, 40), 60),
        (TCP, tcp(5, 20), 40),
        (TCP, tcp(5, 13), 33),
        (TCP, tcp(5, 12), 32),
        (TCP, b"", 20),
        (UDP, bytes(9), 28),
        (UDP, bytes(8), 28),
        (UDP, bytes(7), 27),
        (ICMP, bytes(30), 28),
        (ICMP, bytes(3), 23),
    ],
)
def test_where_the_payload_is(protocol: int, data: bytes, payload: int) -> None:
    end = 20 + len(data)
    expected = Layers(macs=(), network=0, protocol=protocol, inner=20, payload=payload, end=end)
    assert layers_of(RAW, ip(protocol, data)) == expected


def test_a_packet_of_which_the_end_was_not_captured() -> None:
    frame = ip(payload=bytes(30))
    for length in (28, 49):
        made = layers_of(RAW, frame[:length])
        assert (made.cut, made.end, made.payload) == (True, length, 28)
    assert not layers_of(RAW, frame).cut
