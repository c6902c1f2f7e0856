"""The record layer of TLS: one direction of a connection, cut into records and handshake messages.

- Records are put together from segments, handshake messages from records, each bounded; what is encrypted is only
  counted.
- A sender that breaks the record format after the handshake began is left alone; a server that answers a hello with
  something else does not speak TLS.
"""

from typing import Protocol

from ucdiag.model.vocabulary import Microseconds
from ucdiag.wire.errors import DecodeError
from ucdiag.wire.tcp.stream import ENDLESS, Budget
from ucdiag.wire.tls.first_bytes import (
    ALERT,
    APPLICATION_DATA,
    CHANGE_CIPHER_SPEC,
    HANDSHAKE,
    is_ssl2_hello,
    is_tls_answer,
)

# Bytes of a direction's handshake that are held at once.
HANDSHAKE_MOST = 128 * 1024

# The last record type that is assigned (heartbeat, RFC 6520).
_LAST_TYPE = 24
RECORD_HEAD = 5
_RECORD_MOST = 16384 + 2048


def is_record(data: bytes) -> bool:
    """Whether bytes begin as a record does."""
    return len(data) >= RECORD_HEAD and is_tls_answer(data) and (data[3] << 8 | data[4]) <= _RECORD_MOST


def record_size(data: bytes | bytearray) -> int | None:
    """How long the record is, its head included, that begins with these (five) bytes; ``None`` where none begins."""
    size = data[3] << 8 | data[4]
    if not (CHANGE_CIPHER_SPEC <= data[0] <= _LAST_TYPE and data[1] == 3 and data[2] <= 4) or size > _RECORD_MOST:
        return None
    return RECORD_HEAD + size


class RecordTaker(Protocol):
    """What takes the records of both directions. ``up`` is from the client."""

    budget: Budget
    over: bool
    lost: bool
    snapped: bool

    def note_activity(self, up: bool, time: Microseconds, frame: int) -> None:
        """Bytes came."""

    def take_message(self, up: bool, kind: int, body: bytes, time: Microseconds, frame: int) -> None:
        """A handshake message in clear. Raises DecodeError."""

    def cut_message(self, up: bool, message: bytes, time: Microseconds, frame: int) -> None:
        """What a snap length left of a direction's first handshake message."""

    def ssl2_hello(self, body: bytes, time: Microseconds, frame: int) -> None:
        """A ClientHello in the form of SSL 2."""

    def take_alert(self, up: bool, level: int, number: int, time: Microseconds, frame: int) -> None:
        """An alert in clear."""

    def encrypts_from_change(self) -> bool:
        """Whether what follows ChangeCipherSpec is encrypted; in TLS 1.3 it means nothing."""

    def encrypted_record(self, up: bool, kind: int, size: int, time: Microseconds, frame: int) -> None:
        """An encrypted record of ``size`` bytes begins."""

    def not_tls(self, answer: bytes, time: Microseconds) -> None:
        """The server's first bytes are no record."""

    def note_closed(self, up: bool, time: Microseconds) -> None:
        """The direction's sender has closed it."""


