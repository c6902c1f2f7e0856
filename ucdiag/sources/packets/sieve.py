"""The fast part of reading a capture: throw away, by a few bytes of each packet, what cannot matter.

Nearly all packets of a mirror port belong to conversations that were seen before and do not matter. So the loops
of the readers unpack two things of each record, its length and the twelve bytes of addresses and ports, and look
those up in ``skip``: one set lookup rejects a packet. What is not in there comes here, once for each conversation:

- ``skip`` holds conversations (one direction each) of which no packet can matter: other ports, other protocols, and on
  the watched ports the directions in which no unknown phone can show itself. A conversation on a watched port
  leaves it again when its host turns out to be of interest.
- ``quiet`` holds those of which only packets with a payload may matter: requests of unknown hosts on a port
  where a phone's first POST may come.
- ``bulk`` holds the runs of bytes that only have to be counted (see ``ucdiag/wire/bulk.py``), which the loops do.

The twelve bytes are taken from where an ordinary packet has them. Any other packet there has bytes that match a known
conversation by chance of one in 2**96 (2**32 for options in the place of ports), and is then taken for one
packet of that conversation; the sets only ever get conversations of packets that were checked to be ordinary.

All of this is bounded: a set that is full is emptied, and fills again.
"""

import struct
from collections.abc import Callable

from ucdiag.wire.bulk import Bulk
from ucdiag.wire.frames import ETHERNET, IPV4, IPV6, PLAIN
from ucdiag.wire.interest import posts_update_request
from ucdiag.wire.observer import DHCP_PORTS, DNS_PORT, TCP, UDP, Observer

MAX_CACHED = 16384
MAX_BULK = 8192
# A buffer must reach this far beyond what was read, so that headers can be unpacked before their length is checked.
MARGIN = 256

MASK = 0xFFFFFFFF
# SYN, FIN, RST, URG: what takes a segment out of an ordinary run.
EXTRAORDINARY = 0x27

# From two bytes before the IPv4 header: EtherType, version, total length, fragment, protocol, source, destination,
# then ports, sequence, acknowledgement, offset, flags, window of TCP.
_HEADERS = struct.Struct(">HBxH2xHxB2x4s4sHHIIBBH").unpack_from
# From the IPv4 header: total length, sequence number, data offset, flags.
RUN = struct.Struct(">2xH20xI4xBB").unpack_from
TAGGED = 0x8100
# What Observer.packet can find IPv4, IPv6 or ARP in: tags, PPPoE, MPLS; and LLC below 0x600.
_WRAPPED = frozenset({0x8100, 0x88A8, 0x9100, 0x9200, 0x8864, 0x8847, 0x8848, 0x0806})
_ICMP_ERRORS = frozenset({3, 11})
_TUNNELS = frozenset({4, 41, 47})
_TUNNEL_PORTS = frozenset({4789, 37008})


