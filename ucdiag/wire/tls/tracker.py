"""TLS handshakes as a bystander sees them: hellos, certificates while they are in clear, alerts, who hung up.

- One handshake makes one ``Tls``: at its fatal alert, at its completion, or when the connection ends.
- Up to TLS 1.2 a handshake is complete when both sides have sent a message behind ChangeCipherSpec. In TLS 1.3 all
  behind the ServerHello is encrypted: the client's first encrypted record is its Finished, except one too short for
  it, which is an alert.
"""

from collections.abc import Callable
from contextlib import suppress
from typing import Protocol

from ucdiag.model.observations import Certificate, Observation, Tls
from ucdiag.model.tls_words import ALERT_OUTCOMES, ANSWERS_IN_HTTP, CERTIFICATE_ALERTS, alert_text
from ucdiag.model.vocabulary import Ending, Microseconds, Peer, TlsOutcome, TlsStage
from ucdiag.wire.errors import DecodeError
from ucdiag.wire.tcp.stream import Budget, Endpoints
from ucdiag.wire.tls.first_bytes import ALERT, APPLICATION_DATA, HANDSHAKE
from ucdiag.wire.tls.handshake import (
    CERTIFICATE,
    CERTIFICATE_REQUEST,
    CLIENT_HELLO,
    SERVER_HELLO,
    TLS_1_3,
    ClientHello,
    ServerHello,
    is_tls_1_3,
    read_chain,
    read_client_hello,
    read_server_hello,
    read_ssl2_hello,
    version_text,
)
from ucdiag.wire.tls.records import TlsDirection

# A client that closes so long (microseconds) after its hello gave up on the answer.
GAVE_UP = 1_000_000

_HELLO_LEAST = 6  # bytes, up to its version
# Bytes of an encrypted Finished of TLS 1.3 at least: a hash of 32, a header of four, a type and a tag. Where this has
# hash and header an alert has two bytes.
_FINISHED_LEAST = 40
_NO_CERTIFICATE = 3  # bytes of a Certificate message with none in it
_FATAL = 2
_CLOSE_NOTIFY = 0


class Inside(Protocol):
    """The decryption of the connection: whether it can read what follows the handshake, and why not."""

    why: str | None

    @property
    def readable(self) -> bool: ...