class TlsDirection:
    """One direction: takes its bytes, hands over its records.

    ``unread`` is how many bytes of an encrypted record are still to come, ``encrypted`` whether all is encrypted from
    here on, ``started`` whether a record was seen, ``finished`` whether its Finished was sent, ``astray`` whether the
    place of the next record is lost.
    """

    __slots__ = ("astray", "buffer", "counts", "encrypted", "finished", "handshake", "started", "taker", "unread", "up")

    def __init__(self, taker: RecordTaker, up: bool) -> None:
        self.taker = taker
        self.up = up
        self.counts = 0
        self.unread = 0
        self.buffer = bytearray()
        self.handshake = bytearray()
        self.encrypted = False
        self.started = False
        self.finished = False
        self.astray = False

    def receive_data(self, data: bytes, time: Microseconds, frame: int) -> None:
        taker = self.taker
        if taker.over:
            self.stop()
            return
        if self.astray:
            if not is_record(data):
                return
            self.astray = False
        if not taker.budget.take(len(data)):
            self.lose_place()
            return
        self.buffer += data
        taker.note_activity(self.up, time, frame)
        while not taker.over and not self.counts and self._take_record(time, frame):
            pass

    def skip_bytes(self, amount: int, lost: int, time: Microseconds, frame: int) -> None:
        self.counts -= amount
        if self.unread:
            self.taker.note_activity(self.up, time, frame)
            self.unread -= min(amount, self.unread)

    def miss_bytes(self, amount: int, time: Microseconds, frame: int) -> None:
        if not self.taker.over:
            self.lose_place()

    def cut_bytes(self, amount: int, time: Microseconds, frame: int) -> bool:
        if self.taker.over:
            return False
        if len(self.buffer) > RECORD_HEAD and self.buffer[0] == HANDSHAKE and not (self.encrypted or self.handshake):
            self.taker.cut_message(self.up, bytes(self.buffer[RECORD_HEAD:]), time, frame)
        self.taker.snapped = True
        self.lose_place()
        return True

    def lose_place(self) -> None:
        """Reads on from the next segment that begins as a record does."""
        self.taker.lost = True
        self.taker.budget.give(len(self.buffer) + len(self.handshake))
        self.buffer = bytearray()
        self.handshake = bytearray()
        self.astray = True

    def end_stream(self, time: Microseconds, frame: int) -> None:
        self.taker.note_closed(self.up, time)

    def stop(self) -> None:
        self.taker.budget.give(len(self.buffer) + len(self.handshake))
        self.buffer = bytearray()
        self.handshake = bytearray()
        self.counts = ENDLESS

    def _drop_bytes(self, amount: int) -> None:
        del self.buffer[:amount]
        self.taker.budget.give(amount)

    def _take_record(self, time: Microseconds, frame: int) -> bool:
        """Takes one record, if it is there."""
        buffer = self.buffer
        if len(buffer) < 3:
            return False
        if self.up and not self.started and is_ssl2_hello(bytes(buffer[:5])):
            return self._take_ssl2_hello(time, frame)
        kind = buffer[0]
        if not (CHANGE_CIPHER_SPEC <= kind <= _LAST_TYPE and buffer[1] == 3 and buffer[2] <= 4):
            return self._take_no_record(time)
        if len(buffer) < RECORD_HEAD:
            return False
        size = buffer[3] << 8 | buffer[4]
        if size > _RECORD_MOST:
            return self._take_no_record(time)
        end = RECORD_HEAD + size
        if self.encrypted or kind == APPLICATION_DATA:
            self.started = True
            missing = end - len(buffer)
            self._drop_bytes(min(len(buffer), end))
            if missing > 0:
                self.counts = self.unread = missing
            self.taker.encrypted_record(self.up, kind, size, time, frame)
            return True
        if len(buffer) < end:
            return False
        content = bytes(buffer[RECORD_HEAD:end])
        self._drop_bytes(end)
        self.started = True
        self._take_content(kind, content, time, frame)
        return True

    def _take_ssl2_hello(self, time: Microseconds, frame: int) -> bool:
        end = ((self.buffer[0] & 0x7F) << 8 | self.buffer[1]) + 2
        if len(self.buffer) < end:
            return False
        hello = bytes(self.buffer[2:end])
        self._drop_bytes(end)
        self.started = True
        self.taker.ssl2_hello(hello, time, frame)
        return True

    def _take_no_record(self, time: Microseconds) -> bool:
        if not self.up and not self.started:
            self.taker.not_tls(bytes(self.buffer[:5]), time)
        else:
            self.lose_place()
        return False

    def _take_content(self, kind: int, content: bytes, time: Microseconds, frame: int) -> None:
        """The content of a record in clear."""
        if kind == HANDSHAKE:
            self._take_messages(content, time, frame)
        elif kind == CHANGE_CIPHER_SPEC:
            if self.taker.encrypts_from_change():
                self.encrypted = True
        elif kind == ALERT and len(content) == 2:
            self.taker.take_alert(self.up, content[0], content[1], time, frame)

    def _take_messages(self, content: bytes, time: Microseconds, frame: int) -> None:
        taker = self.taker
        if len(self.handshake) + len(content) > HANDSHAKE_MOST or not taker.budget.take(len(content)):
            self.lose_place()
            return
        handshake = self.handshake
        handshake += content
        at = 0
        while len(handshake) - at >= 4 and not taker.over:
            size = int.from_bytes(handshake[at + 1 : at + 4], "big")
            if size > HANDSHAKE_MOST:
                self.lose_place()
                return
            if len(handshake) - at - 4 < size:
                break
            kind = handshake[at]
            message = bytes(handshake[at + 4 : at + 4 + size])
            at += 4 + size
            try:
                taker.take_message(self.up, kind, message, time, frame)
            except DecodeError:
                self.lose_place()
                return
        if at and not taker.over and not self.astray:
            del handshake[:at]
            taker.budget.give(at)
