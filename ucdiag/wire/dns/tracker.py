"""Matches DNS answers to their questions.

- Only ordinary questions count: no dynamic updates, notifications or zone transfers.
- A question sent again (same identifier, same port) is one more attempt of the same lookup; where both are answered,
  the second is a lookup of its own; not where, within a minute, all of it is the same, as in merged captures of both
  ends whose clocks differ.
- An answer whose question was not seen is a lookup too: its ``frame`` is its ``answer_frame``, its time the answer's.
  It waits a moment for its question, since a mirror port may swap the two; not where all packets are reported as they
  stand (``every_packet``).
- An answer from another address or port than was asked has its question's identifier and port of the client. The
  question goes on waiting: a resolver drops such an answer. Where no other one comes, the lookup has that answer, and
  ``answer_from`` says where it came from. A question to a group or a network is answered by any of its hosts.
- An ICMP error, too, waits a moment for the question that it quotes.
- An answer with another identifier than that of the question that waits on its port answers no question (it may be
  forged).
"""

from collections import OrderedDict
from collections.abc import Callable, Container
from dataclasses import replace
from functools import lru_cache

from ucdiag.model.observations import Lookup, Observation
from ucdiag.model.repetition import Repeats, last_two
from ucdiag.model.vocabulary import (
    CAPTURE_SKEW,
    CUT_OVER_TCP,
    LookupFailure,
    Microseconds,
    Seconds,
    Transport,
    microseconds,
)
from ucdiag.wire.addresses import address_text, mac_text
from ucdiag.wire.datagram import Datagram
from ucdiag.wire.dns.message import Message, follow_aliases, read_dns
from ucdiag.wire.errors import DecodeError
from ucdiag.wire.tcp.segment import ConnectionKey
from ucdiag.wire.watched import DNS_PORT

# Answers that are remembered, to recognise their copies.
ANSWERED_MOST = 2048
# After this silence (seconds) a question of a long capture is given up.
GIVE_UP = 30.0
# Repetitions of one question that are remembered with their frames.
REPEATS_MOST = 16
# After this time (microseconds) the same question is another lookup, where all packets are reported as they stand.
# Wireshark takes them for two from 5 seconds on, which is also when many resolvers ask again.
ANOTHER = 5_000_000
# So long (microseconds) after a question, and the same answer to it, both may come again: captured at the other end, by
# the same clock or another one.
_AT_OTHER_END = 60_000_000
# So many answers may wait for a question that is captured after them.
EARLY_MOST = 64
# Questions that wait with one identifier on one port.
SAME_MOST = 32
# Questions of one port of a client that are looked at for an answer from elsewhere.
PORT_MOST = 32
# Ports with questions that are kept before those are sought of which nothing is awaited.
_PORTS_LEAST = 1024
# Bytes of a message that is remembered, in case it comes again.
_USUAL_SIZE = 512


# The phones of a site ask for the same names and get the same answers, but for the identifier.
@lru_cache(maxsize=64)
def _read_again(without_id: bytes) -> Message:
    return read_dns(b"\0\0" + without_id)


class _Question:
    """A question that waits. ``last`` is when it was asked last, ``again`` when and in which frame it was repeated,
    ``mac`` the client's; ``lost``: its answer may be among bytes that the capture lacks. ``stray`` is the first answer
    from elsewhere, ``ignored``: it was asked again after that; ``to_all``: it was put to a group or a network.
    ``answer`` is a hash of what its answer said, where that is compared; ``copied`` is when, and in which frame, what
    seems to be a copy of it came behind that."""

    __slots__ = (
        "again",
        "answer",
        "attempts",
        "copied",
        "frame",
        "ignored",
        "last",
        "lost",
        "mac",
        "name",
        "repeats",
        "stray",
        "time",
        "to_all",
        "type",
    )

    def __init__(self, time: Microseconds, frame: int, name: str, type: str, mac: bytes | None) -> None:
        self.time = self.last = time
        self.frame = frame
        self.name = name
        self.type = type
        self.mac = mac
        self.attempts = 1
        self.repeats: Repeats | None = None
        self.lost = self.ignored = self.to_all = False
        self.stray: Lookup | None = None
        self.answer: int | None = None
        self.copied: tuple[Microseconds, int] | None = None
        self.again: list[tuple[Microseconds, int]] = []

    def asks_for(self, name: str | None, type: str | None) -> bool:
        return self.type == type and name is not None and self.name.lower() == name.lower()


