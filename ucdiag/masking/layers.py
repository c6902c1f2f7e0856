"""Where in a frame its addresses and its payload are: the layers of a phone's path, and nothing else.

What is no ordinary frame of ARP, IPv4, TCP, UDP or ICMP is not masked but left out: ``LeftOut`` says why.
"""

from ucdiag.model.fast_dataclass import record
from ucdiag.wire.link.link_layer import ARP, ETHERNET, IPV4, IPV6, LINUX_SLL, LINUX_SLL2, LOOP, NULL, RAW, VLAN_TAGS

ICMP, TCP, UDP = 1, 6, 17
_RAW = frozenset({12, 14, RAW, 228})
_MAX_TAGS = 3


class LeftOut(Exception):  # noqa: N818 - no error: what is not of a phone's path
    """This frame cannot be masked. The argument is what it is."""


@record(frozen=True, slots=True)
class Layers:
    """Offsets from the frame's beginning. ``macs`` are where MAC addresses are, ``network`` where IP or ARP begins.

    ``inner`` is where ICMP, TCP or UDP begins, ``payload`` what it carries, and ``end`` the end of it all, as far as it
    was captured. ``cut`` says that more was on the wire.
    """

    macs: tuple[int, ...]
    network: int
    arp: bool = False
    protocol: int = 0
    inner: int = 0
    payload: int = 0
    end: int = 0
    cut: bool = False


def layers_of(link: int, frame: bytes) -> Layers:
    """Raises LeftOut."""
    macs, kind, at = _link_layer(link, frame)
    if kind == ARP:
        if len(frame) < at + 28 or frame[at : at + 6] != b"\0\1\x08\0\6\4":
            raise LeftOut("ARP of another form")
        return Layers(macs=macs, network=at, arp=True, end=at + 28)
    if kind == IPV6:
        raise LeftOut("IPv6")
    if kind != IPV4:
        raise LeftOut(f"EtherType 0x{kind:04x}" if kind >= 0x0600 else "LLC (spanning tree and the like)")
    return _ip_layers(macs, frame, at)


def _link_layer(link: int, frame: bytes) -> tuple[tuple[int, ...], int, int]:
    """Where MAC addresses are, the EtherType, and where it begins."""
    if link in _RAW:
        return (), _type_of_ip_version(frame, 0), 0
    if link in (NULL, LOOP):
        return (), _type_of_ip_version(frame, 4), 4
    macs: tuple[int, ...]
    if link == ETHERNET:
        macs, kind_at, at = (0, 6), 12, 14
    elif link == LINUX_SLL:
        macs, kind_at, at = (6,), 14, 16
    elif link == LINUX_SLL2:
        macs, kind_at, at = (12,), 0, 20
    else:
        raise LeftOut(f"link type {link}")
    if len(frame) < at:
        raise LeftOut("frames that are cut")
    kind = int.from_bytes(frame[kind_at : kind_at + 2], "big")
    for _ in range(_MAX_TAGS):
        if kind not in VLAN_TAGS or len(frame) < at + 4:
            break
        kind = int.from_bytes(frame[at + 2 : at + 4], "big")
        at += 4
    return macs, kind, at


def _type_of_ip_version(frame: bytes, at: int) -> int:
    version = frame[at] >> 4 if at < len(frame) else 0
    return {4: IPV4, 6: IPV6}.get(version, 0)


def ip_header(frame: bytes, at: int) -> tuple[int, int, int, int]:
    """The protocol, where it begins, where the packet ends, and the offset of the fragment. Raises LeftOut."""
    if len(frame) < at + 20 or frame[at] >> 4 != 4:
        raise LeftOut("frames that are cut")
    inner = at + (frame[at] & 15) * 4
    if inner < at + 20 or len(frame) < inner:
        raise LeftOut("IP headers that are cut")
    total = int.from_bytes(frame[at + 2 : at + 4], "big")
    # 0 where the network card cut the segments.
    end = at + total if total >= inner - at else len(frame)
    fragment = int.from_bytes(frame[at + 6 : at + 8], "big") & 0x3FFF
    return frame[at + 9], inner, end, fragment


def _ip_layers(macs: tuple[int, ...], frame: bytes, at: int) -> Layers:
    protocol, inner, end, fragment = ip_header(frame, at)
    if fragment:
        raise LeftOut("fragments of IP")
    cut = end > len(frame)
    end = min(end, len(frame))
    if protocol == TCP:
        payload = inner + (frame[inner + 12] >> 4) * 4 if inner + 13 <= end else end
        payload = min(max(payload, inner + 20), end)
    elif protocol in (UDP, ICMP):
        payload = min(inner + 8, end)
    else:
        raise LeftOut(f"IP protocol {protocol}")
    return Layers(macs=macs, network=at, protocol=protocol, inner=inner, payload=payload, end=end, cut=cut)
