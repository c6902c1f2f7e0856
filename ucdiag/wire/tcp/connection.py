"""One TCP connection, and the detection of its protocol."""

from collections.abc import Callable
from typing import Protocol

from ucdiag.model.observations import Connect, Observation
from ucdiag.model.vocabulary import Ending, Microseconds, Peer
from ucdiag.wire.tcp.handshakes import PendingSyn
from ucdiag.wire.tcp.hangups import HangUp
from ucdiag.wire.tcp.segment import ConnectionKey, Segment
from ucdiag.wire.tcp.stream import Budget, Endpoints, Sink, Stream

# Bytes that one direction may hold behind a hole.
HOLD_MOST = 256 * 1024


class ProtocolTracker(Protocol):
    """The protocol of a connection: a sink for each direction, and the conclusion of open exchanges."""

    @property
    def requests(self) -> Sink: ...

    @property
    def responses(self) -> Sink: ...

    def close(self, how: Ending, by: Peer | None, time: Microseconds, frame: int) -> None:
        """The connection has ended."""

    def finish(self, at: Microseconds) -> None:
        """The capture has ended, or the connection is forgotten."""

    def pending(self, at: Microseconds) -> list[Observation]:
        """What ``finish`` would emit."""

    def awaits_receipt(self) -> bool:
        """Whether the client's next segment says if it got the answer that came when it had closed."""

    def note_missed_end(self) -> None:
        """Who closes now may have had an answer that is not in the capture."""

    def release(self) -> None:
        """Breaks reference cycles, so that memory is freed at once."""


class Connection:
    """One connection, by the client's direction ``key``. Its first segment is that of ``time`` and ``frame``."""

    __slots__ = (
        "apart",
        "began",
        "copied",
        "down",
        "ends",
        "first",
        "gone",
        "heard",
        "hung_up",
        "in_step",
        "key",
        "met_open",
        "missed",
        "opening",
        "over",
        "protocol",
        "snapped",
        "time",
        "unheard",
        "up",
    )

    def __init__(
        self,
        key: ConnectionKey,
        ends: Endpoints,
        budget: Budget,
        *,
        in_step: bool,
        time: Microseconds,
        frame: int,
    ) -> None:
        self.key = key
        self.ends = ends
        # Whether its beginning was seen.
        self.in_step = in_step
        # Time of the first segment that shows that it is open, and frame of the first one that was seen of it.
        self.began = (time, frame)
        # Bytes that were sent before the first one in the capture.
        self.missed = 0
        # Whether a snap length cut those off.
        self.snapped = False
        # Whether the server's SYN ACK is in the capture, so that its packets pass where the capture is made.
        self.heard = False
        # Whether its SYN was not seen before the answer to that.
        self.met_open = False
        # The fact of its opening, held back while the segment that this lacks may still come.
        self.opening: Connect | None = None
        # The SYNs that the client sends though they were answered, until it shows that it has the answer.
        self.unheard: PendingSyn | None = None
        # Who ended it first, before anything was said.
        self.hung_up: HangUp | None = None
        # How the server ended it before the bytes that come now: they crossed its end.
        self.gone: Ending | None = None
        # Whether it has ended. It is remembered, so that late retransmissions begin no new connection.
        self.over = False
        # Both segments of its opening came again: the answer to the SYN, until the client's next bytes show whether all
        # of the connection does.
        self.copied: Segment | None = None
        # Whether its next segment needs a second look: it is over, or its opening came again.
        self.apart = False
        # The hash of the first piece that the client sent.
        self.first: int | None = None
        # What speaks on it; ``None`` before its first bytes, and after its end.
        self.protocol: ProtocolTracker | None = None
        # When a segment of it was seen last.
        self.time = time
        # The client's direction, and the server's.
        self.up = Stream(budget, HOLD_MOST)
        self.down = Stream(budget, HOLD_MOST)

    def last_moved(self) -> Microseconds:
        """When something last moved, bytes that the reader counted included."""
        last = self.time
        for stream in (self.up, self.down):
            run = stream.bulk
            if run is not None and run.time is not None and run.time > last:
                last = run.time
        return last


class ProtocolDetector:
    """The sink of a direction before its protocol is known. ``begin`` decides it by the first bytes.

    It is called with the connection, the bytes and whether the client sent them, and sets the sinks.
    """

    __slots__ = ("begin", "connection", "counts", "stream", "up")

    def __init__(self, begin: Callable[[Connection, bytes, bool], None], connection: Connection, up: bool) -> None:
        self.begin = begin
        self.connection = connection
        self.stream = connection.up if up else connection.down
        self.up = up
        self.counts = 0

    def receive_data(self, data: bytes, time: Microseconds, frame: int) -> None:
        self.begin(self.connection, data, self.up)
        sink = self.stream.sink
        assert sink is not None
        sink.receive_data(data, time, frame)

    def skip_bytes(self, amount: int, lost: int, time: Microseconds, frame: int) -> None:
        """Never called: nothing is counted yet."""

    def miss_bytes(self, amount: int, time: Microseconds, frame: int) -> None:
        self.connection.in_step = False
        self.connection.missed += amount

    def cut_bytes(self, amount: int, time: Microseconds, frame: int) -> bool:
        sink = self.stream.sink
        assert sink is not None
        if sink is not self:
            return sink.cut_bytes(amount, time, frame)
        self.connection.snapped = True
        self.miss_bytes(amount, time, frame)
        return True

    def end_stream(self, time: Microseconds, frame: int) -> None:
        """Closed before any bytes were sent."""
        connection = self.connection
        if connection.hung_up is None and connection.protocol is None:
            connection.hung_up = HangUp("client" if self.up else "server", "closed", time, frame)
