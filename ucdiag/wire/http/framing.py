"""What both directions of an HTTP/1.x connection share: how heads, bodies and chunks follow one another.

A direction reads messages while it is in step. Once bytes are missing, or make no sense, it has lost its place: it
then waits for a segment that begins as a message does, and reads on from there. Bodies are counted, not read, beyond
the excerpt that is kept.
"""

from collections.abc import Callable
from typing import Protocol

from ucdiag.model.vocabulary import Ending, HttpFailure, Microseconds, Peer, is_success_status
from ucdiag.wire.http.exchange import SNIFF, BodyExcerpt, Exchange
from ucdiag.wire.http.parser import HEAD_END, read_chunk_size
from ucdiag.wire.tcp.stream import ENDLESS, Budget, Stream

# Bytes of the head of a message, and of a line of chunked framing.
HEAD_MOST = 65536
LINE_MOST = 4096
# Segments out of step after which a direction is left alone.
JUNK_MOST = 1024
# Bytes that show whether a message begins.
_BEGINNING = 64

# The buffer of a direction that has nothing in it; never written to.
_EMPTY = bytearray()

# What a direction is reading: UNTIL_CLOSE is a body that ends with the connection, ASTRAY that it lost its place.
HEAD, BODY, UNTIL_CLOSE, CHUNK_SIZE, CHUNK, CHUNK_END, TRAILER, ASTRAY = range(8)
_IN_BODY = (BODY, CHUNK, UNTIL_CLOSE)

# So many bytes show whether a segment begins a message: methods and versions are shorter.
_TELLING = 24


class Conversation(Protocol):
    """What a direction needs of its connection, which pairs requests and responses: see ``HttpTracker``."""

    budget: Budget
    bodies: bool
    snapped: bool
    missed: int
    queue: list[Exchange]
    answer_first: Exchange | None
    request_skipped: bool
    answered_to: int

    @property
    def requests(self) -> "HttpDirection": ...

    @property
    def responses(self) -> "HttpDirection": ...

    client_closed: Microseconds | None
    tunnel: Callable[[], None] | None

    def add_request(self, exchange: Exchange) -> Exchange: ...

    def claim_early_answer(self, time: Microseconds, end: int | None) -> Exchange | None: ...

    def responses_received(self) -> int | None: ...

    def requests_received(self) -> int | None: ...

    def is_behind(self) -> bool: ...

    def conclude_exchange(self, exchange: Exchange, failure: HttpFailure | None, closed_by: Peer | None) -> None: ...

    def release_held(self, closed_by: Peer | None = None) -> None: ...

    def end_responses(self, how: Ending, by: Peer | None, time: Microseconds, frame: int) -> None: ...

    def stop(self) -> None: ...


