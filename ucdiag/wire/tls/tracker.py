"""TLS handshakes as a bystander sees them: hellos, certificates while they are in clear, alerts, who hung up.

Rules of this file:

- Records are put together from segments, handshake messages from records, each bounded; what is encrypted is only
  counted.
- One handshake makes one ``Tls``: at its fatal alert, at its completion, or when the connection ends.
- Up to TLS 1.2 a handshake is complete when both sides have sent a message behind ChangeCipherSpec. In TLS 1.3 all
  behind the ServerHello is encrypted: the client's first encrypted record is its Finished, except one too short for
  it, which is an alert.
- A sender that breaks the record format after the handshake began is left alone; a server that answers a hello with
  something else does not speak TLS.
"""

from collections.abc import Callable, Iterator
from contextlib import suppress

from ucdiag.model.observations import Certificate, Observation, Tls
from ucdiag.model.vocabulary import Ending, Microseconds, Peer, TlsOutcome, TlsStage
from ucdiag.wire.errors import DecodeError
from ucdiag.wire.tcp.stream import ENDLESS, Budget, Endpoints
from ucdiag.wire.tls.alerts import alert_text
from ucdiag.wire.tls.x509 import read_certificate

HANDSHAKE_MOST = 128 * 1024
CHAIN_MOST = 10
# A client that closes so long (microseconds) after its hello gave up on the answer.
GAVE_UP = 1_000_000

_CHANGE, _ALERT, _HANDSHAKE, _DATA = 20, 21, 22, 23
_RECORD_MOST = 16384 + 2048
_HELLO_LEAST = 6  # bytes, up to its version
_RETRY = bytes.fromhex("cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c")
_VERSIONS = {
    0x0002: "SSL 2.0",
    0x0300: "SSL 3.0",
    0x0301: "TLS 1.0",
    0x0302: "TLS 1.1",
    0x0303: "TLS 1.2",
    0x0304: "TLS 1.3",
}
# The alerts that have an outcome of their own (RFC 8446, 6).
_OUTCOMES: dict[int, TlsOutcome] = {45: "expired", 48: "untrusted", 70: "version"}


def version_text(number: int) -> str:
    """The name of a protocol version; drafts of TLS 1.3 are told as such."""
    if number >> 8 == 0x7F:
        return f"TLS 1.3 draft {number & 0xFF}"
    return _VERSIONS.get(number) or f"0x{number:04x}"


def is_tls_hello(data: bytes) -> bool:
    """Whether a client's first bytes are TLS: a record, or a hello in the form of SSL 2."""
    if data[0] in (_HANDSHAKE, _ALERT) and (len(data) < 2 or data[1] == 3):
        return True
    return _is_old_hello(data)


def is_tls_answer(data: bytes) -> bool:
    """Whether bytes that a server sent before its client was seen to say anything are TLS."""
    return len(data) >= 3 and _CHANGE <= data[0] <= _DATA and data[1] == 3 and data[2] <= 4


def _is_old_hello(data: bytes) -> bool:
    return len(data) >= 5 and data[0] & 0x80 != 0 and data[2] == 1 and (data[3] == 3 or data[3:5] == b"\x00\x02")


