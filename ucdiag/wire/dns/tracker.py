"""Which DNS answer belongs to which question.

- Only ordinary questions count: no dynamic updates, notifications or zone transfers.
- A question sent again (same identifier, same port) is one more attempt of the same lookup; where both are answered,
  the second is a lookup of its own.
- An answer whose question was not seen is a lookup too: its ``frame`` is its ``answer_frame``, its time the answer's.
  It waits a moment for its question, since a mirror port may swap the two; not where all packets are reported as they
  stand (``each``).
"""

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache

from ucdiag.model.observations import Lookup, Observation
from ucdiag.model.vocabulary import (
    CAPTURE_SKEW,
    Ending,
    LookupFailure,
    Microseconds,
    Peer,
    Seconds,
    Transport,
    microseconds,
)
from ucdiag.wire.addresses import address_text, mac_text
from ucdiag.wire.datagram import Datagram
from ucdiag.wire.dns.message import Message, follow_aliases, read_dns
from ucdiag.wire.errors import DecodeError
from ucdiag.wire.tcp.segment import ConnectionKey
from ucdiag.wire.tcp.stream import ENDLESS, Budget

# Answers that are remembered, to recognise their copies.
ANSWERED_MOST = 2048
# After this silence (seconds) a question of a long capture is given up.
GIVE_UP = 30.0
# Repetitions of one question that are remembered with their frames.
REPEATS_MOST = 16
# After this time (microseconds) the same question is another lookup, where all packets are reported as they stand.
# Wireshark takes them for two from 5 seconds on, which is also when many resolvers ask again.
ANOTHER = 5_000_000
# So many answers may wait for a question that is captured after them.
EARLY_MOST = 64
# Questions that wait with one identifier on one port.
SAME_MOST = 32
# Bytes of a message that is remembered, in case it comes again.
_USUAL_SIZE = 512


# The phones of a site ask for the same names and get the same answers, but for the identifier.
@lru_cache(maxsize=64)
def _read_again(without_id: bytes) -> Message:
    return read_dns(b"\0\0" + without_id)


class _Question:
    """A question that waits. ``last`` is when it was asked last, ``again`` when and in which frame it was repeated,
    ``mac`` the client's."""

    __slots__ = ("again", "attempts", "frame", "last", "mac", "name", "time", "type")

    def __init__(self, time: Microseconds, frame: int, name: str, type: str, mac: bytes | None) -> None:
        self.time = self.last = time
        self.frame = frame
        self.name = name
        self.type = type
        self.mac = mac
        self.attempts = 1
        self.again: list[tuple[Microseconds, int]] = []

    def asks_for(self, name: str, type: str | None) -> bool:
        return self.type == type and self.name.lower() == name.lower()


# Client, its port, server, its port, identifier, transport.
_Key = tuple[bytes, int, bytes, int, int, Transport]
# What tells questions apart: the key, the name in lower case, the type.
_Known = tuple[_Key, str | None, str | None]


