"""One packet in, observations out: strips link layer, IP, fragments and tunnels, and hands the payload to its protocol.

The rules of this file:

- The lengths in a header are used only as far as the packet was captured. A packet that contradicts itself is left
  out, as its receiver would drop it; nothing raises.
- With ``interest.everything`` all hosts count (facts). Otherwise only those of interest do; DHCP of all hosts counts.
- Tunnels (IP in IP, GRE, ERSPAN, those of ``ucdiag.wire.link.tunnels``) are looked into, since mirror ports use them,
  to a depth of ``_DEPTH``.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from ucdiag.model.observations import Connect, Dhcp, Lookup, Observation, UpdateAnswer
from ucdiag.model.vocabulary import Microseconds, Seconds, microseconds
from ucdiag.wire.addresses import address_text, packed_address, packed_mac
from ucdiag.wire.datagram import Datagram
from ucdiag.wire.dhcp.message import glance_at_dhcp, read_dhcp
from ucdiag.wire.dhcp.strangers import HeldMessage, StrangersDhcp
from ucdiag.wire.dns.tracker import DnsTracker
from ucdiag.wire.errors import DecodeError
from ucdiag.wire.host_filter import (
    HostFilter,
    RecentSyns,
    asks_for_update_server,
    asks_update_service,
    may_post_update_request,
)
from ucdiag.wire.link.arp import Arp
from ucdiag.wire.link.icmp import read_icmp_error
from ucdiag.wire.link.ip_fragments import Fragments
from ucdiag.wire.link.link_layer import ARP, IPV4, IPV6, read_link_layer
from ucdiag.wire.link.tunnels import GRE, TUNNEL_PORTS, in_gre, in_ip, in_udp, is_gre
from ucdiag.wire.link.unread import unread_datagram, unread_frame, unread_gre, unread_protocol
from ucdiag.wire.tcp.connections import ConnectionTracker
from ucdiag.wire.tcp.segment import SYN, Segment
from ucdiag.wire.tls.first_bytes import opens_known_session
from ucdiag.wire.watched import (
    AH,
    DHCP_PORTS,
    DNS_PORT,
    ICMP,
    IP_GRE,
    IPIP,
    OWN_TCP_PORTS,
    SIGN_IN_PORT,
    SIX_IN_FOUR,
    TCP,
    UDP,
)

if TYPE_CHECKING:
    from ucdiag.wire.http.exchange import UpdateExchange, UpdateReader
    from ucdiag.wire.tls.secrets import TlsSecrets

SECOND = 1_000_000
_ICMP6 = 58
_DEPTH = 4
_SHOW_HOSTS = (Lookup, Connect, Dhcp, UpdateAnswer)  # observations from which ARP learns where hosts go
_NAME_BEGINS = 25  # bytes of a DNS message that show whether it asks for the update server

# The time to live with which hosts send (Windows CE 128, others 32, 60, 64, 255): any other value was counted down.
FRESH = frozenset({0, 1, 32, 60, 64, 128, 255})
_MOST_ROUTED = 4096
# Nothing was captured for so long, or the clock of the capture was set forward.
_LEAP = 30 * SECOND


class _Envelope(NamedTuple):
    """What all that is in one packet shares. ``depth`` is how many tunnels were looked into to get there."""

    time: Microseconds
    frame: int
    src_mac: bytes | None
    dst_mac: bytes | None
    tag: int | None
    depth: int = 0

    def inside_tunnel(self) -> "_Envelope":
        """The envelope of the packet that a tunnel in IP carries."""
        return _Envelope(self.time, self.frame, self.src_mac, self.dst_mac, self.tag, self.depth + 1)


class PacketTracker:
    """``ports`` are the watched TCP server ports, ``patience`` seconds. ``emit`` gets each finished observation.

    ``read_update`` reads the answers of the Device Update Service.
    """

    def __init__(
        self,
        emit: Callable[[Observation], None],
        interest: HostFilter,
        *,
        ports: frozenset[int] = frozenset({80, 443}),
        patience: Seconds = 5.0,
        read_update: "UpdateReader | None" = None,
    ) -> None:
        self._out = emit
        self.interest = interest
        self.ports = ports | OWN_TCP_PORTS
        self.post_ports = ports - {443, SIGN_IN_PORT}
        self.lookups = DnsTracker(self._emit, patience=patience, every_packet=interest.everything)
        # Called for each POST to ``ucdevice.upx`` that is over: ``--save-request`` keeps one.
        self.saw_update: Callable[[UpdateExchange], None] | None = None
        self.connections = ConnectionTracker(
            self._emit,
            self.lookups,
            ports=ports,
            patience=patience,
            bodies=not interest.everything,
            update=self._on_update,
            read_update=read_update,
        )
        self.lookups.phones = self.connections.phones = interest.clients
        # The secrets of TLS sessions, where there are any at hand.
        self.secrets: TlsSecrets | None = None
        self._routed: set[bytes] = set()
        self.fragments = Fragments()
        self.recent_syns = RecentSyns()
        #: Whether strangers' DHCP is held: where everybody is judged, nobody is a stranger.
        self.holds_dhcp = not (interest.everything or interest.leased)
        self.strangers = StrangersDhcp(interest, self._emit_held)
        self.arp = Arp(self._emit, patience=microseconds(patience))
        self._expiry = 0
        #: Packets that carry others and cannot be read, by name, of those that came here.
        self.tunnels_unread: Counter[str] = Counter()
        self.cut = 0
        self._short = 0

    def use_secrets(self, secrets: "TlsSecrets") -> None:
        """TLS is decrypted with these from here on, so that a phone may show itself inside."""
        self.secrets = secrets
        self.post_ports = self.ports - OWN_TCP_PORTS
        self.connections.use_secrets(secrets)

    def add_secrets(self, text: bytes) -> None:
        """The text of a key log that the capture itself holds."""
        if self.secrets is None:
            from ucdiag.wire.tls.secrets import TlsSecrets

            self.use_secrets(TlsSecrets())
        assert self.secrets is not None
        self.secrets.add_text(text)

    def shows_phone(self, payload: bytes) -> bool:
        """Whether a segment to a watched port begins what only phones ask for, or a session that may hold such."""
        return asks_update_service(payload) or (self.secrets is not None and opens_known_session(payload, self.secrets))

    def came_routed(self, src: bytes) -> None:
        """A packet of this address came through a router: the MAC address in its frame is that router's."""
        if len(self._routed) < _MOST_ROUTED:
            self._routed.add(src)

    def is_routed(self, address: str) -> bool:
        """Whether packets of this address came through a router, by their time to live."""
        return bool(self._routed) and packed_address(address) in self._routed

    def _on_update(self, exchange: "UpdateExchange") -> None:
        if self.saw_update is not None:
            self.saw_update(exchange)

    @property
    def unreadable_packets(self) -> int:
        """Packets that mattered and that a snap length cut, on connections that are over and in datagrams."""
        return self.connections.snapped + self._short

    @property
    def dropped(self) -> int:
        """What had to be forgotten to stay within bounds: flows, questions, fragments, hosts."""
        parts = (self.connections, self.lookups, self.fragments, self.arp)
        return sum(part.dropped for part in parts) + self.interest.forgotten

    def _emit(self, observation: Observation) -> None:
        if self.holds_dhcp and not isinstance(observation, Dhcp):
            mac = getattr(observation, "client_mac", None)
            if mac is not None:
                self.strangers.report_client(packed_mac(mac))
        if isinstance(observation, _SHOW_HOSTS):
            self.arp.learn_targets(observation)
        self._out(observation)

    def is_due(self, now: Microseconds) -> bool:
        """Whether ``tick`` would look for what waited too long."""
        return now >= self._expiry or now < self._expiry - 2 * SECOND

    @property
    def expiry(self) -> Microseconds:
        """When ``tick`` looks again for what waited too long."""
        return self._expiry

    def tick(self, now: Microseconds) -> None:
        """Time has reached ``now`` (microseconds): concludes what waited too long, at most once in a second.

        After a leap that second passes first.
        """
        if now >= self._expiry or now < self._expiry - 2 * SECOND:  # due, without a call for each packet
            last, self._expiry = self._expiry, now + SECOND
            if now > last + _LEAP:
                return  # Perhaps the clock was set, and what comes now is the answer.
            self.connections.expire(now)
            self.lookups.expire(now)
            self.arp.expire(now)

    def pending(self, at: Microseconds) -> list[Observation]:
        """What ``finish`` would emit, without ending anything: for a view of a capture that goes on."""
        return [*self.connections.pending(at), *self.lookups.pending(at), *self.arp.pending(at)]

    def finish(self, at: Microseconds) -> None:
        """The capture has ended."""
        self.connections.finish(at)
        self.lookups.finish(at)
        self.arp.finish(at)

    def take_packet(self, time: Microseconds, frame: int, link: int, data: bytes, tag: int | None = None) -> None:
        """One captured packet of any link type. ``tag`` is the VLAN whose tag was taken off the frame before."""
        self.tick(time)
        layer = read_link_layer(link, data)
        if layer is not None:
            if layer.tag is not None:
                tag = layer.tag
            envelope = _Envelope(time, frame, layer.src_mac, layer.dst_mac, tag)
            self._take_network_layer(envelope, layer.kind, data, layer.at)
        else:
            self._note_unread(unread_frame(link, data))

    def _note_unread(self, name: str | None) -> None:
        if name is not None:
            self.tunnels_unread[name] += 1

    def _take_network_layer(self, envelope: _Envelope, kind: int, data: bytes, at: int) -> None:
        if kind == IPV4:
            self._take_ipv4(envelope, data, at)
        elif kind == ARP:
            self.strangers.report_address(data[at + 14 : at + 18])
            self.arp.take_message(envelope.time, envelope.frame, data, at)
        elif kind == IPV6 and self.interest.everything:
            self._take_ipv6(envelope, data, at)

    def _take_ipv4(self, envelope: _Envelope, data: bytes, at: int) -> None:
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
            if protocol == ICMP:
                return  # an error fits into 576 bytes (RFC 1812, 4.3.2.3); this is an echo
            if len(payload) < length:
                if protocol == UDP and not piece & 0x1FFF:
                    # It will never be whole, but DHCP and DNS say what matters at their beginning.
                    self._take_transport(envelope, protocol, src, dst, payload, length)
                return
            key = (src, dst, protocol, data[at + 4] << 8 | data[at + 5])
            whole = self.fragments.add(key, envelope.time, (piece & 0x1FFF) * 8, bool(piece & 0x2000), payload)
            if whole is None:
                return
            payload, length = whole, len(whole)
        self._take_transport(envelope, protocol, src, dst, payload, length)

    def _take_ipv6(self, envelope: _Envelope, data: bytes, at: int) -> None:
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
                if payload[0] == _ICMP6 and piece & 0xFFF9:
                    return  # an error of ICMPv6 fits into 1,280 bytes (RFC 4443, 2.4 c); this is an echo
                key = (src, dst, payload[0], int.from_bytes(payload[4:8], "big"))
                following = payload[0]
                whole = self.fragments.add(key, envelope.time, piece & 0xFFF8, bool(piece & 1), payload[8:])
                if whole is None:
                    return
                payload, length = whole, len(whole)
            else:
                break
        self._take_transport(envelope, following, src, dst, payload, length)

    def _take_transport(
        self, envelope: _Envelope, protocol: int, src: bytes, dst: bytes, payload: bytes, length: int
    ) -> None:
        """The payload of an IP packet: ``length`` bytes on the wire, of which ``payload`` was captured."""
        if protocol == TCP:
            self._take_tcp(envelope, src, dst, payload, length)
        elif protocol == UDP:
            self._take_udp(envelope, src, dst, payload)
        elif protocol in (ICMP, _ICMP6):
            self._take_icmp(envelope, src, payload, 4 if protocol == ICMP else 6)
        elif envelope.depth >= _DEPTH:
            return
        elif protocol in (IPIP, SIX_IN_FOUR):
            self._take_network_layer(envelope.inside_tunnel(), IPV4 if protocol == IPIP else IPV6, payload, 0)
        elif protocol == IP_GRE:
            self._take_gre(envelope, payload)
        elif protocol == AH and len(payload) > 1:
            size = (payload[1] + 2) * 4
            self._take_transport(envelope.inside_tunnel(), payload[0], src, dst, payload[size:], length - size)
        elif (carried := in_ip(protocol, payload)) is not None:
            self._take_tunnelled(envelope, carried[0], payload, carried[1])
        else:
            self._note_unread(unread_protocol(protocol))

    def _take_tcp(self, envelope: _Envelope, src: bytes, dst: bytes, payload: bytes, length: int) -> None:
        if len(payload) < 20:
            return
        size = payload[12] >> 4 << 2
        if size < 20 or size > length:
            return
        sport, dport = payload[0] << 8 | payload[1], payload[2] << 8 | payload[3]
        if dport in self.ports or sport in self.ports:
            segment = Segment(
                envelope.time,
                envelope.frame,
                src,
                sport,
                dst,
                dport,
                seq=int.from_bytes(payload[4:8], "big"),
                ack=int.from_bytes(payload[8:12], "big"),
                flags=payload[13],
                payload=payload[size:],
                length=length - size,
                src_mac=envelope.src_mac,
                dst_mac=envelope.dst_mac,
            )
            if self._segment_matters(segment):
                if segment.flags & SYN:
                    self.arp.note_sent(src, dst)
                if len(segment.payload) < segment.length:
                    self.cut += 1
                self.connections.take_segment(segment)

    def _segment_matters(self, segment: Segment) -> bool:
        """Whether a segment of a watched port is of interest. A phone's first POST brings its opening with it."""
        interest = self.interest
        if interest.matters(segment.src, segment.dst):
            return True
        if segment.src_mac in interest.macs:
            interest.learn_host(segment.src)
            return True
        if segment.dst_mac in interest.macs:
            interest.learn_host(segment.dst)
            return True
        if segment.flags & SYN:
            self.recent_syns.keep_syn(segment._replace(payload=b"", length=0))
            return False
        if segment.dport not in self.post_ports:
            return False
        if self.shows_phone(segment.payload):
            interest.learn_host(segment.src)
            for opening in self.recent_syns.take_opening(segment):
                self.connections.take_segment(opening)
            return True
        if len(segment.payload) < segment.length:
            self.cut_stranger(segment.payload)
        return False

    def cut_stranger(self, payload: bytes) -> None:
        """What is left of a segment to a watched port, of a host of no interest, that a snap length cut."""
        if may_post_update_request(payload):
            self._short += 1

    def _take_udp(self, envelope: _Envelope, src: bytes, dst: bytes, payload: bytes) -> None:
        if len(payload) < 8:
            return
        size = payload[4] << 8 | payload[5]
        if 0 < size < 8:
            return
        sport, dport = payload[0] << 8 | payload[1], payload[2] << 8 | payload[3]
        content = payload[8:size] if size else payload[8:]
        # Clients of DNS may have any port.
        if DNS_PORT not in (sport, dport):
            tunnel = dport if dport in TUNNEL_PORTS else sport
            if tunnel in TUNNEL_PORTS and envelope.depth < _DEPTH and self._udp_tunnel(envelope, tunnel, content):
                return
            if DHCP_PORTS.isdisjoint((sport, dport)):
                self._note_unread(unread_datagram(sport, dport, content))
        time, frame, src_mac, dst_mac, tag, _ = envelope
        cut = size > len(payload)
        self.take_datagram(Datagram(time, frame, src, sport, dst, dport, content, src_mac, dst_mac, tag, cut))

    def take_datagram(self, datagram: Datagram) -> None:
        """One UDP datagram: DHCP always, DNS when it is of interest."""
        ports = (datagram.dport, datagram.sport)
        if not DHCP_PORTS.isdisjoint(ports):
            self.take_dhcp(
                datagram.payload, datagram.time, datagram.frame, datagram.src, datagram.tag, cut=datagram.cut
            )
        elif DNS_PORT in ports and self._dns_matters(datagram):
            if datagram.cut:
                self._short += 1
            self.lookups.take_datagram(datagram)
        elif self.lookups.expects_answer(datagram.dst, datagram.dport):
            # An answer from another port than was asked.
            self.lookups.take_datagram(datagram)

    def take_dhcp(
        self, payload: bytes, time: Microseconds, frame: int, src: bytes, tag: int | None, *, cut: bool = False
    ) -> None:
        """The payload of a datagram from or to a port of DHCP."""
        if cut:
            self.strangers.report_client(payload[28:34])
        elif self.holds_dhcp and self.strangers.hold_message(payload, time, frame, src, tag):
            return
        self.report_dhcp(payload, time, frame, src, tag, cut=cut)

    def report_dhcp(
        self, payload: bytes, time: Microseconds, frame: int, src: bytes, tag: int | None, *, cut: bool = False
    ) -> None:
        """As ``take_dhcp``, for a message that is not held."""
        try:
            read = read_dhcp if cut or self.interest.everything else glance_at_dhcp
            message = read(payload, time=time, frame=frame, source_address=address_text(src), tag=tag)
        except DecodeError:
            self._short += cut
            return
        if cut and message.truncated:
            message = replace(message, snapped=True)
        self.interest.learn_from_dhcp(message)
        if cut and message.truncated and self.interest.is_client(message.client):
            self._short += 1
        self._emit(message)

    def _emit_held(self, held: HeldMessage) -> None:
        self._emit(held.as_dhcp())

    def held_dhcp(self) -> Iterator[Dhcp]:
        """The DHCP messages of hosts that did nothing that a phone does."""
        return map(HeldMessage.as_dhcp, self.strangers.held_messages())

    def _dns_matters(self, datagram: Datagram) -> bool:
        """Whether a DNS datagram is of interest. A host that asks for the update server is so from here on."""
        interest, payload = self.interest, datagram.payload
        if interest.everything:
            return True
        is_question = datagram.dport == DNS_PORT
        if is_question and (asks_for_update_server(payload) or datagram.src_mac in interest.macs):
            interest.learn_host(datagram.src)
        elif datagram.sport == DNS_PORT and asks_for_update_server(payload) and payload[2] & 0x80:
            # The answer, of which the question is missing or captured after it.
            interest.learn_host(datagram.dst)
        if interest.matters(datagram.src, datagram.dst):
            return True
        if datagram.cut and is_question and len(payload) < _NAME_BEGINS:
            # It may have been a phone's question.
            self._short += 1
        return False

    def _take_icmp(self, envelope: _Envelope, reporter: bytes, message: bytes, version: int) -> None:
        error = read_icmp_error(message, version=version)
        if error is None:
            return
        if not self.interest.matters(error.key[0], error.key[2]):
            return
        reason = f"ICMP {error.what}, said {address_text(reporter)}"
        if error.protocol == TCP:
            self.connections.on_unreachable(error.key, reason, envelope.time)
        elif error.protocol == UDP:
            self.lookups.on_unreachable(envelope.time, envelope.frame, error.key, reason, error.ident)

    def _udp_tunnel(self, envelope: _Envelope, port: int, payload: bytes) -> bool:
        """Whether a datagram is one of a tunnel, which was then looked into."""
        tunnel = in_udp(port, payload)
        if tunnel is None:
            return False
        link, at = tunnel
        if link == GRE:
            self._take_gre(envelope, payload[at:])
            return True
        return self._take_tunnelled(envelope, link, payload, at)

    def _take_gre(self, envelope: _Envelope, payload: bytes) -> None:
        carried = in_gre(payload)
        if carried is not None:
            self._take_tunnelled(envelope, carried[0], payload, carried[1])
        elif is_gre(payload):
            self._note_unread(unread_gre(payload[2] << 8 | payload[3]))

    def _take_tunnelled(self, envelope: _Envelope, link: int, data: bytes, at: int) -> bool:
        """What a tunnel carries: a link layer of type ``link`` that begins at ``at``."""
        layer = read_link_layer(link, data, at)
        if layer is None:
            return False
        inner = _Envelope(envelope.time, envelope.frame, layer.src_mac, layer.dst_mac, layer.tag, envelope.depth + 1)
        self._take_network_layer(inner, layer.kind, data, layer.at)
        return True
