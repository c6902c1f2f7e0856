"""The pre-filter: rejects packets that cannot matter, by header bytes; and its relation to the other filters.

Terms. A *watched port* is a TCP server port of interest: those of ``--port`` (80 and 443), 53 and 5061. A *host of
interest* may be a phone. A *conversation* is one direction between two hosts and ports, known by twelve bytes: source,
destination, ports. A *run* is consecutive segments of a conversation whose bytes only have to be counted.

Four filters decide on a packet, each with more knowledge and at a higher cost than the one before:

1. ``bpf.py``: the kernel, live only, by headers: ports, protocols, EtherTypes. ``filtered_copy.py`` does it for files.
2. This file: each conversation, by headers, by hosts of interest, and by the first bytes of the payload.
3. ``ucdiag/wire/host_filter.py``: the hosts of interest, and the packet contents that make a host one.
4. ``ucdiag/wire/packet_tracker.py``: the packet itself, dissected, with fragments and tunnels.

Each passes at least what the next one needs. Numbers that more than one of them uses are in ``ucdiag/wire/watched.py``,
tests of content in ``host_filter.py``. Decision 0009 has the reasons.

Nearly all packets of a mirror port belong to conversations that were seen before and do not matter. So the loops of
the readers unpack of each record its length and those twelve bytes, and look them up in ``rejected``: one set lookup
rejects a packet. What is not in there comes here, once for each conversation:

- ``rejected`` holds conversations of which no packet can matter: other ports, other protocols, and on the watched ports
  those in which no unknown phone can show itself. A conversation on a watched port leaves it again when its host
  turns out to be of interest.
- ``payload_only`` holds those of which only packets with a payload may matter: requests of unknown hosts on a port
  where a phone's first POST may come.
- ``counted_runs`` holds the runs (see ``ucdiag/wire/tcp/byte_run.py``). The loops only note where the last segment of
  each is, and put the run on the list ``moved``; ``settle_runs`` computes the run's state from that before it is
  read.
- ``ignored_ethertypes`` holds EtherTypes of which no packet can matter.

The twelve bytes are taken from where an ordinary packet has them. Any other packet there has bytes that match a known
conversation by chance of one in 2**96 (2**32 for options in the place of ports), and is then taken for one
packet of that conversation; the sets only ever get conversations of packets that were checked to be ordinary.

All sets are bounded: a full set loses half of its entries, and fills again.

In pcap files, DHCP messages that follow each other come to ``take_dhcp_run``, which does with each what ``take_packet``
would do; a class that has to see each packet sets ``dns_hosts`` to None.

The loops are in ``pcap.py``, ``pcapng.py`` and ``packet_ring.py``; ``read_ahead.py`` stands in for them. They are
written out four times and exceed the bounds of the linter, since a function call for each packet costs as much as
rejecting it. They decide in the same order, and all change together.
"""

import struct
from collections.abc import Callable
from functools import lru_cache

from ucdiag.capture.clock_steps import STEP, ClockSteps
from ucdiag.model.vocabulary import Microseconds
from ucdiag.wire.datagram import Datagram
from ucdiag.wire.host_filter import asks_update_service
from ucdiag.wire.link.link_layer import ARP, ETHERNET, IPV4, IPV6, PLAIN
from ucdiag.wire.link.tunnels import TUNNEL_PORTS
from ucdiag.wire.packet_tracker import FRESH, PacketTracker
from ucdiag.wire.tcp.byte_run import ByteRun
from ucdiag.wire.tcp.segment import Segment
from ucdiag.wire.tls.first_bytes import opens_known_session
from ucdiag.wire.watched import (
    BEFORE_IPV4,
    DHCP_PORTS,
    DNS_PORT,
    ICMP,
    ICMP_ERRORS,
    TCP,
    TUNNEL_PROTOCOLS,
    UDP,
    UDP_PORTS,
)

