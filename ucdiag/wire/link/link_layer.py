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
IEEE802_11, PRISM, RADIOTAP, AVS, PPI = 105, 119, 127, 163, 192
_ATM_RFC1483, _PKTAP, _TOKEN_RING, _FDDI, _ARCNET, _NFLOG = 100, 258, 6, 10, 129, 239
# Apple's captures had PKTAP under the number of a user's own type.
_OLD_PKTAP = 149
# Those whose header names another link type, which may not be one of these.
_NESTING = frozenset({PPI, _PKTAP, _OLD_PKTAP})
# As controllers of access points carry 802.11: with the two bytes of its frame control, mostly, swapped.
CONTROLLER = -2
# What tunnels carry and no file has: MPLS labels, the header of a service chain (NSH, RFC 8300), and an Ethernet
# frame behind a cookie and a sublayer of which only both ends know the length (L2TPv3, RFC 3931).
MPLS, SERVICE_CHAIN, L2TP_SESSION = -3, -4, -5

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
# of the sender (draft-smith-kandula-sxp), the tags of fabric extenders (VN-Tag; IEEE 802.1BR, E-TAG), those of frames
# that are sent twice (IEEE 802.1CB, R-TAG; IEC 62439-3, HSR).
_PASSED = {0x8909: 6, 0x8926: 4, 0x893F: 6, 0xF1C1: 4, 0x892F: 4}
# Integrity without encryption (IEEE 802.1AE): a header of this length, or with the sender's identifier.
MACSEC = 0x88E5
_MACSEC_LENGTH, _MACSEC_IDENTIFIER = 6, 8
_FABRIC_PATH, _BACKBONE, _TRILL, _BRIDGED, _LWAPP, _NSH = 0x8903, 0x88E7, 0x22F3, 0x6558, 0x88BB, 0x894F
_CARRIERS = frozenset({_FABRIC_PATH, _BACKBONE, _TRILL, _BRIDGED, _LWAPP, _NSH})
# What else but VLAN tags may come before IP.
WRAPPERS = frozenset({PPPOE, *_MPLS, *_PASSED, MACSEC, *_CARRIERS})
_MAX_TAGS = 4
# Frames within frames that are looked into.
_MAX_NESTED = 4
_FAMILIES = {2: IPV4, 10: IPV6, 24: IPV6, 28: IPV6, 30: IPV6}
_PPP_PROTOCOLS = {0x0021: IPV4, 0x0057: IPV6}
# The protocols of ARCNET, and how long what follows them is (RFC 1201 has a count of pieces there, RFC 1051 not).
_ARCNET_PROTOCOLS = {0xD4: (IPV4, 3), 0xD5: (ARP, 3), 0xC4: (IPV6, 3), 0xF0: (IPV4, 0), 0xF1: (ARP, 0)}
_NFLOG_PAYLOAD = 9
# To whom Cisco's ISL sends frames: all but the last byte.
_ISL = (b"\1\0\x0c\0\0", b"\3\0\x0c\0\0")


class Network(NamedTuple):
    """``kind`` is an EtherType, ``at`` the offset of what it names, ``tag`` the innermost VLAN id."""

    kind: int
    at: int
    src_mac: bytes | None = None
    dst_mac: bytes | None = None
    tag: int | None = None


def read_link_layer(link: int, data: bytes, at: int = 0) -> Network | None:
    """Reads the link layer of type ``link`` that begins at ``at``; ``None`` where it carries no IP and no ARP."""
    read = _READERS.get(link)
    return read(data, at) if read is not None else None


def _read_ip(data: bytes, at: int) -> Network | None:
    version = int.from_bytes(data[at : at + 1], "big") >> 4
    if version == 4:
        return Network(IPV4, at)
    return Network(IPV6, at) if version == 6 else None


def _read_ethernet(data: bytes, at: int, nested: int = 0) -> Network | None:
    if len(data) < at + 14 or nested > _MAX_NESTED:
        return None
    return _read_ethertype(data, at + 12, data[at + 6 : at + 12], data[at : at + 6], nested=nested)


