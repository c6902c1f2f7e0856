"""Tunnels in UDP: which link layer begins where in a datagram to one of ``TUNNEL_PORTS``.

Mirror ports of clouds and switches use VXLAN, Geneve, TZSP and GRE; the others are how a capture in a provider's or a
wireless network shows the traffic of its clients. Each is recognised by its port and a header that fits; a datagram
that does not fit is no tunnel.
"""

from collections.abc import Callable

from ucdiag.wire.link.link_layer import (
    CONTROLLER,
    ETHERNET,
    IEEE802_11,
    L2TP_SESSION,
    MPLS,
    PPP,
    RAW,
    SERVICE_CHAIN,
)

_VXLAN, _VXLAN_GPE, _GENEVE, _TZSP, _GRE, _GTP, _L2TP, _TEREDO = 4789, 4790, 6081, 37008, 4754, 2152, 1701, 3544
_CAPWAP, _LWAPP, _LISP, _GUE, _MPLS = 5247, 12222, 4341, 6080, 6635
# VXLAN had this port in Linux before it got its own; Cisco's OTV has the same header there.
_OLD_VXLAN = 8472
TUNNEL_PORTS = frozenset(
    {_VXLAN, _OLD_VXLAN, _VXLAN_GPE, _GENEVE, _TZSP, _GRE, _GTP, _L2TP, _TEREDO, _CAPWAP, _LWAPP, _LISP, _GUE, _MPLS}
)
_LINKS = {0x6558: ETHERNET, 0x0800: RAW, 0x86DD: RAW, 0x8847: MPLS, 0x8848: MPLS, 0x894F: SERVICE_CHAIN}
_NEXT = {1: RAW, 2: RAW, 3: ETHERNET, 4: SERVICE_CHAIN, 5: MPLS}
_TZSP_LINKS = {b"\0\x01": ETHERNET, b"\0\x12": IEEE802_11}
_L2TP_LENGTH, _L2TP_SEQUENCE, _L2TP_OFFSET = 0x4000, 0x0800, 0x0200
_WCCP, _ERSPAN, _ERSPAN_3 = 0x883E, 0x88BE, 0x22EB
# Of GRE: a route, which nothing sends any more (in the first byte), and a sequence number (in the first two).
_ROUTED, _NUMBERED = 0x40, 0x1000
# Protocols of IP.
ETHER_IP, L2TP, MPLS_IN_IP = 97, 115, 137
# What a tunnel leads to where it is GRE, which has a header of its own.
GRE = -1


def in_ip(protocol: int, data: bytes) -> tuple[int, int] | None:
    """The link type, and where it begins, of what an IP protocol other than IP itself and GRE carries: Ethernet
    (RFC 3378), L2TPv3 (RFC 3931), MPLS (RFC 4023)."""
    if protocol == ETHER_IP:
        return (ETHERNET, 2) if data[:2] == b"\x30\0" else None
    if protocol == L2TP:
        # A session of 0 is the tunnel's own control.
        return (L2TP_SESSION, 4) if any(data[:4]) else None
    return (MPLS, 0) if protocol == MPLS_IN_IP else None


def is_gre(data: bytes) -> bool:
    """Whether this is a header of GRE without a route."""
    return len(data) >= 4 and not data[0] & _ROUTED


def in_gre(data: bytes) -> tuple[int, int] | None:
    """The link type, and where it begins, of what GRE carries behind its header (RFC 2784, RFC 2890, RFC 2637) and that
    of ERSPAN; None where it is not known."""
    if not is_gre(data):
        return None
    flags, kind = data[0] << 8 | data[1], data[2] << 8 | data[3]
    at = 4 + 4 * bool(flags & 0x8000) + 4 * bool(flags & 0x2000) + 4 * bool(flags & _NUMBERED)
    at += 4 * bool(flags & 7 == 1 and flags & 0x80)
    if kind == _ERSPAN:
        return ETHERNET, at + (8 if flags & _NUMBERED else 0)
    if kind == _ERSPAN_3 and len(data) > at + 11:
        return ETHERNET, at + (20 if data[at + 11] & 1 else 12)
    if kind == _WCCP:
        # The second version has four bytes more, in which no version of IP can be.
        return RAW, at if data[at : at + 1] and data[at] >> 4 == 4 else at + 4
    if kind & 0xFF0F == 0x8200:
        # Aruba's access points, which number their queues there.
        return IEEE802_11, at
    link = PPP if kind == 0x880B else _LINKS.get(kind)
    return (link, at) if link is not None else None