MAX_CACHED = 131_072
# With this many hosts of interest, the sets are smaller, to leave memory for the hosts' facts.
MANY_HOSTS, CACHED_WITH_MANY = 200, 16_384
_CELLS = 1 << 17
MAX_COUNTED_RUNS = 8192
# A buffer must reach this far beyond what was read, so that headers can be unpacked before their length is checked.
MARGIN = 256

MASK = 0xFFFFFFFF
_HALF = 0x80000000
_SYN = 2
# SYN, FIN, RST, URG: what takes a segment out of an ordinary run.
_EXTRAORDINARY = 0x27

# From two bytes before the IPv4 header: EtherType, version, fragment, protocol.
_SHORT = struct.Struct(">HB5xHxB").unpack_from
# From the twelve bytes: the ports.
_PORTS = struct.Struct(">8xHH").unpack
# From the IPv4 header: total length, source, destination, ports, sequence, acknowledgement, offset, flags.
_TCP = struct.Struct(">2xH8x4s4sHHIIBB").unpack_from
# From the IPv4 header: total length, length in the header of UDP.
_UDP = struct.Struct(">2xH20xH").unpack_from
# From the Ethernet header: EtherType with version, total length, fragment with time to live and protocol, source,
# ports, length in the header of UDP. And where the payload of UDP begins.
_DHCP, _DHCP_AT = struct.Struct(">12x3sxH2x4s2x4s4x4sH").unpack_from, 42
# From the IPv4 header: total length, sequence number, data offset.
_RUN = struct.Struct(">2xH20xI4xB").unpack_from
# What ``_DHCP`` finds in a datagram of DHCP that is whole, without options of IPv4, and came through no router.
_PLAIN_IPV4 = struct.pack(">HB", IPV4, 0x45)
_PLAIN_UDP = frozenset(struct.pack(">HBB", piece, fresh, UDP) for piece in (0, 0x4000) for fresh in FRESH)
_PLAIN_DHCP = frozenset(struct.pack(">HH", *ports) for ports in ((67, 67), (67, 68), (68, 67)))
# Where the TCP flags are, from the IPv4 header, and their only value in an ordinary segment of a run.
FLAGS_AT, ACK = 33, 0x10
#: The ports of DNS and DHCP, as they are in the twelve bytes.
DNS, DHCP = struct.pack(">H", DNS_PORT), frozenset(struct.pack(">H", port) for port in DHCP_PORTS)
TAGGED = 0x8100
# Below this snap length packets may be cut before what the loops go by, so they must not reject them by that.
SHORTEST_SNAP = 128
UPDATE_NAME_LETTER = ord("u")  # what the name of the update server begins with
# A length in the place of the EtherType that leaves no room for TCP, DHCP or DNS behind IP and SNAP: spanning tree.
_TOO_SHORT = frozenset(range(48))
# The first bytes of handshake and application data in TLS.
_TLS_RECORDS = (b"\x16", b"\x17")


def reversed_key(key: bytes) -> bytes:
    """The twelve bytes of the other direction of a conversation."""
    return key[4:8] + key[:4] + key[10:] + key[8:10]


