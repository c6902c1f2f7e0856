"""Takes a phone's packet out of what carries it: MPLS, PPPoE, IP in IP, GRE, VXLAN and other tunnels.

A tunnel's headers are of the site, not of the phone's path, and there are too many to mask each. So what was carried is
masked as an ordinary frame, and judged alike.
"""

from contextlib import suppress

from ucdiag.masking.layers import UDP, LeftOut, ip_header, layers_of
from ucdiag.wire.link.link_layer import ARP, ETHERNET, IPV4, RAW, read_link_layer
from ucdiag.wire.link.tunnels import GRE, TUNNEL_PORTS, in_gre, in_ip, in_udp

_DEPTH = 4
_IP_IN_IP, _GRE, _AH = 4, 47, 51
_NONE = bytes(6)


def unwrap_frame(link: int, frame: bytes, depth: int = 0) -> tuple[int, bytes]:
    """The link type and the bytes of the frame that is carried; those of an ordinary frame as they are."""
    layer = read_link_layer(link, frame)
    if layer is None or layer.kind not in (IPV4, ARP):
        # A link below 0 is one of a tunnel's, which no file can name.
        return (RAW, frame[layer.at :]) if layer is not None and link < 0 else (link, frame)
    if layer.kind == IPV4 and depth < _DEPTH:
        carried = _carried_packet(frame, layer.at)
        if carried is not None:
            inside = unwrap_frame(*carried, depth + 1)
            if read_link_layer(*inside) is not None:
                return inside
    if not depth:
        with suppress(LeftOut):  # of something else
            if layers_of(link, frame).network == layer.at:
                return link, frame
    if layer.src_mac is None and (layer.kind == IPV4 or link >= 0):
        return (RAW, frame[layer.at :]) if layer.kind == IPV4 else (link, frame)
    tag = b"\x81\0" + layer.tag.to_bytes(2, "big") if layer.tag is not None else b""
    head = (layer.dst_mac or _NONE) + (layer.src_mac or _NONE) + tag + layer.kind.to_bytes(2, "big")
    return ETHERNET, head + frame[layer.at :]


def _carried_packet(frame: bytes, at: int) -> tuple[int, bytes] | None:
    """The link type and the bytes of what the IP packet at ``at`` carries, if it is a tunnel's."""
    try:
        protocol, inner, end, fragment = ip_header(frame, at)
    except LeftOut:
        return None
    payload = frame[inner:end]
    if fragment:
        return None
    if protocol == _AH and len(payload) > 1:
        protocol, payload = payload[0], payload[(payload[1] + 2) * 4 :]
    if protocol == _IP_IN_IP:
        return RAW, payload
    found = in_gre(payload) if protocol == _GRE else in_ip(protocol, payload)
    if protocol == UDP and len(payload) > 8:
        ports = int.from_bytes(payload[2:4], "big"), int.from_bytes(payload[:2], "big")
        port = next((port for port in ports if port in TUNNEL_PORTS), None)
        payload = payload[8:]
        found = in_udp(port, payload) if port is not None else None
        if found is not None and found[0] == GRE:
            payload = payload[found[1] :]
            found = in_gre(payload)
    return (found[0], payload[found[1] :]) if found is not None else None
