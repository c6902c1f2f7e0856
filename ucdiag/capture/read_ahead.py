"""Reads ahead in a large capture, in a forked worker, and replaces each run of similar segments by one record.

A phone's download is a thousand packets, of which ten matter. The reader knows which ten only when it reaches them. The
worker, without any state of the reader, finds *runs*: consecutive segments of one direction with the same length and no
flag but ACK. It sends one record for a run, and all other packets unchanged. The reader treats such a record as it
treats the segments: it skips them if the conversation does not matter; it counts them all and parses the last one where
it counts bytes (``ucdiag/wire/tcp/byte_run.py``); else it reads the run's segments from the file and parses each.

To give the same result, a run ends before any other packet of its connection; all runs end before a packet that was
captured ``_PAUSE`` or more after they last ended, and with each piece of the file. If the worker cannot read a packet,
it stops, and the reader goes on from there.
"""

import os
import struct
import sys
from bisect import bisect_left, bisect_right
from collections.abc import Callable

from ucdiag.capture.prefilter import ACK, FLAGS_AT, MARGIN, TAGGED, PacketPrefilter, reversed_key
from ucdiag.capture.read_ahead_options import Layout, ReadAheadCounts, ReadAheadLimits, ReadAheadOptions
from ucdiag.capture.read_buffer import LONGEST
from ucdiag.runtime.forked_worker import Send
from ucdiag.wire.link.link_layer import ETHERNET, IPV4, PLAIN
from ucdiag.wire.tcp.byte_run import ByteRun
from ucdiag.wire.watched import TCP

_PAUSE = 500_000  # microseconds
_MAX_DIRECTIONS = 8192
# Of so many of the last packets of a run the record says where they are: it may reach a little too far.
_TAIL = 8
_AGAIN = 100  # packets that take as long as reading a run once more
# Of so many packets that the reader would have rejected by their addresses, leaving them out costs as much as one that
# has to be looked at: where most are such, reading goes faster without a worker.
_REJECTED = 2
_HEADERS = 54  # bytes of Ethernet, IPv4 and TCP
_SYN = 2
_FOREVER = 1 << 62
_KIND_AT, _IP_AT = PLAIN[ETHERNET]

# A packet: its number, where its record is in the bytes beside, the length of the packet, the length that the record
# says, 4 if there is a tag, addresses and ports.
_Packet = tuple[int, int, int, int, int, bytes]
# A run in one direction: where the record and headers of its last packet are in the bytes beside, the length that
# its records say, 4 if they have a tag, addresses and ports, how many there are; and of the last of them where they are
# in the file, and their numbers.
_Run = tuple[int, int, int, bytes, int, list[int], list[int]]
# Those of both directions of a connection: where in the file the first begins, its number, and where the last ends.
_ConnectionRuns = tuple[int, int, int, list[_Run]]
# A piece of the file: where it ends, the number of the packet there, the time of its first as it stands there, the
# records, and what they are.
_Piece = tuple[int, int, int, bytes, list[_Packet | _ConnectionRuns]]


class Direction:
    """One direction of a connection. ``frames`` are the numbers of the segments, alike, that were not sent yet.

    ``mark`` is what the records of such segments begin with, -1 where the next one is no such segment yet; ``size`` the
    length that they say, and ``step`` how long they are.
    """

    __slots__ = ("alike", "frames", "key", "mark", "shift", "size", "step")

    def __init__(self, key: bytes, shift: int) -> None:
        self.key = key
        self.shift = shift
        self.mark = -1
        self.size = self.step = 0
        self.alike = 0
        self.frames: list[int] = []


