"""Link layers: where in a captured frame the network layer begins, and who sent it to whom.

Link types are numbered as in pcap and pcapng files (https://www.tcpdump.org/linktypes.html). Lengths and counts
inside a frame are believed only as far as the captured bytes go; a frame that cannot be read gives ``None``.
"""

from collections.abc import Callable
from typing import Literal, NamedTuple

IPV4, IPV6, ARP = 0x0800, 0x86DD, 0x0806

NULL, ETHERNET, PPP, RAW, LOOP, LINUX_SLL, LINUX_SLL2 = 0, 1, 9, 101, 108, 113, 276
_RAW = frozenset({12, 14, RAW, 228, 229})
_PPP = frozenset({PPP, 50})
_PPPOE_LINK, _PPP_WITH_DIRECTION, _CISCO_HDLC = 51, 204, 104
IEEE802_11, _PRISM, _RADIOTAP, _AVS, _PPI = 105, 119, 127, 163, 192
_ATM_RFC1483, _PKTAP, _TOKEN_RING, _FDDI, _ARCNET, _NFLOG = 100, 258, 6, 10, 129, 239
# Apple's captures had PKTAP under the number of a user's own type.
_OLD_PKTAP = 149
# Those whose header names another link type, which may not be one of these.
_NESTING = frozenset({_PPI, _PKTAP, _OLD_PKTAP})
# As controllers of access points carry 802.11: with the two bytes of its frame control, mostly, swapped.
CONTROLLER = -2

# Where the EtherType and the IPv4 header of an ordinary frame are, for readers that look at nothing else.
# Raw IP and null have no EtherType: what is at 0 there (version and service; address family) is none that matters.
PLAIN: dict[int, tuple[int, int]] = {
    ETHERNET: (12, 14),
    LINUX_SLL: (14, 16),
    LINUX_SLL2: (0, 20),
    NULL: (0, 4),
    LOOP: (0, 4),
    **dict.fromkeys(_RAW, (0, 0)),
}

VLAN_TAGS = frozenset({0x8100, 0x88A8, 0x9100, 0x9200})
PPPOE = 0x8864
_MPLS = frozenset({0x8847, 0x8848})
# Headers between two EtherTypes that say nothing of interest here, and their length: Cisco's metadata, with the group
# of the sender (draft-smith-kandula-sxp), and the tag of Cisco's fabric extenders (VN-Tag).
_PASSED = {0x8909: 6, 0x8926: 4}
# What else but VLAN tags may come before IP.
WRAPPERS = frozenset({PPPOE, *_MPLS, *_PASSED})
_MAX_TAGS = 4
_FAMILIES = {2: IPV4, 10: IPV6, 24: IPV6, 28: IPV6, 30: IPV6}
_PPP_PROTOCOLS = {0x0021: IPV4, 0x0057: IPV6}
# The protocols of ARCNET, and how long what follows them is (RFC 1201 has a count of pieces there, RFC 1051 not).
_ARCNET_PROTOCOLS = {0xD4: (IPV4, 3), 0xD5: (ARP, 3), 0xC4: (IPV6, 3), 0xF0: (IPV4, 0), 0xF1: (ARP, 0)}
_NFLOG_PAYLOAD = 9


class Network(NamedTuple):
    """``kind`` is an EtherType, ``at`` the offset of what it names, ``tag`` the innermost VLAN id."""

    kind: int
    at: int
    src_mac: bytes | None = None
    dst_mac: bytes | None = None
    tag: int | None = None


def network(link: int, data: bytes, at: int = 0) -> Network | None:
    """Reads the link layer of type ``link`` that begins at ``at``; ``None`` where it carries no IP and no ARP."""
    read = _READERS.get(link)
    return read(data, at) if read is not None else None


def _ip(data: bytes, at: int) -> Network | None:
    version = data[at] >> 4 if at < len(data) else 0
    if version == 4:
        return Network(IPV4, at)
    return Network(IPV6, at) if version == 6 else None


def _ethernet(data: bytes, at: int) -> Network | None:
    if len(data) < at + 14:
        return None
    return _typed(data, at + 12, data[at + 6 : at + 12], data[at : at + 6])


