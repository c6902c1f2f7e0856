"""One direction of a TCP connection, put back in order.

Rules of this file:

- Positions count bytes from the first one seen and never wrap; sequence numbers do, and are turned into positions on
  arrival.
- What has been delivered is never delivered again: retransmissions, overlaps and keep-alive probes are trimmed by
  position. The first copy of a byte counts.
- A hole is waited for until the peer acknowledges what lies behind it (the network delivered it, so only the capture
  lacks it), the direction ends, or what waits behind it grows too large. Then the sink gets the number of bytes
  lost. Bytes without any packet in the capture are inferred from the peer's acknowledgements and
  from the sequence numbers of FIN and RST, and reported when the connection ends.
- A sink says how many of the next bytes it only wants counted; those are never copied, and behind a hole they are
  kept as lengths alone. All bytes that are kept come out of one ``Budget`` for all flows.
"""

from bisect import insort
from typing import Protocol

from ucdiag.model.fast_dataclass import record
from ucdiag.model.vocabulary import Microseconds
from ucdiag.wire.tcp.byte_run import ByteRun

MASK = 0xFFFFFFFF
HALF = 0x80000000

# A sink that wants the rest of the direction counted says this many.
ENDLESS = 1 << 62
# A run shorter than this is not worth handing to the reader.
BULK_LEAST = 8192
# At most this many pieces wait behind holes; the bookkeeping of one costs about this many bytes.
HELD_MOST = 1024
HELD_COST = 160
# The peer has to acknowledge beyond a hole this often before it counts as lost: packets of the two directions may be
# captured slightly out of their order.
COVERED_ENOUGH = 2
# A reset further than this behind what was seen does not stand where its sender's bytes end: it was made up on the way.
REACH = 1 << 20


class Budget:
    """How many bytes all flows together may still keep."""

    __slots__ = ("left",)

    def __init__(self, total: int) -> None:
        self.left = total

    def take(self, amount: int) -> bool:
        """Whether ``amount`` bytes may be kept; they are then taken and have to be given back."""
        if amount > self.left:
            return False
        self.left -= amount
        return True

    def give(self, amount: int) -> None:
        self.left += amount


@record(frozen=True, slots=True)
class Endpoints:
    """The two ends of a connection, as observations write them."""

    client: str
    server: str
    port: int
    client_port: int
    client_mac: str | None


class Sink(Protocol):
    """The reader of one direction. ``counts`` is how many of the next bytes need only be counted."""

    @property
    def counts(self) -> int: ...

    def receive_data(self, data: bytes, time: Microseconds, frame: int) -> None:
        """The next bytes; one call never joins two segments."""

    def skip_bytes(self, amount: int, lost: int, time: Microseconds, frame: int) -> None:
        """``amount`` bytes, at most ``counts``, have passed; ``lost`` of them are not in the capture."""

    def miss_bytes(self, amount: int, time: Microseconds, frame: int) -> None:
        """The next ``amount`` bytes are not in the capture."""

    def cut_bytes(self, amount: int, time: Microseconds, frame: int) -> bool:
        """As ``miss_bytes``, because of the capture's snap length. Returns whether these bytes would have mattered."""

    def end_stream(self, time: Microseconds, frame: int) -> None:
        """FIN: nothing follows in this direction."""