class DnsTracker:
    """Matches answers to questions, and emits a ``Lookup`` for each question.

    ``patience`` is seconds, after which no answer is expected any more; ``pending`` is how many questions may wait.
    With ``each`` all questions and answers of a capture are reported, rather than what became of them: every
    repetition of a question that got no answer of its own, as a lookup without ``rcode`` and without ``failure``, and
    every answer beyond those that were asked for.

    ``dropped`` counts the questions that were forgotten to make room, ``malformed`` what was no DNS message.
    """

    def __init__(
        self, emit: Callable[[Observation], None], *, patience: Seconds = 5.0, pending: int = 4096, each: bool = False
    ) -> None:
        self._emit = emit
        self._each = each
        self._patience = microseconds(patience)
        self._give_up = max(self._patience, microseconds(GIVE_UP))
        self._most = pending
        self._waiting: OrderedDict[_Key, list[_Question]] = OrderedDict()
        self._answered: OrderedDict[_Known, list[tuple[Microseconds, int]]] = OrderedDict()
        # Answers without a question, and when each came; None in place of one whose question has come.
        self._early: OrderedDict[_Known, tuple[Microseconds, Lookup | None]] = OrderedDict()
        self.dropped = 0
        self.malformed = 0

    def udp(self, datagram: Datagram) -> None:
        """One UDP datagram of a DNS port."""
        self.message(datagram, "udp")

    def message(self, datagram: Datagram, transport: Transport) -> None:
        """One DNS message, whatever carried it."""
        time, frame, src, sport, dst, dport, payload, src_mac, dst_mac, _, _ = datagram
        try:
            message = _read_again(payload[2:]) if len(payload) <= _USUAL_SIZE else read_dns(payload)
        except DecodeError:
            self._unreadable(time, frame, (dst, dport, src, sport), payload, transport)
            return
        if message.opcode:
            return
        ident = payload[0] << 8 | payload[1]
        if message.response:
            self._answer(time, frame, (dst, dport, src, sport, ident, transport), message, dst_mac)
        elif message.name is not None and message.type is not None:
            self._question(time, frame, (src, sport, dst, dport, ident, transport), message.name, message.type, src_mac)

    def unreachable(
        self, time: Microseconds, frame: int, ends: ConnectionKey, reason: str, ident: int | None = None
    ) -> None:
        """An ICMP error quotes a question over UDP from one end to the other; ``ident`` is its identifier, if quoted.

        It ends that question and no other: without the identifier the one that has waited longest.
        """
        if ident is not None:
            key: _Key | None = (*ends, ident, "udp")
        else:
            key = next((waiting for waiting in self._waiting if waiting[:4] == ends and waiting[5] == "udp"), None)
        questions = self._waiting.get(key) if key is not None else None
        if key is None or not questions:
            return
        asked = questions.pop(0)
        if not questions:
            del self._waiting[key]
        self._emit(_unanswered_lookup(key, asked, "unreachable", frame, max(0, time - asked.time) / 1e6, reason=reason))
        self._report_repeats((key, asked.name, asked.type), asked.again, asked.mac)

    def expire(self, now: Microseconds) -> None:
        """Gives up what has waited for long. Cheap when called often."""
        if self._early:
            self._report_early(now)
        while self._waiting:
            key, questions = next(iter(self._waiting.items()))
            if now - max(question.last for question in questions) < self._give_up:
                break
            del self._waiting[key]
            for question in questions:
                self._end_unanswered(key, question, "no_answer")

    def pending(self, at: Microseconds) -> list[Observation]:
        """What ``finish`` would emit, but for repetitions."""
        lookups: list[Observation] = [early for _, early in self._early.values() if early is not None]
        lookups += [
            _unanswered_lookup(key, question, self._failure_at(question, at))
            for key, questions in self._waiting.items()
            for question in questions
        ]
        return lookups

    def finish(self, at: Microseconds) -> None:
        """The capture has ended."""
        self._report_early(None)
        for key, questions in self._waiting.items():
            for question in questions:
                self._end_unanswered(key, question, self._failure_at(question, at))
        self._waiting.clear()
        for known, repeats in self._answered.items():
            self._report_repeats(known, repeats)
        self._answered.clear()

    def _failure_at(self, question: _Question, at: Microseconds) -> LookupFailure | None:
        """What the lack of an answer means when the capture ends; soon after the question it proves nothing."""
        return "no_answer" if at - question.time >= self._patience else None

    def _report_early(self, now: Microseconds | None) -> None:
        """Emits the answers whose question does not come any more; all of them when ``now`` is None."""
        while self._early:
            known, (time, early) = next(iter(self._early.items()))
            if now is not None and abs(now - time) <= CAPTURE_SKEW and len(self._early) <= EARLY_MOST:
                return
            del self._early[known]
            if early is not None:
                self._emit(early)

    def _claim_early_answer(self, time: Microseconds, frame: int, known: _Known, name: str, mac: bytes | None) -> bool:
        """Whether this question, or a copy of it, is the one of an answer that came just before it."""
        waiting = self._early.get(known)
        if waiting is None or abs(time - waiting[0]) > CAPTURE_SKEW:
            return False
        answered_at, early = waiting
        if early is not None:
            self._early[known] = (answered_at, None)
            self._emit(replace(early, time=time, frame=frame, name=name, client_mac=mac_text(mac) or early.client_mac))
        return True

    def _question(self, time: Microseconds, frame: int, key: _Key, name: str, type: str, mac: bytes | None) -> None:
        if self._early and self._claim_early_answer(time, frame, (key, name.lower(), type), name, mac):
            return
        questions = self._waiting.get(key)
        if questions is None:
            self._make_room(time)
            self._waiting[key] = [_Question(time, frame, name, type, mac)]
            return
        same = next((question for question in questions if question.asks_for(name, type)), None)
        if same is not None and not (self._each and time - same.time > ANOTHER):
            self._repeat(key, same, time, frame, mac)
        else:
            if same is not None:
                # An answer from here on is one to the new question.
                questions.remove(same)
                self._end_unanswered(key, same, "no_answer")
            if len(questions) >= SAME_MOST:
                self._drop(key, questions.pop(0))
            questions.append(_Question(time, frame, name, type, mac))
        self._waiting.move_to_end(key)

    def _repeat(self, key: _Key, question: _Question, time: Microseconds, frame: int, mac: bytes | None) -> None:
        question.attempts += 1
        question.last = time
        if len(question.again) < REPEATS_MOST:
            question.again.append((time, frame))
        else:
            self._report_repeats((key, question.name, question.type), [(time, frame)], mac)

    def _make_room(self, time: Microseconds) -> None:
        """Forgets the questions with the oldest key, where as many wait as may."""
        if len(self._waiting) < self._most:
            return
        oldest, questions = self._waiting.popitem(last=False)
        for question in questions:
            if time - question.last >= self._patience:
                self._end_unanswered(oldest, question, "no_answer")
            else:
                self._drop(oldest, question)

    def _answer(self, time: Microseconds, frame: int, key: _Key, message: Message, mac: bytes | None) -> None:
        if self._early:
            self._report_early(time)
        known = (key, message.name and message.name.lower(), message.type)
        asked = self._take_question(key, message)
        if asked is not None:
            if known in self._answered:
                self._report_repeats(known, self._answered.pop(known))
            self._answered[known] = asked.again
        # The first answer to a question that was not seen may have come before it.
        early = asked is None and known not in self._answered and not self._each
        question = asked or self._question_of_other_answer(time, frame, known, message, mac)
        if question is None:
            return
        if len(self._answered) > ANSWERED_MOST:
            self._report_repeats(*self._answered.popitem(last=False))
        lookup = _answered_lookup(key, question, message, time, frame)
        if early:
            self._early[known] = (time, lookup)
            self._report_early(time)
        else:
            self._emit(lookup)

    def _take_question(self, key: _Key, message: Message) -> _Question | None:
        """The question that waits for this answer, which waits no longer; an answer without a question section is to
        the one that has waited longest."""
        questions = self._waiting.get(key)
        if questions is None:
            return None
        for question in questions:
            if message.name is None or question.asks_for(message.name, message.type):
                questions.remove(question)
                if not questions:
                    del self._waiting[key]
                return question
        return None

    def _question_of_other_answer(
        self, time: Microseconds, frame: int, known: _Known, message: Message, mac: bytes | None
    ) -> _Question | None:
        """What an answer is to that no waiting question asked for; None for a copy, and for one that says nothing of
        its question."""
        if message.name is None or message.type is None:
            return None
        repeats = self._answered.get(known)
        if repeats:
            # Each of several attempts was answered.
            return _Question(*repeats.pop(0), message.name, message.type, mac)
        if repeats is not None and not self._each:
            return None
        self._answered.setdefault(known, [])
        return _Question(time, frame, message.name, message.type, mac)

    def _unreadable(
        self, time: Microseconds, frame: int, ends: tuple[bytes, int, bytes, int], payload: bytes, transport: Transport
    ) -> None:
        """A payload that is no DNS message ends a lookup only where it bears the identifier of one."""
        self.malformed += 1
        if len(payload) < 12 or not payload[2] & 0x80:
            return
        key = (*ends, payload[0] << 8 | payload[1], transport)
        for question in self._waiting.pop(key, ()):
            seconds = max(0, time - question.time) / 1e6
            self._emit(_unanswered_lookup(key, question, "malformed", frame, seconds))

    def _drop(self, key: _Key, question: _Question) -> None:
        """Forgets a question before anybody knows whether it will be answered."""
        self.dropped += 1
        if self._each:
            self._end_unanswered(key, question, None)

    def _end_unanswered(self, key: _Key, question: _Question, failure: LookupFailure | None) -> None:
        self._emit(_unanswered_lookup(key, question, failure))
        self._report_repeats((key, question.name, question.type), question.again, question.mac)

    def _report_repeats(self, known: _Known, repeats: list[tuple[Microseconds, int]], mac: bytes | None = None) -> None:
        """Emits the repetitions that got no answer of their own, where all are asked for."""
        key, name, kind = known
        if self._each and name is not None and kind is not None:
            for time, frame in repeats:
                self._emit(_unanswered_lookup(key, _Question(time, frame, name, kind, mac), None))


