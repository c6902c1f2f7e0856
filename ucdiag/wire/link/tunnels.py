"""Tunnels in UDP: which link layer begins where in a datagram to one of ``TUNNEL_PORTS``.

Mirror ports of clouds and switches use VXLAN, Geneve, TZSP and GRE; the others are how a capture in a provider's or a
wireless network shows the traffic of its clients. All are told by their port and a header that fits; what does not fit
is no tunnel.
"""

from ucdiag.wire.link.link_layer import CONTROLLER, ETHERNET, PPP, RAW

_VXLAN, _VXLAN_GPE, _GENEVE, _TZSP, _GRE, _GTP, _L2TP, _TEREDO = 4789, 4790, 6081, 37008, 4754, 2152, 1701, 3544
_CAPWAP = 5247
TUNNEL_PORTS = frozenset({_VXLAN, _VXLAN_GPE, _GENEVE, _TZSP, _GRE, _GTP, _L2TP, _TEREDO, _CAPWAP})
_LINKS = {0x6558: ETHERNET, 0x0800: RAW, 0x86DD: RAW}
_NEXT = {1: RAW, 2: RAW, 3: ETHERNET}
_L2TP_LENGTH, _L2TP_SEQUENCE, _L2TP_OFFSET = 0x4000, 0x0800, 0x0200
# What a tunnel leads to where it is GRE, which has a header of its own.
GRE = -1


def in_udp(port: int, data: bytes) -> tuple[int, int] | None:
    """The link type (or ``GRE``) and where it begins. ``port`` is that one of its ports which is a tunnel's."""
    if len(data) < 8:
        return None
    if port == _VXLAN:
        return (ETHERNET, 8) if data[0] & 0x08 else None
    if port == _VXLAN_GPE:
        # Bit 0x04 says that the next protocol is named; without it this is plain VXLAN.
        link = _NEXT.get(data[3]) if data[0] & 0x04 else ETHERNET
        return (link, 8) if link is not None and data[0] & 0x08 else None
    if port == _GENEVE:
        link = _LINKS.get(data[2] << 8 | data[3])
        return (link, 8 + (data[0] & 0x3F) * 4) if link is not None and not data[0] & 0xC0 else None
    if port == _TZSP:
        return _tzsp(data)
    if port == _GRE:
        return GRE, 0
    if port == _GTP:
        return _gtp(data)
    if port == _L2TP:
        return _l2tp(data)
    if port == _CAPWAP:
        return _capwap(data)
    return _teredo(data) if port == _TEREDO else None


def _tzsp(data: bytes) -> tuple[int, int] | None:
    if data[0] != 1 or data[2:4] != b"\0\x01":
        return None
    at = 4
    while at < len(data) and data[at] != 1:
        at += 1 if data[at] == 0 else 2 + (data[at + 1] if at + 1 < len(data) else 0)
    return ETHERNET, at + 1


def _gtp(data: bytes) -> tuple[int, int] | None:
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


def _l2tp(data: bytes) -> tuple[int, int] | None:
    """A data message (RFC 2661)."""
    flags = data[0] << 8 | data[1]
    if flags & 0x800F != 2:
        return None
    at = 6 + 2 * bool(flags & _L2TP_LENGTH) + 4 * bool(flags & _L2TP_SEQUENCE)
    if flags & _L2TP_OFFSET:
        if at + 2 > len(data):
            return None
        at += 2 + (data[at] << 8 | data[at + 1])
    return PPP, at


def _capwap(data: bytes) -> tuple[int, int] | None:
    """What a controller and its access points carry for stations, in clear and in one piece (RFC 5415)."""
    native, piece, alive = data[2] & 0x01, data[3] & 0x80, data[3] & 0x08
    if data[0] or piece or alive:
        return None
    return CONTROLLER if native else ETHERNET, (data[1] >> 3) * 4


def _teredo(data: bytes) -> tuple[int, int] | None:
    """IPv6, behind an authentication and where somebody came from, or neither (RFC 4380)."""
    at = 0
    if data[:2] == b"\0\x01":
        at = 13 + data[2] + data[3]
    if data[at : at + 2] == b"\0\0":
        at += 8
    return (RAW, at) if at < len(data) and data[at] >> 4 == 6 else None