def _read_ethertype(  # noqa: C901 - one step for each kind of header
    data: bytes, at: int, src: bytes | None, dst: bytes | None, after: int | None = None, nested: int = 0
) -> Network | None:
    """An EtherType at ``at`` and what follows it (at ``after``): tags, PPPoE, MPLS, LLC and the like are taken off.
    ``nested``: how many frames it is in."""
    if len(data) < at + 2:
        return None
    kind = data[at] << 8 | data[at + 1]
    at = at + 2 if after is None else after
    tag = None
    for _ in range(_MAX_TAGS):
        if kind in _PASSED or kind == MACSEC:
            size = _PASSED.get(kind) or _macsec_size(data, at)
            if not size or len(data) < at + size + 2:
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
        inner = _read_ppp(data, at + 6)
    elif kind in _MPLS:
        inner = _read_mpls(data, at, nested)
    elif kind in _CARRIERS:
        inner = _read_carried_frame(kind, data, at, nested + 1)
    elif kind < 0x0600:
        inner = _read_llc(data, at, src, dst, nested)
    else:
        return None
    return inner and Network(inner.kind, inner.at, inner.src_mac or src, inner.dst_mac or dst, inner.tag or tag)


def _macsec_size(data: bytes, at: int) -> int:
    """How long the header of a frame is that is not encrypted; 0 for one that is."""
    control = data[at] if at < len(data) else 0xFF
    if control & 0x8C:
        return 0
    return _MACSEC_LENGTH + (_MACSEC_IDENTIFIER if control & 0x20 else 0)


def _read_carried_frame(kind: int, data: bytes, at: int, nested: int) -> Network | None:
    """A whole frame behind a header of this EtherType."""
    if kind == _NSH:
        return _service_chain(data, at, nested)
    first = int.from_bytes(data[at : at + 2], "big")
    if kind == _LWAPP:
        # Its first byte says whether it is a station's frame.
        return None if first & 0x0400 else _of_controller(data, at + 6)
    size = {_FABRIC_PATH: 2, _BACKBONE: 4, _BRIDGED: 0}.get(kind)
    if size is None:
        # TRILL (RFC 6325): the options are counted in four bytes.
        size = 6 + (first >> 6 & 0x1F) * 4
    return _read_ethernet(data, at + size, nested)


def _service_chain(data: bytes, at: int, nested: int = 0) -> Network | None:
    """NSH (RFC 8300): its length is counted in four bytes, then comes what its fourth byte says."""
    if len(data) < at + 8 or data[at] >> 6:
        return None
    following = data[at + 3]
    at += (data[at + 1] & 0x3F) * 4
    if following in (1, 2):
        return _read_ip(data, at)
    if following == 3:
        return _read_ethernet(data, at, nested)
    return _read_mpls(data, at, nested) if following == 5 else None


def _read_llc(data: bytes, at: int, src: bytes | None, dst: bytes | None, nested: int = 0) -> Network | None:
    if data[at : at + 6] == b"\xaa\xaa\x03\0\0\x0c" and dst is not None and dst[:5] in _ISL:
        # Cisco's ISL: a whole frame behind 26 bytes.
        return _read_ethernet(data, at + 12, nested + 1)
    if data[at : at + 3] != b"\xaa\xaa\x03" or data[at + 3 : at + 6] not in (b"\0\0\0", b"\0\0\xf8"):
        return None
    kind = int.from_bytes(data[at + 6 : at + 8], "big")
    if kind in VLAN_TAGS:
        return _read_ethertype(data, at + 6, src, dst, nested=nested + 1) if nested < _MAX_NESTED else None
    return Network(kind, at + 8, src, dst) if kind in (IPV4, IPV6, ARP) else None


def _read_ppp(data: bytes, at: int) -> Network | None:
    if data[at : at + 2] == b"\xff\x03":
        at += 2
    if at >= len(data):
        return None
    # A protocol number whose first byte is odd was compressed to that one byte (RFC 1661, section 6.5).
    compressed = data[at] & 1
    protocol = data[at] if compressed else int.from_bytes(data[at : at + 2], "big")
    kind = _PPP_PROTOCOLS.get(protocol)
    return Network(kind, at + (1 if compressed else 2)) if kind else None