class _TlsDirection:
    """One direction. ``secret`` once it is encrypted, ``finished`` once it has sent its Finished, ``astray`` after a
    loss."""

    __slots__ = ("astray", "buffer", "counts", "finished", "handshake", "left", "secret", "started", "talk", "up")

    def __init__(self, talk: "TlsTracker", up: bool) -> None:
        self.talk = talk
        self.up = up
        self.counts = 0
        self.left = 0
        self.buffer = bytearray()
        self.handshake = bytearray()
        self.secret = False
        self.started = False
        self.finished = False
        self.astray = False

    def data(self, data: bytes, time: Microseconds, frame: int) -> None:
        talk = self.talk
        if not data:
            return
        if talk.over:
            self.stop()
            return
        if self.astray:
            if not _is_record(data):
                return
            self.astray = False
        if not talk.budget.take(len(data)):
            self.lose()
            return
        self.buffer += data
        talk.moved(self.up, time, frame)
        while not talk.over and not self.counts and self._record(time, frame):
            pass

    def skip(self, amount: int, lost: int, time: Microseconds, frame: int) -> None:
        self.counts -= amount
        if self.left:
            self.talk.moved(self.up, time, frame)
            self.left -= min(amount, self.left)

    def lost(self, amount: int, time: Microseconds, frame: int) -> None:
        if not self.talk.over:
            self.lose()

    def cut(self, amount: int, time: Microseconds, frame: int) -> bool:
        if self.talk.over:
            return False
        if len(self.buffer) > 5 and self.buffer[0] == _HANDSHAKE and not (self.secret or self.handshake):
            self.talk.beginning(self.up, bytes(self.buffer[5:]), time, frame)
        self.talk.snapped = True
        self.lose()
        return True

    def lose(self) -> None:
        """The place is lost: reads on from the next segment that begins as a record does."""
        self.talk.lost = True
        self.talk.budget.give(len(self.buffer) + len(self.handshake))
        self.buffer = bytearray()
        self.handshake = bytearray()
        self.astray = True

    def end(self, time: Microseconds, frame: int) -> None:
        # What the other side had sent by then may still come.
        if self.talk.left is None:
            self.talk.left = ("client" if self.up else "server", time)

    def stop(self) -> None:
        self.talk.budget.give(len(self.buffer) + len(self.handshake))
        self.buffer = bytearray()
        self.handshake = bytearray()
        self.counts = ENDLESS

    def _drop(self, amount: int) -> None:
        del self.buffer[:amount]
        self.talk.budget.give(amount)

    def _record(self, time: Microseconds, frame: int) -> bool:
        """Takes one record, if it is there."""
        buffer = self.buffer
        talk = self.talk
        if len(buffer) < 3:
            return False
        if self.up and not self.started and _is_old_hello(bytes(buffer[:5])):
            size = (buffer[0] & 0x7F) << 8 | buffer[1]
            if len(buffer) < size + 2:
                return False
            hello = bytes(buffer[2 : 2 + size])
            self._drop(size + 2)
            self.started = True
            talk.old_hello(hello, time, frame)
            return True
        kind = buffer[0]
        if not (_CHANGE <= kind <= 24 and buffer[1] == 3 and buffer[2] <= 4):
            return self._no_record(time)
        if len(buffer) < 5:
            return False
        size = buffer[3] << 8 | buffer[4]
        if size > _RECORD_MOST:
            return self._no_record(time)
        if self.secret or kind == _DATA:
            self.started = True
            rest = 5 + size - len(buffer)
            self._drop(min(len(buffer), 5 + size))
            if rest > 0:
                self.counts = self.left = rest
            talk.secret_record(self.up, kind, size, time, frame)
            return True
        if len(buffer) < 5 + size:
            return False
        content = bytes(buffer[5 : 5 + size])
        self._drop(5 + size)
        self.started = True
        if kind == _HANDSHAKE:
            self._handshake(content, time, frame)
        elif kind == _CHANGE:
            # In TLS 1.3 it means nothing.
            if talk.version_number is not None and not talk.is_new():
                self.secret = True
        elif kind == _ALERT and size == 2:
            talk.alert(self.up, content[0], content[1], time, frame)
        return True

    def _no_record(self, time: Microseconds) -> bool:
        if not self.up and not self.started:
            self.talk.not_tls(bytes(self.buffer[:5]), time)
        else:
            self.lose()
        return False

    def _handshake(self, content: bytes, time: Microseconds, frame: int) -> None:
        talk = self.talk
        if len(self.handshake) + len(content) > HANDSHAKE_MOST or not talk.budget.take(len(content)):
            self.lose()
            return
        handshake = self.handshake
        handshake += content
        at = 0
        while len(handshake) - at >= 4 and not talk.over:
            size = int.from_bytes(handshake[at + 1 : at + 4], "big")
            if size > HANDSHAKE_MOST:
                self.lose()
                return
            if len(handshake) - at - 4 < size:
                break
            kind = handshake[at]
            message = bytes(handshake[at + 4 : at + 4 + size])
            at += 4 + size
            try:
                talk.message(self.up, kind, message, time, frame)
            except DecodeError:
                self.lose()
                return
        if at and not talk.over and not self.astray:
            del handshake[:at]
            talk.budget.give(at)