def _typed(data: bytes, at: int, src: bytes | None, dst: bytes | None, after: int | None = None) -> Network | None:
    """An EtherType at ``at`` and what follows it (at ``after``): tags, PPPoE, MPLS and LLC are taken off."""
    if len(data) < at + 2:
        return None
    kind = data[at] << 8 | data[at + 1]
    at = at + 2 if after is None else after
    tag = None
    for _ in range(_MAX_TAGS):
        if kind in _PASSED:
            size = _PASSED[kind]
            if len(data) < at + size + 2:
                return None
            kind = data[at + size] << 8 | data[at + size + 1]
            at += size + 2
            continue
        if kind not in VLAN_TAGS:
            break
        if len(data) < at + 4:
            return None
        tag = ((data[at] << 8 | data[at + 1]) & 0x0FFF) or tag
        kind = data[at + 2] << 8 | data[at + 3]
        at += 4
    if kind in (IPV4, IPV6, ARP):
        return Network(kind, at, src, dst, tag)
    if kind == PPPOE:
        inner = _ppp(data, at + 6)
    elif kind in _MPLS:
        inner = _mpls(data, at)
    elif kind < 0x0600:
        inner = _llc(data, at, src, dst)
    else:
        return None
    return inner and Network(inner.kind, inner.at, inner.src_mac or src, inner.dst_mac or dst, inner.tag or tag)


def _llc(data: bytes, at: int, src: bytes | None, dst: bytes | None) -> Network | None:
    if data[at : at + 3] != b"\xaa\xaa\x03" or data[at + 3 : at + 6] not in (b"\0\0\0", b"\0\0\xf8"):
        return None
    kind = int.from_bytes(data[at + 6 : at + 8], "big")
    if kind in VLAN_TAGS:
        return _typed(data, at + 6, src, dst)
    return Network(kind, at + 8, src, dst) if kind in (IPV4, IPV6, ARP) else None


def _ppp(data: bytes, at: int) -> Network | None:
    if data[at : at + 2] == b"\xff\x03":
        at += 2
    if at >= len(data):
        return None
    # A protocol number whose first byte is odd was compressed to that one byte (RFC 1661, section 6.5).
    compressed = data[at] & 1
    protocol = data[at] if compressed else int.from_bytes(data[at : at + 2], "big")
    kind = _PPP_PROTOCOLS.get(protocol)
    return Network(kind, at + (1 if compressed else 2)) if kind else None


def _mpls(data: bytes, at: int) -> Network | None:
    for _ in range(16):
        if len(data) < at + 5:
            return None
        bottom = data[at + 2] & 1
        at += 4
        if bottom:
            # A first nibble of 0 is the control word of a pseudowire, which carries Ethernet (RFC 4385).
            return _ethernet(data, at + 4) if data[at] >> 4 == 0 else _ip(data, at)
    return None


def _token_ring(data: bytes, at: int) -> Network | None:
    if len(data) < at + 15 or data[at + 1] & 0xC0 != 0x40:
        return None
    src, dst = data[at + 8 : at + 14], data[at + 2 : at + 8]
    routing = data[at + 14] & 0x1F if src[0] & 0x80 else 0
    return _llc(data, at + 14 + routing, bytes([src[0] & 0x7F]) + src[1:], dst)


def _nflog(data: bytes, at: int) -> Network | None:
    """Attributes in the byte order of the machine, one of which is the packet."""
    order: Literal["little", "big"] = "big" if data[at : at + 1] == b"\0" else "little"
    for _ in range(64):
        size, kind = (int.from_bytes(data[where : where + 2], order) for where in (at, at + 2))
        if kind == _NFLOG_PAYLOAD:
            return _ip(data, at + 4)
        if size < 4:
            return None
        at += (size + 3) & ~3
    return None


def _radiotap_padded(data: bytes, at: int) -> bool:
    """Whether the 802.11 header is padded to four bytes (radiotap's field "flags", bit 0x20)."""
    present = int.from_bytes(data[at + 4 : at + 8], "little")
    if not present & 2:
        return False
    field, word = at + 8, present
    while word & 0x80000000 and field < min(len(data), at + 64):
        word = int.from_bytes(data[field : field + 4], "little")
        field += 4
    if present & 1:
        field = at + ((field - at + 7) & ~7) + 8
    return field < len(data) and bool(data[field] & 0x20)


def _wireless(data: bytes, at: int, padded: bool, swapped: bool = False) -> Network | None:
    """An 802.11 data frame in clear; everything else (management, control, encrypted, aggregates) is ``None``."""
    if len(data) < at + 24:
        return None
    control, flags = (data[at + 1], data[at]) if swapped else (data[at], data[at + 1])
    if control & 0x0C != 0x08 or control & 0x40 or flags & 0x40:
        return None
    first, second, third = data[at + 4 : at + 10], data[at + 10 : at + 16], data[at + 16 : at + 22]
    size = 24
    if flags & 3 == 3:
        dst, src = third, data[at + 24 : at + 30]
        size += 6
    elif flags & 3 == 2:
        dst, src = first, third
    elif flags & 3 == 1:
        dst, src = third, second
    else:
        dst, src = first, second
    if control & 0x80:
        if len(data) < at + size + 2 or data[at + size] & 0x80:
            return None
        size += 2 + (4 if flags & 0x80 else 0)
    if padded:
        size = (size + 3) & ~3
    return _llc(data, at + size, src, dst)


