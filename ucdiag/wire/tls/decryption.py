"""A TLS connection whose secrets may be known: observes the handshake, and decrypts and observes the HTTP inside.

- The handshake is observed by the ``TlsTracker`` that would observe it without keys, from the same bytes. What is
  decrypted of it, alerts and the certificates of TLS 1.3, is handed to it besides.
- Application data goes to an ``HttpTracker``, record by record, with the time and frame in which a record ends.
- Behind lost packets the next record is found again where the cipher allows: then it is known how many bytes are
  lost. Where it does not, the direction is left alone, and what was being said in it is as lost by the capture.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import cast

from ucdiag.model.observations import Certificate, Http, Observation
from ucdiag.model.vocabulary import Ending, Microseconds, Peer
from ucdiag.wire.errors import DecodeError
from ucdiag.wire.http import LEAST
from ucdiag.wire.http.directions import RequestDirection, ResponseDirection
from ucdiag.wire.http.tracker import HttpTracker
from ucdiag.wire.tcp.stream import Budget, Endpoints, Stream
from ucdiag.wire.tls.first_bytes import ALERT, APPLICATION_DATA, is_ssl2_hello
from ucdiag.wire.tls.handshake import CERTIFICATE, read_chain
from ucdiag.wire.tls.records import RECORD_HEAD, TlsDirection, is_record, record_size
from ucdiag.wire.tls.secrets import TlsSecrets
from ucdiag.wire.tls.session import CUT, LOST, MIDDLE, TlsSession
from ucdiag.wire.tls.tracker import TlsTracker

_CLOSE_NOTIFY = 0
# Bytes of early data that wait until the server has taken or refused it.
_EARLY_MOST = 64 * 1024


class Decryption:
    """How many connections of TLS were decrypted, and why others were not.

    ``unread`` counts them by reason, ``examples`` has the first of each: who, and time and frame of their beginning.
    """

    def __init__(self) -> None:
        self.opened = 0
        self.unread: dict[str, int] = {}
        self.examples: dict[str, tuple[Endpoints, Microseconds, int]] = {}

    def note(self, ends: Endpoints, time: Microseconds, frame: int, why: str | None) -> None:
        """A connection that is over: why it could not be read, ``None`` where it could."""
        if why is None:
            self.opened += 1
            return
        self.unread[why] = self.unread.get(why, 0) + 1
        self.examples.setdefault(why, (ends, time, frame))

    def met_in_the_middle(self, ends: Endpoints, time: Microseconds, frame: int) -> None:
        """A connection of which the capture has encrypted records and no handshake."""
        self.note(ends, time, frame, MIDDLE)


def as_https(observation: Observation) -> Observation:
    """The exchange with the scheme https."""
    return replace(observation, scheme="https") if isinstance(observation, Http) else observation


def emit_as_https(emit: Callable[[Observation], None]) -> Callable[[Observation], None]:
    """A wrapper of ``emit`` that gives exchanges the scheme https."""

    def emit_https(observation: Observation) -> None:
        emit(as_https(observation))

    return emit_https


class _PlainStream:
    """The stream of a direction, for who reads what is in its records: ``at`` is where a record's content ends, if it
    had no more bytes than that."""

    def __init__(self, stream: Stream) -> None:
        self._stream = stream
        self.inside: int | None = None

    @property
    def at(self) -> int:
        return self._stream.at if self.inside is None else self.inside

    def __getattr__(self, name: str) -> object:
        return getattr(self._stream, name)


class DecryptingDirection:
    """One direction: a ``Sink`` that gives its bytes to the handshake's tracker and reads its records itself."""

    __slots__ = (
        "astray",
        "buffer",
        "dead",
        "empty_at",
        "ended",
        "held",
        "hole",
        "http",
        "plain",
        "skipping",
        "stream",
        "tracker",
        "up",
        "view",
    )

    def __init__(self, tracker: "DecryptingTracker", up: bool, plain: TlsDirection, stream: Stream) -> None:
        self.tracker = tracker
        self.up = up
        self.plain = plain
        self.stream = stream
        self.view = _PlainStream(stream)
        http = tracker.http
        self.http: RequestDirection | ResponseDirection = http.requests if up else http.responses
        self.http.stream = cast(Stream, self.view)
        self.buffer = bytearray()
        # Whether the handshake's tracker still has to get what is in the buffer: an encrypted record of the handshake,
        # of which that tracker reads no more than its head, has to be opened before.
        self.held = False
        self.ended = False
        # Where a record without content begins that belongs to the next one: TLS 1.0 of OpenSSL sends such.
        self.empty_at: int | None = None
        # Bytes, records' heads included, since the last record that was read before some were lost.
        self.hole = 0
        self.astray = False
        # Bytes that remain of a record of which some are lost.
        self.skipping = 0
        # Whether nothing more can be read.
        self.dead = False

    @property
    def counts(self) -> int:
        return 0 if self.tracker.reading else self.plain.counts

    def receive_data(self, data: bytes, time: Microseconds, frame: int) -> None:
        if not self.tracker.reading or self.dead:
            self._pass_bytes(data, time, frame)
            return
        if self.skipping:
            skipped = min(len(data), self.skipping)
            self.skipping -= skipped
            self._pass_bytes(data[:skipped], time, frame)
            data = data[skipped:]
        if self.astray and not self.buffer and not is_record(data):
            self.hole += len(data)
            self._pass_bytes(data, time, frame)
            return
        if not self.tracker.budget.take(len(data)):
            self._lose_bytes(len(data), time, frame)
            self._pass_bytes(data, time, frame)
            return
        if self.held:
            self.held = False
            before, data = 0, bytes(self.buffer) + data
            self.buffer[:] = data
        else:
            before = len(self.buffer)
            self.buffer += data
        passed = 0
        while (size := self._next_size(time, frame)) and len(self.buffer) >= size:
            record = bytes(self.buffer[:size])
            del self.buffer[:size]
            self.tracker.budget.give(size)
            before -= size
            # The handshake's tracker gets the same bytes, up to the end of this record.
            end = -before
            self._take_record(record, self.stream.at - len(data) + end, data[passed:end], time, frame)
            passed = end
        if self.buffer and len(self.buffer) == len(data) - passed and self._awaits_record():
            self.held = True
        else:
            self._pass_bytes(data[passed:], time, frame)

    def _awaits_record(self) -> bool:
        """Whether the buffer begins with a part of an encrypted record of the handshake."""
        tracker = self.tracker
        return not tracker.tls.over and not tracker.fresh and tracker.session.is_encrypted(self.up, self.buffer[0])

    def _pass_bytes(self, data: bytes, time: Microseconds, frame: int) -> None:
        """Gives bytes to the handshake's tracker."""
        plain = self.plain
        counted = min(plain.counts, len(data))
        if counted:
            plain.skip_bytes(counted, 0, time, frame)
        if counted < len(data):
            plain.receive_data(data[counted:], time, frame)

    def _next_size(self, time: Microseconds, frame: int) -> int:
        """How long the record is that the buffer begins with; 0 where that is not known, or none begins there."""
        buffer = self.buffer
        if self.tracker.fresh and self.up and is_ssl2_hello(bytes(buffer[:5])):
            return ((buffer[0] & 0x7F) << 8 | buffer[1]) + 2
        if len(buffer) < RECORD_HEAD or self.dead or not self.tracker.reading:
            return 0
        size = record_size(buffer)
        if size is None:
            self._lose_bytes(0, time, frame)
            return 0
        return size

    def _take_record(self, record: bytes, end: int, seen: bytes, time: Microseconds, frame: int) -> None:
        """One record. ``end`` is the position behind it, ``seen`` what the handshake's tracker has not had of it."""
        tracker, session = self.tracker, self.tracker.session
        if tracker.fresh and self.up and record[0] & 0x80:
            session.ssl2_hello(record[2:])
            tracker.fresh = False
            self._pass_bytes(seen, time, frame)
            return
        tracker.fresh = False
        kind, version, body = record[0], record[1] << 8 | record[2], record[RECORD_HEAD:]
        if not session.is_encrypted(self.up, kind):
            session.clear_content(self.up, kind, body)
            self._pass_bytes(seen, time, frame)
            if session.why is not None:
                tracker.give_up(session.why, time, frame)
            return
        opened = (
            self._find_place(kind, version, body, time, frame)
            if self.astray
            else session.open_record(self.up, kind, version, body)
        )
        tracker.was_read |= opened is not None
        if opened is not None and opened[0] == ALERT:
            self._take_alert(opened[1], time, frame)
        self._pass_bytes(seen, time, frame)
        if session.why is not None:
            tracker.give_up(session.why, time, frame)
        elif opened is not None and opened[0] == APPLICATION_DATA:
            start = self.empty_at if self.empty_at is not None else end - len(record)
            self.empty_at = None if opened[1] else start
            if opened[1]:
                self._take_content(opened[1], start, time, frame)

    def _take_content(self, content: bytes, start: int, time: Microseconds, frame: int) -> None:
        """Application data, from a record that began at ``start``."""
        tracker = self.tracker
        if self.up and tracker.session.is_early and not tracker.session.early:
            tracker.hold_early(content, start, time, frame)
            return
        tracker.release_early()
        http = self.http
        self.view.inside = start + len(content)
        counted = min(http.counts, len(content))
        if counted:
            http.skip_bytes(counted, 0, time, frame)
        if counted < len(content):
            http.receive_data(content[counted:], time, frame)
        self.view.inside = None

    def _take_alert(self, content: bytes, time: Microseconds, frame: int) -> None:
        if len(content) != 2:
            return
        if content[1] == _CLOSE_NOTIFY:
            self._end_inside(time, frame)
        elif not self.tracker.tls.over:
            self.tracker.tls.take_alert(self.up, content[0], content[1], time, frame)

    # What is lost.

    def _find_place(
        self, kind: int, version: int, body: bytes, time: Microseconds, frame: int
    ) -> tuple[int, bytes] | None:
        """The first record behind lost packets, if this is one."""
        session = self.tracker.session
        found = session.find_place(self.up, kind, version, body)
        if found is None:
            self.hole += RECORD_HEAD + len(body) + len(self.buffer)
            self._drop_buffer(time, frame)
            return None
        records, kind, content = found
        expansion = session.expansion(self.up)
        self.astray = False
        if expansion is None:
            self._give_up(self.hole, time, frame)
            return None
        lost = self.hole - records * (RECORD_HEAD + expansion)
        if lost > 0 and session.is_inside(self.up):
            self.http.miss_bytes(lost, time, frame)
        self.hole = 0
        return kind, content

    def _lose_bytes(self, amount: int, time: Microseconds, frame: int, why: str = LOST) -> None:
        """``amount`` bytes are not there, or what is there makes no sense."""
        session, buffer = self.tracker.session, self.buffer
        size = record_size(buffer) if len(buffer) >= RECORD_HEAD else None
        if size is not None and size >= len(buffer) + amount and session.can_go_on(self.up, buffer[0]):
            # A part of the handshake in clear without which the keys are known all the same.
            self.skipping = size - len(buffer) - amount
            self._drop_buffer(time, frame)
            return
        if not session.can_find_place(self.up):
            self._give_up(amount, time, frame, why)
            return
        if self.skipping >= amount > 0:
            self.skipping -= amount
        elif size is not None and size >= len(buffer) + amount and not self.astray:
            # Where the next record begins is known.
            self.skipping = size - len(buffer) - amount
            self.hole += size
        else:
            self.hole += amount - self.skipping + len(buffer)
            self.skipping = 0
        self._drop_buffer(time, frame)
        self.astray = True

    def _give_up(self, amount: int, time: Microseconds, frame: int, why: str = LOST) -> None:
        """Nothing more of this direction can be read."""
        self._drop_buffer(time, frame)
        self.dead = True
        tracker = self.tracker
        if not tracker.session.readable:
            tracker.give_up(why, time, frame)
            return
        tracker.note(why)
        http = self.http
        if http.exchange is not None:
            # Not as so many bytes: what is in the records is shorter than they are.
            http.on_broken(max(LEAST, amount))
            http.lose_place(expects_message=False)
        else:
            http.miss_bytes(max(LEAST, amount), time, frame)

    def _drop_buffer(self, time: Microseconds, frame: int) -> None:
        self.tracker.budget.give(len(self.buffer))
        if self.held:
            self.held = False
            self._pass_bytes(bytes(self.buffer), time, frame)
        self.buffer.clear()

    def skip_bytes(self, amount: int, lost: int, time: Microseconds, frame: int) -> None:
        self.plain.skip_bytes(amount, lost, time, frame)

    def miss_bytes(self, amount: int, time: Microseconds, frame: int) -> None:
        if self.tracker.reading and not self.dead:
            self._lose_bytes(amount, time, frame)
        if rest := self._pass_lost(amount, time, frame):
            self.plain.miss_bytes(rest, time, frame)

    def cut_bytes(self, amount: int, time: Microseconds, frame: int) -> bool:
        if self.tracker.reading and not self.dead:
            self.tracker.http.snapped = True
            self._lose_bytes(amount, time, frame, CUT)
        rest = self._pass_lost(amount, time, frame)
        return self.plain.cut_bytes(rest, time, frame) if rest else True

    def _pass_lost(self, amount: int, time: Microseconds, frame: int) -> int:
        """Report lost bytes that the handshake's tracker only counts to it. Returns how many others are lost."""
        counted = min(self.plain.counts, amount)
        self.plain.skip_bytes(counted, counted, time, frame)
        return amount - counted

    def end_stream(self, time: Microseconds, frame: int) -> None:
        self.finish_hole(time, frame)
        self._drop_buffer(time, frame)
        self.plain.end_stream(time, frame)
        if self.tracker.reading:
            self._end_inside(time, frame)

    def _end_inside(self, time: Microseconds, frame: int) -> None:
        """Nothing follows inside."""
        if not self.ended:
            self.ended = True
            self.tracker.release_early()
            self.http.end_stream(time, frame)

    def finish_hole(self, time: Microseconds, frame: int) -> None:
        """Nothing more comes: what was lost last is not known in bytes."""
        if self.astray and not self.dead:
            self._give_up(self.hole, time, frame)

    def stop(self, time: Microseconds, frame: int) -> None:
        """Reads no more, and gives back what is kept."""
        self._drop_buffer(time, frame)
        self.dead = True


