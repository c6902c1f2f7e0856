"""The pcap format: a header, then records of 16 bytes and a packet each.

https://www.ietf.org/archive/id/draft-ietf-opsawg-pcap-04.html. Also read: the variant of Alexey Kuznetsov's libpcap,
whose records have 24 bytes.
"""

import struct
from collections.abc import Callable, Iterator
from itertools import repeat

from ucdiag.capture.marks import KUZNETSOV, MICROSECONDS, NANOSECONDS
from ucdiag.capture.prefilter import (
    ACK,
    DHCP,
    DNS,
    MARGIN,
    MASK,
    SHORTEST_SNAP,
    TAGGED,
    UPDATE_NAME_LETTER,
    PacketPrefilter,
    header_fields,
)
from ucdiag.capture.read_ahead_options import DEFAULT_OPTIONS, ReadAheadOptions, pcap_layout
from ucdiag.capture.read_ahead_start import ReadAhead
from ucdiag.capture.read_buffer import LONGEST, Buffer, DamagedError
from ucdiag.model.vocabulary import Microseconds
from ucdiag.wire.link.link_layer import ETHERNET, IPV4
from ucdiag.wire.watched import UDP

HEADER = 24
_TAIL = 72 << 10
_FOREVER = 1 << 62


def _make_clock(order: str, nanoseconds: bool) -> Callable[[int], int]:
    """Turns the eight bytes of a time, read as one number, into microseconds."""
    if not nanoseconds:
        if order == "<":
            return lambda stamp: (stamp & MASK) * 1_000_000 + (stamp >> 32)
        return lambda stamp: (stamp >> 32) * 1_000_000 + (stamp & MASK)
    if order == "<":
        return lambda stamp: (stamp & MASK) * 1_000_000 + (stamp >> 32) // 1000
    return lambda stamp: (stamp >> 32) * 1_000_000 + (stamp & MASK) // 1000


