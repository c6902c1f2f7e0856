"""Asking DHCP: questions out, every answer to one of them in, and how long silence has to last before it counts."""

from collections.abc import Iterator, Sequence
from dataclasses import field

from ucdiag.model.fast_dataclass import record
from ucdiag.model.observations import Dhcp
from ucdiag.model.report import Problem
from ucdiag.model.vocabulary import Seconds
from ucdiag.probe.dhcp_message import Question
from ucdiag.runtime.context import Context
from ucdiag.wire.dhcp.message import read_dhcp
from ucdiag.wire.errors import DecodeError

MOST_ANSWERS = 64
# Before its first offer of an address a server may ping it, dnsmasq 2.90 for three seconds; behind relays and in
# failover pairs it takes longer. So silence counts only after this wait.
SILENCE: Seconds = 10.0
_SLICE: Seconds = 0.25  # how long one look for a first answer takes
_AGAIN = 0.4  # the share of the wait after which unanswered questions are repeated once, as a phone would
_BOOTREPLY = 2


@record()
class Answers:
    """Picks the answers to our own questions out of what comes, and counts what cannot be read."""

    ctx: Context
    questions: Sequence[Question]
    interface: str | None
    vlan: int | None
    malformed: int = 0
    counted: int = 0
    seen: set[bytes] = field(default_factory=set)

    def observe_answer(self, payload: bytes, source: str) -> Iterator[Dhcp]:
        """A datagram as the answer to one of ours, its question before it if this is the first."""
        question = self._question_of(payload)
        if question is None:
            return
        answer = self._read_answer(payload, source)
        if answer is None:
            return
        if not question.answered:
            question.answered = True
            yield question.as_observation(self.vlan, self.interface)
        yield answer

    def remaining_facts(self) -> Iterator[Dhcp | Problem]:
        """What nobody answered, and what could not be read."""
        for question in self.questions:
            if not question.answered:
                yield question.as_observation(self.vlan, self.interface, "no_answer")
        if self.malformed:
            plural = "s" if self.malformed != 1 else ""
            yield Problem(
                code="dhcp-malformed",
                text=f"{self.malformed} answer{plural} to our questions could not be read as DHCP.",
            )
        if self.counted > MOST_ANSWERS:
            yield Problem(
                code="dhcp-too-many-answers",
                text=f"{self.counted} answers came to our few questions; only the first {MOST_ANSWERS} were read.",
            )

    def _question_of(self, payload: bytes) -> Question | None:
        """The question with the datagram's transaction and hardware address."""
        transaction, client = int.from_bytes(payload[4:8], "big"), payload[28:34].hex(":")
        if payload[:1] != bytes([_BOOTREPLY]):
            return None
        mine = (question for question in self.questions if question.transaction == transaction)
        return next((question for question in mine if question.client == client), None)

    def _read_answer(self, payload: bytes, source: str) -> Dhcp | None:
        if payload in self.seen:
            return None  # a frame that the network delivered twice
        self.counted += 1
        if self.counted > MOST_ANSWERS:
            return None
        self.seen.add(payload)
        try:
            answer = read_dhcp(
                payload, time=self.ctx.now(), source_address=source, tag=self.vlan, interface=self.interface
            )
        except DecodeError:
            self.malformed += 1
            return None
        return answer if answer.type in ("offer", "ack", "nak") else None


class Exchange:
    """Some questions, and every answer until the wait ends. A subclass knows how they are sent and received."""

    def __init__(
        self, ctx: Context, questions: Sequence[Question], interface: str | None, vlan: int | None = None
    ) -> None:
        self._ctx = ctx
        self._questions = questions
        self._answers = Answers(ctx, questions, interface, vlan)

    def send(self, question: Question) -> None:
        """Once more. Raises CannotTest where nothing can be sent."""
        raise NotImplementedError

    def receive(self, seconds: Seconds) -> tuple[bytes, str] | None:
        """(A DHCP message, who sent it), or ``None`` when none came in time."""
        raise NotImplementedError

    def check_can_send(self) -> None:
        """Raises CannotTest where the questions cannot go out."""

    def run(self, wait: Seconds) -> Iterator[Dhcp | Problem]:
        """Asks, listens, repeats once what is unanswered, listens on.

        Where nobody has answered by then, the first offer is awaited for ``SILENCE`` in all, others ``wait`` after it.
        Raises CannotTest as ``send`` and ``check_can_send`` do.
        """
        self.check_can_send()
        self._ctx.wait_for("waiting for DHCP servers", self._ctx.within(max(wait, SILENCE)))
        begin = self._ctx.monotonic()
        for question in self._questions:
            question.asked = self._ctx.now()
            self.send(question)
        yield from self._receive_answers(begin + wait * _AGAIN)
        if self._ctx.monotonic() < begin + wait:
            self._send_unanswered()
            yield from self._receive_answers(begin + wait)
        yield from self._await_first(begin, wait)
        if not any(question.answered for question in self._questions):
            self.check_can_send()
        if not all(question.answered for question in self._questions):
            self._ctx.need_time()  # a silence that was cut short says nothing
        yield from self._answers.remaining_facts()

    def _await_first(self, begin: float, wait: Seconds) -> Iterator[Dhcp]:
        """Listens on while nobody has offered anything, and then for what others offer."""
        until = begin + SILENCE
        if self._has_offer() or self._ctx.monotonic() >= until:
            return
        repeat_at = begin + SILENCE / 2
        while not self._has_offer() and not self._ctx.is_over and (now := self._ctx.monotonic()) < until:
            if now >= repeat_at:
                repeat_at = until
                self._send_unanswered()
            yield from self._receive_answers(min(now + _SLICE, until))
        yield from self._receive_answers(min(self._ctx.monotonic() + wait, until))

    def _has_offer(self) -> bool:
        asked = [question for question in self._questions if question.type == "discover"]
        return any(question.answered for question in asked or self._questions)

    def _send_unanswered(self) -> None:
        for question in self._questions:
            if not question.answered:
                self.send(question)

    def _receive_answers(self, until: float) -> Iterator[Dhcp]:
        """The answers that come until a point of ``ctx.monotonic``."""
        while (left := self._ctx.within(until - self._ctx.monotonic())) > 0:
            received = self.receive(left)
            if received is not None:
                yield from self._answers.observe_answer(*received)
