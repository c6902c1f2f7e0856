"""The two directions of an HTTP/1.x connection: they fill exchanges from requests and responses."""

from ucdiag.model.service_names import is_handler, plain_path
from ucdiag.model.vocabulary import HttpFailure, Microseconds, is_success_status
from ucdiag.wire.http import LEAST
from ucdiag.wire.http.exchange import EXCERPT, SNIFF, WHOLE, BodyExcerpt, Exchange
from ucdiag.wire.http.framing import BODY, CHUNK_SIZE, HEAD, UNTIL_CLOSE, Conversation, HttpDirection
from ucdiag.wire.http.parser import (
    begins_request,
    begins_response,
    body_length,
    is_known_request,
    is_known_response,
    lengths_differ,
    read_request_line,
    read_status_line,
    shared_fields,
    text_of,
)


class RequestDirection(HttpDirection):
    """The client's direction."""

    __slots__ = ()

    def begins_message(self, data: bytes) -> bool | None:
        return begins_request(data)

    def resumes_message(self, data: bytes) -> bool:
        return is_known_request(data)

    def receive_data(self, data: bytes, time: Microseconds, frame: int) -> None:
        exchange = self.exchange
        if exchange is not None and exchange.answer_over and self._is_withheld(exchange, data):
            self._complete_message(time, frame)
        super().receive_data(data, time, frame)

    def _is_withheld(self, exchange: Exchange, data: bytes) -> bool:
        """Whether the body never comes: a final answer came instead of ``100 Continue``, and another request follows.

        RFC 9110, section 10.1.1; curl and .NET go on with the same connection then.
        """
        waits = "expect" in exchange.request_fields and not exchange.request_bytes and not self.buffer
        return waits and self.mode in (BODY, CHUNK_SIZE) and is_known_request(data)

    def on_head(self, head: bytes, time: Microseconds, frame: int, whole: bool) -> bool:
        line, fields = shared_fields(head)
        request_line = read_request_line(line)
        if request_line is None:
            return False
        target_cut = not whole and b"\n" not in head and not line.split(None, 1)[-1].count(b" ")
        if target_cut and (self.tracker.bodies or not self.tracker.snapped):
            # Facts report a request with a target that a snap length cut; the judge cannot use it.
            return False
        method, target, _ = request_line
        if method == b"PRI" and target == b"*":
            # HTTP/2 (RFC 9113, section 3.4).
            self.tracker.stop()
            return True
        began = self._began or (time, frame)
        end = (self.start or 0) + len(head) + (body_length(fields)[0] or 0) if whole else None
        early = self.tracker.claim_early_answer(began[0], end)
        exchange = early or self.tracker.add_request(Exchange(*began))
        exchange.time = began[0]
        exchange.frame = frame
        exchange.request_time = time
        exchange.method = method.decode("ascii")
        exchange.target = text_of(target)
        exchange.request_start = self.start
        exchange.received = self.tracker.responses_received()
        exchange.request_fields = fields
        exchange.is_update = exchange.method == "POST" and is_handler(plain_path(exchange.target))
        self.exchange = exchange
        if whole:
            self._begin_request_body(exchange, head, time, frame)
        return True

    def _begin_request_body(self, exchange: Exchange, head: bytes, time: Microseconds, frame: int) -> None:
        tracker = self.tracker
        length, chunked = body_length(exchange.request_fields)
        if exchange.is_update:
            if tracker.budget.take(len(head)):
                exchange.request_head = head
            exchange.request = BodyExcerpt(tracker.budget, WHOLE)
        elif tracker.bodies and (length or chunked):
            exchange.request = BodyExcerpt(tracker.budget, EXCERPT)
        # A request without a length has no body.
        self.begin_body(length or 0, chunked, exchange.request, time, frame)
        if "expect" in exchange.request_fields:
            # Whether the body comes is seen by its first bytes.
            self.counts = 0

    def on_body(self, amount: int, lost: int, time: Microseconds, frame: int) -> None:
        exchange = self.exchange
        if exchange is not None:
            exchange.request_bytes += amount
            exchange.request_lost += lost
            exchange.request_time = time
            exchange.frame = frame

    def on_complete(self, time: Microseconds, frame: int) -> None:
        exchange, self.exchange = self.exchange, None
        if exchange is not None:
            exchange.request_complete = True
            exchange.frame = frame
            exchange.request_time = time
            if exchange.answer_over:
                self.tracker.conclude_exchange(exchange, None, None)

    def on_broken(self, lost: int = 1) -> None:
        exchange, self.exchange = self.exchange, None
        if exchange is not None:
            exchange.request_lost += lost
            self.note_broken_off(exchange, self.tracker.responses.stream)
            if exchange.answer_over:
                self.tracker.conclude_exchange(exchange, None, None)

    def on_missed(self, amount: int, time: Microseconds, frame: int) -> None:
        tracker = self.tracker
        if self.stream is not None and self.stream.at <= tracker.answered_to:
            # A request that has had its answer already.
            return
        broken_off = self.exchange_of_rest(tracker.responses.stream)
        if broken_off is not None and (self.rest_cut or not broken_off.answer_over):
            broken_off.request_lost += amount
            return
        exchange = tracker.answer_first or (tracker.queue[0] if tracker.queue else None)
        if tracker.request_skipped or exchange is None or exchange.method is not None or exchange.request_complete:
            if not tracker.request_skipped and amount >= LEAST:
                self._add_unseen(amount, time, frame)
            else:
                tracker.missed += amount
            tracker.request_skipped = False
            return
        if self._may_be_answered_before(exchange):
            # The next request may be the one that it answers.
            tracker.missed += amount
            return
        # The lost bytes were the request that has its answer already, so the next request is another one.
        exchange.request_lost += amount
        if exchange is tracker.answer_first:
            tracker.conclude_exchange(exchange, None, None)

    def _may_be_answered_before(self, exchange: Exchange) -> bool:
        """Whether the bytes that have just been lost may have had their answer before this one."""
        if exchange.answer_reach is None or self.stream is None or exchange.answer_reach <= self.stream.at:
            return False
        return exchange.after_loss or self.stream.at <= self.tracker.answered_to

    def _add_unseen(self, amount: int, time: Microseconds, frame: int) -> None:
        """A request that the capture lacks waits for its answer, so that no other gets it."""
        unseen = Exchange(time, frame)
        unseen.request_lost = amount
        unseen.request_complete = True
        self.tracker.add_request(unseen)

    def take_line_request(self, time: Microseconds, frame: int) -> bool:
        """HTTP/0.9: ``GET /`` and the end of the line."""
        line, newline, rest = bytes(self.buffer).partition(b"\n")
        request_line = read_request_line(line)
        if not newline or rest or request_line is None or request_line[2]:
            return False
        self._drop_buffer()
        self._began = (time, frame)
        return self.on_head(line, time, frame, True)

    def end_stream(self, time: Microseconds, frame: int) -> None:
        self.take_partial_head(time, frame)
        self.tracker.client_closed = time
        self.tracker.release_held("client")
        self.stop()


