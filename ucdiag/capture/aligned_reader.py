"""Reads captures of two clocks a second time: moves the answers to the phones' clock and sorts the packets.

Only packets of the hosts that the first reading found of interest are held in memory, up to a bound.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from ucdiag.capture.clock_pairs import Protocol, Sight, clock_shifts
from ucdiag.capture.clock_steps import ClockSteps
from ucdiag.capture.file_reader import CaptureFileReader
from ucdiag.capture.prefilter import PacketPrefilter
from ucdiag.model.observations import Connect, Extent, Http, Lookup, Observation, Tls
from ucdiag.model.report import Problem
from ucdiag.model.vocabulary import CAPTURE_SKEW, Microseconds, Seconds
from ucdiag.wire.dhcp.message import options_by_code
from ucdiag.wire.host_filter import HostFilter
from ucdiag.wire.link.link_layer import ARP, IPV4, read_link_layer
from ucdiag.wire.packet_tracker import PacketTracker
from ucdiag.wire.watched import DNS_PORT, ICMP, TCP, UDP

if TYPE_CHECKING:
    from ucdiag.wire.tls.secrets import TlsSecrets

_MOST_BYTES = 10 * 1024 * 1024
_PACKET, _SIGHT = 250, 400  # bytes that a held packet takes beside its data, and a sight
_DHCP = frozenset((67, 68))
_SERVER = 54  # option
_FIN, _SYN, _RST, _ACK = 1, 2, 4, 0x10
_TALK, _TALKS = 24, 1024  # segments of a connection by which its directions are compared, and connections
_TIMED = (Lookup, Connect, Tls, Http)


class ClockDifference(NamedTuple):
    """Seconds by which answers precede their questions (negative: by which they come after their consequences)."""

    seconds: Seconds
    time: Microseconds
    frame: int


class _Held(NamedTuple):
    time: Microseconds
    frame: int
    link: int
    data: bytes
    protocol: Protocol | None
    is_answer: bool


class _Gatherer(PacketPrefilter):
    """A pre-filter that keeps the packets that matter in memory, and passes none on."""

    def __init__(self, observer: PacketTracker, clock_steps: ClockSteps, most_bytes: int) -> None:
        super().__init__(observer, clock_steps)
        self._most_bytes = most_bytes
        self.dns_hosts = None
        self.counts_runs = False
        self.held: list[_Held] = []
        self.sights: list[tuple[Microseconds, Sight]] = []
        self.bytes = 0
        self._talk: dict[tuple[bytes, int, bytes, int], int] = {}
        self._hosts = observer.interest.hosts
        self._tcp_ports = observer.ports

    def use_format(self, link: int, clock: Callable[[int], int], stamp: str, stamp_at: int, head: int) -> None:
        super().use_format(link, clock, stamp, stamp_at, head)
        self.ignored_ethertypes = set()

    @property
    def is_full(self) -> bool:
        return self.bytes + _SIGHT * len(self.sights) > self._most_bytes

    def take_packet(self, view: memoryview, at: int, size: int, mark: int, frame: int, shift: int, key: bytes) -> None:
        if self.is_full:
            return
        start = at + self._head
        data = bytes(view[start : start + size])
        layer = read_link_layer(self._link, data)
        if layer is None:
            return
        time = self._packet_time(view, at, frame)
        if layer.kind == ARP:
            self._hold_packet(_Held(time, frame, self._link, data, None, False))
        elif layer.kind == IPV4:
            self._gather_ipv4(time, frame, data, layer.at, key)

    def _hold_packet(self, held: _Held) -> None:
        self.held.append(held)
        self.bytes += len(held.data) + _PACKET

    def _gather_ipv4(self, time: Microseconds, frame: int, data: bytes, at: int, ends_of_it: bytes) -> None:
        inner = at + (data[at] & 15) * 4 if at < len(data) else at
        if len(data) < inner + 8:
            return
        protocol, src, dst = data[at + 9], data[at + 12 : at + 16], data[at + 16 : at + 20]
        sport, dport = data[inner] << 8 | data[inner + 1], data[inner + 2] << 8 | data[inner + 3]
        known = src in self._hosts or dst in self._hosts
        place: tuple[Protocol, bool] | None = None
        if protocol == UDP and not _DHCP.isdisjoint((sport, dport)) and len(data) >= inner + 16:
            place = "dhcp", data[inner + 8] == 2
            self._see_dhcp(time, data, inner + 8)
        elif protocol == UDP and known and DNS_PORT in (sport, dport):
            place = "dns", sport == DNS_PORT
            asked = (src, sport, dst, dport) if dport == DNS_PORT else (dst, dport, src, sport)
            key = (*asked, data[inner + 8 : inner + 10])
            self.sights.append((time, Sight("dns", "answer" if sport == DNS_PORT else "question", key)))
        elif protocol == TCP and known and (dport in self._tcp_ports or sport in self._tcp_ports):
            is_answer = dport not in self._tcp_ports
            place = "tcp", is_answer
            ends = (src, sport, dst, dport)
            self._see_tcp(time, data, inner, ends, is_answer)
            self._see_bytes(time, data, at, inner, (*ends[2:], *ends[:2]) if is_answer else ends, is_answer)
        elif protocol == ICMP:
            place = "tcp", True
        if place is not None:
            self._hold_packet(_Held(time, frame, self._link, data, *place))
        elif ends_of_it and protocol in (TCP, UDP):
            # Which hosts are of interest is known from the first reading, so no packet of these two ever matters.
            self._cache_key(self.rejected, ends_of_it)

    def _see_dhcp(self, time: Microseconds, data: bytes, at: int) -> None:
        kind_at = data.find(b"\x35\x01", at + 240)
        kind = data[kind_at + 2] if 0 <= kind_at < len(data) - 2 else 0
        xid = data[at + 4 : at + 8] + data[at + 28 : at + 34]  # several clients may take the same identifier
        server = (options_by_code(data[at:]) or {}).get(_SERVER) if kind in (2, 3) else None
        if kind == 1:
            self.sights.append((time, Sight("dhcp", "question", ("offer", xid))))
        elif kind == 2:
            self.sights.append((time, Sight("dhcp", "answer", ("offer", xid))))
            self.sights.append((time, Sight("dhcp", "answer", ("chosen", xid, server))))
        elif kind == 3:
            self.sights.append((time, Sight("dhcp", "question", ("ack", xid))))
            self.sights.append((time, Sight("dhcp", "follows", ("chosen", xid, server))))
        elif kind in (5, 6):
            self.sights.append((time, Sight("dhcp", "answer", ("ack", xid))))

    def _see_tcp(
        self, time: Microseconds, data: bytes, at: int, ends: tuple[bytes, int, bytes, int], is_answer: bool
    ) -> None:
        if len(data) < at + 14:
            return
        flags = data[at + 13]
        seq, ack = int.from_bytes(data[at + 4 : at + 8], "big"), int.from_bytes(data[at + 8 : at + 12], "big")
        mask = 0xFFFFFFFF
        # A SYN is accepted, or refused.
        if is_answer and (flags & (_SYN | _ACK) == _SYN | _ACK or (flags & (_RST | _ACK) == _RST | _ACK and not seq)):
            self.sights.append((time, Sight("tcp", "answer", (*ends[2:], *ends[:2], ack))))
        elif not is_answer and flags & _SYN:
            self.sights.append((time, Sight("tcp", "question", (*ends, (seq + 1) & mask))))
        elif not is_answer and flags & _ACK:
            # The first segment of the client behind its SYN.
            self.sights.append((time, Sight("tcp", "follows", (*ends, seq))))

    def _see_bytes(
        self, time: Microseconds, data: bytes, at: int, inner: int, ends: tuple[bytes, int, bytes, int], is_answer: bool
    ) -> None:
        """A segment at ``inner`` of an IPv4 packet at ``at``: where it ends, and what it acknowledges."""
        count = self._talk.get(ends, 0)
        if len(data) < inner + 14 or count >= _TALK or (not count and len(self._talk) >= _TALKS):
            return
        self._talk[ends] = count + 1
        flags = data[inner + 13]
        seq, ack = (
            int.from_bytes(data[inner + 4 : inner + 8], "big"),
            int.from_bytes(data[inner + 8 : inner + 12], "big"),
        )
        length = int.from_bytes(data[at + 2 : at + 4], "big") - (inner - at) - (data[inner + 12] >> 4) * 4
        length += bool(flags & _FIN)
        end = (seq + length) & 0xFFFFFFFF
        if length > 0:
            self.sights.append((time, Sight("bytes", "answer" if is_answer else "question", (*ends, is_answer, end))))
        if flags & _ACK:
            self.sights.append(
                (time, Sight("bytes", "answer" if is_answer else "follows", (*ends, not is_answer, ack)))
            )


class AlignedFileReader(CaptureFileReader):
    """A ``CaptureFileReader`` for captures of two clocks. ``difference`` is what was found, ``None`` if nothing.

    ``interest`` is that of the first reading, whose hosts are those that matter. What they sent is held in memory while
    it is put in order, ``most_bytes`` at most.
    """

    def __init__(
        self,
        interest: HostFilter,
        *,
        ports: frozenset[int] = frozenset({80, 443}),
        patience: Seconds = 5.0,
        secrets: "TlsSecrets | None" = None,
        most_bytes: int = _MOST_BYTES,
    ) -> None:
        self._most_bytes = most_bytes
        super().__init__(interest, ports=ports, patience=patience, make_prefilter=self._make_gatherer, secrets=secrets)
        self.difference: ClockDifference | None = None
        self._shifts: dict[Protocol, Microseconds] = {}
        self._extent: Extent | None = None

    def _make_gatherer(self, observer: PacketTracker, clock_steps: ClockSteps, most: int) -> PacketPrefilter:
        self._gatherer = _Gatherer(observer, clock_steps, self._most_bytes)
        return self._gatherer

    @property
    def too_large(self) -> bool:
        """Whether the packets that matter exceed the bound of memory."""
        return self._gatherer.is_full

    def gather_packets(self, names: Sequence[str]) -> bool:
        """Reads all; whether the clocks differ, and the capture can be put in order."""
        for item in super().read(names):
            if isinstance(item, Extent):
                self._extent = item
        if self._gatherer.is_full or self.interrupted:
            return False
        self._shifts = clock_shifts(self._gatherer.sights)
        if not self._shifts:
            return False
        moved = next(
            held
            for held in self._gatherer.held
            if held.is_answer and held.protocol is not None and held.protocol in self._shifts
        )
        shift = self._shifts[moved.protocol] if moved.protocol is not None else 0
        if any(abs(shift) > CAPTURE_SKEW for shift in self._shifts.values()):
            self.difference = ClockDifference(shift / 1e6, moved.time, moved.frame)
        return True

    def read(self, names: Sequence[str]) -> Iterator[Observation | Problem | None]:
        """The facts of what ``gather_packets`` found, in the order of the phones' clock; no durations."""
        held = [
            packet._replace(time=packet.time + self._shifts.get(packet.protocol, 0))
            if packet.is_answer and packet.protocol is not None
            else packet
            for packet in self._gatherer.held
        ]
        self._gatherer.held.clear()
        held.sort(key=lambda packet: packet.time)
        end = held[-1].time if held else 0
        for packet in held:
            self.observer.take_packet(packet.time, packet.frame, packet.link, packet.data)
            if self._finished:
                yield from self._judged_times(self._take_finished())
        extent = self._extent
        last = max(end, extent.end if extent is not None else end)
        self.observer.finish(last)
        yield from self._judged_times(self._take_finished())
        if extent is not None:
            first = held[0].time if held else extent.time
            cut = self.observer.unreadable_packets
            yield replace(extent, time=min(first, extent.time), end=last, cut=cut)

    def _judged_times(self, found: Iterable[Observation]) -> Iterable[Observation]:
        return found if self.difference is None else map(_without_durations, found)


def _without_durations(seen: Observation) -> Observation:
    return replace(seen, seconds=None) if isinstance(seen, _TIMED) else seen
