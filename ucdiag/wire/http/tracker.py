"""Tracks HTTP/1.x in a capture: both directions of one connection in, one ``Http`` for each request out.

Rules of this package:

- A capture is not a participant's view: it may begin in the middle of a message, lack bytes, and hold garbage
  (``framing``).
- Bodies are counted, not kept, beyond a bounded excerpt. The exception is the exchange with the Device Update Service
  (``.../ucdevice.upx``), of which up to ``WHOLE`` bytes are kept each way.
- A request waits in a queue for its response (pipelining); the oldest gets the next response. ``1xx`` is no response.
- Where the capture lacks bytes between two messages, order proves nothing: a response then belongs to the request that
  was sent when the client had acknowledged all up to where it begins, or to none that was seen. A request that the
  capture lacks waits for its response like any other.
- The frame of a message is the one that completes it, which is where Wireshark shows it.
- Whatever ends a connection concludes all that waits on it, with the reason for what is missing.
"""

from collections.abc import Callable
from dataclasses import replace

from ucdiag.model.observations import Http, Observation
from ucdiag.model.vocabulary import CAPTURE_SKEW, Ending, HttpFailure, Microseconds, Peer, is_success_status
from ucdiag.wire.http import LEAST
from ucdiag.wire.http.directions import RequestDirection, ResponseDirection
from ucdiag.wire.http.exchange import (
    Exchange,
    ExchangeContext,
    UpdateExchange,
    lost_exchange,
    to_observation,
    update_exchange,
    without_answer,
)
from ucdiag.wire.tcp.stream import Budget, Endpoints

# Requests that wait for their response on one connection.
PIPELINE_MOST = 256
# A client that closes so long (microseconds) after its request gave up on the answer.
GAVE_UP = 1_000_000