class TlsTracker:
    """The handshake of one connection.

    ``patience`` is microseconds, after which no answer is expected any more. ``in_step`` says that the connection's
    beginning was seen, ``lost`` that bytes of the handshake are not in the capture, ``snapped`` that a snap length cut
    them off. ``answered``: the server sent something. ``closed_first`` is who closed its direction first, and when;
    ``warning`` who sent the last alert that was not fatal, and its number. ``last`` is when the last bytes came.
    ``gone`` is how the server had ended the connection before the first bytes came.
    ``judged``: whoever takes the observation must learn of a handshake that could not be read.
    """

    __slots__ = (
        "alert_from",
        "alert_number",
        "answered",
        "asks_certificate",
        "budget",
        "chain",
        "client_certificate",
        "closed_first",
        "early",
        "emit",
        "ends",
        "frame",
        "gone",
        "in_step",
        "inside",
        "judged",
        "last",
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
        self.requests = TlsDirection(self, True)
        self.responses = TlsDirection(self, False)
        self.time: Microseconds | None = None
        self.frame: int | None = None
        self.last = 0
        self.closed_first: tuple[Peer, int] | None = None
        self.answered = False
        self.over = False
        self.lost = False
        # Whether the client sends early data.
        self.early = False
        self.gone: Ending | None = None
        self.judged = False
        self.snapped = False
        self.server_name: str | None = None
        self.versions: tuple[str, ...] = ()
        self.version_number: int | None = None
        self.alert_number: int | None = None
        self.alert_from: Peer | None = None
        self.warning: tuple[Peer, int] | None = None
        self.chain: tuple[Certificate, ...] = ()
        # Whether the server asked for the client's certificate, and whether the client, which answered, sent one.
        self.asks_certificate = False
        self.client_certificate: bool | None = None
        self.stage: TlsStage | None = None
        # Whether what follows can be decrypted, where keys are at hand.
        self.inside: Inside | None = None

    # What the directions hand over.

    def note_activity(self, up: bool, time: Microseconds, frame: int) -> None:
        if self.time is None:
            self.time, self.frame = time, frame
        self.last = time
        if not up:
            self.answered = True

    def take_message(self, up: bool, kind: int, body: bytes, time: Microseconds, frame: int) -> None:
        """A handshake message in clear. Raises DecodeError."""
        if kind == CLIENT_HELLO and up:
            self._take_client_hello(body, frame)
        elif kind == SERVER_HELLO and not up:
            self._take_server_hello(body)
        elif kind == CERTIFICATE and not up and self.version_number != TLS_1_3:
            self.stage = "certificate"
            self.chain = read_chain(body)
        elif kind == CERTIFICATE_REQUEST and not up and self.version_number != TLS_1_3:
            self.asks_certificate = True
        elif kind == CERTIFICATE and up and self.asks_certificate:
            self.client_certificate = len(body) > _NO_CERTIFICATE

    def take_chain(self, chain: tuple[Certificate, ...]) -> None:
        """The server's certificates, decrypted."""
        self.stage = "certificate"
        self.chain = chain

    def cut_message(self, up: bool, message: bytes, time: Microseconds, frame: int) -> None:
        """What a snap length left of a handshake message: of a hello, what is there."""
        if len(message) >= _HELLO_LEAST and message[0] == (CLIENT_HELLO if up else SERVER_HELLO):
            size = int.from_bytes(message[1:4], "big")
            with suppress(DecodeError):
                self.take_message(up, message[0], message[4 : 4 + size], time, frame)

    def ssl2_hello(self, body: bytes, time: Microseconds, frame: int) -> None:
        self.frame = frame
        self.stage = "client_hello"
        self.versions = read_ssl2_hello(body)

    def _take_client_hello(self, body: bytes, frame: int) -> None:
        hello = ClientHello()
        try:
            read_client_hello(body, hello)
        finally:
            # One that breaks off has said this much.
            if hello.versions is not None:
                self.versions = hello.versions
                if self.stage is None:
                    self.stage = "client_hello"
                    self.frame = frame
            if hello.server_name is not None:
                self.server_name = hello.server_name
            self.early |= hello.early

    def _take_server_hello(self, body: bytes) -> None:
        hello = ServerHello()
        try:
            read_server_hello(body, hello)
        finally:
            if hello.version is not None:
                self.version_number = hello.version
                # Else it asks for another hello, in the version that it has chosen.
                if not hello.retry:
                    self.stage = "server_hello"

    def note_closed(self, up: bool, time: Microseconds) -> None:
        # What the other side had sent by then may still come.
        if self.closed_first is None:
            self.closed_first = ("client" if up else "server", time)

    def take_alert(self, up: bool, level: int, number: int, time: Microseconds, frame: int) -> None:
        by: Peer = "client" if up else "server"
        if number == _CLOSE_NOTIFY:
            return
        if level != _FATAL:
            self.warning = (by, number)
        elif self.closed_first is None or (up and number in ALERT_OUTCOMES):
            self.alert_number, self.alert_from = number, by
            # That a certificate is bad a server says of the client's.
            says = up or number not in CERTIFICATE_ALERTS
            self._conclude_handshake(ALERT_OUTCOMES.get(number, "alert") if says else "alert", time, alert_text(number))
        elif not self.judged:
            # Who complains that the other is gone did not make it go; that it complained is a fact.
            self.alert_number, self.alert_from = number, by

    def encrypts_from_change(self) -> bool:
        return self.version_number is not None and not is_tls_1_3(self.version_number)

    def encrypted_record(self, up: bool, kind: int, size: int, time: Microseconds, frame: int) -> None:
        """An encrypted record begins."""
        if self.stage is None:
            for observation in self._unread_handshake():
                self.emit(observation)
            self.over = True
            return
        if self.closed_first is not None:
            # It comes too late for who hung up.
            return
        if is_tls_1_3(self.version_number):
            self._encrypted_record_1_3(up, kind, size, time)
        else:
            self._encrypted_record_1_2(up, kind, time)

    def _encrypted_record_1_3(self, up: bool, kind: int, size: int, time: Microseconds) -> None:
        if self.stage == "client_hello" or not up or kind != APPLICATION_DATA:
            # From a client before the ServerHello: early data, to a server that wants another hello.
            return
        if size >= _FINISHED_LEAST:
            self._complete_handshake(time)
        elif not self.early:  # of which a short record says that it ends
            self.alert_from = "client"
            self._conclude_handshake("alert", time, "an encrypted alert")

    def _encrypted_record_1_2(self, up: bool, kind: int, time: Microseconds) -> None:
        own, other = (self.requests, self.responses) if up else (self.responses, self.requests)
        if kind == ALERT:
            self.alert_from = "client" if up else "server"
            self._conclude_handshake("alert", time, "an encrypted alert")
        elif kind == HANDSHAKE:
            own.finished = True
            self.stage = "finished"
            if other.finished:
                self._complete_handshake(time)
        elif kind == APPLICATION_DATA and (not up or self.answered):
            # Nobody sends data before the handshake is over, early data of TLS 1.3 aside.
            self._complete_handshake(time)

    def _hung_up(self, by: Peer, how: Ending, time: Microseconds) -> tuple[TlsOutcome, int, str | None, Peer]:
        """Outcome, time, reason and ``closed_by`` when one side closed or reset before the handshake was complete."""
        waited = time - (self.time or time) >= min(self.patience, GAVE_UP)
        if self.lost:
            return "unfinished", time, self._what_is_missing(), by
        if not self.answered and by == "client" and waited:
            return "no_answer", time, None, by
        reason = alert_text(self.warning[1]) if self.warning else None
        return "closed", time, reason or ("reset" if how == "reset" else None), by

    def not_tls(self, answer: bytes, time: Microseconds) -> None:
        if self.in_step and self.stage is not None:
            self._conclude_handshake("not_tls", time, ANSWERS_IN_HTTP if answer == b"HTTP/" else None)
        else:
            self.responses.lose_place()

    # The connection's end.

    def close(self, how: Ending, by: Peer | None, time: Microseconds, frame: int) -> None:
        if self.closed_first is not None:
            by, time = self.closed_first
            how = "closed"
        if by is not None:
            self._conclude_handshake(*self._hung_up(by, how, time))

    def finish(self, at: Microseconds) -> None:
        for observation in self.pending(at):
            self.emit(observation)
        self.over = True
        self.requests.stop()
        self.responses.stop()

    def awaits_receipt(self) -> bool:
        """What is behind the handshake cannot be read here."""
        return False

    def note_missed_end(self) -> None:
        self.lost = True

    def release(self) -> None:
        """Breaks the circle of references with its directions, which only the garbage collector would free."""
        del self.requests, self.responses

    def pending(self, at: Microseconds) -> list[Observation]:
        if self.over:
            return []
        if self.stage is None:
            return self._unread_handshake()
        if self.closed_first is not None:
            return [self._tls_observation(*self._hung_up(self.closed_first[0], "closed", self.closed_first[1]))]
        if self.gone is not None and not self.answered:
            return [self._tls_observation("closed", None, "reset" if self.gone == "reset" else None, "server")]
        if self.lost and at - self.last >= self.patience:
            return [self._tls_observation("unfinished", None, self._what_is_missing(), None)]
        if not self.answered and at - self.last >= self.patience:
            return [self._tls_observation("no_answer", None, None, None)]
        return [self._tls_observation("unfinished", None, None, None)]

    # What is concluded.

    def _unread_handshake(self) -> list[Observation]:
        """A handshake without a readable message, where the capture is the reason and somebody judges."""
        if not (self.lost and self.judged):
            return []
        return [self._tls_observation("unfinished", None, self._what_is_missing(), None)]

    def _what_is_missing(self) -> str:
        if self.snapped:
            return "the capture's snap length cut packets of the handshake (capture again with: tcpdump -s 0)"
        return (
            "bytes of the handshake are not in the capture (capture again, nearer to the phone or with a larger "
            "buffer: tcpdump -B 65536)"
        )

    def _complete_handshake(self, time: Microseconds) -> None:
        self.stage = "finished"
        self._conclude_handshake("complete", time, None)

    def _conclude_handshake(
        self, outcome: TlsOutcome, time: Microseconds, reason: str | None, closed_by: Peer | None = None
    ) -> None:
        if self.over:
            return
        self.over = True
        if self.stage is not None or (self.alert_number is not None and not self.judged):
            self.emit(self._tls_observation(outcome, time, reason, closed_by))
        else:
            for observation in self._unread_handshake():
                self.emit(observation)
        self.requests.stop()
        self.responses.stop()

    def _tls_observation(
        self, outcome: TlsOutcome, time: Microseconds | None, reason: str | None, closed_by: Peer | None
    ) -> Tls:
        ends = self.ends
        began = self.time or 0
        inside = self.inside if outcome == "complete" else None
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
            decrypted=inside.readable if inside is not None else None,
            not_decrypted=inside.why if inside is not None and not inside.readable else None,
            client_certificate=self.client_certificate,
        )