# Client, its port, server, its port, identifier, transport.
_Key = tuple[bytes, int, bytes, int, int, Transport]
# The identity of a question: the key, the name in lower case, the type.
_Known = tuple[_Key, str | None, str | None]
# An answer that waits for its question: when it came, the lookup (None: its question has come), and whether it counts
# without a question.
_Early = tuple[Microseconds, Lookup | None, bool]


class DnsTracker:
    """Matches answers to questions, and emits a ``Lookup`` for each question.

    ``patience`` is seconds, after which no answer is expected any more; ``pending`` is how many questions may wait.
    With ``every_packet`` all questions and answers of a capture are reported, rather than what became of them: every
    repetition of a question that got no answer of its own, as a lookup without ``rcode`` and without ``failure``, and
    every answer beyond those that were asked for.

    ``dropped`` counts the questions that were forgotten to make room, ``malformed`` what was no DNS message.
    """

    def __init__(
        self,
        emit: Callable[[Observation], None],
        *,
        patience: Seconds = 5.0,
        pending: int = 4096,
        every_packet: bool = False,
    ) -> None:
        self._emit = emit
        self._every_packet = every_packet
        #: The packed MAC addresses of phones: what they send themselves is not taken for a router's copy of it.
        self.phones: Container[bytes] = ()
        self._patience = microseconds(patience)
        self._give_up = max(self._patience, microseconds(GIVE_UP))
        self._most = pending
        self._waiting: OrderedDict[_Key, list[_Question]] = OrderedDict()
        self._answered: OrderedDict[_Known, _Question] = OrderedDict()
        # Answers without a question.
        self._early: OrderedDict[_Known, _Early] = OrderedDict()
        # ICMP errors without a question, by its ends and its identifier: when, in which frame, and the cause.
        self._early_errors: OrderedDict[tuple[ConnectionKey, int], tuple[Microseconds, int, str]] = OrderedDict()
        # The last questions from a client's port; some may not wait any more. And of how many ports there is room.
        self.asking: dict[tuple[bytes, int], list[_Key]] = {}
        self._ports = min(_PORTS_LEAST, 2 * pending)
        self.dropped = 0
        self.malformed = 0
        #: Answers behind their question in the capture, with a time before it.
        self.early_answers = 0

    def take_datagram(self, datagram: Datagram) -> None:
        """One UDP datagram of a DNS port."""
        self.take_message(datagram, "udp")

    def take_message(self, datagram: Datagram, transport: Transport) -> None:
        """One DNS message, whatever carried it."""
        time, frame, src, sport, dst, dport, payload, src_mac, dst_mac, _, _ = datagram
        try:
            message = _read_again(payload[2:]) if len(payload) <= _USUAL_SIZE else read_dns(payload)
        except DecodeError:
            self._take_unreadable(time, frame, (dst, dport, src, sport), payload, transport)
            return
        if message.opcode:
            return
        ident = payload[0] << 8 | payload[1]
        if message.response:
            self._take_answer(time, frame, (dst, dport, src, sport, ident, transport), message, dst_mac)
        elif message.name is not None:
            assert message.type is not None
            question = _Question(time, frame, message.name, message.type, src_mac)
            question.to_all = _is_group(dst) or (dst_mac is not None and bool(dst_mac[0] & 1))
            self._add_question((src, sport, dst, dport, ident, transport), question)

    def on_unreachable(
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
            if ident is not None and ends[3] == DNS_PORT and not self._every_packet:
                # A mirror port may swap the two: it waits a moment for its question. Without the identifier it may be
                # a second copy, or quote a question before.
                self._early_errors[ends, ident] = time, frame, reason
                if len(self._early_errors) > EARLY_MOST:
                    self._early_errors.popitem(last=False)
            return
        asked = questions.pop(0)
        if not questions:
            del self._waiting[key]
        self._end_unreachable(key, asked, time, frame, reason)

    def _end_unreachable(self, key: _Key, asked: _Question, time: Microseconds, frame: int, reason: str) -> None:
        """An ICMP error, which came at ``time`` in ``frame``, ends a question."""
        self._emit(_unanswered_lookup(key, asked, "unreachable", frame, max(0, time - asked.time) / 1e6, reason=reason))
        self._report_repeats((key, asked.name, asked.type), asked.again, asked.mac)

    def _claim_early_error(self, key: _Key, question: _Question) -> bool:
        """Whether an ICMP error that came just before this question ends it."""
        error = self._early_errors.pop((key[:4], key[4]), None)
        if error is None or abs(question.time - error[0]) > CAPTURE_SKEW:
            return False
        self._end_unreachable(key, question, *error)
        return True

    def expects_answer(self, client: bytes, port: int) -> bool:
        """Whether a question from that port waits, of which an answer may come from any port."""
        return any(key in self._waiting for key in self.asking.get((client, port), ()))

    def awaits_answer(self, ends: ConnectionKey, answer: bytes) -> bool:
        """Whether a question over TCP, asked from one end of the other, waits for this answer."""
        try:
            message = read_dns(answer)
        except DecodeError:
            return False
        questions = self._waiting.get((*ends, message.id, "tcp"), ())
        return any(question.asks_for(message.name, message.type) for question in questions)

    def answers_lost(self, ends: ConnectionKey) -> None:
        """Bytes of answers over TCP, to questions from one end to the other, are not in the capture."""
        for key, questions in self._waiting.items():
            if key[5] == "tcp" and key[:4] == ends:
                for question in questions:
                    question.lost = True

    def expire(self, now: Microseconds) -> None:
        """Gives up what has waited for long. Cheap when called often."""
        if self._early:
            self._report_early(now)
        while self._early_errors and now - next(iter(self._early_errors.values()))[0] > CAPTURE_SKEW:
            self._early_errors.popitem(last=False)
        while self._waiting:
            key, questions = next(iter(self._waiting.items()))
            if now - max(question.last for question in questions) < self._give_up:
                break
            del self._waiting[key]
            for question in questions:
                self._end_unanswered(key, question, "no_answer")

    def pending(self, at: Microseconds) -> list[Observation]:
        """What ``finish`` would emit, but for repetitions."""
        lookups: list[Observation] = [
            early for _, early, counts in self._early.values() if early is not None and counts
        ]
        lookups += [
            _ended_lookup(key, question, self._failure_at(question, at))
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
        for known, asked in self._answered.items():
            self._report_repeats(known, asked.again)
        self._answered.clear()

    def _failure_at(self, question: _Question, at: Microseconds) -> LookupFailure | None:
        """What the lack of an answer means when the capture ends; soon after the question it proves nothing."""
        if question.lost:
            return "lost"
        return "no_answer" if at - question.time >= self._patience else None

    def _report_early(self, now: Microseconds | None) -> None:
        """Emits the answers whose question does not come any more; all of them when ``now`` is None."""
        while self._early:
            known, (time, early, counts) = next(iter(self._early.items()))
            if now is not None and abs(now - time) <= CAPTURE_SKEW and len(self._early) <= EARLY_MOST:
                return
            del self._early[known]
            if early is not None and counts:
                self._emit(early)

    def _claim_early_answer(self, key: _Key, question: _Question) -> bool:
        """Whether this question, or a copy of it, is the one of an answer that came just before it."""
        known = (key, question.name.lower(), question.type)
        time, frame, name, mac = question.time, question.frame, question.name, question.mac
        waiting = self._early.get(known)
        if waiting is None or abs(time - waiting[0]) > CAPTURE_SKEW:
            return False
        answered_at, early, _ = waiting
        if early is not None:
            self._early[known] = (answered_at, None, True)
            self._emit(replace(early, time=time, frame=frame, name=name, client_mac=mac_text(mac) or early.client_mac))
        return True

    def _claim_early_stray(self, key: _Key, question: _Question) -> None:
        """Takes the answer from elsewhere that came just before this question, if one did."""
        for known, (time, early, _) in self._early.items():
            other, name, kind = known
            same = other[:2] == key[:2] and other[4:] == key[4:] and question.asks_for(name, kind)
            if same and early is not None and abs(question.time - time) <= CAPTURE_SKEW:
                self._early[known] = (time, None, True)
                question.stray = early
                return

    def _add_question(self, key: _Key, question: _Question) -> None:
        time, name, kind = question.time, question.name, question.type
        if self._early:
            if self._claim_early_answer(key, question):
                return
            if key[5] == "udp" and not self._every_packet:
                self._claim_early_stray(key, question)
        questions = self._waiting.get(key)
        if questions is None:
            if key[5] == "tcp" and (key, name.lower(), kind) in self._answered:
                # It had to wait behind a hole, longer than its answer.
                return
            if self._is_late_copy(key, question):
                return
            if self._early_errors and key[5] == "udp" and self._claim_early_error(key, question):
                return
            self._make_room(time)
            self._waiting[key] = [question]
            if key[5] == "udp":
                self._note_asking(key)
            return
        same = next((asked for asked in questions if asked.asks_for(name, kind)), None)
        if same is not None and not (self._every_packet and time - same.time > ANOTHER):
            self._note_repeat(key, same, time, question.frame, question.mac)
        else:
            if same is not None:
                # An answer from here on is one to the new question.
                questions.remove(same)
                self._end_unanswered(key, same, "no_answer")
            if len(questions) >= SAME_MOST:
                self._drop_question(key, questions.pop(0))
            questions.append(question)
        self._waiting.move_to_end(key)

    def _is_late_copy(self, key: _Key, question: _Question) -> bool:
        """Whether a question is a mirror's copy of one that was answered. Few clients ask again so soon, those that a
        server failed: another answer shows it."""
        answered = self._answered.get((key, question.name.lower(), question.type))
        if answered is None or self._every_packet or abs(question.time - answered.last) > CAPTURE_SKEW:
            return False
        answered.copied = question.time, question.frame
        return True

    def _note_asking(self, key: _Key) -> None:
        """A question waits on a port of its client."""
        keys = self.asking.get(key[:2])
        if keys is None:
            if len(self.asking) >= self._ports:
                self._forget_ports()
            self.asking[key[:2]] = [key]
            return
        keys.append(key)
        if len(keys) > PORT_MOST:
            del keys[0]

    def _forget_ports(self) -> None:
        """Forgets the ports of which no question waits; as long as there is room not those of answered questions."""
        room = 2 * self._most
        answered = {key[:2] for key, _, _ in self._answered} if len(self.asking) < room else ()
        self.asking = {
            ends: keys for ends, keys in self.asking.items() if ends in answered or self.expects_answer(*ends)
        }
        self._ports = min(room, max(_PORTS_LEAST, len(self.asking) * 3 // 2))

    def _note_repeat(self, key: _Key, question: _Question, time: Microseconds, frame: int, mac: bytes | None) -> None:
        question.attempts += 1
        question.last = time
        if question.repeats is None:
            question.repeats = Repeats(question.time)
        question.repeats.add_time(time)
        question.ignored = question.stray is not None
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
                self._drop_question(oldest, question)

    def _take_answer(self, time: Microseconds, frame: int, key: _Key, message: Message, mac: bytes | None) -> None:
        if self._early:
            self._report_early(time)
        known: _Known = (key, message.name and message.name.lower(), message.type)
        asked = self._take_question(key, message)
        source = None
        counts = True
        if asked is None and known not in self._answered and key[5] == "udp":
            place = self._other_place(key, message)
            if place is not None and place[4] != key[4]:
                # Of another question than that which waits: nobody's, unless its own comes yet.
                counts = self._every_packet
            elif place is not None:
                if self._keep_stray(place, message, time, frame, key):
                    return
                asked = self._take_question(place, message)
                if self._every_packet:
                    source, key = key, place
                    known = (key, *known[1:])
        if asked is not None and not self._every_packet and self._is_copy(known, asked, message):
            return
        self._report_answer(time, frame, known, asked, message, mac, source=source, counts=counts)

    def _is_copy(self, known: _Known, asked: _Question, message: Message) -> bool:
        """Whether question and answer were seen before, down to the identifier, the port and the time to live."""
        asked.answer = hash(message)
        before = self._answered.get(known)
        return (
            before is not None
            and before.answer == asked.answer
            and asked.time - before.time <= _AT_OTHER_END
            and (asked.mac == before.mac or asked.mac not in self.phones)
        )

    def _report_answer(
        self,
        time: Microseconds,
        frame: int,
        known: _Known,
        asked: _Question | None,
        message: Message,
        mac: bytes | None,
        *,
        source: _Key | None,
        counts: bool,
    ) -> None:
        """Emits an answer. ``asked`` is its question, ``source`` where it came from if that was not asked, ``counts``
        whether it is reported although its question does not come."""
        key = known[0]
        if asked is not None:
            if known in self._answered:
                self._report_repeats(known, self._answered.pop(known).again)
            self._answered[known] = asked
        # The first answer to a question that was not seen may have come before it.
        early = asked is None and known not in self._answered and not self._every_packet
        question = asked or self._question_of_other_answer(time, frame, known, message, mac)
        if question is None:
            return
        if len(self._answered) > ANSWERED_MOST:
            oldest, forgotten = self._answered.popitem(last=False)
            self._report_repeats(oldest, forgotten.again)
        self.early_answers += question.time - time > CAPTURE_SKEW
        lookup = _answered_lookup(key, question, message, time, frame)
        if source is not None:
            lookup = replace(lookup, answer_from=address_text(source[2]), answer_from_port=source[3])
        if early:
            self._early[known] = (time, lookup, counts)
            self._report_early(time)
        else:
            self._emit(lookup)

    def _other_place(self, key: _Key, message: Message) -> _Key | None:
        """Where a question for the same waits on the client's port, put to somebody else or with another identifier;
        rather one with the same identifier, even where it was answered."""
        found = None
        name = message.name or ""
        for place in self.asking.get(key[:2], ()):
            waits = any(question.asks_for(name, message.type) for question in self._waiting.get(place, ()))
            if place[4] == key[4] and (waits or (place, name.lower(), message.type) in self._answered):
                return place
            if waits:
                found = place
        return found

    def _keep_stray(self, place: _Key, message: Message, time: Microseconds, frame: int, key: _Key) -> bool:
        """Keeps an answer that came from elsewhere with its question, which goes on waiting; the first one counts.

        Not where all packets are reported as they stand, and not where the question was put to all.
        """
        if self._every_packet:
            return False
        waiting = self._waiting.get(place, ())
        questions = [question for question in waiting if question.asks_for(message.name, message.type)]
        if any(asked.to_all for asked in questions):
            return False
        for question in questions:
            if question.stray is None:
                question.stray = _answered_lookup(key, question, message, time, frame)
        return True

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
        if message.name is None:
            return None
        assert message.type is not None
        before = self._answered.get(known)
        if before is not None and before.again:
            # Each of several attempts was answered.
            return _Question(*before.again.pop(0), message.name, message.type, mac)
        if before is not None and not self._every_packet:
            if before.copied is None or before.answer == hash(message):
                return None
            question = self._answered[known] = _Question(*before.copied, message.name, message.type, mac)
            question.answer = hash(message)
            return question
        question = _Question(time, frame, message.name, message.type, mac)
        self._answered.setdefault(known, question)
        return question

    def _take_unreadable(
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

    def _drop_question(self, key: _Key, question: _Question) -> None:
        """Forgets a question before anybody knows whether it will be answered."""
        self.dropped += 1
        if self._every_packet:
            self._end_unanswered(key, question, None)

    def _end_unanswered(self, key: _Key, question: _Question, failure: LookupFailure | None) -> None:
        if question.lost and failure == "no_answer":
            failure = "lost"
        self._emit(_ended_lookup(key, question, failure))
        self._report_repeats((key, question.name, question.type), question.again, question.mac)

    def _report_repeats(self, known: _Known, repeats: list[tuple[Microseconds, int]], mac: bytes | None = None) -> None:
        """Emits the repetitions that got no answer of their own, where all are asked for."""
        key, name, kind = known
        if self._every_packet and name is not None and kind is not None:
            for time, frame in repeats:
                self._emit(_unanswered_lookup(key, _Question(time, frame, name, kind, mac), None))


def _answered_lookup(key: _Key, question: _Question, message: Message, time: Microseconds, frame: int) -> Lookup:
    """A question with its answer, which came at ``time`` in ``frame``."""
    client, client_port, server, server_port, _, transport = key
    addresses, aliases, records, ttl = follow_aliases(message)
    if message.name is None:
        # What the records are to the question is not known.
        addresses, aliases = (), ()
    nothing = message.rcode == "NOERROR" and not (addresses or records)
    if nothing and transport == "tcp" and message.truncated and not message.cut:
        # There is no other transport with more room.
        seconds = max(0, time - question.time) / 1e6
        return replace(_unanswered_lookup(key, question, "malformed", frame, seconds, CUT_OVER_TCP), truncated=True)
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
        snapped=message.cut,
        referred=message.referral,
        zone=message.zone,
    )


def _is_group(address: bytes) -> bool:
    """Whether an address is of a group, or of all hosts."""
    return address[0] == 0xFF if len(address) == 16 else address[0] >> 4 == 14 or address == b"\xff\xff\xff\xff"


def _ended_lookup(key: _Key, question: _Question, failure: LookupFailure | None) -> Lookup:
    """What a question is that waits no more: without an answer, or with the one that came from elsewhere."""
    lookup = _unanswered_lookup(key, question, failure)
    stray = question.stray
    if stray is None:
        return lookup
    answered = stray.time / 1e6 + (stray.seconds or 0.0)
    return replace(
        stray,
        time=question.time,
        frame=question.frame,
        server=lookup.server,
        server_port=lookup.server_port,
        name=question.name,
        seconds=max(0.0, round(answered - question.time / 1e6, 6)),
        client_mac=lookup.client_mac,
        attempts=question.attempts,
        answer_from=stray.server,
        answer_from_port=stray.server_port,
        asked_again=question.ignored,
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
    before, last = last_two(question.repeats)
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
        last_time=last,
        last_but_one=before,
        reason=reason,
    )