class HeaderFields:
    """The offsets of the fields that the loops decide by, from the start of a record with a header of ``head`` bytes.

    ``begins`` unpacks the length and what else the loop wants of the record's header. The record's length counts
    ``counted`` bytes beside the packet. ``may_be_cut``: packets may be cut before what the loops go by.
    """

    def __init__(self, order: str, begins: str, head: int, link: int, counted: int, may_be_cut: bool) -> None:
        kind_at, ip_at = PLAIN.get(link, (0, 0))
        first = struct.Struct(f"{order}{begins}{head - struct.calcsize('=' + begins) + ip_at + 12}x12s{FLAGS_AT - 23}x")
        #: What ``begins`` says, addresses and ports; and how many bytes that takes, with the TCP flags behind them.
        self.first_look, self.reach = first.unpack_from, first.size
        #: EtherType, protocol, and the addresses and ports that are there behind one tag.
        self.second_look = struct.Struct(f">{head + kind_at}xH{ip_at - kind_at + 7}xB6x12s").unpack_from
        #: All by which a datagram of DNS is passed over: what ``begins`` says, EtherType, protocol, addresses, ports,
        #: and the first letter of the name; how many bytes that takes, and the EtherType and port that it then has.
        dns = struct.Struct(
            f"{order}{begins}{head - struct.calcsize('=' + begins) + kind_at}xH{ip_at - kind_at + 7}xB2x4s4sHH17xB"
        )
        self.dns_look, self.dns_reach = dns.unpack_from, dns.size
        self.of_dns = struct.unpack(order + "HH", struct.pack(">HH", IPV4, DNS_PORT))
        #: The first letter of a question's name, in DNS over UDP.
        self.label_at = head + ip_at + 41
        #: The TCP flags, where there is no tag.
        self.flags_at = head + ip_at + FLAGS_AT
        #: A record of less than this length holds no request line: a TCP payload of less than 21 bytes.
        self.without_request = 0 if may_be_cut else ip_at + 61 + counted


header_fields = lru_cache(maxsize=16)(HeaderFields)


def _shifted_clock(clock: Callable[[int], int], shift: int) -> Callable[[int], int]:
    return lambda stamp: clock(stamp) + shift