def _answered_lookup(key: _Key, question: _Question, message: Message, time: Microseconds, frame: int) -> Lookup:
    """A question with its answer, which came at ``time`` in ``frame``."""
    client, client_port, server, server_port, _, transport = key
    addresses, aliases, records, ttl = follow_aliases(message)
    if message.name is None:
        # What the records are to the question is not known.
        addresses, aliases = (), ()
    return Lookup(
        time=question.time,
        frame=question.frame,
        answer_frame=frame,
        client=address_text(client),
        server=address_text(server),
        name=question.name,
        type=question.type,
        rcode=message.rcode,
        addresses=addresses,
        aliases=aliases,
        seconds=None if question.frame == frame else max(0, time - question.time) / 1e6,
        records=records,
        ttl=ttl,
        transport=transport,
        client_port=client_port,
        server_port=server_port,
        client_mac=mac_text(question.mac),
        attempts=question.attempts,
        truncated=message.truncated or message.cut,
    )


def _unanswered_lookup(
    key: _Key,
    question: _Question,
    failure: LookupFailure | None,
    frame: int | None = None,
    seconds: Seconds | None = None,
    reason: str | None = None,
) -> Lookup:
    """A question without an answer; ``frame`` and ``seconds`` are of what ended it instead."""
    client, client_port, server, server_port, _, transport = key
    return Lookup(
        time=question.time,
        frame=question.frame,
        answer_frame=frame,
        client=address_text(client),
        server=address_text(server),
        name=question.name,
        type=question.type,
        seconds=seconds,
        transport=transport,
        failure=failure,
        client_port=client_port,
        server_port=server_port,
        client_mac=mac_text(question.mac),
        attempts=question.attempts,
        reason=reason,
    )