def in_udp(port: int, data: bytes) -> tuple[int, int] | None:
    """The link type (or ``GRE``) and where it begins. ``port`` is that one of its ports which is a tunnel's."""
    if len(data) < 8:
        return None
    if port in (_VXLAN, _OLD_VXLAN):
        return (ETHERNET, 8) if data[0] & 0x08 else None
    if port == _VXLAN_GPE:
        # Bit 0x04 says that the next protocol is named; without it this is plain VXLAN.
        link = _NEXT.get(data[3]) if data[0] & 0x04 else ETHERNET
        return (link, 8) if link is not None and data[0] & 0x08 else None
    if port == _GENEVE:
        link = _LINKS.get(data[2] << 8 | data[3])
        return (link, 8 + (data[0] & 0x3F) * 4) if link is not None and not data[0] & 0xC0 else None
    if port == _LISP:
        return (RAW, 8) if len(data) > 8 and data[8] >> 4 in (4, 6) else None
    read = _READERS.get(port)
    return read(data) if read is not None else None


def _read_tzsp(data: bytes) -> tuple[int, int] | None:
    link = _TZSP_LINKS.get(data[2:4])
    if data[0] != 1 or link is None:
        return None
    at = 4
    while at < len(data) and data[at] != 1:
        at += 1 if data[at] == 0 else 2 + (data[at + 1] if at + 1 < len(data) else 0)
    return link, at + 1


def _read_gtp(data: bytes) -> tuple[int, int] | None:
    """GTP-U, a user's packet (3GPP TS 29.281)."""
    if data[0] & 0xF0 != 0x30 or data[1] != 0xFF:
        return None
    at = 8
    if data[0] & 7:
        at = 12
        following = data[11] if data[0] & 4 and len(data) > 11 else 0
        while following:
            if at >= len(data) or not data[at] or at + data[at] * 4 > len(data):
                return None
            at += data[at] * 4
            following = data[at - 1]
    return RAW, at


def _read_l2tp(data: bytes) -> tuple[int, int] | None:
    """A data message (RFC 2661, RFC 3931)."""
    flags = data[0] << 8 | data[1]
    if flags & 0x800F == 3:
        return L2TP_SESSION, 8
    if flags & 0x800F != 2:
        return None
    at = 6 + 2 * bool(flags & _L2TP_LENGTH) + 4 * bool(flags & _L2TP_SEQUENCE)
    if flags & _L2TP_OFFSET:
        if at + 2 > len(data):
            return None
        at += 2 + (data[at] << 8 | data[at + 1])
    return PPP, at


def _read_capwap(data: bytes) -> tuple[int, int] | None:
    """What a controller and its access points carry for stations, in clear and in one piece (RFC 5415)."""
    native, piece, alive = data[2] & 0x01, data[3] & 0x80, data[3] & 0x08
    if data[0] or piece or alive:
        return None
    return CONTROLLER if native else ETHERNET, (data[1] >> 3) * 4


def _read_teredo(data: bytes) -> tuple[int, int] | None:
    """IPv6, behind an authentication and where somebody came from, or neither (RFC 4380)."""
    at = 0
    if data[:2] == b"\0\x01":
        at = 13 + data[2] + data[3]
    if data[at : at + 2] == b"\0\0":
        at += 8
    return (RAW, at) if at < len(data) and data[at] >> 4 == 6 else None


def _read_lwapp(data: bytes) -> tuple[int, int] | None:
    """The forerunner of CAPWAP (RFC 5412): a frame of a station, in one piece."""
    return None if data[0] & 0xC7 else (CONTROLLER, 6)


def _read_gue(data: bytes) -> tuple[int, int] | None:
    """Generic UDP encapsulation (draft-ietf-intarea-gue): IP as it is, or a protocol of IP behind a header."""
    if data[0] >> 6 == 1:
        return RAW, 0
    if data[0] & 0xE0:
        return None
    at = 4 + (data[0] & 0x1F) * 4
    if data[1] == 47:
        return GRE, at
    if data[1] in (4, 41):
        return RAW, at
    found = in_ip(data[1], data[at:])
    return (found[0], at + found[1]) if found is not None else None


_READERS: dict[int, Callable[[bytes], tuple[int, int] | None]] = {
    _TZSP: _read_tzsp,
    _GRE: lambda data: (GRE, 0),
    _GTP: _read_gtp,
    _L2TP: _read_l2tp,
    _CAPWAP: _read_capwap,
    _LWAPP: _read_lwapp,
    _TEREDO: _read_teredo,
    _GUE: _read_gue,
    _MPLS: lambda data: (MPLS, 0),
}