class Stream:
    """One direction. ``start`` is the sequence number of the first byte, ``None`` until it is known.

    ``at`` is the position up to which bytes were delivered, ``acknowledged`` the position up to which the peer
    acknowledged, ``denied`` how often it acknowledged less than what lies before the FIN, and ``reach`` where segments
    without payload say that it has come to. ``repeated`` is where the last segment began that had been sent before.
    ``ack`` is the acknowledgement number of the segment that is being delivered.
    ``time`` and ``frame`` are of the last segment with payload. ``snapped`` counts the packets that were cut by a snap
    length where it mattered.
    """

    __slots__ = (
        "ack",
        "acknowledged",
        "at",
        "budget",
        "bulk",
        "counted_frame",
        "counted_time",
        "covered",
        "denied",
        "ended",
        "fin_at",
        "frame",
        "held",
        "limit",
        "loose",
        "reach",
        "repeated",
        "sink",
        "snapped",
        "start",
        "taken",
        "time",
    )

    def __init__(self, budget: Budget, limit: int) -> None:
        self.budget = budget
        self.limit = limit
        self.sink: Sink | None = None
        self.start: int | None = None
        self.at = 0
        self.ack = 0
        self.acknowledged = 0
        self.time: Microseconds | None = None
        self.frame: int | None = None
        self.held: list[tuple[int, int, bytes, int, int, int]] | None = None
        self.taken = 0
        self.covered = 0
        self.denied = 0
        self.fin_at: int | None = None
        self.reach = 0
        self.repeated = -1
        self.snapped = 0
        self.ended = False
        self.bulk: ByteRun | None = None
        # Once a reader has counted by itself, nobody knows which of the bytes in between it saw. When it last did.
        self.loose = False
        self.counted_time, self.counted_frame = 0, 0

    @property
    def following(self) -> int:
        """The sequence number of the next byte."""
        return ((self.start or 0) + self.at) & MASK

    def position(self, sequence: int) -> int:
        """Where a sequence number lies, at most 2 GiB either way from what was delivered."""
        start = self.start or 0
        return self.at + ((sequence - start - self.at + HALF) & MASK) - HALF

    def take_segment(self, sequence: int, payload: bytes, length: int, time: Microseconds, frame: int) -> None:
        """Takes the payload of one segment. ``length`` is how long it was on the wire; the sink must be set."""
        if self.start is None:
            self.start = sequence
        position = self.position(sequence)
        self.time, self.frame = time, frame
        at = self.at
        if position > at:
            if self.fin_at is not None and position >= self.fin_at:
                return
            if self._hold_segment(position, payload, length, time, frame):
                return
            at = self.at
        old = at - position
        if old >= length:
            self.repeated = position
            return
        self._deliver_payload(payload[old:], length - old, time, frame)
        if self.held:
            self._deliver_held()
        else:
            self._check_end(time, frame)

    def fin(self, sequence: int, time: Microseconds, frame: int) -> None:
        """FIN, whose sequence number (behind the segment's payload) is ``sequence``."""
        if self.start is None:
            self.start = sequence
        position = self.position(sequence)
        if self.fin_at is None and position >= self.at:
            self.fin_at = position
            self._check_end(time, frame)

    def reached(self, sequence: int) -> None:
        """A segment without payload, or a RST, stands at ``sequence``: up to there bytes were sent."""
        if self.start is not None and 0 < (position := self.position(sequence)) - self.at <= REACH:
            self.reach = max(position, self.reach)

    def known_end(self) -> int:
        """The position up to which it is known that bytes, or a FIN, were sent."""
        return max(self.at, self.acknowledged, self.reach, self.fin_at or 0)

    def acknowledge(self, sequence: int, time: Microseconds, frame: int) -> None:
        """The peer has acknowledged all bytes before ``sequence``."""
        if self.start is None:
            # It has all that came before; what is seen of this direction begins here.
            self.start = sequence
            return
        position = self.position(sequence)
        if position > self.acknowledged:
            self.acknowledged = position
        if self.held and position >= self.held[0][0]:
            self.covered += 1
            if self.covered >= COVERED_ENOUGH:
                self._give_up(time, frame)
        elif self.fin_at is not None and self.fin_at > self.at and not self.held:
            if position >= self.fin_at:
                self._skip_hole(self.fin_at, time, frame)
                self._check_end(time, frame)
            else:
                self.denied += 1

    def sync(self) -> None:
        """Takes over what a reader counted in the run handed to it."""
        bulk = self.bulk
        if bulk is None or bulk.frame is None:
            return
        moved = (bulk.next - self.following) & MASK
        time, frame = bulk.time or 0, bulk.frame
        bulk.frame = None
        self.time, self.frame = time, frame
        if moved and self.sink is not None:
            self.loose = True
            self.counted_time, self.counted_frame = time, frame
            self.at += moved
            self.sink.skip_bytes(min(moved, self.sink.counts), 0, time, frame)

    def offer(self) -> ByteRun | None:
        """The run that a reader may count by itself from here on, if it is long enough."""
        sink = self.sink
        bulk = self.bulk
        if sink is None or sink.counts < BULK_LEAST or self.held or self.fin_at is not None:
            if bulk is not None:
                bulk.live = False
                self.bulk = None
            return None
        following = self.following
        end = (following + min(sink.counts, HALF - 1)) & MASK
        if bulk is None:
            bulk = self.bulk = ByteRun(following, end)
        else:
            bulk.next = following
            bulk.end = end
        return bulk

    def offer_silence(self) -> ByteRun | None:
        """A run without a byte in it: the reader may leave out this direction's bare acknowledgements."""
        if self.start is None or self.held or self.fin_at is not None:
            return None
        following = self.following
        if self.bulk is None:
            self.bulk = ByteRun(following, following)
        else:
            self.bulk.next = self.bulk.end = following
        return self.bulk

    def revoke(self) -> None:
        """Takes back the run: every segment of this direction has to be seen again."""
        if self.bulk is not None:
            self.sync()
            self.bulk.live = False
            self.bulk = None

    def flush(self, time: Microseconds, frame: int) -> None:
        """Nothing more will come: deliver the bytes that wait behind holes, and report the bytes that were never seen.

        If the peer acknowledges and did not acknowledge the hole, the network lost those bytes, not the capture: the
        bytes behind it never reached the peer's program and are dropped.
        """
        while self.held:
            if 0 < self.acknowledged <= self.at:
                return
            self._give_up(time, frame)
        if self.fin_at is not None:
            if self.fin_at > self.at and (self.denied < COVERED_ENOUGH or self.acknowledged >= self.fin_at):
                self._skip_hole(self.fin_at, time, frame)
                self._check_end(time, frame)
        else:
            # One more than what was seen may be a FIN.
            beyond = max(self.acknowledged, self.reach)
            if beyond > self.at + 1:
                if self.loose:
                    # The reader left them out before a retransmission. They came about then, not at the end.
                    time, frame = self.counted_time, self.counted_frame
                self._skip_hole(beyond, time, frame)

    def close(self) -> None:
        """Forgets what is kept."""
        self.budget.give(self.taken)
        self.taken = 0
        self.held = None
        self.ended = True
        if self.bulk is not None:
            self.bulk.live = False
            self.bulk = None

    def _deliver_payload(self, payload: bytes, length: int, time: Microseconds, frame: int) -> None:
        sink = self.sink
        if sink is None:
            self.at += length
            return
        if self.fin_at is not None:
            length = max(min(length, self.fin_at - self.at), 0)
            payload = payload[:length]
        self.at += length
        captured = len(payload)
        counted = min(sink.counts, length)
        if counted:
            sink.skip_bytes(counted, 0, time, frame)
        if counted < captured:
            sink.receive_data(payload[counted:] if counted else payload, time, frame)
        if captured < length > counted and sink.cut_bytes(length - max(captured, counted), time, frame):
            self.snapped += 1

    def _hold_segment(self, position: int, payload: bytes, length: int, time: Microseconds, frame: int) -> bool:
        """Keep a segment that waits behind a hole. Returns False where the hole is given up: then it waits no more."""
        sink = self.sink
        if sink is not None and position + length <= self.at + sink.counts:
            payload = b""
        if self.held is None:
            self.held = []
        held = self.held
        end = position + length
        if held and not payload and held[-1][1] == position and not held[-1][2]:
            held[-1] = (held[-1][0], end, b"", time, frame, self.ack)
            return True
        cost = len(payload) + HELD_COST
        while held and (len(held) >= HELD_MOST or self.taken + cost > self.limit or cost > self.budget.left):
            self._give_up(time, frame)
            if position <= self.at:
                return False
        if not self.budget.take(cost):
            self._skip_hole(position, time, frame)
            return False
        self.taken += cost
        insort(held, (position, end, payload, time, frame, self.ack), key=lambda waiting: waiting[0])
        return True

    def _deliver_held(self) -> None:
        held = self.held or []
        done = 0
        time = frame = 0
        for position, end, payload, time, frame, ack in held:
            if position > self.at:
                break
            done += 1
            self.ack = ack
            freed = len(payload) + HELD_COST
            self.taken -= freed
            self.budget.give(freed)
            if end > self.at:
                self._deliver_payload(payload[self.at - position :], end - self.at, time, frame)
        del held[:done]
        if done:
            self.covered = 0
        if not held:
            self._check_end(time, frame)

    def _skip_hole(self, position: int, time: Microseconds, frame: int) -> None:
        missing = max(position - self.at, 0)
        self.at += missing
        sink = self.sink
        if sink is None:
            return
        counted = min(sink.counts, missing)
        if counted:
            sink.skip_bytes(counted, 0 if self.loose else counted, time, frame)
        if counted < missing:
            sink.miss_bytes(missing - counted, time, frame)

    def _give_up(self, time: Microseconds, frame: int) -> None:
        if self.held:
            position, _, _, time, frame, _ = self.held[0]
            self._skip_hole(position, time, frame)
            self._deliver_held()

    def _check_end(self, time: Microseconds, frame: int) -> None:
        if not self.ended and self.fin_at is not None and self.at >= self.fin_at:
            self.ended = True
            if self.sink is not None:
                self.sink.end_stream(time, frame)