class ResponseDirection(HttpDirection):
    """The server's direction. ``banner`` is what came where a response had to begin, with its time and frame.

    ``uncertain``: how many responses the capture lacks since the last one that was assigned is not known. ``passed``
    is the position up to which responses came or were lost.
    """

    __slots__ = ("banner", "passed", "uncertain")

    def __init__(self, tracker: Conversation, in_step: bool) -> None:
        super().__init__(tracker, in_step)
        self.banner: tuple[bytes, Microseconds, int] | None = None
        self.uncertain = not in_step
        self.passed = 0

    def begins_message(self, data: bytes) -> bool | None:
        return begins_response(data)

    def resumes_message(self, data: bytes) -> bool:
        return is_known_response(data)

    def on_head(self, head: bytes, time: Microseconds, frame: int, whole: bool) -> bool:
        line, fields = shared_fields(head)
        status_line = read_status_line(line)
        if status_line is None:
            return False
        status, reason = status_line
        if 100 <= status < 200 and status != 101:
            self.mode = HEAD
            return True
        exchange = self._answered_exchange(time, frame)
        self.exchange = exchange
        self.banner = None
        exchange.status = status
        exchange.answer_start, exchange.answer_reach = self.start, self.tracker.requests_received()
        exchange.reason = reason
        exchange.answer_fields = fields
        exchange.last_time, exchange.last_frame, exchange.answer_frame = time, frame, frame
        if whole:
            self._begin_response_body(exchange, status, time, frame)
        return True

    def _answered_exchange(self, time: Microseconds, frame: int) -> Exchange:
        """The exchange that a response which begins now belongs to."""
        tracker = self.tracker
        queue = tracker.queue
        if self.uncertain and queue:
            self._skip_unanswered()
        if queue and not (self.uncertain and self._is_earlier(queue[0])):
            return queue[0]
        exchange = Exchange(*(self._began or (time, frame)))
        exchange.request_complete = not tracker.is_behind()
        exchange.request_lost, tracker.missed = tracker.missed, 0
        if tracker.answer_first is not None:
            tracker.answered_to = max(tracker.answered_to, tracker.answer_first.answer_reach or 0)
        exchange.after_loss = self.uncertain
        if queue:
            # It answers one that the capture lacks, which was sent before those that wait.
            exchange.request_complete = True
            exchange.request_lost = exchange.request_lost or 1
        queue.insert(0, exchange)
        return exchange

    def _is_earlier(self, exchange: Exchange) -> bool:
        """Whether the response that begins now was sent before the server had this request."""
        start, reach = exchange.request_start, self.tracker.requests_received()
        if start is not None and reach is not None and reach <= start:
            return True
        return exchange.received is not None and self.start is not None and exchange.received > self.start

    def _skip_unanswered(self) -> None:
        """Responses were lost: takes the requests out of the queue that the one which begins now does not answer."""
        tracker, queue = self.tracker, self.tracker.queue
        arrived = sum(not self._is_earlier(exchange) for exchange in queue)
        # Those that the client sent when it had got all up to here.
        sent = [place for place, exchange in enumerate(queue[:arrived]) if exchange.received == self.start is not None]
        if len(sent) == 1 and sent[0] == arrived - 1 and not tracker.is_behind():
            self.uncertain = False
            self._lose_answers(sent[0])
        elif not (arrived == 1 and self._may_answer(queue[0])):
            self._lose_answers(arrived)

    def _may_answer(self, exchange: Exchange) -> bool:
        """Whether a response behind lost bytes answers the only request that may have arrived."""
        if self.tracker.is_behind():
            # The server has got another one, which the capture has not shown.
            return False
        if exchange.received is None or self.start is None:
            return True
        # What came before an answer to it may be a response to "Expect: 100-continue".
        return self.passed <= exchange.received or "expect" in exchange.request_fields

    def _lose_count(self) -> None:
        self.uncertain = True
        self._note_passed()

    def _note_passed(self) -> None:
        self.passed = self.stream.at if self.stream is not None else 0

    def _lose_answers(self, count: int) -> None:
        """The capture lacks the answers to the oldest requests, so many."""
        queue = self.tracker.queue
        for exchange in queue[:count]:
            if exchange.method is None:
                self.tracker.missed += exchange.request_lost
                continue
            exchange.answer_lost = exchange.answer_lost or 1
            self.tracker.conclude_exchange(exchange, None, None)
        del queue[:count]

    def _begin_response_body(self, exchange: Exchange, status: int, time: Microseconds, frame: int) -> None:
        tracker = self.tracker
        length, chunked = body_length(exchange.answer_fields)
        exchange.announced = length
        if status == 101 or (exchange.method == "CONNECT" and is_success_status(status)):
            self._complete_message(time, frame)
            tracker.stop()
            if tracker.tunnel is not None and status != 101:
                tracker.tunnel()
            return
        if exchange.method == "HEAD" or status in (204, 304):
            length, chunked = 0, False
        elif length is not None and lengths_differ(exchange.answer_fields["content-length"]):
            self._reject_response(exchange, "not_http")
            return
        # A request that is still to come may be one to the update service.
        still_to_come = not exchange.request_complete and exchange.method is None
        if exchange.is_update or (tracker.bodies and still_to_come):
            wanted = WHOLE
        else:
            wanted = EXCERPT if tracker.bodies else SNIFF
        exchange.answer = BodyExcerpt(tracker.budget, wanted)
        self.begin_body(length, chunked, exchange.answer, time, frame)

    def _reject_response(self, exchange: Exchange, failure: HttpFailure) -> None:
        """Where the response ends cannot be known, nor what follows it: a client has to discard it."""
        self.exchange = exchange.announced = None
        exchange.answer_over = True
        queue = self.tracker.queue
        if queue and queue[0] is exchange:
            queue.pop(0)
        self.tracker.conclude_exchange(exchange, failure, None)
        self.lose_place(expects_message=False)

    def on_misfit(self) -> None:
        exchange = self.exchange
        if exchange is None or exchange.answer_lost or self.uncertain or self.tracker.snapped:
            self.on_broken()
        else:
            # As of an active command: the answer ends here for whoever reads it.
            self._reject_response(exchange, "closed")

    def on_body(self, amount: int, lost: int, time: Microseconds, frame: int) -> None:
        exchange = self.exchange
        if exchange is not None:
            exchange.answer_bytes += amount
            exchange.answer_lost += lost
            exchange.last_time, exchange.last_frame = time, frame

    def on_complete(self, time: Microseconds, frame: int) -> None:
        exchange = self.exchange
        if exchange is not None:
            exchange.complete = True
            self._note_passed()
            exchange.answer_frame = exchange.last_frame = frame
            exchange.last_time = time
            self._end_response(exchange)

    def on_broken(self, lost: int = 1) -> None:
        exchange = self.exchange
        if exchange is None:
            # It broke off in an interim response: the final one is missing.
            self._miss_response(lost)
            return
        self._lose_count()
        exchange.answer_lost += lost
        self.note_broken_off(exchange, self.tracker.requests.stream)
        self._end_response(exchange)

    def on_missed(self, amount: int, time: Microseconds, frame: int) -> None:
        self._miss_response(amount)

    def _miss_response(self, amount: int) -> None:
        self._lose_count()
        queue = self.tracker.queue
        if queue and queue[0].status is None:
            queue[0].answer_lost += amount
        elif self.exchange_of_rest(self.tracker.requests.stream) is None:
            self.tracker.missed += amount

    def _end_response(self, exchange: Exchange) -> None:
        """Nothing more of the response can come: concludes its exchange, unless its request still comes."""
        tracker = self.tracker
        self.exchange = None
        exchange.answer_over = True
        queue = tracker.queue
        if queue and queue[0] is exchange:
            queue.pop(0)
        if exchange.request_complete or exchange.request_lost:
            tracker.conclude_exchange(exchange, None, None)
            return
        if tracker.answer_first is not None:
            tracker.request_skipped = True
            skipped, stream = tracker.answer_first, self.tracker.requests.stream
            seen = stream.at if stream is not None else 0
            skipped.request_lost = skipped.request_lost or max(1, (skipped.answer_reach or 0) - seen)
            tracker.conclude_exchange(skipped, None, None)
        tracker.answer_first = exchange

    def on_misplaced(self, data: bytes, time: Microseconds, frame: int) -> None:
        if not self.expects_message:
            return
        if self.banner is None:
            self.banner = (data[:EXCERPT], time, frame)
        queue = self.tracker.queue
        if queue and (self.junk or self.banner[1] >= queue[0].time):
            self.conclude_not_http()

    def conclude_not_http(self) -> None:
        """Conclude that the answer to the oldest request, the ``banner``, is not HTTP."""
        assert self.banner is not None
        exchange = self.tracker.queue.pop(0)
        data, exchange.last_time, exchange.last_frame = self.banner
        exchange.answer_frame = exchange.last_frame
        exchange.answer_bytes = len(data)
        exchange.answer = BodyExcerpt(self.tracker.budget, EXCERPT)
        exchange.answer.add(data)
        self.tracker.conclude_exchange(exchange, "not_http", None)

    def end_stream(self, time: Microseconds, frame: int) -> None:
        self.take_partial_head(time, frame)
        if self.mode == UNTIL_CLOSE and self.exchange is not None:
            self._complete_message(time, frame)
        closed = self.tracker.client_closed
        self.tracker.release_held()
        if closed is None:
            self.tracker.end_responses("closed", "server", time, frame)
        else:
            self.tracker.end_responses("closed", "client", closed, frame)
        self.stop()