class Sieve:
    """One for all files of a run. The readers' loops use ``skip``, ``quiet`` and ``bulk`` directly."""

    def __init__(self, observer: Observer) -> None:
        self.observer = observer
        self.skip: set[bytes] = set()
        self.quiet: set[bytes] = set()
        self.bulk: dict[bytes, Bulk] = {}
        self._hosts: set[bytes] = set()
        self._interest = observer.interest
        self._interest.on_learn.append(self._learnt)
        self._ports = observer.ports
        self._post_ports = observer.post_ports
        self._link = -1
        self._clock: Callable[[int], int] = int
        self._typed = True
        self._ip_at = 14

    def using(self, link: int, clock: Callable[[int], int]) -> tuple[int, int]:
        """Packets of link type ``link`` come next, with times that ``clock`` turns into microseconds.

        Gives the offsets of EtherType and IPv4 header in an ordinary frame.
        """
        kind_at, self._ip_at = PLAIN.get(link, (0, 0))
        self._typed = self._ip_at == kind_at + 2
        self._link = link
        self._clock = clock
        return kind_at, self._ip_at

    def packet(self, view: memoryview, at: int, size: int, frame: int, stamp: int, shift: int, key: bytes) -> None:
        """A packet that the loop did not reject: ``size`` bytes at ``at``.

        ``stamp`` is its time as it stands in the file, ``shift`` is 4 when the frame begins with one tag, ``key``
        the twelve bytes of addresses and ports, if it is an ordinary packet.
        """
        head = at + self._ip_at + shift
        kind, version, total, piece, protocol, src, dst, sport, dport, seq, ack, offset, flags, window = _HEADERS(
            view, head - 2
        )
        if self._link not in PLAIN or (self._typed and kind != IPV4):
            if self._link in PLAIN and kind not in _WRAPPED and kind >= 0x0600:
                if kind != IPV6:
                    return
                if not self._interest.everything:
                    self.observer.ipv6 += 1
                    return
            self._whole(view, at, size, frame, stamp)
            return
        left = size - self._ip_at - shift
        if version != 0x45 or piece & 0x3FFF or left < 28 or total < 28:
            self._whole(view, at, size, frame, stamp)
            return
        interest = self._interest
        if protocol == TCP:
            if dport not in self._ports and sport not in self._ports:
                self._cache(key)
                return
            if not interest.everything and src not in interest.hosts and dst not in interest.hosts:
                if interest.macs or self._link != ETHERNET:
                    self._whole(view, at, size, frame, stamp)
                elif flags & 2 and (dport in self._post_ports or sport in self._post_ports):
                    time = self._clock(stamp)
                    macs = bytes(view[at : at + 12])
                    self.observer.openings.keep(
                        (time, frame, src, sport, dst, dport, seq, ack, flags, window, b"", 0, macs[6:], macs[:6])
                    )
                elif dport in self._post_ports:
                    if len(self.quiet) >= MAX_CACHED:
                        self.quiet.clear()
                    self.quiet.add(key)
                    self._hosts.add(src)
                    start = head + 20 + (offset >> 2 & 60)
                    if posts_update_request(bytes(view[start : min(start + 512, at + size)])):
                        self._whole(view, at, size, frame, stamp)
                else:
                    self._hosts.add(src)
                    self._hosts.add(dst)
                    self._cache(key)
                return
            size_ = offset >> 2 & 60
            start = head + 20 + size_
            length = total - 20 - size_
            if self._link != ETHERNET or size_ < 20 or length < 0 or left < 40:
                self._whole(view, at, size, frame, stamp)
                return
            observer = self.observer
            time = self._clock(stamp)
            observer.tick(time)
            if flags & 2:
                observer.arp.sent(src, dst)
            payload = bytes(view[start : min(start + length, at + size)]) if length else b""
            if len(payload) < length:
                observer.cut += 1
            macs = bytes(view[at : at + 12])
            bulk = observer.flows.segment(
                time, frame, src, sport, dst, dport, seq, ack, flags, window, payload, length, macs[6:], macs[:6]
            )
            if bulk is not None and bulk.live:
                bulk.clock = self._clock
                if key not in self.bulk:
                    if len(self.bulk) >= MAX_BULK:
                        self._purge_bulk()
                    self.bulk[key] = bulk
                elif self.bulk[key] is not bulk:
                    self.bulk[key] = bulk
        elif protocol == UDP:
            if dport == DNS_PORT or sport == DNS_PORT:
                if not interest.everything and not interest.macs and src not in interest.hosts:
                    if dport == DNS_PORT:
                        # Offset 28 is the DNS message, 12 more its first label: "\x09ucupdates" or "\x0cucupdates-r2".
                        if bytes(view[head + 41 : head + 50]).lower() != b"ucupdates":
                            return
                    elif dst not in interest.hosts:
                        return
            elif dport not in DHCP_PORTS and sport not in DHCP_PORTS and dport not in _TUNNEL_PORTS:
                self._cache(key)
                return
            self._whole(view, at, size, frame, stamp)
        elif protocol == 1:
            if view[head + 20] in _ICMP_ERRORS:
                self._whole(view, at, size, frame, stamp)
        elif protocol in _TUNNELS:
            self._whole(view, at, size, frame, stamp)
        else:
            self._cache(key)

    def _whole(self, view: memoryview, at: int, size: int, frame: int, stamp: int) -> None:
        self.observer.packet(self._clock(stamp), frame, self._link, bytes(view[at : at + size]))

    def _cache(self, key: bytes) -> None:
        if len(self.skip) >= MAX_CACHED:
            self.skip.clear()
            self._hosts.clear()
            self.quiet.clear()
        self.skip.add(key)

    def _purge_bulk(self) -> None:
        for key in [key for key, bulk in self.bulk.items() if not bulk.live]:
            del self.bulk[key]
        while len(self.bulk) >= MAX_BULK:
            del self.bulk[next(iter(self.bulk))]

    def _learnt(self, address: bytes) -> None:
        """Conversations of this host matter from now on."""
        if address in self._hosts:
            for cache in (self.skip, self.quiet):
                cache.difference_update([key for key in cache if key[:4] == address or key[4:8] == address])
