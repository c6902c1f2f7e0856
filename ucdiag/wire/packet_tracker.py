"""One packet in, observations out: the link layer, IP, fragments and tunnels off, and what is inside to who reads it.

The rules of this file:

- What a header says of lengths is believed only as far as the packet was captured. A packet that contradicts itself
  is left out, as its receiver would have done; nothing raises.
- With ``interest.everything`` all hosts count (facts). Otherwise only those of interest do, and everybody's DHCP.
- Tunnels (IP in IP, GRE, ERSPAN, those of ``ucdiag.wire.link.tunnels``) are looked into, since mirror ports use them,
  to a depth of ``_DEPTH``.
"""

from collections.abc import Callable
from ipaddress import ip_address

from ucdiag.model.observations import Connect, Dhcp, Lookup, Observation
from ucdiag.model.vocabulary import Microseconds, Seconds, microseconds
from ucdiag.wire.addresses import address_text
from ucdiag.wire.dhcp.message import read_dhcp
from ucdiag.wire.dns.tracker import DnsTracker
from ucdiag.wire.errors import DecodeError
from ucdiag.wire.host_filter import (
    HostFilter,
    RecentSyns,
    asks_for_update_server,
    may_post_update_request,
    posts_update_request,
)
from ucdiag.wire.http.exchange import UpdateExchange, UpdateReader
from ucdiag.wire.link.arp import Arp
from ucdiag.wire.link.ip_fragments import Fragments
from ucdiag.wire.link.link_layer import ARP, ETHERNET, IEEE802_11, IPV4, IPV6, PPP, RAW, Network, network
from ucdiag.wire.link.tunnels import GRE, TUNNEL_PORTS, in_udp
from ucdiag.wire.tcp.byte_run import ByteRun
from ucdiag.wire.tcp.connections import ConnectionTracker

SECOND = 1_000_000
DNS_PORT = 53
DHCP_PORTS = frozenset({67, 68})
TCP, UDP = 6, 17
_ICMP, _IPIP, _SIX_IN_FOUR, _GRE, _AH, _ICMP6 = 1, 4, 41, 47, 51, 58
_DEPTH = 4
_FIN, _SYN, _RST = 1, 2, 4
_HEARD = (Lookup, Connect, Dhcp)
_NAME_BEGINS = 25  # bytes of a DNS message that show whether it asks for the update server

_UNREACHABLE = {
    0: "network unreachable",
    1: "host unreachable",
    2: "protocol unreachable",
    3: "port unreachable",
    6: "network unknown",
    7: "host unknown",
    9: "network prohibited",
    10: "host prohibited",
    11: "network unreachable for this service",
    12: "host unreachable for this service",
    13: "communication prohibited",
}
_TIME_EXCEEDED = {0: "time to live exceeded"}
# RFC 4443, sections 3.1 and 3.3.
_UNREACHABLE6 = {
    0: "no route",
    1: "communication prohibited",
    2: "beyond the scope of the source address",
    3: "address unreachable",
    4: "port unreachable",
    5: "source address failed the policy",
    6: "route rejected",
}
_HOP_LIMIT = {0: "hop limit exceeded"}


# The time to live with which hosts send (Windows CE 128, others 32, 60, 64, 255): any other value was counted down.
FRESH = frozenset({0, 1, 32, 60, 64, 128, 255})
_MOST_ROUTED = 4096