class HttpDirection:
    """Base for one direction: a ``Sink`` that finds the messages in a stream. Its subclasses say what they mean."""

    __slots__ = (
        "_began",
        "_latest",
        "_misplaced",
        "broken_off",
        "buffer",
        "counts",
        "exchange",
        "expects_message",
        "junk",
        "kept",
        "mode",
        "peer_ack",
        "remaining",
        "rest_cut",
        "scanned",
        "start",
        "stream",
        "tracker",
    )

    def __init__(self, tracker: Conversation, in_step: bool) -> None:
        self.tracker = tracker
        # See ``Sink``.
        self.counts = 0
        self.mode = HEAD if in_step else ASTRAY
        # Whether a message has to begin here: what is none is then the sender's fault, not the capture's.
        self.expects_message = in_step
        # Bytes that remain of the body, or of the chunk.
        self.remaining = 0
        # The beginning of a head or line, and how much of it was searched for its end.
        self.buffer = _EMPTY
        self.scanned = 0
        # The excerpt of the body that is being read.
        self.kept: BodyExcerpt | None = None
        self.exchange: Exchange | None = None
        # The exchange whose message here broke off, and the position of the other direction then.
        self.broken_off: tuple[Exchange, int] | None = None
        # Whether what is missing is of a segment whose beginning was seen, and begins no message.
        self.rest_cut = False
        # Segments in a row that were met out of step, and the frame of the last one that shows enough of itself.
        self.junk = 0
        self._misplaced = 0
        self.stream: Stream | None = None
        # The position in ``stream`` at which the latest message began, or one shortly before it.
        self.start: int | None = None
        # The acknowledgement number of the segment in which that message began.
        self.peer_ack = 0
        # Time and frame of the first byte of the head that is being read.
        self._began: tuple[Microseconds, int] | None = None
        # Time and frame of the latest piece of the message. A piece that waited behind a hole is older than the one
        # before it, and the message was not complete before the hole was filled.
        self._latest: tuple[Microseconds, int] = (0, 0)

    # What the directions do differently.

    def begins_message(self, data: bytes) -> bool | None:
        """Whether ``data`` begins as a message of this direction does; ``None``: too short to decide."""
        raise NotImplementedError

    def resumes_message(self, data: bytes) -> bool:
        """Whether a segment that is met out of step begins a message."""
        raise NotImplementedError

    def on_head(self, head: bytes, time: Microseconds, frame: int, whole: bool) -> bool:
        """Parses a head and sets what follows it; False if it is no head. Not ``whole``: the capture lacks its end."""
        raise NotImplementedError

    def on_body(self, amount: int, lost: int, time: Microseconds, frame: int) -> None:
        """``amount`` bytes of the body have passed, of which the capture lacks ``lost``."""
        raise NotImplementedError

    def on_complete(self, time: Microseconds, frame: int) -> None:
        """The message is complete."""
        raise NotImplementedError

    def on_broken(self, lost: int = 1) -> None:
        """The rest of the message, ``lost`` bytes at least, is not in the capture, or makes no sense."""
        raise NotImplementedError

    def on_misfit(self) -> None:
        """The rest of the message makes no sense, be it the sender's fault or the capture's."""
        self.on_broken()

    def on_missed(self, amount: int, time: Microseconds, frame: int) -> None:
        """The capture lacks ``amount`` bytes of messages of which nothing was seen."""
        raise NotImplementedError

    def on_misplaced(self, data: bytes, time: Microseconds, frame: int) -> None:
        """``data`` stands where a message has to begin, and is none."""

    def take_line_request(self, time: Microseconds, frame: int) -> bool:
        """Takes what is buffered, if it is a message that is complete without an empty line."""
        return False

    # The stream's events.

    def receive_data(self, data: bytes, time: Microseconds, frame: int) -> None:
        at = 0
        size = len(data)
        if self.stream is not None and not self.buffer and self.mode in (HEAD, ASTRAY):
            self.start = self.stream.at - size
            self.peer_ack = self.stream.ack
        own = (time, frame)
        if frame < self._latest[1]:
            time, frame = self._latest
        else:
            self._latest = own
        while at < size:
            mode = self.mode
            if mode == HEAD:
                if not self.buffer:
                    time, frame = self._latest = own
                at = self._read_head(data, at, time, frame)
            elif mode in _IN_BODY:
                at = self._read_body(data, at, time, frame)
            elif mode == ASTRAY:
                rest = data[at:] if at else data
                if not self.resumes_message(rest):
                    self.junk += 1
                    self._misplaced = frame if len(rest) >= _TELLING else 0
                    self.on_misplaced(rest, time, frame)
                    if self.junk >= JUNK_MOST:
                        self.counts = ENDLESS
                    return
                self.junk = 0
                self.broken_off = None
                self.mode = HEAD
                self.expects_message = True
            else:
                at = self._read_line(data, at, time, frame)

    def skip_bytes(self, amount: int, lost: int, time: Microseconds, frame: int) -> None:
        self.counts -= amount
        if frame < self._latest[1]:
            time, frame = self._latest
        else:
            self._latest = (time, frame)
        if self.mode in _IN_BODY:
            self.remaining -= amount
            if lost and self.kept is not None:
                self.kept.holed = True
            self.on_body(amount, lost, time, frame)
            if not self.remaining:
                self._end_run(time, frame)

    def miss_bytes(self, amount: int, time: Microseconds, frame: int) -> None:
        while amount:
            if self.counts:
                part = min(amount, self.counts)
                self.skip_bytes(part, part, time, frame)
                amount -= part
            elif self.mode in _IN_BODY:
                if self.kept is not None:
                    self.kept.hole()
                self.counts = self.remaining
            else:
                if self.mode == ASTRAY or (self.mode == HEAD and not self.take_partial_head(time, frame)):
                    self.on_missed(amount, time, frame)
                else:
                    self.on_broken(amount)
                self.lose_place(expects_message=False)
                return

    def cut_bytes(self, amount: int, time: Microseconds, frame: int) -> bool:
        only_counted = self.mode == ASTRAY or (self.mode in _IN_BODY and amount <= self.remaining)
        mattered = not only_counted or self._keeps_update_body()
        if mattered:
            self.tracker.snapped = True
        self.rest_cut = self.mode == ASTRAY and self._misplaced == frame
        self.miss_bytes(amount, time, frame)
        self.rest_cut = False
        return mattered

    def _keeps_update_body(self) -> bool:
        """Whether the bytes at hand are of a body that somebody reads: the update service's, and of no refusal."""
        kept, exchange = self.kept, self.exchange
        if kept is None or kept.want <= 0 or exchange is None or not exchange.is_update:
            return False
        return exchange.status is None or is_success_status(exchange.status)

    def end_stream(self, time: Microseconds, frame: int) -> None:
        """FIN: nothing follows in this direction."""
        raise NotImplementedError

    def lose_place(self, *, expects_message: bool) -> None:
        """Reads nothing until a segment begins as a message does."""
        self.expects_message = expects_message
        self._drop_buffer()
        self._end_body()
        self.mode = ASTRAY
        self.counts = 0

    def note_broken_off(self, exchange: Exchange, other: Stream | None) -> None:
        """The rest of this direction's message of ``exchange`` is not in the capture. ``other`` is the other one."""
        self.broken_off = None if other is None else (exchange, other.at)

    def exchange_of_rest(self, other: Stream | None) -> Exchange | None:
        """The exchange that bytes which the capture lacks are the rest of: the one whose message broke off last, if
        ``other`` has sent nothing since, in the capture or not (a message begins only when the other side has sent), or
        if their segment began no message."""
        if self.broken_off is None or other is None:
            return None
        exchange, position = self.broken_off
        if self.rest_cut:
            return exchange
        # One more than what was seen is a FIN.
        return exchange if other.at == position and not other.held and other.known_end() <= position + 1 else None

    def was_acknowledged(self, start: int | None, heard: bool) -> bool | None:
        """Whether the peer acknowledged any byte of the message that began at ``start``; ``None``: unknown.

        It did not if the message was sent again, provided that the peer's packets are in the capture (``heard``).
        """
        stream = self.stream
        if stream is None or start is None:
            return None
        if stream.acknowledged > start:
            return True
        return False if heard and stream.repeated >= start and not stream.loose else None

    def begin_body(
        self, length: int | None, chunked: bool, kept: BodyExcerpt | None, time: Microseconds, frame: int
    ) -> None:
        """Sets what follows a head: ``length`` bytes (``None``: all up to the end), or chunks."""
        self.kept = kept
        if chunked:
            self.mode = CHUNK_SIZE
        elif length is None:
            self.mode = UNTIL_CLOSE
            self.remaining = ENDLESS
            self._update_counts()
        elif length:
            self.mode = BODY
            self.remaining = length
            self._update_counts()
        else:
            self._complete_message(time, frame)

    def stop(self) -> None:
        """Nothing more is read in this direction."""
        self.lose_place(expects_message=False)
        self.counts = ENDLESS

    def _update_counts(self) -> None:
        self.counts = 0 if self.kept is not None and self.kept.want > 0 else self.remaining

    def _complete_message(self, time: Microseconds, frame: int) -> None:
        self._end_body()
        self.mode = HEAD
        self.counts = 0
        self._began = None
        self.on_complete(time, frame)

    def _end_body(self) -> None:
        self.kept = None
        self.remaining = 0

    def _drop_buffer(self) -> None:
        self.tracker.budget.give(len(self.buffer))
        self.buffer = _EMPTY
        self.scanned = 0
        self._began = None

    def _take_buffer(self, size: int) -> bytes:
        """The first ``size`` bytes of the buffer, which is then empty. The head still began where it did."""
        head, began = bytes(self.buffer[:size]), self._began
        self._drop_buffer()
        self._began = began
        return head

    def take_partial_head(self, time: Microseconds, frame: int) -> bool:
        """Take a head without its end, if the bytes that came show that it is one."""
        if self.mode != HEAD or not self.buffer:
            return False
        return self.on_head(self._take_buffer(len(self.buffer)), time, frame, False)

    def _buffer_piece(self, piece: bytes) -> bool:
        """Whether there was room for it."""
        if len(self.buffer) + len(piece) > HEAD_MOST or not self.tracker.budget.take(len(piece)):
            return False
        if self.buffer is _EMPTY:
            self.buffer = bytearray(piece)
        else:
            self.buffer += piece
        return True

    def _read_head(self, data: bytes, at: int, time: Microseconds, frame: int) -> int:
        """Reads a head from ``at`` on. Returns where what follows it begins."""
        if self.buffer:
            return self._continue_head(data, at, time, frame)
        while at < len(data) and data[at] in b"\r\n":
            at += 1
        if at == len(data):
            return at
        self._began = (time, frame)
        if self.begins_message(data[at : at + _BEGINNING]) is False:
            return self._reject_head(data[at:], time, frame)
        end = HEAD_END.search(data, at)
        if end:
            if not self.on_head(data[at : end.end()], time, frame, True):
                return self._reject_head(data[at:], time, frame)
            return end.end()
        self.scanned = 0
        if not self._buffer_piece(data[at:]):
            return self._reject_head(data[at:], time, frame)
        if not self.take_line_request(time, frame):
            self.scanned = max(0, len(self.buffer) - 2)
        return len(data)

    def _continue_head(self, data: bytes, at: int, time: Microseconds, frame: int) -> int:
        """As ``_read_head``, where the head began in an earlier segment."""
        before = len(self.buffer)
        if not self._buffer_piece(data[at:]):
            return self._reject_head(bytes(self.buffer[:SNIFF]), time, frame, len(data))
        if before < _BEGINNING and self.begins_message(bytes(self.buffer[:_BEGINNING])) is False:
            return self._reject_head(bytes(self.buffer), time, frame, len(data))
        end = HEAD_END.search(self.buffer, self.scanned)
        if not end:
            self.scanned = max(0, len(self.buffer) - 2)
            return len(data)
        head = self._take_buffer(end.end())
        if not self.on_head(head, time, frame, True):
            return self._reject_head(head, time, frame, len(data))
        return at + len(head) - before

    def _reject_head(self, data: bytes, time: Microseconds, frame: int, at: int = ENDLESS) -> int:
        self.lose_place(expects_message=self.expects_message)
        self.on_misplaced(data, time, frame)
        return at

    def _read_body(self, data: bytes, at: int, time: Microseconds, frame: int) -> int:
        amount = min(len(data) - at, self.remaining)
        if self.kept is not None:
            self.kept.add(data[at : at + amount])
        self.remaining -= amount
        self.on_body(amount, 0, time, frame)
        if self.remaining:
            self._update_counts()
        else:
            self._end_run(time, frame)
        return at + amount

    def _end_run(self, time: Microseconds, frame: int) -> None:
        if self.mode == CHUNK:
            self.mode = CHUNK_END
            self.counts = 0
        else:
            self._complete_message(time, frame)

    def _read_line(self, data: bytes, at: int, time: Microseconds, frame: int) -> int:
        """Reads a line of chunked framing from ``at`` on. Returns where what follows it begins."""
        end = data.find(b"\n", at)
        if end < 0:
            if len(self.buffer) + len(data) - at > LINE_MOST or not self._buffer_piece(data[at:]):
                self._break_off()
            return len(data)
        line = data[at:end]
        if self.buffer:
            line = bytes(self.buffer) + line
            self.tracker.budget.give(len(self.buffer))
            self.buffer = _EMPTY
        if self.mode == CHUNK_END:
            if line.strip():
                self._reject_chunks()
            else:
                self.mode = CHUNK_SIZE
        elif self.mode == CHUNK_SIZE:
            self._begin_chunk(read_chunk_size(line))
        elif line in (b"", b"\r"):
            self._complete_message(time, frame)
        return end + 1

    def _begin_chunk(self, size: int | None) -> None:
        if size is None:
            self._reject_chunks()
        elif size:
            self.remaining = size
            self.mode = CHUNK
            self._update_counts()
        else:
            self.mode = TRAILER

    def _break_off(self) -> None:
        """The rest of the message cannot be read."""
        self.on_broken()
        self.lose_place(expects_message=False)

    def _reject_chunks(self) -> None:
        """The chunks do not fit: the rest of the message makes no sense."""
        self.on_misfit()
        self.lose_place(expects_message=False)