class PacketPrefilter:
    """One for all files of a command. The readers' loops use its sets directly.

    With ``clock_steps``, a clock that was set back counts as if it had gone on. A set of ``most``
    conversations is full.
    """

    def __init__(self, observer: PacketTracker, clock_steps: ClockSteps | None = None, most: int = MAX_CACHED) -> None:
        #: How many conversations a set holds.
        self.most = most
        self.observer = observer
        self._clock_steps = clock_steps
        self.rejected: set[bytes] = set()
        self.payload_only: set[bytes] = set()
        self.counted_runs: dict[bytes, ByteRun] = {}
        # Whose DNS matters, or None where everybody's does.
        self.dns_hosts = None if observer.interest.everything or observer.interest.macs else observer.interest.hosts
        self.moved: list[ByteRun] = []
        # Whether runs may be counted without a look at each segment: facts name the frame that fills a hole.
        self.counts_runs = not observer.interest.everything
        self.ignored_ethertypes: set[int] = set()
        self.tag: int | None = None  # of the packet at hand, where the kernel took it off the frame
        # Hosts of conversations that are in a set until one of them is of interest: those with the same hash alike,
        # since a set of a hundred thousand takes as much as those of the conversations.
        self._cached_hosts = bytearray(_CELLS)
        self._interest = observer.interest
        self._interest.on_learn.append(self._on_host_learnt)
        self._ports = observer.ports
        self._post_ports = observer.post_ports
        self._link = -1
        self._clock: Callable[[int], int] = int
        self._plain_clock: Callable[[int], int] = int
        self._typed = True
        self._ip_at = 14
        self._head = 16
        self._stamp_of = struct.Struct("<Q").unpack_from
        #: Takes the secrets of TLS that a capture holds, as the text of a key log.
        self.on_secrets: Callable[[bytes], None] = lambda text: None

    def use_format(self, link: int, clock: Callable[[int], int], stamp: str, stamp_at: int, head: int) -> None:
        """Packets of link type ``link`` come next, with times that ``clock`` turns into microseconds.

        In a record, the time is at ``stamp_at``, to be unpacked as ``stamp`` says, and the packet at ``head``.
        """
        if self.moved:
            raise AssertionError("runs have to be settled before the format changes")
        kind_at, self._ip_at = PLAIN.get(link, (0, 0))
        self._typed = self._ip_at == kind_at + 2
        if link != self._link:
            self.ignored_ethertypes = set(_TOO_SHORT) if self._typed else set()
        self._link = link
        self._plain_clock = clock
        self._clock = (
            clock
            if self._clock_steps is None or not self._clock_steps.shift
            else _shifted_clock(clock, self._clock_steps.shift)
        )
        self._head = head
        self._stamp_of = struct.Struct(f"{stamp[0]}{stamp_at}x{stamp[1:]}").unpack_from

    def use_secrets(self) -> None:
        """The tracker has got secrets of TLS: ports on which nothing could be read matter from here on."""
        self._post_ports = self.observer.post_ports
        self.rejected.clear()

    def settle_runs(self, view: memoryview) -> None:
        """Works out how far the runs in ``moved`` went. To be called before the buffer moves."""
        for run in self.moved:
            if run.at >= 0:
                self._settle_run(view, run)
        self.moved.clear()

    def _settle_run(self, view: memoryview, run: ByteRun) -> None:
        at = run.at
        run.at = -1
        head = at + self._head + self._ip_at
        if self._typed and view[head - 2] == 0x81 and view[head - 1] == 0:
            head += 4
        total, sequence, offset = _RUN(view, head)
        length = total - 20 - (offset >> 2 & 60)
        following = (sequence + length) & MASK
        if length > 0 and (following - run.next) & MASK < _HALF:
            run.next = following
            run.frame = run.number
            run.stamp = self._stamp_of(view, at)[0]
            run.clock = self._clock

    def take_packet(self, view: memoryview, at: int, size: int, mark: int, frame: int, shift: int, key: bytes) -> None:
        """A packet that the loop did not reject: the record at ``at``, whose packet has ``size`` bytes.

        ``mark`` is what the loop knows of the record's length, ``shift`` is 4 when the frame begins with one tag,
        ``key`` the twelve bytes of addresses and ports, if it is an ordinary packet, or empty where the loop does not
        know them.
        """
        start = at + self._head
        head = start + self._ip_at + shift
        kind, version, piece, protocol = _SHORT(view, head - 2)
        if self._typed and kind != IPV4:
            if not shift and self._plainly_other(view, start, kind):
                return
            self._pass_whole_packet(view, at, size, frame)
            return
        if version != 0x45 or piece & 0x3FFF or size < self._ip_at + shift + 28 or self._link not in PLAIN:
            self._pass_whole_packet(view, at, size, frame)
            return
        if not key:
            key = bytes(view[head + 12 : head + 24])
        if protocol == TCP:
            self._take_tcp(view, at, head, size, mark, frame, key)
        elif protocol == UDP:
            self._take_udp(view, at, head, size, frame, shift, key)
        elif protocol == ICMP:
            if view[head + 20] in ICMP_ERRORS:
                self._pass_whole_packet(view, at, size, frame)
        elif protocol in TUNNEL_PROTOCOLS:
            self._pass_whole_packet(view, at, size, frame)
        else:
            self._reject_other(key)

    def _take_tcp(self, view: memoryview, at: int, head: int, size: int, mark: int, frame: int, key: bytes) -> None:
        sport, dport = _PORTS(key)
        ports, interest = self._ports, self._interest
        if dport not in ports and sport not in ports:
            self._cache_key(self.rejected, key)
        elif interest.everything or key[:4] in interest.hosts or key[4:8] in interest.hosts:
            self._take_segment(view, at, head, size, mark, frame, key)
        elif interest.macs or self._link != ETHERNET:
            self._pass_whole_packet(view, at, size, frame)
        else:
            self._take_stranger(view, at, head, size, frame, key)

    def _take_udp(self, view: memoryview, at: int, head: int, size: int, frame: int, shift: int, key: bytes) -> None:
        sport, dport = _PORTS(key)
        if dport == DNS_PORT or sport == DNS_PORT:
            if self._dns_matters(view, head, key, dport, at + self._head + size):
                self._take_datagram(view, at, head, size, frame, shift, key)
        elif dport in UDP_PORTS or sport in UDP_PORTS or self.observer.lookups.expects_answer(key[4:8], dport):
            self._take_datagram(view, at, head, size, frame, shift, key)
        else:
            self._reject_other(key)

    def _reject_other(self, key: bytes) -> None:
        """Reject a packet that is not TCP, unless its twelve bytes may be those of a watched TCP connection."""
        interest = self._interest
        ports = set(_PORTS(key))
        if ports.isdisjoint(self._ports):
            self._cache_key(self.rejected, key)
        elif not (
            interest.everything
            or interest.macs
            or key[:4] in interest.hosts
            or key[4:8] in interest.hosts
            or not ports.isdisjoint(self._post_ports)
        ):
            self._cache_of_hosts(self.rejected, key)  # QUIC

    def _dns_matters(self, view: memoryview, head: int, key: bytes, dport: int, end: int) -> bool:
        # Offset 28 is the DNS message, 12 more its first label: "\x09ucupdates" or "\x0cucupdates-r2". A question that
        # a snap length cut before that may be one of them. An answer may be there without, or before, its question.
        if (
            self.dns_hosts is None
            or view[head + 41] | 0x20 == UPDATE_NAME_LETTER
            or (dport == DNS_PORT and head + 41 >= end)
        ):
            return True
        return key[:4] in self.dns_hosts or key[4:8] in self.dns_hosts

    def _plainly_other(self, view: memoryview, start: int, kind: int) -> bool:
        """Whether a frame that is not IPv4 holds nothing that matters."""
        everything = self._interest.everything
        if kind == IPV6:
            if not everything:
                # Such phones do not use it.
                self.ignored_ethertypes.add(kind)
            return not everything
        if kind == ARP:
            sender = start + self._ip_at + 14
            known = bytes(view[sender : sender + 4]) in self._interest.hosts
            return not (everything or known or self.observer.arp.is_waiting)
        if kind < 0x0600:
            return view[start + self._ip_at] != 0xAA  # LLC without SNAP: spanning tree and the like
        if kind in BEFORE_IPV4:
            return False
        if len(self.ignored_ethertypes) < 1024:
            self.ignored_ethertypes.add(kind)
        return True

    def _take_stranger(self, view: memoryview, at: int, head: int, size: int, frame: int, key: bytes) -> None:
        """A TCP segment on a watched port between hosts of no interest: it may open, or be, a phone's first POST."""
        sport, dport = _PORTS(key)
        up = dport in self._post_ports
        if view[head + FLAGS_AT] & _SYN and (up or sport in self._post_ports):
            _, src, dst, _, _, seq, ack, _, flags = _TCP(view, head)
            start = at + self._head
            macs = bytes(view[start : start + 12])
            time = self._packet_time(view, at, frame)
            self.observer.recent_syns.keep_syn(
                Segment(time, frame, src, sport, dst, dport, seq, ack, flags, b"", 0, macs[6:], macs[:6])
            )
        elif up:
            self._cache_of_hosts(self.payload_only, key)
            payload = head + 20 + (view[head + 32] >> 2 & 60)
            end = at + self._head + size
            total = head + (view[head + 2] << 8 | view[head + 3])
            if payload == total <= end:
                return  # an acknowledgement
            beginning = bytes(view[payload : min(payload + 512, end)])
            secrets = self.observer.secrets
            if asks_update_service(beginning) or (secrets is not None and opens_known_session(beginning, secrets)):
                self._pass_whole_packet(view, at, size, frame)
            elif total > end:
                self.observer.cut_stranger(beginning)
            elif secrets is not None and beginning[:1] in _TLS_RECORDS:
                self._cache_of_hosts(self.rejected, key)
        elif DNS_PORT not in (sport, dport):  # where questions over UDP may come from the same port
            self._cache_of_hosts(self.rejected, key)

    def _take_segment(self, view: memoryview, at: int, head: int, size: int, mark: int, frame: int, key: bytes) -> None:
        """A TCP segment of interest."""
        total, src, dst, sport, dport, seq, ack, offset, flags = _TCP(view, head)
        header = offset >> 2 & 60
        length = total - 20 - header
        end = at + self._head + size
        payload_at = head + 20 + header
        if self._link != ETHERNET or header < 20 or length < 0 or head + 40 > end:
            self._pass_whole_packet(view, at, size, frame)
            return
        observer = self.observer
        time = self._packet_time(view, at, frame)
        run = self._run_of(view, time, key)
        if run is not None and not flags & _EXTRAORDINARY and total:
            if not length:
                run.mark, run.length, run.left = mark, 0, 1 << 30
                return
            if seq == run.next and run.room > length:
                if flags == ACK or not run.length:
                    run.mark, run.length = mark, length
                self._count_segment(view, at, run, length, frame)
                return
            run.left = 0
        observer.tick(time)
        if view[head + 8] not in FRESH:
            observer.came_routed(src)
        if flags & _SYN:
            observer.arp.note_sent(src, dst)
        payload = bytes(view[payload_at : min(payload_at + length, end)]) if length else b""
        if len(payload) < length:
            observer.cut += 1
        macs = bytes(view[at + self._head : at + self._head + 12])
        begun = observer.connections.take_segment(
            Segment(time, frame, src, sport, dst, dport, seq, ack, flags, payload, length, macs[6:], macs[:6])
        )
        if begun is not None and begun is not run:
            if len(self.counted_runs) >= MAX_COUNTED_RUNS:
                self._purge_counted_runs(view)
            self.counted_runs[key] = begun

    def _run_of(self, view: memoryview, time: Microseconds, key: bytes) -> ByteRun | None:
        """The run of a conversation, if it goes on. What a segment of it at ``time`` may depend on is settled."""
        run = self.counted_runs.get(key)
        if self.moved:
            if self.observer.is_due(time):
                self.settle_runs(view)
            else:
                for direction in (run, self.counted_runs.get(reversed_key(key))):
                    if direction is not None and direction.at >= 0:
                        self._settle_run(view, direction)
        if run is not None and not run.live:
            del self.counted_runs[key]
            return None
        return run

    def _count_segment(self, view: memoryview, at: int, run: ByteRun, length: int, frame: int) -> None:
        """Counts one segment of ``length`` bytes, and says how many like it the loops may count."""
        run.left = (run.room - length - 1) // run.length if self.counts_runs else 0
        run.next = (run.next + length) & MASK
        run.frame = frame
        run.stamp = self._stamp_of(view, at)[0]
        run.clock = self._clock

    def _take_datagram(
        self, view: memoryview, at: int, head: int, size: int, frame: int, shift: int, key: bytes
    ) -> None:
        """A datagram of DHCP or DNS, or one with a tunnel."""
        sport, dport = _PORTS(key)
        start = at + self._head
        total, length = _UDP(view, head)
        left = start + size - head - 20
        if (
            self._link != ETHERNET
            or not 28 <= length + 20 <= total
            or length > left
            or sport in TUNNEL_PORTS
            or dport in TUNNEL_PORTS
            or (shift and self.tag is not None)
        ):
            self._pass_whole_packet(view, at, size, frame)
            return
        observer = self.observer
        time = self._packet_time(view, at, frame)
        if self.moved and observer.is_due(time):
            self.settle_runs(view)
        observer.tick(time)
        src, payload = key[:4], bytes(view[head + 28 : head + 20 + length])
        if view[head + 8] not in FRESH:
            observer.came_routed(src)
        tag = (view[start + 14] << 8 | view[start + 15]) & 0x0FFF or None if shift else self.tag
        if sport in DHCP_PORTS or dport in DHCP_PORTS:
            observer.take_dhcp(payload, time, frame, src, tag)
            return
        macs = bytes(view[start : start + 12])
        observer.take_datagram(Datagram(time, frame, src, sport, key[4:8], dport, payload, macs[6:], macs[:6], tag))

    def take_dhcp_run(
        self, view: memoryview, at: int, end: int, frame: int, stop: int, record_of: Callable[..., tuple[int, int]]
    ) -> tuple[int, int]:
        """The DHCP messages that follow each other from the record at ``at`` on: a storm has many of them.

        ``record_of`` unpacks a record's time and length. Returns where the next record is, and its number. What is not
        plain is left to ``take_packet``, as is what is not whole before ``end``, and what comes when more is due.
        """
        observer, steps, began = self.observer, self._clock_steps, frame
        if not observer.holds_dhcp or steps is None or self._link != ETHERNET:
            return at, frame
        hold, clock, head, tag = observer.strangers.hold_message, self._clock, self._head, self.tag
        time = steps.latest
        due = min(observer.expiry, time + STEP)
        while frame < stop and at + MARGIN < end:
            stamp, size = record_of(view, at)
            ipv4, total, udp, src, ports, length = _DHCP(view, at + head)
            now = clock(stamp)
            begins, following = at + head + _DHCP_AT, at + head + size
            message_end = begins + length - 8
            if (
                ipv4 != _PLAIN_IPV4
                or udp not in _PLAIN_UDP
                or ports not in _PLAIN_DHCP
                or not time <= now < due
                or not 8 <= length <= total - 20
                or not message_end <= following <= end
            ):
                break
            time = now
            message = bytes(view[begins:message_end])
            if not hold(message, time, frame, src, tag):
                observer.report_dhcp(message, time, frame, src, tag)
            at = following
            frame += 1
        if frame > began:
            steps.take_times(frame - began, time, frame - 1)
        return at, frame

    def _packet_time(self, view: memoryview, at: int, frame: int) -> Microseconds:
        time = self._clock(self._stamp_of(view, at)[0])
        if self._clock_steps is None or self._clock_steps.take_time(time, frame):
            return time
        # What was counted has its times by the clock as it was.
        self.settle_runs(view)
        self.counted_runs.clear()
        self._clock = _shifted_clock(self._plain_clock, self._clock_steps.shift)
        return self._clock(self._stamp_of(view, at)[0])

    def _pass_whole_packet(self, view: memoryview, at: int, size: int, frame: int) -> None:
        if self.moved:
            self.settle_runs(view)
        start = at + self._head
        self.observer.take_packet(
            self._packet_time(view, at, frame), frame, self._link, bytes(view[start : start + size]), self.tag
        )

    def _cache_key(self, known: set[bytes], key: bytes) -> None:
        """A conversation of which no packet matters."""
        if len(known) >= self.most:
            self._make_room(known)
        known.add(key)

    def _make_room(self, known: set[bytes]) -> None:
        """Drop an arbitrary half of a set. With more conversations in turn than fit, some are still found."""
        for _ in range(len(known) - self.most // 2):
            known.pop()
        cells = self._cached_hosts = bytearray(_CELLS)
        for cache in (self.rejected, self.payload_only):
            for key in cache:
                cells[hash(key[:4]) % _CELLS] = cells[hash(key[4:8]) % _CELLS] = 1

    def _cache_of_hosts(self, known: set[bytes], key: bytes) -> None:
        """One that does not matter until one of its hosts does."""
        if len(known) >= self.most:
            self._make_room(known)
        known.add(key)
        cells = self._cached_hosts
        cells[hash(key[:4]) % _CELLS] = cells[hash(key[4:8]) % _CELLS] = 1

    def _purge_counted_runs(self, view: memoryview) -> None:
        self.settle_runs(view)
        for key in [key for key, run in self.counted_runs.items() if not run.live]:
            del self.counted_runs[key]
        while len(self.counted_runs) >= MAX_COUNTED_RUNS:
            del self.counted_runs[next(iter(self.counted_runs))]

    def _on_host_learnt(self, address: bytes) -> None:
        """Conversations of this host matter from now on."""
        if len(self._interest.hosts) == MANY_HOSTS and self.most > CACHED_WITH_MANY:
            self.most = CACHED_WITH_MANY
            for cache in (self.rejected, self.payload_only):
                self._make_room(cache)
        if self._cached_hosts[hash(address) % _CELLS]:
            for cache in (self.rejected, self.payload_only):
                cache.difference_update([key for key in cache if key[:4] == address or key[4:8] == address])
