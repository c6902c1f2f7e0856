"""Names for what carries other traffic and cannot be read: encrypted, or a tunnel that is not looked into."""

from ucdiag.wire.link.link_layer import AVS, ETHERNET, IEEE802_11, MACSEC, PPI, PRISM, RADIOTAP, VLAN_TAGS
from ucdiag.wire.link.tunnels import TUNNEL_PORTS

_ESP, _IPCOMP = 50, 108
_NAT_TRAVERSAL, _OPENVPN, _SFLOW, _CAPWAP = 4500, 1194, 6343, frozenset({5246, 5247})
_DTLS_VERSIONS = (b"\xfe\xff", b"\xfe\xfd")
_PROTOCOLS = {_ESP: "IPsec (ESP)", _IPCOMP: "IPComp"}
_DATA = 0x08  # the type of 802.11's data frames
# Those that nobody can read without a key.
ENCRYPTED = frozenset(
    {
        "IPsec (ESP)",
        "IPsec (ESP in UDP)",
        "MACsec",
        "WireGuard",
        "OpenVPN",
        "DTLS",
        "CAPWAP with DTLS",
        "Wi-Fi (WPA)",
    }
)


def unread_frame(link: int, data: bytes) -> str | None:
    """The name of an encrypted link layer, None for any other frame in which there is no IP."""
    if link == ETHERNET:
        at = 12
        while int.from_bytes(data[at : at + 2], "big") in VLAN_TAGS and at < 24:
            at += 4
        return "MACsec" if int.from_bytes(data[at : at + 2], "big") == MACSEC else None
    air = _wireless_at(link, data)
    # A data frame, and the bit that says that it is protected.
    is_protected = air is not None and data[air] & 0x0C == _DATA and data[air + 1] & 0x40
    return "Wi-Fi (WPA)" if is_protected else None


def is_wireless_overhead(link: int, data: bytes) -> bool:
    """Whether this is a frame of 802.11 that carries nothing for anybody: management, control."""
    at = _wireless_at(link, data)
    return at is not None and data[at] & 0x0C != _DATA


def _wireless_at(link: int, data: bytes) -> int | None:
    """Where the 802.11 header is behind that of the capture; None where there is none."""
    if link == IEEE802_11:
        at = 0
    elif link in (RADIOTAP, PPI):
        at = int.from_bytes(data[2:4], "little")
    elif link in (PRISM, AVS):
        at = int.from_bytes(data[4:8], "little" if link == PRISM else "big")
    else:
        return None
    return at if len(data) > at + 1 else None


def unread_protocol(protocol: int) -> str | None:
    """The name of an IP protocol whose payload cannot be read."""
    return _PROTOCOLS.get(protocol)


def unread_gre(kind: int) -> str:
    """The name of what GRE carries that is not looked into."""
    return f"GRE with EtherType 0x{kind:04x}"


def unread_datagram(source: int, target: int, data: bytes) -> str | None:
    """The name of a tunnel in UDP that cannot be read, by its ports and first bytes."""
    ports = {source, target}
    if len(data) < 8:
        return None
    if _NAT_TRAVERSAL in ports:
        # Behind four zeros is IKE.
        return "IPsec (ESP in UDP)" if any(data[:4]) else None
    if 20 <= data[0] <= 26 and data[1:3] in _DTLS_VERSIONS:
        return "DTLS"
    if ports & _CAPWAP:
        return "CAPWAP with DTLS" if data[0] & 0x0F == 1 else f"UDP port {min(ports & _CAPWAP)}"
    if data[:4] == b"\x04\0\0\0" and len(data) >= 32 and len(data) % 16 == 0:
        return "WireGuard"
    if _OPENVPN in ports:
        return "OpenVPN" if data[0] >> 3 in (6, 9) else None
    if _SFLOW in ports:
        return "sFlow's samples"
    tunnel = ports & TUNNEL_PORTS
    return f"UDP port {min(tunnel)}" if tunnel else None