class DecryptingTracker:
    """One connection: its handshake (``tls``) and what is inside (``http``).

    ``reading`` is whether records are read, ``fresh`` that none was. ``note`` gets, once, why something cannot be read,
    or at the end ``None``. ``was_read``: a record was opened.
    """

    def __init__(
        self,
        tls: TlsTracker,
        http: HttpTracker,
        budget: Budget,
        secrets: TlsSecrets,
        streams: tuple[Stream, Stream],
        note: Callable[[str | None], None] | None,
    ) -> None:
        self.tls = tls
        self.http = http
        self.budget = budget
        self.session = TlsSession(secrets, self._decrypted_message)
        self._note = note
        self.reading = True
        self.fresh = True
        self.was_read = False
        self._early: list[tuple[bytes, int, Microseconds, int]] = []
        self._early_size = 0
        # How much of it came behind what is held, and when and where the last of that.
        self._early_lost: tuple[int, Microseconds, int] = 0, 0, 0
        self._requests = DecryptingDirection(self, True, tls.requests, streams[0])
        self._responses = DecryptingDirection(self, False, tls.responses, streams[1])
        tls.inside = self.session

    @property
    def requests(self) -> DecryptingDirection:
        return self._requests

    @property
    def responses(self) -> DecryptingDirection:
        return self._responses

    def note(self, why: str | None) -> None:
        """Says, once, why something cannot be read, or ``None``: all could be."""
        note, self._note = self._note, None
        if note is not None:
            note(why)

    def give_up(self, why: str, time: Microseconds, frame: int) -> None:
        """Nothing can be read: from here on it is a connection as without keys."""
        if self.session.why is None:
            self.session.why = why
        self.note(why)
        self.reading = False
        self._take_early()
        for direction in (self._requests, self._responses):
            if self.was_read and self.tls.over:
                # It was readable so far: what is being said is lost.
                direction.http.miss_bytes(LEAST, time, frame)
            direction.stop(time, frame)

    def _decrypted_message(self, up: bool, kind: int, body: bytes) -> None:
        """A handshake message that was encrypted: that of the certificates in TLS 1.3."""
        if kind == CERTIFICATE and not up and not self.tls.over:
            try:
                chain: tuple[Certificate, ...] = read_chain(body, tls_1_3=self.session.is_1_3)
            except DecodeError:
                return
            self.tls.take_chain(chain)

    def hold_early(self, content: bytes, start: int, time: Microseconds, frame: int) -> None:
        """Early data, which the server may refuse: its beginning, without a gap."""
        lost, size = self._early_lost[0], len(content)
        if not lost and self._early_size + size <= _EARLY_MOST and self.budget.take(size):
            self._early_size += size
            self._early.append((content, start, time, frame))
        else:
            self._early_lost = lost + size, time, frame

    def release_early(self) -> None:
        """What becomes of early data, now that it is known."""
        lost = self._early_lost
        early = self._take_early()
        if self.session.early:
            requests = self._requests
            for content, start, time, frame in early:
                requests.view.inside = start + len(content)
                requests.http.receive_data(content, time, frame)
            requests.view.inside = None
            if lost[0]:
                requests.http.miss_bytes(*lost)

    def _take_early(self) -> list[tuple[bytes, int, Microseconds, int]]:
        """The early data that is held, which is held no longer."""
        early, self._early = self._early, []
        self.budget.give(self._early_size)
        self._early_size, self._early_lost = 0, (0, 0, 0)
        return early

    # The connection's end.

    def close(self, how: Ending, by: Peer | None, time: Microseconds, frame: int) -> None:
        self.tls.close(how, by, time, frame)
        self._settle_directions(time, frame)
        self.http.close(how, by, time, frame)

    def finish(self, at: Microseconds) -> None:
        self._settle_directions(at, 0)
        self.tls.finish(at)
        self.http.finish(at)
        if self.session.readable or self.session.why is not None:
            self.note(self.session.why)
        self.reading = False
        for direction in (self._requests, self._responses):
            direction.stop(at, 0)

    def _settle_directions(self, time: Microseconds, frame: int) -> None:
        """Nothing more will come."""
        if self.reading:
            self.release_early()
            for direction in (self._requests, self._responses):
                direction.finish_hole(time, frame)

    def awaits_receipt(self) -> bool:
        return self.http.awaits_receipt()

    def note_missed_end(self) -> None:
        self.tls.note_missed_end()

    def release(self) -> None:
        self.tls.release()
        self.http.release()
        del self._requests, self._responses

    def pending(self, at: Microseconds) -> list[Observation]:
        return self.tls.pending(at) + [as_https(observation) for observation in self.http.pending(at)]