class TlsTracker:
    """One connection. ``patience`` is microseconds; ``in_step`` says that its beginning was seen, ``lost`` that bytes
    of the handshake are not in the capture, ``snapped`` that a snap length cut them off. ``left`` is who closed its
    direction first, and when. ``judged``: who is told of it has to know of a handshake that could not be read."""

    __slots__ = (
        "alert_from",
        "alert_number",
        "budget",
        "chain",
        "emit",
        "ends",
        "frame",
        "heard",
        "in_step",
        "judged",
        "last",
        "left",
        "lost",
        "over",
        "patience",
        "requests",
        "responses",
        "server_name",
        "snapped",
        "stage",
        "time",
        "version_number",
        "versions",
        "warning",
    )

    def __init__(
        self,
        ends: Endpoints,
        emit: Callable[[Observation], None],
        budget: Budget,
        *,
        patience: Microseconds,
        in_step: bool,
    ) -> None:
        self.ends = ends
        self.emit = emit
        self.budget = budget
        self.patience = patience
        self.in_step = in_step
        self.requests = _TlsDirection(self, True)
        self.responses = _TlsDirection(self, False)
        self.time: Microseconds | None = None
        self.frame: int | None = None
        self.last = 0
        self.left: tuple[Peer, int] | None = None
        self.heard = False
        self.over = False
        self.lost = False
        self.judged = False
        self.snapped = False
        self.server_name: str | None = None
        self.versions: tuple[str, ...] = ()
        self.version_number: int | None = None
        self.alert_number: int | None = None
        self.alert_from: Peer | None = None
        self.warning: tuple[Peer, int] | None = None
        self.chain: tuple[Certificate, ...] = ()
        self.stage: TlsStage | None = None

    # What the directions tell.

    def moved(self, up: bool, time: Microseconds, frame: int) -> None:
        if self.time is None:
            self.time, self.frame = time, frame
        self.last = time
        if not up:
            self.heard = True

    def message(self, up: bool, kind: int, body: bytes, time: Microseconds, frame: int) -> None:
        """A handshake message in clear. Raises DecodeError."""
        if kind == 1 and up:
            self._client_hello(body, time, frame)
        elif kind == 2 and not up:
            self._server_hello(body)
        elif kind == 11 and not up and self.version_number != 0x0304:
            self.stage = "certificate"
            self.chain = read_chain(body)

    def beginning(self, up: bool, message: bytes, time: Microseconds, frame: int) -> None:
        """What a snap length left of a handshake message: of a hello, what is there."""
        if len(message) >= _HELLO_LEAST and message[0] == (1 if up else 2):
            size = int.from_bytes(message[1:4], "big")
            with suppress(DecodeError):
                self.message(up, message[0], message[4 : 4 + size], time, frame)

    def old_hello(self, body: bytes, time: Microseconds, frame: int) -> None:
        """A hello in the form of SSL 2, which early TLS clients still send (RFC 5246, E.2)."""
        self.frame = frame
        self.stage = "client_hello"
        self.versions = (version_text(body[1] << 8 | body[2]),) if len(body) >= 3 else ()

    def alert(self, up: bool, level: int, number: int, time: Microseconds, frame: int) -> None:
        by: Peer = "client" if up else "server"
        if level == 2 and number != 0 and self.left is not None and not (up and number in _OUTCOMES):
            # Who complains that the other is gone did not make it go; that it was said is a fact.
            if not self.judged:
                self.alert_number, self.alert_from = number, by
        elif level == 2 and number != 0:
            self.alert_number, self.alert_from = number, by
            self._tell(_OUTCOMES.get(number, "alert"), time, alert_text(number))
        elif number != 0:
            self.warning = (by, number)

    def is_new(self) -> bool:
        """TLS 1.3 or one of its drafts."""
        return self.version_number is not None and (self.version_number == 0x0304 or self.version_number >> 8 == 0x7F)

    def secret_record(self, up: bool, kind: int, size: int, time: Microseconds, frame: int) -> None:
        """An encrypted record begins."""
        if self.stage is None:
            for found in self._untold():
                self.emit(found)
            self.over = True
            return
        if self.left is not None:
            # It comes too late for who hung up.
            return
        if self.is_new():
            if self.stage == "client_hello":
                # Early data, to a server that wants another hello.
                return
            # A Finished is a hash of 32 bytes at least, a header of four, a type and a tag; an alert has two bytes.
            if up and kind == _DATA and size >= 40:
                self._complete(time)
            elif up and kind == _DATA:
                self.alert_from = "client"
                self._tell("alert", time, "an encrypted alert")
            return
        way, other = (self.requests, self.responses) if up else (self.responses, self.requests)
        if kind == _ALERT:
            self.alert_from = "client" if up else "server"
            self._tell("alert", time, "an encrypted alert")
        elif kind == _HANDSHAKE:
            way.finished = True
            self.stage = "finished"
            if other.finished:
                self._complete(time)
        elif kind == _DATA and (not up or self.heard):
            # Nobody sends data before the handshake is over, early data of TLS 1.3 aside.
            self._complete(time)

    def _hung_up(self, by: Peer, how: Ending, time: Microseconds) -> tuple[TlsOutcome, int, str | None, Peer]:
        """Outcome, time, reason and ``closed_by`` when one side closed or reset before the handshake was complete."""
        waited = time - (self.time or time) >= min(self.patience, GAVE_UP)
        if self.lost:
            return "unfinished", time, self._lacking(), by
        if not self.heard and by == "client" and waited:
            return "no_answer", time, None, by
        reason = alert_text(self.warning[1]) if self.warning else None
        return "closed", time, reason or ("reset" if how == "reset" else None), by

    def not_tls(self, answer: bytes, time: Microseconds) -> None:
        """A server answered the hello with something else."""
        if self.in_step and self.stage is not None:
            self._tell("not_tls", time, "it answers in HTTP" if answer == b"HTTP/" else None)
        else:
            self.responses.lose()

    # The connection's end.

    def close(self, how: Ending, by: Peer | None, time: Microseconds, frame: int) -> None:
        if self.left is not None:
            by, time = self.left
            how = "closed"
        if by is not None:
            self._tell(*self._hung_up(by, how, time))

    def finish(self, at: Microseconds) -> None:
        for found in self.pending(at):
            self.emit(found)
        self.over = True
        self.requests.stop()
        self.responses.stop()

    def release(self) -> None:
        """It is over. Its two ways know it too, so that it would wait for a search for cycles."""
        del self.requests, self.responses

    def pending(self, at: Microseconds) -> list[Observation]:
        if self.over:
            return []
        if self.stage is None:
            return self._untold()
        if self.left is not None:
            return [self._observation(*self._hung_up(self.left[0], "closed", self.left[1]))]
        if self.lost and at - self.last >= self.patience:
            return [self._observation("unfinished", None, self._lacking(), None)]
        if not self.heard and at - self.last >= self.patience:
            return [self._observation("no_answer", None, None, None)]
        return [self._observation("unfinished", None, None, None)]

    # What the messages say.

    def _client_hello(self, body: bytes, time: Microseconds, frame: int) -> None:
        reader = _Reader(body)
        version = reader.number(2)
        if self.stage is None:
            self.stage = "client_hello"
            self.frame = frame
        # One that breaks off, or makes no sense further on, has said this much.
        self.versions = (version_text(version),)
        reader.take(32)
        reader.take(reader.number(1))
        reader.take(reader.number(2))
        reader.take(reader.number(1))
        for kind, content in _extensions(reader):
            if kind == 0:
                names = _Reader(content)
                names.take(3)
                name = names.take(names.number(2))
                self.server_name = name[:255].decode("utf-8", "replace")
            elif kind == 43:
                offered = _Reader(content)
                versions = [each for each in offered.numbers(offered.number(1)) if each & 0x0F0F != 0x0A0A]
                self.versions = tuple(version_text(each) for each in versions[:16])

    def _server_hello(self, body: bytes) -> None:
        reader = _Reader(body)
        version = reader.number(2)
        if version < 0x0303:
            # Nothing that follows, should it be there, says otherwise.
            self.version_number = version
            self.stage = "server_hello"
        random = reader.take(32)
        if version >= 0x0304:
            # Drafts up to 21 have neither a session nor a compression here.
            reader.take(2)
        else:
            reader.take(reader.number(1))
            reader.take(3)
            for kind, content in _extensions(reader):
                if kind == 43 and len(content) == 2:
                    version = content[0] << 8 | content[1]
        self.version_number = version
        if random != _RETRY:
            # Else it asks for another hello, in the version that it has chosen.
            self.stage = "server_hello"

    # What is concluded.

    def _untold(self) -> list[Observation]:
        """Of a handshake of which no message could be read, where that is the capture's doing and somebody judges."""
        if not (self.lost and self.judged):
            return []
        return [self._observation("unfinished", None, self._lacking(), None)]

    def _lacking(self) -> str:
        if self.snapped:
            return "the capture's snap length cut packets of the handshake (capture again with: tcpdump -s 0)"
        return (
            "bytes of the handshake are not in the capture (capture again, nearer to the phone or with a larger "
            "buffer: tcpdump -B 65536)"
        )

    def _complete(self, time: Microseconds) -> None:
        self.stage = "finished"
        self._tell("complete", time, None)

    def _tell(self, outcome: TlsOutcome, time: Microseconds, reason: str | None, closed_by: Peer | None = None) -> None:
        if self.over:
            return
        self.over = True
        if self.stage is not None or (self.alert_number is not None and not self.judged):
            self.emit(self._observation(outcome, time, reason, closed_by))
        else:
            for found in self._untold():
                self.emit(found)
        self.requests.stop()
        self.responses.stop()

    def _observation(
        self, outcome: TlsOutcome, time: Microseconds | None, reason: str | None, closed_by: Peer | None
    ) -> Tls:
        ends = self.ends
        began = self.time or 0
        return Tls(
            time=began,
            frame=self.frame,
            client=ends.client,
            server=ends.server,
            port=ends.port,
            client_port=ends.client_port,
            client_mac=ends.client_mac,
            server_name=self.server_name,
            versions=self.versions,
            version=version_text(self.version_number) if self.version_number is not None else None,
            alert=self.alert_number,
            alert_from=self.alert_from,
            outcome=outcome,
            seconds=None if time is None else max(0, time - began) / 1e6,
            stage=self.stage,
            closed_by=closed_by,
            chain=self.chain,
            reason=reason,
            last_time=self.last or None if outcome == "unfinished" else None,
        )