def _read_mpls(data: bytes, at: int, nested: int = 0) -> Network | None:
    for _ in range(16):
        if len(data) < at + 5:
            return None
        bottom = data[at + 2] & 1
        at += 4
        if bottom:
            return _below_labels(data, at, nested)
    return None


def _below_labels(data: bytes, at: int, nested: int) -> Network | None:
    """What no label names: IP, or Ethernet, behind the control word of a pseudowire (RFC 4385) or without one."""
    nibble = data[at] >> 4
    plain = _is_ethernet(data, at)
    if nibble in (4, 6) and not (plain and not _fits_ip(data, at)):
        return _read_ip(data, at)
    if nibble == 0 and (not plain or (_is_ethernet(data, at + 4) and not _begins_with_tagged(data, at))):
        # A control word begins with 0. So do most MAC addresses.
        return _read_ethernet(data, at + 4, nested + 1)
    return _read_ethernet(data, at, nested + 1) if plain else None


def _begins_with_tagged(data: bytes, at: int) -> bool:
    """Whether a frame with a VLAN tag is there: four bytes further on, too, there seems to be one, without the tag.

    A control word begins with 16 bits that are mostly 0, and the addresses of no maker whose phones these are do.
    """
    return data[at : at + 2] != b"\0\0" and (data[at + 12] << 8 | data[at + 13]) in VLAN_TAGS


def _is_ethernet(data: bytes, at: int) -> bool:
    """Whether there is an Ethernet header with an EtherType that is known, and what fits it."""
    if len(data) < at + 22:
        return False
    kind = data[at + 12] << 8 | data[at + 13]
    first = data[at + 14]
    if kind == IPV4:
        return first >> 4 == 4
    if kind == IPV6:
        return first >> 4 == 6
    if kind == ARP:
        return data[at + 14 : at + 16] == b"\0\1"
    return kind in VLAN_TAGS or kind in WRAPPERS or (kind < 0x0600 and data[at + 14 : at + 16] == b"\xaa\xaa")


def _fits_ip(data: bytes, at: int) -> bool:
    """Whether an IP header's length says how long the packet is, or its checksum is right."""
    left = len(data) - at
    if data[at] >> 4 == 6:
        return (data[at + 4] << 8 | data[at + 5]) + 40 == left
    size = (data[at] & 15) * 4
    if size < 20 or left < size:
        return False
    if (data[at + 2] << 8 | data[at + 3]) == left:
        return True
    total = sum(data[where] << 8 | data[where + 1] for where in range(at, at + size, 2))
    return total % 0xFFFF == 0


def _l2tp_session(data: bytes, at: int) -> Network | None:
    """A cookie of 0, 4 or 8 bytes, and a sublayer of 0 or 4."""
    where = next((at + size for size in (0, 4, 8, 12) if _is_ethernet(data, at + size)), None)
    return _read_ethernet(data, where, 1) if where is not None else None


def _token_ring(data: bytes, at: int) -> Network | None:
    if len(data) < at + 15 or data[at + 1] & 0xC0 != 0x40:
        return None
    src, dst = data[at + 8 : at + 14], data[at + 2 : at + 8]
    routing = data[at + 14] & 0x1F if src[0] & 0x80 else 0
    return _read_llc(data, at + 14 + routing, bytes([src[0] & 0x7F]) + src[1:], dst)


def _read_nflog(data: bytes, at: int) -> Network | None:
    """Attributes in the byte order of the machine, one of which is the packet."""
    order: Literal["little", "big"] = "big" if data[at : at + 1] == b"\0" else "little"
    for _ in range(64):
        size, kind = (int.from_bytes(data[where : where + 2], order) for where in (at, at + 2))
        if kind == _NFLOG_PAYLOAD:
            return _read_ip(data, at + 4)
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
    while word & 0x80000000:
        word = int.from_bytes(data[field : field + 4], "little")
        field += 4
    if present & 1:
        field = at + ((field - at + 7) & ~7) + 8
    return field < len(data) and bool(data[field] & 0x20)


