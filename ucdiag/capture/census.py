"""The content of a capture without phones: the packets by kind, the hosts, the tunnels. A second reading.

It examines each packet, which the readers' loops must not. So it reads the beginning of the files only, and only if no
phone was found.
"""

import struct
from collections import Counter
from collections.abc import Callable, Sequence

from ucdiag.capture.clock_steps import ClockSteps
from ucdiag.capture.file_reader import CaptureFileReader
from ucdiag.capture.prefilter import PacketPrefilter
from ucdiag.runtime.context import CannotTest
from ucdiag.wire.host_filter import HostFilter
from ucdiag.wire.link.link_layer import ETHERNET, IPV4, IPV6, KNOWN, read_link_layer
from ucdiag.wire.link.tunnels import ETHER_IP, L2TP, MPLS_IN_IP, TUNNEL_PORTS
from ucdiag.wire.link.unread import is_wireless_overhead, unread_datagram, unread_protocol
from ucdiag.wire.packet_tracker import PacketTracker
from ucdiag.wire.watched import DHCP_PORTS, DNS_PORT, ICMP, IP_GRE, IPIP, TCP, TUNNEL_PROTOCOLS, UDP

WIRELESS_OVERHEAD = "Wi-Fi management and control"
CENSUS_MOST = 50_000  # packets, about half a second
_OVER_IPV6 = {
    IPIP: "IP in IPv6",
    IP_GRE: "GRE over IPv6",
    ETHER_IP: "Ethernet in IPv6",
    L2TP: "L2TPv3 over IPv6",
    MPLS_IN_IP: "MPLS in IPv6",
}
_PORTS = struct.Struct(">HH").unpack_from


class Census(PacketPrefilter):
    """A ``PacketPrefilter`` whose sets stay empty, so that the loops of the readers pass every packet on to be counted.

    ``kinds`` counts packets by what they are outside, ``tunnels`` those that a tunnel carries that was looked into, and
    ``unread`` those that carry others and cannot be read, by name. ``ports`` counts the watched TCP ports.
    """

    def __init__(self, observer: PacketTracker) -> None:
        super().__init__(observer)
        self.dns_hosts = None
        self.counts_runs = False
        self.packets = 0
        self.kinds: Counter[str] = Counter()
        self.ports: Counter[int] = Counter()
        self.hosts: set[bytes] = set()
        self.tunnels = 0

    @property
    def unread_tunnels(self) -> "Counter[str]":
        """Packets that carry others and cannot be read, by name."""
        return self.observer.tunnels_unread

    def use_format(self, link: int, clock: Callable[[int], int], stamp: str, stamp_at: int, head: int) -> None:
        super().use_format(link, clock, stamp, stamp_at, head)
        self.ignored_ethertypes = set()

    def take_packet(self, view: memoryview, at: int, size: int, mark: int, frame: int, shift: int, key: bytes) -> None:
        start = at + self._head
        self.count_packet(self._link, bytes(view[start : start + size]), frame)

    def count_packet(self, link: int, data: bytes, frame: int = 1) -> None:
        """Count one packet by what it is outside and inside."""
        self.packets += 1
        layer = read_link_layer(link, data)
        if layer is None:
            before = self.unread_tunnels.total()
            self.observer.take_packet(0, frame, link, data)
            if self.unread_tunnels.total() == before:
                self.kinds[_unknown_kind(link, data)] += 1
        elif layer.kind == IPV4:
            self._count_ipv4(link, data, layer.at, frame)
        elif layer.kind == IPV6:
            self._count_ipv6(data, layer.at)
        else:
            self.kinds["ARP"] += 1

    def _count_ipv4(self, link: int, data: bytes, at: int, frame: int) -> None:
        if len(data) < at + 20:
            self.kinds["cut IPv4"] += 1
            return
        self.hosts.update((data[at + 12 : at + 16], data[at + 16 : at + 20]))
        protocol = data[at + 9]
        inner = at + (data[at] & 15) * 4
        later = (data[at + 6] << 8 | data[at + 7]) & 0x1FFF
        ports = set(_PORTS(data, inner)) if protocol in (TCP, UDP) and not later and len(data) >= inner + 4 else set()
        if protocol == TCP:
            watched = ports & self.observer.ports
            self.ports.update(watched - {DNS_PORT})
            self.kinds["DNS" if DNS_PORT in ports else "TCP"] += 1
        elif protocol == UDP and ports & DHCP_PORTS:
            self.kinds["DHCP"] += 1
        elif protocol == UDP and DNS_PORT in ports:
            self.kinds["DNS"] += 1
        elif protocol == ICMP:
            self.kinds["ICMP"] += 1
        else:
            self._perhaps_tunnel(link, data, frame, protocol, ports)

    def _count_ipv6(self, data: bytes, at: int) -> None:
        """Such phones do not use IPv6, but tunnels may."""
        protocol = data[at + 6] if at + 6 < len(data) else 0
        inner = at + 40
        name = unread_protocol(protocol) or _OVER_IPV6.get(protocol)
        if protocol == UDP and len(data) >= inner + 8:
            source, target = _PORTS(data, inner)
            name = unread_datagram(source, target, data[inner + 8 :])
            name = f"{name} over IPv6" if name is not None and name.startswith("UDP port") else name
        if name is not None:
            self.unread_tunnels[name] += 1
        else:
            self.kinds["IPv6"] += 1

    def _perhaps_tunnel(self, link: int, data: bytes, frame: int, protocol: int, ports: set[int]) -> None:
        before = self.unread_tunnels.total()
        self.observer.take_packet(0, frame, link, data)
        if self.unread_tunnels.total() > before:
            return
        if protocol in TUNNEL_PROTOCOLS or ports & TUNNEL_PORTS:
            self.tunnels += 1
        else:
            self.kinds["UDP" if protocol == UDP else f"IP protocol {protocol}"] += 1


def _unknown_kind(link: int, data: bytes) -> str:
    if is_wireless_overhead(link, data):
        return WIRELESS_OVERHEAD
    if link not in KNOWN:
        return f"link type {link}"
    if link != ETHERNET:
        return "frames without IP"
    kind = int.from_bytes(data[12:14], "big")
    return "LLC" if kind < 0x0600 else f"EtherType 0x{kind:04x}"


def census_of(names: Sequence[str], ports: frozenset[int]) -> Census | None:
    """The census of the beginning of these files; None if they cannot be read."""
    made: list[Census] = []

    def make_census(observer: PacketTracker, clock_steps: ClockSteps, most: int) -> Census:
        made.append(Census(observer))
        return made[0]

    # Whoever counts has no use for what is in TLS, so secrets behind the packets send nobody back to the beginning.
    reader = CaptureFileReader(
        HostFilter(), ports=ports, limit=CENSUS_MOST, make_prefilter=make_census, all_secrets=True
    )
    try:
        for _ in reader.read(names):
            """What is reported was reported before."""
    except CannotTest:
        return None
    return made[0]