class Pcap:
    """Reads one file through ``prefilter``. ``frame`` is the next packet's number, ``first`` and ``last`` are times."""

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
        header = buffer.take(HEADER) if buffer.need(HEADER) else b""
        if not header:
            raise DamagedError("it ends in its header")
        self._order = "<" if int.from_bytes(header[:4], "little") in (MICROSECONDS, NANOSECONDS, KUZNETSOV) else ">"
        magic, _, _, _, _, snap, link = struct.unpack(self._order + "IHHiIII", header)
        self._record = 24 if magic == KUZNETSOV else 16
        self.link = link & 0xFFFF
        self.links = {self.link}
        self._may_be_cut = 0 < snap < SHORTEST_SNAP
        self._read_ahead = ReadAhead(buffer, prefilter, ahead)
        self._clock = _make_clock(self._order, magic == NANOSECONDS)

    @property
    def has_untimed_packets(self) -> bool:
        """Each record has a time."""
        return False

    @property
    def capture_end(self) -> None:
        """The format does not say it."""

    @property
    def lost_packets(self) -> int:
        """The format does not say it."""
        return 0

    def read_chunks(self) -> Iterator[int]:
        """Works through the file; after each piece of it, the time reached. Raises DamagedError."""
        buffer = self._buffer
        self._prefilter.use_format(self.link, self._clock, self._order + "Q", 0, self._record)
        stamp = struct.Struct(self._order + "Q").unpack_from
        while buffer.at < buffer.have or buffer.fill():
            have = buffer.have
            if have - buffer.at >= self._record:
                self.last = self._clock(stamp(buffer.view, buffer.at)[0])
                if self.first is None:
                    self.first = self.last
            if self._read_ahead.is_due:
                yield from self._pieces_ahead()
                if buffer.at >= buffer.have:
                    continue
                have = buffer.have
            if not buffer.has_more or self._stop != _FOREVER:
                # What may be the last packets are walked through once more, to know the time of the last one.
                start = buffer.at
                self._sift_packets(max(have - _TAIL, 0) if self._stop == _FOREVER else 0)
                # One that is longer is passed by now, if it is the last.
                if not self._find_last_time(buffer.at):
                    self._find_last_time(start)
            self._sift_packets(have)
            if buffer.at > have + LONGEST or (buffer.at + self._record <= have and self._size_at() > LONGEST):
                self._raise_damaged()
            if self.last is not None:
                yield self.last
            if self.frame >= self._stop:
                return
            if not buffer.fill():
                break
        self._read_last_packets()

    def _pieces_ahead(self) -> Iterator[int]:
        """Like ``read_chunks``, for the part of the file that a worker reads ahead."""
        if self.link == ETHERNET and not self._may_be_cut and self._stop == _FOREVER:
            layout = pcap_layout(self._order, self._record)
            for frame, stamp in self._read_ahead.read_pieces(layout, self._clock, self.frame):
                self.frame, self.last = frame, self._clock(stamp)
                yield self.last

    def _size_at(self) -> int:
        size: int = struct.unpack_from(self._order + "I", self._buffer.view, self._buffer.at + 8)[0]
        return size

    def _raise_damaged(self) -> None:
        frame = self.frame - (self._buffer.at > self._buffer.have)
        self.frame = frame
        raise DamagedError(f"packet {frame} claims an impossible length: all before it counts")

    def _read_last_packets(self) -> None:
        """The last packets, which are shorter than what the loop unpacks; and whether the file ends in one."""
        buffer = self._buffer
        at, have = buffer.at, buffer.have
        stamp = struct.Struct(self._order + "Q").unpack_from
        if at > have:
            self.frame -= 1
            raise DamagedError(f"it ends in the middle of packet {self.frame}: all before it counts")
        while at + self._record <= have and self.frame < self._stop:
            buffer.at = at
            size = self._size_at()
            if size > LONGEST:
                self._raise_damaged()
            if at + self._record + size > have:
                break
            self.last = self._clock(stamp(buffer.view, at)[0])
            if self.first is None:
                self.first = self.last
            # What follows the packet in the buffer is not part of it.
            self._prefilter.take_packet(buffer.view, at, size, size, self.frame, 0, b"")
            self.frame += 1
            at += self._record + size
        if at < have and self.frame < self._stop:
            raise DamagedError(f"it ends in the middle of packet {self.frame}: all before it counts")

    def _find_last_time(self, at: int) -> bool:
        """The time of the last packet in the buffer, from ``at`` on, that is whole, or will be; False for none."""
        have, record = self._buffer.have, self._record
        whole = have + self._buffer.bytes_to_come
        view = self._buffer.view
        length = struct.Struct(self._order + "8xI").unpack_from
        found = None
        frame = self.frame
        while at + record <= have and frame < self._stop:
            frame += 1
            size = length(view, at)[0]
            if at + record + size > whole:
                break
            found = at
            at += record + size
        if found is not None:
            self.last = self._clock(struct.unpack_from(self._order + "Q", view, found)[0])
        return found is not None

    def _sift_packets(self, end: int) -> None:  # noqa: C901, PLR0912, PLR0915 - one of the loops that prefilter.py names
        """The loop that every packet passes through: up to the last one whose header is whole before ``end``.

        A function call for each packet would double the time. Change ``pcapng.py``, ``packet_ring.py`` and
        ``read_ahead.py`` with it.
        """
        buffer, prefilter = self._buffer, self._prefilter
        octets, whole, view = buffer.octets, buffer.view, buffer.view[:end]
        have = buffer.have
        rejected, payload_only, moved = prefilter.rejected, prefilter.payload_only, prefilter.moved
        run_of = prefilter.counted_runs.get
        record = self._record
        fields = header_fields(self._order, "8xI", record, self.link, 0, self._may_be_cut)
        unpack, second_look, label_at = fields.first_look, fields.second_look, fields.label_at
        untagged_flags_at, without_request = fields.flags_at, fields.without_request
        tagged_flags_at = untagged_flags_at + 4
        dns_hosts = None if self._may_be_cut else prefilter.dns_hosts
        ignored = prefilter.ignored_ethertypes
        at = buffer.at
        began = self.frame
        # There are no more than that: with small numbers the loop computes faster.
        stop = min(self._stop, began + max(end - at, 0) // record + 2)
        last = stop - 1
        going, of_dns = True, began - 2
        dns_look, dns_last = fields.dns_look, end - fields.dns_reach
        ipv4, dns_port = fields.of_dns
        record_of = struct.Struct(self._order + "QI").unpack_from
        try:
            while going:
                going = False
                # Their numbers only where they are asked for: to make each costs a tenth of rejecting a packet.
                packets = repeat(None, stop - began)
                left_of = packets.__length_hint__
                for _ in packets:
                    size, key = unpack(view, at)
                    if key in rejected:
                        at += record + size
                        continue
                    flags_at = untagged_flags_at
                    run = run_of(key)
                    if run is None:
                        ethertype, protocol, tagged_key = second_look(octets, at)
                        if ethertype == IPV4:
                            if protocol == UDP and dns_hosts is not None:
                                sport = key[8:10]
                                if (
                                    (sport == DNS and key[4:8] not in dns_hosts)
                                    or (key[10:] == DNS and key[:4] not in dns_hosts)
                                ) and octets[at + label_at] | 0x20 != UPDATE_NAME_LETTER:
                                    at += record + size
                                    frame = last - left_of()
                                    if frame != of_dns + 1:
                                        of_dns = frame
                                        continue
                                    # In a mirror of DNS more of it follows, and one look is cheaper than two.
                                    going = True
                                    for _ in packets:
                                        if at > dns_last:
                                            break
                                        size, typed, protocol, src, dst, source, target, letter = dns_look(octets, at)
                                        if (
                                            protocol == UDP
                                            and (
                                                (source == dns_port and dst not in dns_hosts)
                                                or (target == dns_port and src not in dns_hosts)
                                            )
                                            and letter | 0x20 != UPDATE_NAME_LETTER
                                            and typed == ipv4
                                        ):
                                            at += record + size
                                            continue
                                        break
                                    else:
                                        began = stop
                                        break
                                    began = last - left_of()
                                    break
                                if sport in DHCP:
                                    frame = last - left_of()
                                    at, began = prefilter.take_dhcp_run(whole, at, end, frame, stop, record_of)
                                    if began > frame:
                                        going = True
                                        break
                        elif ethertype == TAGGED:
                            if tagged_key in rejected:
                                at += record + size
                                continue
                            key = tagged_key
                            flags_at = tagged_flags_at
                            run = run_of(key)
                        elif ethertype in ignored:
                            at += record + size
                            continue
                    if run is not None:
                        left = run.left
                        if left and size == run.mark and octets[at + flags_at] == ACK:
                            run.left = left - 1
                            if run.length:
                                if run.at < 0:
                                    moved.append(run)
                                run.at = at
                                run.number = last - left_of()
                            at += record + size
                            continue
                    elif key in payload_only and size < without_request:
                        at += record + size
                        continue
                    if at + record + size > have:
                        began = last - left_of()
                        break
                    shift = flags_at - untagged_flags_at
                    prefilter.take_packet(whole, at, size, size, last - left_of(), shift, key)
                    at += record + size
                else:
                    began = stop
        except struct.error:
            if at + fields.reach <= end:
                raise
            began = last - left_of()
        prefilter.settle_runs(whole)
        buffer.at = at
        self.frame = began


class RecordSifter(Pcap):
    """The same loop for whole records in memory: little-endian, microseconds, one link type."""

    def __init__(self, prefilter: PacketPrefilter, link: int) -> None:
        self._prefilter = prefilter
        self._order, self._record, self._may_be_cut = "<", 16, False
        self.link = link
        self._clock = _make_clock("<", nanoseconds=False)

    def sift_records(self, records: bytearray, count: int, frame: int) -> None:
        """Works through ``count`` records, of which the first is packet ``frame``."""
        whole = len(records)
        self._buffer = _InMemory(records)
        self._prefilter.use_format(self.link, self._clock, "<Q", 0, self._record)
        self.frame, self._stop = frame, frame + count
        self._sift_packets(whole + MARGIN)
        if self.frame != self._stop:
            raise AssertionError("the records are not whole")


class _InMemory(Buffer):
    """A buffer whose bytes are all there."""

    def __init__(self, records: bytearray) -> None:
        self.at, self.have = 0, len(records)
        self.octets = records + bytes(MARGIN)
        self.view = memoryview(self.octets)