def _is_record(data: bytes) -> bool:
    return (
        len(data) >= 5
        and _CHANGE <= data[0] <= _DATA
        and data[1] == 3
        and data[2] <= 4
        and (data[3] << 8 | data[4]) <= _RECORD_MOST
    )


class _Reader:
    """Takes a message apart. Raises DecodeError where it is too short."""

    __slots__ = ("at", "data")

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.at = 0

    def take(self, amount: int) -> bytes:
        end = self.at + amount
        if end > len(self.data):
            raise DecodeError("a TLS message is shorter than it says")
        found = self.data[self.at : end]
        self.at = end
        return found

    def number(self, size: int) -> int:
        return int.from_bytes(self.take(size), "big")

    def numbers(self, amount: int) -> list[int]:
        data = self.take(amount)
        return [data[at] << 8 | data[at + 1] for at in range(0, len(data) - 1, 2)]

    def rest(self) -> int:
        return len(self.data) - self.at


def _extensions(reader: _Reader) -> Iterator[tuple[int, bytes]]:
    """Kind and content of each; at the end, DecodeError if there should be more."""
    if not reader.rest():
        return
    size = reader.number(2)
    inner = _Reader(reader.take(min(size, reader.rest())))
    for _ in range(256):
        if not inner.rest():
            break
        kind = inner.number(2)
        yield kind, inner.take(inner.number(2))
    if len(inner.data) < size:
        raise DecodeError("a TLS message is shorter than it says")


def read_chain(body: bytes) -> tuple[Certificate, ...]:
    """The Certificate message of up to TLS 1.2. One that cannot be read stays as an empty fact, so that the order is
    kept."""
    reader = _Reader(body)
    inner = _Reader(reader.take(reader.number(3)))
    found: list[Certificate] = []
    while inner.rest() and len(found) < CHAIN_MOST:
        der = inner.take(inner.number(3))
        try:
            found.append(read_certificate(der))
        except DecodeError:
            found.append(Certificate(subject="", issuer=""))
    return tuple(found)
