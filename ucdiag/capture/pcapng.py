"""The pcapng format: blocks, in sections, from interfaces.

https://www.ietf.org/archive/id/draft-ietf-opsawg-pcapng-03.html. Packets are Enhanced, Simple, and the old Packet
Blocks; other blocks are passed over, unless what they say is needed to read packets. Of the statistics of an
interface it is of interest when the capture ended, and how many packets were lost.
"""

import struct
from collections.abc import Callable, Iterator
from functools import lru_cache
from itertools import repeat

from ucdiag.capture import TLS_KEY_LOG
from ucdiag.capture.prefilter import (
    ACK,
    DNS,
    MASK,
    SHORTEST_SNAP,
    TAGGED,
    UPDATE_NAME_LETTER,
    PacketPrefilter,
    header_fields,
)
from ucdiag.capture.read_ahead_options import DEFAULT_OPTIONS, ReadAheadOptions, pcapng_layout
from ucdiag.capture.read_ahead_start import ReadAhead
from ucdiag.capture.read_buffer import CHUNK, LONGEST, Buffer, DamagedError
from ucdiag.model.fast_dataclass import record
from ucdiag.model.vocabulary import Microseconds
from ucdiag.wire.link.link_layer import ETHERNET, IPV4
from ucdiag.wire.tcp.byte_run import ByteRun
from ucdiag.wire.watched import UDP

SECTION = 0x0A0D0D0A
_INTERFACE, _OLD_PACKET, _SIMPLE, _STATISTICS, _ENHANCED, SECRETS = 1, 2, 3, 5, 6, 10
# Blocks that hold no packet and that Wireshark gives a number all the same: custom ones, entries of systemd's journal,
# sysdig's events.
_NUMBERED = frozenset({0xBAD, 0x40000BAD, 9, 0x204, 0x208, 0x216, 0x217, 0x221, 0x222})
# Options of an Interface Statistics Block: packets lost by the interface, and by the system.
_ENDED, _RECEIVED, _LOST = 3, 4, (5, 7)
_ORDER = 0x1A2B3C4D
_HEAD = 28  # of an Enhanced Packet Block, up to the packet
_LEAST = 12
_MAX_INTERFACES = 4096
_TAIL = 72 << 10
_FOREVER = 1 << 62


@record(frozen=True, slots=True)
class _Interface:
    """What a section says of one of its interfaces: link type, snap length, and how its times are read."""

    link: int
    snap: int
    clock: Callable[[int], int]


@lru_cache(maxsize=64)  # a file may bring a new one with each interface
def _make_clock(order: str, resolution: int, offset: int) -> Callable[[int], int]:
    """Turns the eight bytes of a time, read as one number, into microseconds.

    ``resolution`` is the option ``if_tsresol``: a negative power of ten, or of two where the highest bit is set.
    """
    high = 0 if order == "<" else 32
    low = 32 - high
    if resolution & 0x80:
        base: int = 1 << (resolution & 0x7F)
    else:
        base = int(10**resolution)
    add = offset * 1_000_000

    def clock(stamp: int) -> int:
        units = ((stamp >> high) & MASK) << 32 | ((stamp >> low) & MASK)
        return units * 1_000_000 // base + add

    if base == 1_000_000:
        return lambda stamp: (((stamp >> high) & MASK) << 32 | ((stamp >> low) & MASK)) + add
    return clock