class HttpTracker:
    """One connection: pairs its requests and responses.

    ``in_step`` says that its beginning was seen, ``bodies`` that excerpts of bodies are wanted, ``patience``
    (microseconds) how long an answer may take. ``update`` gets each POST to the update service after its ``Http``.
    """

    __slots__ = (
        "answer_first",
        "answered_to",
        "bodies",
        "budget",
        "client_closed",
        "emit",
        "ends",
        "gone",
        "heard",
        "held",
        "latest",
        "missed",
        "patience",
        "queue",
        "refused",
        "request_skipped",
        "requests",
        "responses",
        "snapped",
        "tunnel",
        "unconfirmed",
        "update",
    )

    def __init__(
        self,
        ends: Endpoints,
        emit: Callable[[Observation], None],
        budget: Budget,
        *,
        in_step: bool,
        bodies: bool,
        patience: Microseconds,
        update: Callable[[UpdateExchange], None] | None,
        missed: int,
        snapped: bool,
        heard: bool,
    ) -> None:
        self.ends = ends
        self.emit = emit
        self.budget = budget
        self.bodies = bodies
        self.patience = patience
        self.update = update
        # When the client closed its direction.
        self.client_closed: Microseconds | None = None
        # Whether it reset the connection after that: it was no longer there for what came then.
        self.refused = False
        # Time and frame of what was emitted last.
        self.latest: tuple[Microseconds, int] = (0, 0)
        # Bytes that the capture lacks of messages of which it has nothing.
        self.missed = missed
        # Whether a snap length cut packets that mattered.
        self.snapped = snapped
        # How the server had ended the connection before its first bytes came, which crossed that.
        self.gone: Ending | None = None
        # Whether the server's packets are in the capture.
        self.heard = heard
        # Called when a CONNECT has succeeded: what follows is another conversation.
        self.tunnel: Callable[[], None] | None = None
        # Requests that wait for their response, oldest first.
        self.queue: list[Exchange] = []
        # Answered before its request, or the end of its request, was captured.
        self.answer_first: Exchange | None = None
        # The position in the client's stream up to which requests that were not seen have had their answers.
        self.answered_to = 0
        # The one answered first before that never got its request.
        self.request_skipped = False
        # Answered with 401: whether the client goes on, or hangs up, says whether it signs in.
        self.held: Http | None = None
        # The last update request that was answered with success, until the client goes on: it may not get that answer.
        # With the position behind that answer.
        self.unconfirmed: tuple[Exchange, Http, int] | None = None
        # The sinks of the two directions.
        self.requests = RequestDirection(self, in_step)
        self.responses = ResponseDirection(self, in_step)

    def add_request(self, exchange: Exchange) -> Exchange:
        """A request has begun: it waits for its response."""
        self.release_held()
        self.unconfirmed = None
        if len(self.queue) >= PIPELINE_MOST:
            self.conclude_exchange(self.queue.pop(0), None, None)
        self.queue.append(exchange)
        return exchange

    def is_behind(self) -> bool:
        """Whether the server has acknowledged what the capture has not shown yet."""
        stream = self.requests.stream
        return stream is not None and stream.acknowledged > stream.at and not stream.ended

    def responses_received(self) -> int | None:
        """The position in the server's stream that the client had acknowledged when it began the latest request."""
        stream = self.responses.stream
        return None if stream is None or stream.start is None else stream.position(self.requests.peer_ack)

    def requests_received(self) -> int | None:
        """The position in the client's stream that the server had acknowledged when it began the latest response."""
        stream = self.requests.stream
        return None if stream is None or stream.start is None else stream.position(self.responses.peer_ack)

    def claim_early_answer(self, time: Microseconds, end: int | None) -> Exchange | None:
        """The exchange of which the answer was captured before the request that begins now, and that ends at ``end``
        of its stream (``None``: unknown), if there is one."""
        exchange = self.answer_first or (self.queue[0] if len(self.queue) == 1 else None)
        if exchange is None or exchange.method is not None or exchange.request_complete or exchange.request_lost:
            return None
        received = self.responses_received()
        if received is not None and exchange.answer_start is not None and received != exchange.answer_start:
            # The client had that answer already when it sent this request, or another one came first.
            return None
        if exchange.after_loss and end is not None and (exchange.answer_reach or 0) > end:
            # The server had got another one, too, and which of the two it answered is not known.
            return None
        return exchange if time - (exchange.last_time or exchange.time) <= CAPTURE_SKEW else None

    def stop(self) -> None:
        """The connection is no longer HTTP: a tunnel, another protocol."""
        self.requests.stop()
        self.responses.stop()

    def conclude_exchange(self, exchange: Exchange, failure: HttpFailure | None, closed_by: Peer | None) -> None:
        """Emits the exchange as it stands and forgets it."""
        if exchange is self.answer_first:
            self.answer_first = None
        if exchange.method is None and exchange.answer_reach is not None:
            self.answered_to = max(self.answered_to, exchange.answer_reach)
        if exchange.emitted:
            return
        exchange.emitted = True
        http = self._http_observation(exchange, failure, closed_by)
        if self.refused and exchange.is_update and exchange.status is not None and not http.answer_acked:
            http = without_answer(http, http.time, http.frame, "no_answer", closed_by, False, http.seconds)
        self.latest = (http.last_time or http.time, http.last_frame or http.frame or 0)
        if exchange.is_update and exchange.status == 401 and exchange.complete:
            self.release_held()
            self.held = http
            if self.client_closed is not None:
                self.release_held("client")
        else:
            self.emit(http)
        if exchange.is_update and exchange.complete and self.bodies and is_success_status(exchange.status):
            self.unconfirmed = exchange, http, self.responses.passed
        self._hand_over(exchange, http)

    def awaits_receipt(self) -> bool:
        """Whether the answer to an update request came when the client had closed, and may find nobody there."""
        answered = self.responses.stream
        if self.unconfirmed is None or self.client_closed is None or answered is None:
            return False
        return answered.acknowledged < self.unconfirmed[2]

    def note_missed_end(self) -> None:
        """The bytes that the capture lacks are counted where they are missed."""

    def _answer_unheard(self, failure: HttpFailure, closed_by: Peer | None, hung_up: Microseconds | None) -> list[Http]:
        """The last update request once more, where its answer is in the capture and did not reach the client.

        The client did not acknowledge the end of it, and one of the two went on to repeat what it had sent for as long
        as an answer may take, or until the client ``hung_up``. Or the client had closed, and refused it by a reset.
        """
        if self.unconfirmed is None:
            return []
        (exchange, http, end), asked, answered = self.unconfirmed, self.requests.stream, self.responses.stream
        start, since = exchange.answer_start, http.last_time
        if asked is None or answered is None or start is None or since is None or answered.acknowledged >= end:
            return []
        began = answered.acknowledged > start
        if self.refused:
            return [without_answer(http, since, None, failure, closed_by, began, http.seconds)]
        repeated = [(answered.time, answered.frame)] if answered.repeated >= max(start, answered.acknowledged) else []
        if exchange.request_start is not None and asked.repeated >= exchange.request_start:
            repeated.append((asked.time, asked.frame))
        time, frame = max(((time, frame) for time, frame in repeated if time is not None), default=(since, None))
        left = hung_up is not None and time > since and hung_up - since >= min(self.patience, GAVE_UP)
        if time - since < self.patience and not left:
            return []
        return [without_answer(http, time, frame, failure, closed_by, began)]

    def _hand_over(self, exchange: Exchange, http: Http) -> None:
        """The exchange is over and emitted: ``update`` gets it if it is one, and its bytes are freed."""
        if exchange.is_update and self.update is not None:
            self.update(update_exchange(exchange, http))
        exchange.free(self.budget)

    def release_held(self, closed_by: Peer | None = None) -> None:
        """Emits what was answered with 401, now that it is known what the client did next."""
        held, self.held = self.held, None
        if held is not None:
            self.emit(held if closed_by is None else replace(held, closed_by=closed_by))

    def close(self, how: Ending, by: Peer | None, time: Microseconds, frame: int) -> None:
        """The connection has ended: concludes all that waits."""
        hung_up = time if by == "client" and self.client_closed is None else self.client_closed
        self.refused = how == "reset" and by == "client" and self.client_closed is not None
        for unheard in self._answer_unheard("no_answer" if by == "client" else how, by, hung_up):
            self.emit(unheard)
        self.unconfirmed = None
        self.release_held("client" if by == "client" else None)
        self.requests.take_partial_head(time, frame)
        self.end_responses(how, by, time, frame)
        if self.answer_first is not None:
            self.conclude_exchange(self.answer_first, None, by)

    def end_responses(self, how: Ending, by: Peer | None, time: Microseconds, frame: int) -> None:
        """No response will come: concludes the requests that wait for one."""
        self.responses.take_partial_head(time, frame)
        self._note_lost_answers()
        while self.queue:
            if self._drop_unseen():
                continue
            if self.responses.banner is not None:
                self.responses.conclude_not_http()
                continue
            exchange = self.queue.pop(0)
            self.conclude_exchange(exchange, self._failure_at_end(exchange, how, by, time), by)

    def _note_lost_answers(self) -> None:
        """Counts a byte of each answer that is among those which the capture lacks, one behind the other."""
        for exchange in self.queue:
            if not exchange.answer_lost and self._may_be_lost(exchange):
                exchange.answer_lost = 1

    def _may_be_lost(self, exchange: Exchange) -> bool:
        """Whether the capture lacks bytes of answers that came when the client had got all before this request."""
        if exchange.status is not None or exchange.method is None or exchange.received is None:
            return False
        return self.responses.uncertain and self.responses.passed > exchange.received

    def _drop_unseen(self) -> bool:
        """Whether the oldest request in the queue is not in the capture, nor its answer, and so was forgotten."""
        exchange = self.queue[0]
        if exchange.method is not None or exchange.status is not None or not exchange.request_complete:
            return False
        self.missed += exchange.request_lost + exchange.answer_lost
        del self.queue[0]
        return True

    def finish(self, at: Microseconds) -> None:
        """The capture has ended, or the connection is forgotten."""
        self.release_held()
        for unheard in self._answer_unheard("no_answer", None, self.client_closed):
            self.emit(unheard)
        self.unconfirmed = None
        while self.queue and self._drop_unseen():
            pass
        pending = self._pending_exchanges(at)
        if self.missed >= LEAST and not pending and self.bodies:
            self.emit(lost_exchange(self.ends, *self.latest, self.missed, self.snapped))
        for http, exchange in pending:
            self.emit(http)
            self._hand_over(exchange, http)
        self.queue.clear()
        self.answer_first = None
        self.stop()

    def release(self) -> None:
        """Breaks the reference cycle with both directions, so that memory is freed at once."""
        del self.requests, self.responses

    def pending(self, at: Microseconds) -> list[Observation]:
        """What ``finish`` would emit."""
        held: list[Observation] = [self.held] if self.held is not None else []
        unheard = self._answer_unheard("no_answer", None, self.client_closed)
        return [*held, *unheard, *(http for http, _ in self._pending_exchanges(at))]

    def _pending_exchanges(self, at: Microseconds) -> list[tuple[Http, Exchange]]:
        pending = []
        if self.answer_first is not None:
            pending.append((self._http_observation(self.answer_first, None, None), self.answer_first))
        for exchange in self.queue:
            if exchange.method is not None or exchange.status is not None or not exchange.request_complete:
                failure = self._failure_so_far(exchange, at)
                closed_by: Peer | None = "server" if failure is not None and failure == self.gone else None
                http = self._http_observation(exchange, failure, closed_by)
                if not http.lost_bytes and self._may_be_lost(exchange):
                    http = replace(http, lost_bytes=1)
                pending.append((http, exchange))
        return pending

    def _failure_so_far(self, exchange: Exchange, at: Microseconds) -> HttpFailure | None:
        """Why the exchange is not complete, when the connection is still open at ``at``."""
        if exchange.status is not None:
            return "stalled" if at - (exchange.last_time or exchange.time) >= self.patience else None
        if exchange.answer_lost or self._may_be_lost(exchange):
            return None
        if self.gone is not None:
            return self.gone
        if self.responses.banner is not None:
            return "not_http"
        if exchange.request_complete and at - exchange.request_time >= self.patience:
            return "incomplete" if self.responses.buffer else "no_answer"
        return None

    def _failure_at_end(
        self, exchange: Exchange, how: Ending, by: Peer | None, time: Microseconds
    ) -> HttpFailure | None:
        """Why the exchange is not complete, when the connection has ended at ``time``."""
        if exchange.answer_lost and exchange.status is None:
            return None
        # A client that hangs up after a while gave up on the answer.
        waited = time - exchange.request_time >= min(self.patience, GAVE_UP)
        if exchange.status is None and by == "client" and exchange.request_complete and waited:
            return "no_answer"
        silent = exchange.last_time is not None and time - exchange.last_time >= self.patience
        if exchange.status is not None and by == "client" and silent:
            return "stalled"
        return how

    def _http_observation(self, exchange: Exchange, failure: HttpFailure | None, closed_by: Peer | None) -> Http:
        request_acked = answer_acked = None
        if exchange.is_update:
            request_acked = self.requests.was_acknowledged(exchange.request_start, self.heard)
            if request_acked is None and self.gone == "reset":
                request_acked = False
            answer_acked = self.responses.was_acknowledged(exchange.answer_start, True)
        context = ExchangeContext(
            ends=self.ends,
            bodies=self.bodies,
            snapped=self.snapped,
            request_acked=request_acked,
            answer_acked=answer_acked,
        )
        return to_observation(exchange, context, failure, closed_by)