class RunCompactor:
    """Finds the runs in a file, without state of the reader. ``clock`` turns the file's times into microseconds.

    A piece ends before it has more than ``limits.most`` packets and runs.
    """

    direction_type: type[Direction] = Direction  # what it keeps of one direction of a connection

    def __init__(self, layout: Layout, clock: Callable[[int], int], limits: ReadAheadLimits) -> None:
        self._piece, self._most, self._first = limits.piece, limits.most, limits.first
        head, order = layout.head, layout.order
        self._layout = layout
        self._clock = clock
        # Of a block, its kind and length as one number.
        begins, between = ("Q", head - 8) if layout.blocks else (f"{layout.length_at}xI", head - layout.length_at - 4)
        self._head = struct.Struct(f"{order}{begins}{between + _IP_AT + 12}x12s{FLAGS_AT - 24}xB")
        self._stamp_of = struct.Struct(f"{order}{layout.stamp_at}xQ").unpack_from
        self._block_of = struct.Struct(order + "III8xI").unpack_from
        # EtherType, version, fragment, protocol, addresses and ports, flags.
        self._kind_of = struct.Struct(f">{head + _KIND_AT}xHB5xHxB2x12s{FLAGS_AT - 24}xB").unpack_from
        self._missed_of = struct.Struct(f">{head + _KIND_AT}xH{_IP_AT - _KIND_AT + 14}x12s").unpack_from
        self._tagged_flags_at = head + _IP_AT + FLAGS_AT + 4
        self._directions: dict[bytes, Direction] = {}
        self._waiting: dict[Direction, None] = {}  # to be left by any of thousands without a search
        self._all_ended_at = -_FOREVER
        # Of the piece at hand: where it is in the file, where in it each packet is, and the number of the first.
        self._place = 0
        self._at: list[int] = []
        self._began = 0
        self._records = bytearray()
        self._items: list[_Packet | _ConnectionRuns] = []

    def send_pieces(self, file: int, place: int, end: int, frame: int, send: Send) -> None:
        """Sends the pieces of the file with this descriptor, from ``place`` (packet ``frame``) to about ``end``."""
        view = memoryview(bytearray(self._piece + MARGIN))
        while place + self._piece < end:
            if _read_into(view[: self._piece], file, place) < self._piece:
                return
            piece = self.compact_piece(view, self._piece, place, frame)
            if piece is None or piece[0] > end:
                return
            send(piece)
            place, frame = piece[:2]

    def compact_piece(  # noqa: C901, PLR0912 - one of the loops that prefilter.py names: change the others with it
        self, view: memoryview, have: int, place: int, frame: int
    ) -> _Piece | None:
        """What there is in the first ``have`` bytes of ``view``, which are those of the file from ``place`` on.

        ``None`` where not even the first is a packet. The last segment of a run may reach beyond ``have``.
        """
        self._records.clear()
        self._items = []
        self._place, self._began = place, frame
        places: list[int] = []
        self._at = places
        unpack, direction_of = self._head.unpack_from, self._directions.get
        missed_of, tagged_flags_at, waiting, note = self._missed_of, self._tagged_flags_at, self._waiting, places.append
        stamp = self._stamp_of(view, 0)[0]
        # Behind a tag, everything is four bytes further.
        headers = view[: max(have - 4, 0)]
        at, number = 0, frame
        try:
            for number in range(frame, _FOREVER):
                mark, key, flags = unpack(headers, at)
                direction = direction_of(key)
                if direction is None:
                    kind, tagged_key = missed_of(view, at)
                    if kind == TAGGED:
                        direction = direction_of(tagged_key)
                        if direction is not None:
                            flags = view[at + tagged_flags_at]
                if direction is not None and mark == direction.mark and flags == ACK:
                    if not direction.frames:
                        if len(waiting) + len(self._items) >= self._most:
                            break
                        waiting[direction] = None
                    direction.frames.append(number)
                    note(at)
                    at += direction.step
                else:
                    step = self._pass_packet(view, at, have, mark, number)
                    if not step:
                        break
                    note(at)
                    at += step
        except struct.error:
            if at + self._head.size <= have - 4:
                raise
        if not at:
            return None
        self._end_all_runs(view)
        self._records += bytes(MARGIN)
        return place + at, number, stamp, bytes(self._records), self._items

    def _pass_packet(self, view: memoryview, at: int, have: int, mark: int, frame: int) -> int:
        """A packet to be passed on: how long its record is, 0 where it is none, not whole, or one too many."""
        captured = size = mark
        if self._layout.blocks:
            kind, size, interface, captured = self._block_of(view, at)
            if kind != 6 or interface or size & 3 or not 32 + captured <= size:
                return 0
        step = self._layout.uncounted + size
        if at + step > have or len(self._waiting) + len(self._items) >= self._most:
            return 0
        if self._waiting:
            time = self._clock(self._stamp_of(view, at)[0])
            if not 0 <= time - self._all_ended_at < _PAUSE:
                self._end_all_runs(view)
                self._all_ended_at = time
        shift = 0
        kind, version, piece, protocol, key, flags = self._kind_of(view, at)
        if kind == TAGGED:
            shift = 4
            kind, version, piece, protocol, key, flags = self._kind_of(view, at + 4)
        if kind == IPV4 and version == 0x45 and not piece & 0x3FFF and protocol == TCP and captured >= _HEADERS + shift:
            self._take_segment(view, mark, size, key, flags, shift)
        self._items.append((frame, len(self._records), captured, size, shift, key))
        self._records += view[at : at + step]
        return step

    def _take_segment(self, view: memoryview, mark: int, size: int, key: bytes, flags: int, shift: int) -> None:
        """Handle one segment: it ends the runs of its connection, or goes on with one, or begins one."""
        self._end_runs_of(key, view)
        if flags & _SYN:
            for side in (key, reversed_key(key)):
                self._directions.pop(side, None)
            return
        if flags != ACK:
            return
        direction = self._directions.get(key)
        if direction is None or direction.shift != shift:
            if len(self._directions) >= _MAX_DIRECTIONS:
                self._end_all_runs(view)
                self._directions.clear()
            direction = self._directions[key] = self.direction_type(key, shift)
        direction.alike = direction.alike + 1 if size == direction.size else 1
        direction.size = size
        direction.step = self._layout.uncounted + size
        direction.mark = mark if direction.alike >= self._first else -1

    def _end_runs_of(self, key: bytes, view: memoryview) -> None:
        """Ends the runs of one connection."""
        runs: list[_Run] = []
        first, end = _FOREVER, 0
        for side in (key, reversed_key(key)):
            direction = self._directions.get(side)
            if direction is None or not direction.frames:
                continue
            tail = direction.frames[-_TAIL:]
            places = [self._at[frame - self._began] for frame in tail]
            last = places[-1]
            in_file = [self._place + at for at in places]
            runs.append(
                (len(self._records), direction.size, direction.shift, side, len(direction.frames), in_file, tail)
            )
            self._records += view[last : last + self._layout.head + _HEADERS + direction.shift]
            first = min(first, direction.frames[0])
            end = max(end, last + direction.step)
            direction.frames.clear()
            del self._waiting[direction]
        if runs:
            self._items.append((self._place + self._at[first - self._began], first, self._place + end, runs))

    def _end_all_runs(self, view: memoryview) -> None:
        while self._waiting:
            self._end_runs_of(next(reversed(self._waiting)).key, view)