class PcapNg:
    """Reads one file through ``prefilter``. ``frame`` is the next packet's number, ``first`` and ``last`` are times.

    ``capture_end`` is when the capture ended, and ``lost_packets`` how many packets it lost, where the file says so.
    When it ended is believed only of a file that has all packets that were received: what was cut out of one may have
    kept what it says.
    """

    def __init__(
        self,
        buffer: Buffer,
        prefilter: PacketPrefilter,
        frame: int = 1,
        stop: int = _FOREVER,
        ahead: ReadAheadOptions = DEFAULT_OPTIONS,
    ) -> None:
        self._buffer = buffer
        self._prefilter = prefilter
        self.frame = frame
        self._stop = stop
        self.first: Microseconds | None = None
        self.last: Microseconds | None = None
        self._untimed = False
        self._order = "<"
        self._interfaces: list[_Interface] = []
        self._read_ahead = ReadAhead(buffer, prefilter, ahead)
        self.links: set[int] = set()
        self._is_block = False  # whether that block is one without a packet
        self._ahead = False  # whether the last number is that of a block which reaches beyond what was read
        #: Blocks without a packet that have a number all the same.
        self.numbered = 0
        #: Blocks of secrets that are larger than what is read at once.
        self.secrets_left_out = 0
        self._usual = 0  # the link type that the loop is set for
        self._began = frame
        self._stopped: int | None = None
        # Packets that were received, and lost, by the sections before; and of this one by interface and code.
        self._totals = [0, 0]
        self._counts: dict[tuple[int, int], int] = {}

    @property
    def has_untimed_packets(self) -> bool:
        """Whether there are simple packet blocks, which have no time."""
        return self._untimed

    @property
    def capture_end(self) -> int | None:
        """Microseconds since the epoch."""
        return self._stopped if self._packet_totals()[0] <= self.frame - self._began else None

    @property
    def lost_packets(self) -> int:
        """How many packets the capture lost, as its statistics say."""
        return self._packet_totals()[1]

    def _packet_totals(self) -> list[int]:
        totals = self._totals[:]
        for (_, code), count in self._counts.items():
            totals[code != _RECEIVED] += count
        return totals

    def read_chunks(self) -> Iterator[int]:
        """Works through the file; after each piece of it, the time reached. Raises DamagedError."""
        buffer = self._buffer
        while buffer.at < buffer.have or buffer.fill():
            if self._read_ahead.is_due:
                yield from self._pieces_ahead()
                if buffer.at >= buffer.have:
                    continue
            start = buffer.at
            if not buffer.has_more or self._stop != _FOREVER:
                # What may be the last packets are walked through once more, to know the time of the last one. With
                # a last packet given it may be any of them.
                end = max(buffer.have - _TAIL, 0) if self._stop == _FOREVER else 0
                while self._sift_packets(end):
                    start = buffer.at
            # One that is longer is passed by now, if it is the last.
            if not self._find_last_time(buffer.has_more, buffer.at):
                self._find_last_time(buffer.has_more, start)
            while self._sift_packets(buffer.have):
                self._find_last_time(buffer.has_more, buffer.at)
            if buffer.at > buffer.have + CHUNK * 16:
                raise DamagedError(
                    f"a block after packet {self.frame - 1} claims an impossible length: all before it counts"
                )
            if self.last is not None:
                yield self.last
            if self.frame >= self._stop:
                return
            if not buffer.fill():
                break
        self._read_last_blocks()

    def _pieces_ahead(self) -> Iterator[int]:
        """Like ``read_chunks``, for the part of the file that a worker reads ahead."""
        if len(self._interfaces) == 1 and self._stop == _FOREVER and self.first is not None:
            interface = self._interfaces[0]
            if interface.link == ETHERNET and not 0 < interface.snap < SHORTEST_SNAP:
                self._use_interface(interface)
                layout = pcapng_layout(self._order)
                for frame, stamp in self._read_ahead.read_pieces(layout, interface.clock, self.frame):
                    self.frame, self.last = frame, interface.clock(stamp)
                    yield self.last

    def _read_last_blocks(self) -> None:
        buffer = self._buffer
        while buffer.at < buffer.have and self.frame < self._stop:
            # Blocks that are shorter than what the loop unpacks.
            before = buffer.at
            self._read_block()
            if buffer.at == before:
                raise DamagedError(
                    f"it ends in the middle of a block after packet {self.frame - 1}: all before it counts"
                )
        if buffer.at > buffer.have:
            self.frame -= self._ahead
            # Of a block that is not whole.
            self.numbered -= self._ahead and self._is_block
            raise DamagedError(f"it ends in the middle of a block after packet {self.frame - 1}: all before it counts")

    def _find_last_time(self, first: bool, at: int) -> bool:
        """The time of the last packet in the buffer, from ``at`` on, whole sooner or later, that no block of another
        kind comes before.

        That of the ``first`` one is enough where others surely follow. False where there is none.
        """
        have = self._buffer.have
        whole = have + self._buffer.bytes_to_come
        view = self._buffer.view
        block = struct.Struct(self._order + "IIIQ").unpack_from
        found = None
        frame = self.frame
        while at + _HEAD <= have and frame < self._stop:
            frame += 1
            kind, total, interface, stamp = block(view, at)
            if kind != _ENHANCED or total < _LEAST or total % 4 or at + total > whole:
                break
            if interface >= len(self._interfaces):
                break
            found = interface, stamp
            at += total
            if first:
                break
        if found is not None:
            self.last = self._interfaces[found[0]].clock(found[1])
        return found is not None

    def _sift_packets(self, end: int) -> bool:  # noqa: C901, PLR0912, PLR0915 - one of the loops that prefilter.py names
        """The loop that every packet passes through, until ``end`` or a block other than the usual packet's.

        True when it is to go on, after such a block was handled. A function call for each packet would double the time.
        Change ``pcap.py``, ``packet_ring.py`` and ``read_ahead.py`` with it.
        """
        buffer, prefilter = self._buffer, self._prefilter
        octets, whole, view = buffer.octets, buffer.view, buffer.view[:end]
        have = buffer.have
        # The first packet must not be rejected unseen: its time is when the capture began.
        rejected: set[bytes] = set() if self.first is None else prefilter.rejected
        payload_only, moved = prefilter.payload_only, prefilter.moved
        interfaces = self._interfaces
        usual = self._usual
        may_be_cut = any(0 < interface.snap < SHORTEST_SNAP for interface in interfaces)
        fields = header_fields(self._order, "II", _HEAD, usual, 32, may_be_cut)
        unpack, second_look, label_at = fields.first_look, fields.second_look, fields.label_at
        untagged_flags_at, without_request = fields.flags_at, fields.without_request
        tagged_flags_at = untagged_flags_at + 4
        block_of = struct.Struct(self._order + "8xIQI").unpack_from
        # Where a packet may be of another link type, what stands in the place of an EtherType is none.
        mixed = any(interface.link != usual for interface in interfaces)
        dns_hosts = None if mixed or may_be_cut or self.first is None else prefilter.dns_hosts
        ignored = set() if mixed or self.first is None else prefilter.ignored_ethertypes
        usually = next((described for described in interfaces if described.link == usual), None)
        if usually is not None:
            self._use_interface(usually)
        # What is counted here has its time by the usual clock: where there are several, nothing is counted.
        several = usually is not None and any(described.clock is not usually.clock for described in interfaces)
        run_of = (dict[bytes, ByteRun]() if several else prefilter.counted_runs).get
        at = buffer.at
        began = self.frame
        at_once = view.nbytes // _LEAST + 1  # more blocks than that are not in the buffer: none may be of length 0
        again = False
        stop = min(self._stop, began + at_once)
        last = stop - 1
        going, of_dns = True, began - 2
        dns_look, dns_last = fields.dns_look, end - fields.dns_reach
        ipv4, dns_port = fields.of_dns
        try:
            while going:
                going = False
                # Their numbers only where they are asked for, as in ``pcap.py``.
                packets = repeat(None, stop - began)
                left_of = packets.__length_hint__
                for _ in packets:
                    kind, total, key = unpack(view, at)
                    if key in rejected:
                        at += total
                        continue
                    if kind != _ENHANCED or total < 32 or total & 3:
                        again = True
                        began = last - left_of()
                        break
                    flags_at = untagged_flags_at
                    run = run_of(key)
                    if run is None:
                        ethertype, protocol, tagged_key = second_look(octets, at)
                        if ethertype == IPV4:
                            if (
                                protocol == UDP
                                and dns_hosts is not None
                                and (
                                    (key[8:10] == DNS and key[4:8] not in dns_hosts)
                                    or (key[10:] == DNS and key[:4] not in dns_hosts)
                                )
                                and octets[at + label_at] | 0x20 != UPDATE_NAME_LETTER
                            ):
                                at += total
                                frame = last - left_of()
                                if frame != of_dns + 1:
                                    of_dns = frame
                                    continue
                                # In a mirror of DNS more of it follows, and one look is cheaper than two.
                                going = True
                                for _ in packets:
                                    if at > dns_last:
                                        break
                                    kind, total, typed, protocol, src, dst, source, target, label = dns_look(octets, at)
                                    if (
                                        protocol == UDP
                                        and (
                                            (source == dns_port and dst not in dns_hosts)
                                            or (target == dns_port and src not in dns_hosts)
                                        )
                                        and label | 0x20 != UPDATE_NAME_LETTER
                                        and typed == ipv4
                                        and kind == _ENHANCED
                                        and total >= 32
                                        and not total & 3
                                    ):
                                        at += total
                                        continue
                                    break
                                else:
                                    began = stop
                                    break
                                began = last - left_of()
                                break
                        elif ethertype == TAGGED:
                            if tagged_key in rejected:
                                at += total
                                continue
                            key = tagged_key
                            flags_at = tagged_flags_at
                            run = run_of(key)
                        elif ethertype in ignored:
                            at += total
                            continue
                    if run is not None:
                        left = run.left
                        if left and total == run.mark and octets[at + flags_at] == ACK:
                            run.left = left - 1
                            if run.length:
                                if run.at < 0:
                                    moved.append(run)
                                run.at = at
                                run.number = last - left_of()
                            at += total
                            continue
                    elif key in payload_only and total < without_request:
                        at += total
                        continue
                    frame = last - left_of()
                    if at + total > have:
                        began = frame
                        break
                    number, stamp, size = block_of(whole, at)
                    if number >= len(interfaces) or size > total - 32:
                        again = True
                        began = frame
                        break
                    interface = interfaces[number]
                    shift = flags_at - untagged_flags_at
                    if self.first is None:
                        self.first = interface.clock(stamp)
                    if interface.link == usual and usually is not None and interface.clock is usually.clock:
                        prefilter.take_packet(whole, at, size, total, frame, shift, key)
                    else:
                        prefilter.settle_runs(whole)
                        self._use_interface(interface)
                        same = interface.link == usual
                        prefilter.take_packet(whole, at, size, total, frame, shift if same else 0, key if same else b"")
                        prefilter.settle_runs(whole)
                        if usually is not None:
                            self._use_interface(usually)
                    at += total
                else:
                    if self._stop > stop:
                        raise DamagedError(f"it has blocks without a length after packet {last}")
                    began = stop
        except struct.error:
            if at + fields.reach <= end:
                raise
            began = last - left_of()
        prefilter.settle_runs(whole)
        buffer.at, self.frame = at, began
        self._ahead, self._is_block = at > have, False
        return again and self._read_block()

    def _use_interface(self, interface: _Interface) -> None:
        self._prefilter.use_format(interface.link, interface.clock, self._order + "Q", 12, _HEAD)

    def _read_block(self) -> bool:
        """The block at the buffer's position, whatever it is. False when it is not whole in the buffer yet."""
        buffer = self._buffer
        at, have, view = buffer.at, buffer.have, buffer.view
        if at + _LEAST > have:
            return False
        kind, total = struct.unpack_from(self._order + "II", view, at)
        if kind == SECTION:
            return self._read_section()
        if total < _LEAST or total % 4:
            raise DamagedError(
                f"a block after packet {self.frame - 1} claims an impossible length: all before it counts"
            )
        if kind not in (_INTERFACE, _OLD_PACKET, _SIMPLE, _ENHANCED, _STATISTICS) and (
            kind != SECRETS or total > CHUNK
        ):
            if kind == SECRETS:
                self.secrets_left_out += 1
            self._ahead = self._is_block = kind in _NUMBERED
            self.frame += self._ahead
            self.numbered += self._ahead
            buffer.at = at + total
            return buffer.at <= have
        if total > CHUNK:
            raise DamagedError(
                f"a block after packet {self.frame - 1} claims an impossible length: all before it counts"
            )
        if at + total > have:
            return False
        if kind == _INTERFACE:
            self._read_interface(bytes(view[at + 8 : at + total - 4]))
        elif kind == _STATISTICS:
            self._read_statistics(bytes(view[at + 8 : at + total - 4]))
        elif kind == SECRETS:
            text = key_log_of(bytes(view[at + 8 : at + total - 4]), self._order)
            buffer.at = at + total
            if text:
                self._prefilter.on_secrets(text)
            return True
        else:
            self._read_packet(kind, at, total)
        buffer.at = at + total
        return True

    def _read_section(self) -> bool:
        buffer = self._buffer
        at, have, view = buffer.at, buffer.have, buffer.view
        if at + 28 > have:
            return False
        order = bytes(view[at + 8 : at + 12])
        if int.from_bytes(order, "little") == _ORDER:
            self._order = "<"
        elif int.from_bytes(order, "big") == _ORDER:
            self._order = ">"
        else:
            raise DamagedError("a section's header is damaged")
        total, major = struct.unpack_from(self._order + "4xI4xH", view, at)
        if major != 1:
            raise DamagedError(f"it is pcapng of version {major}, which is not known")
        if total < 28 or total % 4 or total > CHUNK:
            raise DamagedError("a section's header claims an impossible length")
        self._interfaces = []
        self._totals = self._packet_totals()
        self._counts.clear()
        self._ahead = False
        buffer.at = at + total
        return buffer.at <= have

    def _read_interface(self, body: bytes) -> None:
        if len(self._interfaces) >= _MAX_INTERFACES:
            raise DamagedError(f"it names more than {_MAX_INTERFACES} interfaces")
        if len(body) < 8:
            raise DamagedError("the description of an interface is damaged")
        link, _, snap = struct.unpack_from(self._order + "HHI", body)
        resolution, offset = 6, 0
        for code, value in _read_options(body[8:], self._order):
            if code == 9 and len(value) == 1:
                resolution = value[0]
            elif code == 14 and len(value) == 8:
                offset = struct.unpack(self._order + "q", value)[0]
        if not self._interfaces:
            self._usual = link
        elif link == ETHERNET:
            self._usual = ETHERNET
        self.links.add(link)
        self._interfaces.append(_Interface(link, snap, _make_clock(self._order, resolution, offset)))

    def _read_statistics(self, body: bytes) -> None:
        number = struct.unpack_from(self._order + "I", body)[0] if len(body) >= 12 else _MAX_INTERFACES
        if number >= len(self._interfaces):
            return
        for code, value in _read_options(body[12:], self._order):
            if len(value) != 8:
                continue
            option = struct.unpack(self._order + "Q", value)[0]
            if code == _ENDED:
                self._stopped = max(self._interfaces[number].clock(option), self._stopped or 0)
            elif code in (_RECEIVED, *_LOST):
                # These are running totals, so the last one counts.
                self._counts[number, code] = option

    def _read_packet(self, kind: int, at: int, total: int) -> None:
        """A packet that the loop leaves aside: of an old or simple block, or one that contradicts itself."""
        view = self._buffer.view
        order = self._order
        frame = self.frame
        stamp = 0
        if kind == _SIMPLE:
            number, head = 0, 12
            size = struct.unpack_from(order + "8xI", view, at)[0]
            if self._interfaces and self._interfaces[0].snap:
                size = min(size, self._interfaces[0].snap)
            size = min(size, total - 16)
        elif total < 32:
            raise DamagedError(f"packet {frame} is damaged: all before it counts")
        else:
            head = _HEAD
            number, stamp, size = struct.unpack_from(order + "8xIQI", view, at)
            if kind == _OLD_PACKET:
                number = struct.unpack_from(order + "8xH", view, at)[0]
            if size > total - 32 or size > LONGEST:
                raise DamagedError(f"packet {frame} claims an impossible length: all before it counts")
        if number >= len(self._interfaces):
            raise DamagedError(f"packet {frame} is of an interface that is not described: all before it counts")
        self.frame += 1
        interface = self._interfaces[number]
        clock = interface.clock
        if kind != _SIMPLE:
            self.last = clock(stamp)
            if self.first is None:
                self.first = self.last
        else:
            self._untimed = True
            known = self.last or 0
            clock = lambda _: known  # noqa: E731 - a simple block has no time: it gets that of the packet before it
        self._prefilter.use_format(interface.link, clock, order + "Q", 12 if kind != _SIMPLE else 0, head)
        self._prefilter.take_packet(view, at, size, total, frame, 0, b"")


def key_log_of(body: bytes, order: str) -> bytes:
    """The key log of TLS in the body of a Decryption Secrets Block; empty for other secrets."""
    if len(body) < 8:
        return b""
    kind, size = struct.unpack_from(order + "II", body)
    return body[8 : 8 + size] if kind == TLS_KEY_LOG else b""


def _read_options(data: bytes, order: str) -> Iterator[tuple[int, bytes]]:
    at = 0
    while at + 4 <= len(data):
        code, size = struct.unpack_from(order + "HH", data, at)
        if code == 0:
            return
        yield code, data[at + 4 : at + 4 + size]
        at += 4 + (size + 3 & ~3)