def _read_wireless(data: bytes, at: int, padded: bool, swapped: bool = False) -> Network | None:
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
    return _read_llc(data, at + size, src, dst)


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
    return _read_ethertype(data, at + 14, mac, None)


def _linux_cooked_2(data: bytes, at: int) -> Network | None:
    mac = data[at + 12 : at + 18] if data[at + 11 : at + 12] == b"\x06" else None
    return _read_ethertype(data, at, mac, None, at + 20)


def _of_controller(data: bytes, at: int) -> Network | None:
    # The version of 802.11 is 0: what is none there shows that the bytes are swapped.
    return _read_wireless(data, at, padded=False, swapped=bool(data[at : at + 1] and data[at] & 3))


def _read_arcnet(data: bytes, at: int) -> Network | None:
    kind, size = _ARCNET_PROTOCOLS.get(int.from_bytes(data[at + 4 : at + 5], "big"), (0, 0))
    return Network(kind, at + 5 + size) if kind else None


# Headers of variable length before another link layer.


def _read_radiotap(data: bytes, at: int) -> Network | None:
    size = int.from_bytes(data[at + 2 : at + 4], "little")
    return _read_wireless(data, at + size, padded=_radiotap_padded(data, at)) if size >= 8 else None


def _read_prism(data: bytes, at: int) -> Network | None:
    size = int.from_bytes(data[at + 4 : at + 8], "little")
    return _read_wireless(data, at + size, padded=False) if 24 <= size <= 1024 else None


def _read_avs(data: bytes, at: int) -> Network | None:
    size = int.from_bytes(data[at + 4 : at + 8], "big")
    return _read_wireless(data, at + size, padded=False) if 24 <= size <= 1024 else None


def _read_ppi(data: bytes, at: int) -> Network | None:
    size = int.from_bytes(data[at + 2 : at + 4], "little")
    inner = int.from_bytes(data[at + 4 : at + 8], "little")
    return read_link_layer(inner, data, at + size) if size >= 8 and inner not in _NESTING else None


def _read_pktap(data: bytes, at: int) -> Network | None:
    size = int.from_bytes(data[at : at + 4], "little")
    inner = int.from_bytes(data[at + 8 : at + 12], "little")
    return read_link_layer(inner, data, at + size) if 12 <= size <= 1024 and inner not in _NESTING else None


# How each link type is read: from the bytes and where its header begins.
_READERS: dict[int, Callable[[bytes, int], Network | None]] = {
    ETHERNET: _read_ethernet,
    **dict.fromkeys(_RAW, _read_ip),
    **dict.fromkeys((NULL, LOOP), _address_family),
    LINUX_SLL: _linux_cooked,
    LINUX_SLL2: _linux_cooked_2,
    **dict.fromkeys(_PPP, _read_ppp),
    _PPPOE_LINK: lambda data, at: _read_ppp(data, at + 6),
    _PPP_WITH_DIRECTION: lambda data, at: _read_ppp(data, at + 1),
    _CISCO_HDLC: lambda data, at: _read_ethertype(data, at + 2, None, None),
    IEEE802_11: lambda data, at: _read_wireless(data, at, padded=False),
    CONTROLLER: _of_controller,
    MPLS: _read_mpls,
    SERVICE_CHAIN: _service_chain,
    L2TP_SESSION: _l2tp_session,
    _ATM_RFC1483: lambda data, at: _read_llc(data, at, None, None),
    _TOKEN_RING: _token_ring,
    # Whether the bits of its addresses are in the order of Ethernet differs: they are left out.
    _FDDI: lambda data, at: _read_llc(data, at + 13, None, None),
    _ARCNET: _read_arcnet,
    _NFLOG: lambda data, at: _read_nflog(data, at + 4),
    RADIOTAP: _read_radiotap,
    PRISM: _read_prism,
    AVS: _read_avs,
    PPI: _read_ppi,
    **dict.fromkeys((_PKTAP, _OLD_PKTAP), _read_pktap),
}
# What a reader of captures can take: packets of every other link type are counted, reported and skipped.
KNOWN = frozenset(link for link in _READERS if link >= 0)