def _address_family(data: bytes, at: int) -> Network | None:
    """BSD's loopback: an address family in the byte order of the machine."""
    family = data[at : at + 4]
    kind = _FAMILIES.get(int.from_bytes(family, "big")) or _FAMILIES.get(int.from_bytes(family, "little"))
    if kind is None and family[2:] in (b"\x08\0", b"\x86\xdd"):
        # Some systems have an EtherType there, behind two other bytes.
        kind = int.from_bytes(family[2:], "big")
    return Network(kind, at + 4) if kind else None


def _linux_cooked(data: bytes, at: int) -> Network | None:
    mac = data[at + 6 : at + 12] if data[at + 4 : at + 6] == b"\0\x06" else None
    return _typed(data, at + 14, mac, None)


def _linux_cooked_2(data: bytes, at: int) -> Network | None:
    mac = data[at + 12 : at + 18] if data[at + 11 : at + 12] == b"\x06" else None
    return _typed(data, at, mac, None, at + 20)


def _of_controller(data: bytes, at: int) -> Network | None:
    # The version of 802.11 is 0: what is none there shows that the bytes are swapped.
    return _wireless(data, at, padded=False, swapped=bool(data[at : at + 1] and data[at] & 3))


def _arcnet(data: bytes, at: int) -> Network | None:
    kind, size = _ARCNET_PROTOCOLS.get(data[at + 4] if at + 4 < len(data) else 0, (0, 0))
    return Network(kind, at + 5 + size) if kind else None


# Headers of variable length before another link layer.


def _radiotap(data: bytes, at: int) -> Network | None:
    size = int.from_bytes(data[at + 2 : at + 4], "little")
    return _wireless(data, at + size, padded=_radiotap_padded(data, at)) if size >= 8 else None


def _prism(data: bytes, at: int) -> Network | None:
    size = int.from_bytes(data[at + 4 : at + 8], "little")
    return _wireless(data, at + size, padded=False) if 24 <= size <= 1024 else None


def _avs(data: bytes, at: int) -> Network | None:
    size = int.from_bytes(data[at + 4 : at + 8], "big")
    return _wireless(data, at + size, padded=False) if 24 <= size <= 1024 else None


def _ppi(data: bytes, at: int) -> Network | None:
    size = int.from_bytes(data[at + 2 : at + 4], "little")
    inner = int.from_bytes(data[at + 4 : at + 8], "little")
    return network(inner, data, at + size) if size >= 8 and inner not in _NESTING else None


def _pktap(data: bytes, at: int) -> Network | None:
    size = int.from_bytes(data[at : at + 4], "little")
    inner = int.from_bytes(data[at + 8 : at + 12], "little")
    return network(inner, data, at + size) if 12 <= size <= 1024 and inner not in _NESTING else None


# How each link type is read: from the bytes and where its header begins.
_READERS: dict[int, Callable[[bytes, int], Network | None]] = {
    ETHERNET: _ethernet,
    **dict.fromkeys(_RAW, _ip),
    **dict.fromkeys((NULL, LOOP), _address_family),
    LINUX_SLL: _linux_cooked,
    LINUX_SLL2: _linux_cooked_2,
    **dict.fromkeys(_PPP, _ppp),
    _PPPOE_LINK: lambda data, at: _ppp(data, at + 6),
    _PPP_WITH_DIRECTION: lambda data, at: _ppp(data, at + 1),
    _CISCO_HDLC: lambda data, at: _typed(data, at + 2, None, None),
    IEEE802_11: lambda data, at: _wireless(data, at, padded=False),
    CONTROLLER: _of_controller,
    _ATM_RFC1483: lambda data, at: _llc(data, at, None, None),
    _TOKEN_RING: _token_ring,
    # Whether the bits of its addresses are in the order of Ethernet differs: they are left out.
    _FDDI: lambda data, at: _llc(data, at + 13, None, None),
    _ARCNET: _arcnet,
    _NFLOG: lambda data, at: _nflog(data, at + 4),
    _RADIOTAP: _radiotap,
    _PRISM: _prism,
    _AVS: _avs,
    _PPI: _ppi,
    **dict.fromkeys((_PKTAP, _OLD_PKTAP), _pktap),
}
# What a reader of captures can take: packets of every other link type are counted, reported and skipped.
KNOWN = frozenset(_READERS) - {CONTROLLER}