class RunReplayer:
    """Passes the records and packets that a worker sends, of the file with this descriptor, to ``prefilter``."""

    def __init__(self, prefilter: PacketPrefilter, layout: Layout, file: int, ahead: ReadAheadOptions) -> None:
        self._counts = ahead.counts or ReadAheadCounts()
        self._size = ahead.limits.piece
        self._prefilter = prefilter
        self._layout = layout
        self._length_of = struct.Struct(f"{layout.order}{layout.length_at}xI").unpack_from
        self._captured_of = struct.Struct(layout.order + "20xI").unpack_from
        self._kind_of = struct.Struct(f">{layout.head + _KIND_AT}xH").unpack_from
        self._key_of = struct.Struct(f"{layout.head + _IP_AT + 12}x12s{FLAGS_AT - 24}xB").unpack_from
        self._file = file
        # Where the piece at hand begins in the file, and with which packet; and where it ends.
        self.begins = 0, 0
        self.ends = 0
        # What is read of it again, how much of that was walked through, where in it each packet is, and the numbers of
        # those that may be in runs: many runs of a piece are read again by one walk.
        self._raw = memoryview(b"")
        self._have = self._walked = 0
        self._at: list[int] = []
        self._alike: dict[tuple[bytes, int], list[int]] = {}
        self._without_request = _IP_AT + 61 + (32 if layout.blocks else 0)  # as the loops of the readers have it
        self._frame = 0
        self._rejected = 0
        # The hosts that came to be of interest in the piece at hand, and with which packet.
        self._since: dict[bytes, int] = {}

    def least_cost(self, items: list[_Packet | _ConnectionRuns]) -> int:
        """What ``replay_piece`` would return, as far as is known before."""
        rejected = self._prefilter.rejected
        runs = [run for item in items if len(item) == 4 for run in item[3]]
        known = sum(run[4] for run in runs if run[3] in rejected or reversed_key(run[3]) in rejected)
        return len(items) + known // _REJECTED

    def replay_piece(self, records: bytes, items: list[_Packet | _ConnectionRuns]) -> int:
        """Returns how many packets had to be looked at, or what takes as long."""
        prefilter = self._prefilter
        rejected = prefilter.rejected
        learnt = prefilter.observer.interest.on_learn
        view = memoryview(records)
        cost = len(items)
        replayed = again = 0
        self._rejected = 0
        self._at.clear()
        self._alike.clear()
        self._since.clear()
        learnt.append(self._note_learnt_host)
        try:
            for item in items:
                if len(item) == 6:
                    frame, at, captured, size, shift, key = item
                    if key not in rejected:
                        self._frame = frame
                        prefilter.take_packet(view, at, captured, size, frame, shift, key)
                    continue
                replayed += 1
                if (self._since and self._began_before(item)) or not self._count_runs(view, item[3]):
                    prefilter.settle_runs(view)
                    self._replay_run(item)
                    again += 1
            prefilter.settle_runs(view)
        finally:
            learnt.remove(self._note_learnt_host)
        counts = self._counts
        counts.pieces += 1
        counts.largest = max(counts.largest, cost)
        counts.packets += cost - replayed
        counts.counted += replayed - again
        counts.again += again
        return cost + again * _AGAIN + self._rejected // _REJECTED

    def _note_learnt_host(self, host: bytes) -> None:
        self._since[host] = self._frame

    def _matters_since(self, key: bytes) -> int:
        """The number of the packet before which nothing of this conversation is of interest; 0 where all is."""
        since = self._since
        known = self._prefilter.observer.interest.hosts
        return min((since.get(host, 0) for host in (key[:4], key[4:8]) if host in known), default=0)

    def _began_before(self, connection_runs: _ConnectionRuns) -> bool:
        """Whether it came to be of interest after its first packet, which came before what was sent already."""
        return any(self._matters_since(key) > connection_runs[1] for _, _, _, key, _, _, _ in connection_runs[3])

    def _count_runs(self, view: memoryview, runs: list[_Run]) -> bool:
        """Whether a run, or all of it but its last packets, could be counted or left out; else none of it was."""
        prefilter = self._prefilter
        counted: list[tuple[ByteRun, int, int, int]] = []
        of_run: list[_Run | None] = []  # beside it, the runs of which all can be counted
        rest: list[tuple[int, int, int, int, bytes]] = []
        for at, size, shift, key, count, places, frames in runs:
            if key in prefilter.rejected or (size < self._without_request and key in prefilter.payload_only):
                self._rejected += count
                continue
            run = prefilter.counted_runs.get(key)
            left = run.left if run is not None and run.mark == size else 0
            if run is not None and left >= count:
                counted.append((run, count, at, frames[-1]))
                of_run.append((at, size, shift, key, count, places, frames))
                continue
            # With the last one that can be counted, which is looked at.
            more = min(count, count - left + 1)
            if more > len(places):
                return False
            if run is not None and count > more:
                counted.append((run, count - more, -1, 0))
                of_run.append(None)
            rest += [
                (frame, place, size, shift, key) for frame, place in zip(frames[-more:], places[-more:], strict=True)
            ]
        if rest and counted and not _keep_order(counted, of_run, rest):
            return False
        for run, count, at, frame in counted:
            run.left -= count
            if run.length and at >= 0:
                self._mark_moved(run, at, frame)
        if rest:
            prefilter.settle_runs(view)
            self._replay_packets(rest)
        return True

    def _replay_packets(self, packets: list[tuple[int, int, int, int, bytes]]) -> None:
        """Goes through a few packets in the file: their numbers, where they are, and the rest as of a run."""
        packets.sort()
        uncounted = self._layout.uncounted
        view = memoryview(bytearray(sum(uncounted + size for _, _, size, _, _ in packets) + MARGIN))
        at = 0
        for frame, place, size, shift, key in packets:
            end = at + uncounted + size
            if _read_into(view[at:end], self._file, place) == end - at:
                self._segment_of_run(view, at, size, frame, shift, key)
            at = end
        self._prefilter.settle_runs(view)

    def _replay_run(self, connection_runs: _ConnectionRuns) -> None:
        """Goes through a run packet by packet, in the file."""
        _, first, end, runs = connection_runs
        place, began = self.begins
        self._find_run_packets(end - place)
        found = []
        for _, size, shift, key, _, _, last in runs:
            frames = self._alike.get((key, size), [])
            its = frames[bisect_left(frames, first) : bisect_right(frames, last[-1])]
            found += [(frame, size, shift, key) for frame in its]
        for frame, size, shift, key in sorted(found):
            self._segment_of_run(self._raw, self._at[frame - began], size, frame, shift, key)
        self._prefilter.settle_runs(self._raw)

    def _find_run_packets(self, end: int) -> None:
        """Finds the packets of the piece at hand that may be in a run, up to the place ``end`` in it."""
        if not self._at:
            # The last segment of a piece may reach beyond it.
            self._raw = self._raw if len(self._raw) else memoryview(bytearray(self._size + LONGEST + MARGIN))
            self._have = _read_into(self._raw[: self.ends - self.begins[0]], self._file, self.begins[0])
            self._walked = 0
        layout, raw, at = self._layout, self._raw, self._walked
        end = min(end, self._have)
        frame = self.begins[1] + len(self._at)
        while at + layout.head <= end:
            size = self._length_of(raw, at)[0]
            step = layout.uncounted + size  # a packet in pcap may have no bytes
            if not step or at + step > end:
                break
            key, flags = self._key_of(raw, at + (4 if self._kind_of(raw, at)[0] == TAGGED else 0))
            if flags == ACK:
                self._alike.setdefault((key, size), []).append(frame)
            self._at.append(at)
            at += step
            frame += 1
        self._walked = at

    def _segment_of_run(self, view: memoryview, at: int, size: int, frame: int, shift: int, key: bytes) -> None:
        prefilter = self._prefilter
        if key in prefilter.rejected or (self._since and frame < self._matters_since(key)):
            return
        self._frame = frame
        run = prefilter.counted_runs.get(key)
        if run is None or not run.left or size != run.mark:
            captured = self._captured_of(view, at)[0] if self._layout.blocks else size
            prefilter.take_packet(view, at, captured, size, frame, shift, key)
            return
        run.left -= 1
        if run.length:
            self._mark_moved(run, at, frame)

    def _mark_moved(self, run: ByteRun, at: int, frame: int) -> None:
        if run.at < 0:
            self._prefilter.moved.append(run)
        run.at = at
        run.number = frame


def _read_into(view: memoryview, file: int, place: int) -> int:
    """Fill ``view`` from the file's offset ``place``, without moving its position; returns the number of bytes."""
    if sys.platform == "win32":
        raise NotImplementedError("there is no worker on Windows, and so no reading ahead")
    return os.preadv(file, [view], place)


def _keep_order(
    counted: list[tuple[ByteRun, int, int, int]],
    of_run: list[_Run | None],
    rest: list[tuple[int, int, int, int, bytes]],
) -> bool:
    """Moves from ``counted`` to ``rest`` what comes after the first packet there; whether that could be done.

    The other direction's run may end with this one's: from there on it has to be looked at in its order.
    """
    first = min(rest)[0]
    for number, (run, count, _, _) in enumerate(counted):
        record = of_run[number]
        later = len(record[6]) - bisect_left(record[6], first) if record is not None else 0
        if record is None or not later:
            continue
        _, size, shift, key, _, places, frames = record
        if later == len(frames) < count:
            return False
        counted[number] = (run, count - later, -1, 0)
        rest += [
            (frame, place, size, shift, key) for frame, place in zip(frames[-later:], places[-later:], strict=True)
        ]
    return True