class PacketTracker:
    """``ports`` are the watched TCP server ports, ``patience`` seconds. ``emit`` gets each finished observation.

    ``read_update`` reads the answers of the Device Update Service. ``ipv6`` counts packets of IPv6, which such phones
    do not use.
    """

    def __init__(
        self,
        emit: Callable[[Observation], None],
        interest: HostFilter,
        *,
        ports: frozenset[int] = frozenset({80, 443}),
        patience: Seconds = 5.0,
        read_update: UpdateReader | None = None,
    ) -> None:
        self._out = emit
        self.interest = interest
        self.ports = ports | {DNS_PORT}
        self.post_ports = ports - {443}
        self.lookups = DnsTracker(self._emit, patience=patience, each=interest.everything)
        # Told of every POST to ``ucdevice.upx`` that is over, for who wants to send the same again.
        self.saw_update: Callable[[UpdateExchange], None] | None = None
        self.flows = ConnectionTracker(
            self._emit,
            self.lookups,
            ports=ports,
            patience=patience,
            bodies=not interest.everything,
            update=self._updated,
            read_update=read_update,
        )
        self._routed: set[bytes] = set()
        self.fragments = Fragments()
        self.openings = RecentSyns()
        self.arp = Arp(self._emit, patience=microseconds(patience))
        self._expiry = 0
        self.ipv6 = 0
        self.cut = 0
        self._short = 0

    def came_routed(self, src: bytes) -> None:
        """A packet of this address came through a router: the MAC address in its frame is that router's."""
        if len(self._routed) < _MOST_ROUTED:
            self._routed.add(src)

    def is_routed(self, address: str) -> bool:
        """Whether packets of this address came through a router, by their time to live."""
        return ip_address(address).packed in self._routed

    def _updated(self, exchange: UpdateExchange) -> None:
        if self.saw_update is not None:
            self.saw_update(exchange)

    @property
    def unreadable(self) -> int:
        """Packets that mattered and that a snap length cut, on connections that are over and in datagrams."""
        return self.flows.snapped + self._short

    @property
    def dropped(self) -> int:
        """What had to be forgotten to stay within bounds: flows, questions, fragments, hosts."""
        parts = (self.flows, self.lookups, self.fragments, self.arp)
        return sum(part.dropped for part in parts) + self.interest.forgotten

    def _emit(self, observation: Observation) -> None:
        if isinstance(observation, _HEARD):
            self.arp.heard(observation)
        self._out(observation)

    def due(self, now: Microseconds) -> bool:
        """Whether ``tick`` would look for what waited too long."""
        return now >= self._expiry or now < self._expiry - 2 * SECOND

    def tick(self, now: Microseconds) -> None:
        """Time has reached ``now`` (microseconds): concludes what waited too long, at most once in a second."""
        if now >= self._expiry or now < self._expiry - 2 * SECOND:  # due, without a call for each packet
            self._expiry = now + SECOND
            self.flows.expire(now)
            self.lookups.expire(now)
            self.arp.expire(now)

    def pending(self, at: Microseconds) -> list[Observation]:
        """What ``finish`` would emit, without ending anything: for a view of a capture that goes on."""
        return [*self.flows.pending(at), *self.lookups.pending(at), *self.arp.pending(at)]

    def finish(self, at: Microseconds) -> None:
        """The capture has ended."""
        self.flows.finish(at)
        self.lookups.finish(at)
        self.arp.finish(at)

    def packet(self, time: Microseconds, frame: int, link: int, data: bytes, tag: int | None = None) -> None:
        """One captured packet of any link type. ``tag`` is the VLAN whose tag was taken off the frame before."""
        self.tick(time)
        found = network(link, data)
        if found is not None:
            if tag is not None and found.tag is None:
                found = found._replace(tag=tag)
            self._network(time, frame, data, found, 0)

    def _network(self, time: Microseconds, frame: int, data: bytes, found: Network, depth: int) -> None:
        kind, at, src_mac, dst_mac, tag = found
        if kind == IPV4:
            self._ipv4(time, frame, data, at, src_mac, dst_mac, tag, depth)
        elif kind == ARP:
            self.arp.message(time, frame, data, at)
        elif kind == IPV6:
            self.ipv6 += 1
            if self.interest.everything:
                self._ipv6(time, frame, data, at, src_mac, dst_mac, tag, depth)

    def _ipv4(
        self,
        time: Microseconds,
        frame: int,
        data: bytes,
        at: int,
        src_mac: bytes | None,
        dst_mac: bytes | None,
        tag: int | None,
        depth: int,
    ) -> None:
        if len(data) < at + 20 or data[at] >> 4 != 4:
            return
        size = (data[at] & 15) * 4
        total = data[at + 2] << 8 | data[at + 3]
        if total == 0:
            total = len(data) - at  # the network card was to cut this into segments, and fill it in
        if size < 20 or total < size:
            return
        protocol = data[at + 9]
        src, dst = data[at + 12 : at + 16], data[at + 16 : at + 20]
        if data[at + 8] not in FRESH:
            self.came_routed(src)
        piece = data[at + 6] << 8 | data[at + 7]
        payload = data[at + size : at + total]
        length = total - size
        if piece & 0x3FFF:
            if len(payload) < length:
                if protocol == UDP and not piece & 0x1FFF:
                    # It will never be whole, but DHCP and DNS say what matters at their beginning.
                    self._transport(time, frame, protocol, src, dst, payload, length, src_mac, dst_mac, tag, depth)
                return
            key = (src, dst, protocol, data[at + 4] << 8 | data[at + 5])
            whole = self.fragments.add(key, time, (piece & 0x1FFF) * 8, bool(piece & 0x2000), payload)
            if whole is None:
                return
            payload, length = whole, len(whole)
        self._transport(time, frame, protocol, src, dst, payload, length, src_mac, dst_mac, tag, depth)

    def _ipv6(
        self,
        time: Microseconds,
        frame: int,
        data: bytes,
        at: int,
        src_mac: bytes | None,
        dst_mac: bytes | None,
        tag: int | None,
        depth: int,
    ) -> None:
        if len(data) < at + 40 or data[at] >> 4 != 6:
            return
        src, dst = data[at + 8 : at + 24], data[at + 24 : at + 40]
        following = data[at + 6]
        length = data[at + 4] << 8 | data[at + 5]
        at += 40
        if length == 0:
            length = len(data) - at
        payload = data[at : at + length]
        for _ in range(8):
            if following in (0, 43, 60):
                if len(payload) < 8:
                    return
                size = (payload[1] + 1) * 8
                following, payload, length = payload[0], payload[size:], length - size
            elif following == 44:
                if len(payload) < length or length < 8:
                    return
                piece = payload[2] << 8 | payload[3]
                key = (src, dst, payload[0], int.from_bytes(payload[4:8], "big"))
                following = payload[0]
                whole = self.fragments.add(key, time, piece & 0xFFF8, bool(piece & 1), payload[8:])
                if whole is None:
                    return
                payload, length = whole, len(whole)
            else:
                break
        if length > 0:
            self._transport(time, frame, following, src, dst, payload, length, src_mac, dst_mac, tag, depth)

    def _transport(
        self,
        time: Microseconds,
        frame: int,
        protocol: int,
        src: bytes,
        dst: bytes,
        payload: bytes,
        length: int,
        src_mac: bytes | None,
        dst_mac: bytes | None,
        tag: int | None,
        depth: int,
    ) -> None:
        if protocol == TCP:
            if len(payload) < 20:
                return
            size = payload[12] >> 4 << 2
            if size < 20 or size > length:
                return
            self.tcp(
                time,
                frame,
                src,
                payload[0] << 8 | payload[1],
                dst,
                payload[2] << 8 | payload[3],
                int.from_bytes(payload[4:8], "big"),
                int.from_bytes(payload[8:12], "big"),
                payload[13],
                payload[14] << 8 | payload[15],
                payload[size:],
                length - size,
                src_mac,
                dst_mac,
            )
        elif protocol == UDP:
            if len(payload) < 8:
                return
            size = payload[4] << 8 | payload[5]
            if 0 < size < 8:
                return
            sport, dport = payload[0] << 8 | payload[1], payload[2] << 8 | payload[3]
            content = payload[8:size] if size else payload[8:]
            if dport in TUNNEL_PORTS or sport in TUNNEL_PORTS:
                tunnel = dport if dport in TUNNEL_PORTS else sport
                # Clients of DNS may have any port.
                possible = DNS_PORT not in (sport, dport) and depth < _DEPTH
                if possible and self._udp_tunnel(time, frame, tunnel, content, depth):
                    return
            self.udp(time, frame, src, sport, dst, dport, content, src_mac, dst_mac, tag, size > len(payload))
        elif protocol in (_ICMP, _ICMP6):
            self._icmp(time, frame, src, payload, protocol)
        elif depth < _DEPTH:
            if protocol in (_IPIP, _SIX_IN_FOUR):
                kind = IPV4 if protocol == _IPIP else IPV6
                self._network(time, frame, payload, Network(kind, 0, src_mac, dst_mac, tag), depth + 1)
            elif protocol == _GRE:
                self._gre(time, frame, payload, depth)
            elif protocol == _AH and len(payload) > 1:
                size = (payload[1] + 2) * 4
                inside, length = payload[size:], length - size
                self._transport(time, frame, payload[0], src, dst, inside, length, src_mac, dst_mac, tag, depth + 1)

    def tcp(
        self,
        time: Microseconds,
        frame: int,
        src: bytes,
        sport: int,
        dst: bytes,
        dport: int,
        seq: int,
        ack: int,
        flags: int,
        window: int,
        payload: bytes,
        length: int,
        src_mac: bytes | None,
        dst_mac: bytes | None,
    ) -> ByteRun | None:
        """One TCP segment: to the flows when it is of interest. ``payload`` may be cut to less than ``length``."""
        if dport not in self.ports and sport not in self.ports:
            return None
        interest = self.interest
        if not interest.everything and src not in interest.hosts and dst not in interest.hosts:
            if src_mac in interest.macs and src_mac is not None:
                interest.learn(src)
            elif dst_mac in interest.macs and dst_mac is not None:
                interest.learn(dst)
            elif flags & _SYN:
                self.openings.keep(
                    (time, frame, src, sport, dst, dport, seq, ack, flags, window, b"", 0, src_mac, dst_mac)
                )
                return None
            elif dport in self.post_ports and payload and posts_update_request(payload):
                interest.learn(src)
                for segment in self.openings.take(src, sport, dst, dport):
                    self.flows.segment(*segment)
            else:
                if dport in self.post_ports and len(payload) < length:
                    self.cut_stranger(payload)
                return None
        if flags & _SYN:
            self.arp.sent(src, dst)
        if len(payload) < length:
            self.cut += 1
        return self.flows.segment(
            time, frame, src, sport, dst, dport, seq, ack, flags, window, payload, length, src_mac, dst_mac
        )

    def cut_stranger(self, payload: bytes) -> None:
        """What is left of a segment to a watched port, of a host of no interest, that a snap length cut."""
        if may_post_update_request(payload):
            self._short += 1

    def udp(
        self,
        time: Microseconds,
        frame: int,
        src: bytes,
        sport: int,
        dst: bytes,
        dport: int,
        payload: bytes,
        src_mac: bytes | None,
        dst_mac: bytes | None,
        tag: int | None,
        cut: bool = False,
    ) -> None:
        """One UDP datagram: DHCP always, DNS when it is of interest. ``cut``: not all of it was captured."""
        interest = self.interest
        if dport in DHCP_PORTS or sport in DHCP_PORTS:
            try:
                message = read_dhcp(payload, time=time, frame=frame, source_address=address_text(src), tag=tag)
            except DecodeError:
                return
            interest.dhcp(message)
            if cut and message.truncated and interest.is_client(message.client):
                self._short += 1
            self._emit(message)
        elif dport == DNS_PORT or sport == DNS_PORT:
            if not interest.everything:
                if dport == DNS_PORT and (
                    asks_for_update_server(payload) or (src_mac is not None and src_mac in interest.macs)
                ):
                    interest.learn(src)
                elif sport == DNS_PORT and asks_for_update_server(payload) and payload[2] & 0x80:
                    # The answer, of which the question is missing or captured after it.
                    interest.learn(dst)
                elif src not in interest.hosts and dst not in interest.hosts:
                    if cut and dport == DNS_PORT and len(payload) < _NAME_BEGINS:
                        # It may have been a phone's question.
                        self._short += 1
                    return
            if cut:
                self._short += 1
            self.lookups.udp(time, frame, src, sport, dst, dport, payload, src_mac, dst_mac)

    def _icmp(self, time: Microseconds, frame: int, reporter: bytes, payload: bytes, protocol: int) -> None:
        if len(payload) < 8 + 28:
            return
        if protocol == _ICMP6:
            what = {1: _UNREACHABLE6, 3: _HOP_LIMIT}.get(payload[0], {}).get(payload[1])
            # Extension headers come before the protocol in what few packets have them; those are passed over.
            size, version, inner, piece = 40, 6, payload[14], 0
            src, dst = payload[16:32], payload[32:48]
        else:
            what = {3: _UNREACHABLE, 11: _TIME_EXCEEDED}.get(payload[0], {}).get(payload[1])
            size, version, inner = (payload[8] & 15) * 4, 4, payload[17]
            piece = (payload[14] << 8 | payload[15]) & 0x1FFF
            src, dst = payload[20:24], payload[24:28]
        at = 8 + size
        if what is None or payload[8] >> 4 != version or size < 20 or len(payload) < at + 4 or piece:
            return
        if not self.interest.matters(src, dst):
            return
        sport, dport = payload[at] << 8 | payload[at + 1], payload[at + 2] << 8 | payload[at + 3]
        reason = f"ICMP {what}, said {address_text(reporter)}"
        if inner == TCP and dport in self.ports:
            self.flows.unreachable(time, frame, reporter, src, sport, dst, dport, reason)
        elif inner == UDP and dport == DNS_PORT:
            # A router need not quote more than the ports (RFC 792); most quote all of the question.
            ident = payload[at + 8] << 8 | payload[at + 9] if len(payload) >= at + 10 else None
            self.lookups.unreachable(time, frame, reporter, src, sport, dst, dport, reason, ident)

    def _udp_tunnel(self, time: Microseconds, frame: int, port: int, payload: bytes, depth: int) -> bool:
        found = in_udp(port, payload)
        if found is None:
            return False
        link, at = found
        if link == GRE:
            self._gre(time, frame, payload, depth)
            return True
        return self._inside(time, frame, link, payload, at, depth)

    def _gre(self, time: Microseconds, frame: int, payload: bytes, depth: int) -> None:
        if len(payload) < 4:
            return
        flags, kind = payload[0] << 8 | payload[1], payload[2] << 8 | payload[3]
        if flags & 0x4000:
            return
        at = 4 + 4 * bool(flags & 0x8000) + 4 * bool(flags & 0x2000) + 4 * bool(flags & 0x1000)
        at += 4 * bool(flags & 7 == 1 and flags & 0x80)
        if kind in (IPV4, IPV6):
            self._inside(time, frame, RAW, payload, at, depth)
        elif kind == 0x6558:
            self._inside(time, frame, ETHERNET, payload, at, depth)
        elif kind == 0x88BE:
            self._inside(time, frame, ETHERNET, payload, at + (8 if flags & 0x1000 else 0), depth)
        elif kind == 0x22EB and len(payload) > at + 11:
            self._inside(time, frame, ETHERNET, payload, at + (20 if payload[at + 11] & 1 else 12), depth)
        elif kind == 0x880B:
            self._inside(time, frame, PPP, payload, at, depth)
        elif kind & 0xFF0F == 0x8200:
            # Aruba's access points, which number their queues there.
            self._inside(time, frame, IEEE802_11, payload, at, depth)

    def _inside(self, time: Microseconds, frame: int, link: int, data: bytes, at: int, depth: int) -> bool:
        found = network(link, data, at)
        if found is None:
            return False
        self._network(time, frame, data, found, depth + 1)
        return True