class DnsDirection:
    """One direction of DNS over TCP: messages, each behind its length."""

    __slots__ = ("budget", "buffer", "counts", "take")

    def __init__(self, budget: Budget, take: Callable[[int, int, bytes], None]) -> None:
        self.budget = budget
        self.take = take
        self.counts = 0
        self.buffer = bytearray()

    def data(self, data: bytes, time: Microseconds, frame: int) -> None:
        if not self.budget.take(len(data)):
            self._stop()
            return
        self.buffer += data
        at = 0
        while len(self.buffer) - at >= 2:
            size = self.buffer[at] << 8 | self.buffer[at + 1]
            if len(self.buffer) - at - 2 < size:
                break
            self.take(time, frame, bytes(self.buffer[at + 2 : at + 2 + size]))
            at += 2 + size
        if at:
            del self.buffer[:at]
            self.budget.give(at)

    def skip(self, amount: int, lost: int, time: Microseconds, frame: int) -> None:
        self.counts -= amount

    def lost(self, amount: int, time: Microseconds, frame: int) -> None:
        self._stop()

    def cut(self, amount: int, time: Microseconds, frame: int) -> bool:
        self._stop()
        return True

    def end(self, time: Microseconds, frame: int) -> None:
        self._stop()

    def _stop(self) -> None:
        self.budget.give(len(self.buffer))
        self.buffer = bytearray()
        self.counts = ENDLESS


class DnsTalk:
    """A TCP connection to a DNS server. What is not answered is reported by ``DnsTracker``."""

    __slots__ = ("requests", "responses")

    def __init__(
        self, budget: Budget, ask: Callable[[int, int, bytes], None], answer: Callable[[int, int, bytes], None]
    ) -> None:
        self.requests = DnsDirection(budget, ask)
        self.responses = DnsDirection(budget, answer)

    def close(self, how: Ending, by: Peer | None, time: Microseconds, frame: int) -> None:
        self.finish(time)

    def finish(self, at: Microseconds) -> None:
        self.requests._stop()
        self.responses._stop()

    def release(self) -> None:
        """Nothing here holds on to itself."""

    def pending(self, at: Microseconds) -> list[Observation]:
        return []
