"""Step 1 in a capture: one phone's DHCP messages, read in their order as a state machine.

The server's last word counts. An ACK without option 15 for a client that did not ask for it proves nothing. A renewal
that stays unanswered is a warning while the lease lives, or the phone goes on with its address; a phone that asks with
DISCOVER has no lease any more.
"""

from collections.abc import Callable
from typing import ClassVar

from ucdiag.diagnosis.observation_log import ObservationLog, once_a_log
from ucdiag.diagnosis.options import DiagnosisOptions
from ucdiag.diagnosis.phrases import is_post_to_handler
from ucdiag.diagnosis.step_event import Event, StepEventBuilder, evidence_of
from ucdiag.diagnosis.steps.dhcp_text import (
    MALFORMED,
    answer_evidence,
    failed_event,
    message_name,
    missing_domain_text,
    no_resolver_text,
    read_before_text,
    resolver_text,
    unanswered_evidence,
)
from ucdiag.diagnosis.traffic import ONE_CHECK
from ucdiag.diagnosis.unseen_answers import address_taken
from ucdiag.model.fast_dataclass import replace
from ucdiag.model.observations import Dhcp, Http, Lookup
from ucdiag.model.phone_classes import SECOND_CLASS
from ucdiag.model.repetition import is_repeated, proves_silence
from ucdiag.model.steps import Level, Step
from ucdiag.model.text import listed
from ucdiag.model.urls import usable_resolvers
from ucdiag.model.visible_text import quoted
from ucdiag.model.vocabulary import CAPTURE_SKEW, DhcpType, Microseconds
from ucdiag.update_service.names import domain_flaw, update_label

_DOMAIN, _RESOLVER = 15, 6  # options
_JUDGED = frozenset({_DOMAIN, _RESOLVER})
_ANSWERS: dict[DhcpType, tuple[DhcpType, ...]] = {"discover": ("offer",), "request": ("ack", "nak"), "inform": ("ack",)}
# A DISCOVER this soon after a NAK is the answer to it (microseconds).
_STARTS_AGAIN = 15_000_000


class LeaseHistory:
    """One phone's DHCP questions, their answers and its lease: one method for each type of message."""

    def __init__(self, history: ObservationLog, setting: DiagnosisOptions) -> None:
        self._history = history
        self._patience = setting.patience_microseconds
        self._lossy = setting.lost > 0
        self._messages = messages_in_order(history)
        self._events: list[Event] = []
        # The questions that nobody answered yet, and those of them that are about certificates only.
        self._waiting: list[Dhcp] = []
        self._second: list[Dhcp] = []
        # The latest list of wanted options, and the questions by transaction.
        self._requested: tuple[int, ...] = ()
        self._questions: dict[int | None, Dhcp] = {}
        # A DISCOVER began a new lease, which is not there yet.
        self._started = False
        self._offer: Dhcp | None = None
        # The DISCOVERs that got an offer, since the phone took one last.
        self._offered_to: list[Dhcp] = []
        # The ACK of the lease in use with what it lacks, and the last ACK that was judged.
        self._bound: Dhcp | None = None
        self._flaw: Event | None = None
        self._last_ack: Dhcp | None = None
        # The answer that named another VLAN, and the RELEASE of the phone that went there.
        self._vlan: Dhcp | None = None
        self._released: Dhcp | None = None
        # The NAK that ended the lease, and one of a server that the phone had not chosen.
        self._refused: Dhcp | None = None
        self._stray: Dhcp | None = None
        # The phone took an offer: if none is in the capture, answers do not pass here.
        self._answers_missing = False

    def events(self, at: Microseconds) -> list[Event]:
        """The events of the messages, for a capture that ends at ``at`` (microseconds). To be called once."""
        for message in self._messages:
            handler = self._HANDLERS.get(message.type)
            if handler is not None:
                handler(self, message)
        if self._answers_missing and not any(message.type in ("offer", "ack", "nak") for message in self._messages):
            return []
        return self._judge_end(at)

    def _on_discover(self, message: Dhcp) -> None:
        self._note_question(message)
        if self._stray is not None and message.time - self._stray.time <= _STARTS_AGAIN:
            self._refused, self._bound = self._stray, None
            self._events.append(_refusal_event(self._stray, []))
        self._stray = None
        if self._bound is not None and not self._started and _is_second(message, self._messages):
            self._second.append(message)
        else:
            self._started = True
        self._waiting.append(message)

    def _on_request(self, message: Dhcp) -> None:
        self._note_question(message)
        if message.server and not message.client_address:
            self._answers_missing = True
        self._offered_to = []
        self._waiting.append(message)

    def _on_inform(self, message: Dhcp) -> None:
        if message.requested:
            self._requested = message.requested
        self._waiting.append(message)

    def _note_question(self, message: Dhcp) -> None:
        if message.requested:
            self._requested = message.requested
        if message.transaction is not None:
            self._questions[message.transaction] = message

    def _on_offer(self, message: Dhcp) -> None:
        self._refused, self._offer = None, message
        self._note_return(message)
        taken = [
            question
            for question in self._waiting
            if question.type == "discover" and _same_transaction(question, message)
        ]
        self._offered_to += taken
        self._waiting = [question for question in self._waiting if question not in taken]
        if _sends_away(message):
            self._vlan = message

    def _on_ack(self, message: Dhcp) -> None:
        self._waiting = [question for question in self._waiting if not _same_transaction(question, message)]
        in_vlan = self._unanswered_in_vlan(message)
        self._note_vlan(message)
        if message.lease_seconds is None and message.address is None:
            return
        if self._last_ack is not None and not self._started and _is_copy(message, self._last_ack):
            return
        silent = [
            question for question in self._waiting if question.type == "discover" and question not in self._second
        ]
        if not in_vlan and self._waited_long_enough(silent, message.time):
            # Nobody answered at first: what went on too long for one question asked again is worth a warning.
            self._events.append(_silence_event(silent))
        self._take_lease(message)

    def _unanswered_in_vlan(self, ack: Dhcp) -> list[Dhcp]:
        """The unanswered questions in the voice VLAN, if this ACK came in another one: the phone came back."""
        vlan = self._vlan
        if vlan is None:
            return []
        asked = [question for question in self._waiting if question.tag == vlan.vlan != ack.tag]
        if self._waited_long_enough(asked, ack.time):
            self._events.append(self._vlan_silent(asked, vlan, ack.time))
        return asked

    def _note_return(self, offer: Dhcp) -> None:
        """Drop the questions in the voice VLAN once the phone asks outside it again and is not sent there."""
        vlan = self._vlan
        asked = [question for question in self._waiting if vlan is not None and question.tag == vlan.vlan != offer.tag]
        if vlan is None or _sends_away(offer) or not asked or offer.time - asked[-1].time <= ONE_CHECK:
            return
        self._events.append(self._vlan_silent(asked, vlan, offer.time))
        self._waiting = [question for question in self._waiting if question not in asked]
        self._vlan = self._released = None

    def _waited_long_enough(self, questions: list[Dhcp], until: Microseconds) -> bool:
        """Whether the first of these questions had waited long enough."""
        return bool(questions) and until - questions[0].time >= self._patience

    def _note_vlan(self, ack: Dhcp) -> None:
        if _sends_away(ack):
            self._vlan = ack
            return
        vlan, released = self._vlan, self._released
        if vlan is not None and (ack.tag == vlan.vlan or (released and released.time >= vlan.time)):
            # It has got its lease there: who leaves after that was not sent away.
            self._vlan = None

    def _take_lease(self, ack: Dhcp) -> None:
        self._last_ack = ack
        before = None if self._started else self._bound
        wants = _wanted_options(ack, self._questions.get(ack.transaction), self._requested, before)
        event = _acknowledged_event(ack, wants)
        if before is None or not (event.ok and _leaves_flaw(ack, self._flaw)):
            self._flaw = None if event.ok else event
            self._events.append(self._beside_offer(event, ack) if event.code == "dhcp-no-domain" else event)
        if before is not None and ack.domain is None and _DOMAIN not in wants:
            ack = replace(ack, domain=before.domain)
        self._bound, self._released, self._refused = ack, None, None
        self._waiting, self._second, self._offered_to, self._started = [], [], [], False

    def _on_nak(self, message: Dhcp) -> None:
        if _meant_for_another(message, self._waiting, self._bound):
            # Clients let it pass, unless they start again.
            self._stray = message
            return
        self._waiting = [question for question in self._waiting if not _same_transaction(question, message)]
        self._bound = self._last_ack = None
        self._refused = message
        self._events.append(_refusal_event(message, []))

    def _on_release(self, message: Dhcp) -> None:
        if self._vlan is not None and _looked_for_updates(self._history, self._vlan.time, message.time):
            # It stayed in its VLAN despite the option, so this is an ordinary RELEASE.
            self._vlan = None
        self._released, self._bound, self._last_ack = message, None, None
        self._waiting = []

    def _on_decline(self, message: Dhcp) -> None:
        """A client declines a lease whose address another host uses (RFC 2131, section 3.1, step 5)."""
        bound = self._bound
        if bound is None or message.address not in (None, _given_address(bound)):
            return
        who, address = bound.server or "the DHCP server", _given_address(bound) or "the address"
        builder = StepEventBuilder(
            step=Step.DHCP,
            time=message.time,
            evidence=(answer_evidence(bound), evidence_of(f"DECLINE of {address}", message)),
        )
        text = f"the phone declined {address}, which {who} leased to it (DECLINE): it found another host there"
        # An earlier failure decides before this event.
        self._events.append(replace(builder.unknown(text), missing_next=True, problem="lease-declined"))
        self._bound = self._last_ack = None

    def _beside_offer(self, event: Event, ack: Dhcp) -> Event:
        """The event of a lease without a domain, with another server's offer that had one added."""
        offers = [message for message in self._messages if message.type == "offer" and message.domain]
        others = [
            offer for offer in offers if offer.transaction == ack.transaction and offer.server not in (None, ack.server)
        ]
        if not others:
            return event
        text = f"{event.summary}; another DHCP server, {others[-1].server}, offered the domain {others[-1].domain}"
        return replace(event, summary=text, evidence=(*event.evidence, answer_evidence(others[-1])))

    _HANDLERS: ClassVar[dict[DhcpType, Callable[["LeaseHistory", Dhcp], None]]] = {
        "discover": _on_discover,
        "request": _on_request,
        "inform": _on_inform,
        "offer": _on_offer,
        "ack": _on_ack,
        "nak": _on_nak,
        "release": _on_release,
        "decline": _on_decline,
    }

    def _judge_end(self, at: Microseconds) -> list[Event]:
        """All events, with what the capture's end leaves unanswered."""
        waiting, vlan, released = self._waiting, self._vlan, self._released
        if self._bound is not None and not self._started:
            waiting = [question for question in waiting if question not in self._second]
        if any(message.type == "offer" for message in self._messages):
            # ISC dhcpd 4.4 answers no INFORM unless it is authoritative, and leases addresses all the same.
            waiting = [question for question in waiting if question.type != "inform"]
        address = address_taken(self._history, waiting[-1]) if waiting and vlan is None else None
        if address is not None:
            return [*self._events, _unseen_ack(waiting[-1], address, self._offer)]
        if waiting:
            unanswered = self._unanswered_event(waiting, at)
            refused = self._refused
            if refused and unanswered.code == "dhcp-no-answer" and waiting[0].time - refused.time <= ONE_CHECK:
                # It only starts again because it was refused: the NAK was the server's last word.
                return [*self._events[:-1], _refusal_event(refused, waiting)]
            once = not is_repeated(question.time for question in waiting)
            if once and self._lossy and unanswered.level is Level.WARNING:
                return self._events
            return [*self._events, replace(unanswered, asked_once=once)]
        if released is not None and vlan is not None and vlan.time <= released.time:
            return [*self._events, self._vlan_silent([], vlan, at)]
        ignored = self._offers_ignored(at)
        return [*self._events, ignored] if ignored is not None else self._events

    def _offers_ignored(self, at: Microseconds) -> Event | None:
        """The event that the phone repeats DISCOVER despite offers: they do not reach it."""
        asked = [question for question in self._offered_to if not _is_of_second_class(question)]
        if self._vlan is not None or not self._started or not proves_silence((question.time for question in asked), at):
            return None
        if self._offer is None or address_taken(self._history, asked[-1]) is not None:
            return None
        who = self._offer.server or "a DHCP server"
        text = f"the phone took no offer of {who} and repeats its DISCOVER: they do not reach it, or it cannot use them"
        evidence = [evidence_of(f"{message_name(question)}: offered, not taken", question) for question in asked]
        evidence.append(answer_evidence(self._offer))
        return failed_event("dhcp-no-answer", asked[-1].time, text, evidence, {"dhcp_server": self._offer.server})

    def _unanswered_event(self, waiting: list[Dhcp], at: Microseconds) -> Event:
        last, vlan = waiting[-1], self._vlan
        if not self._waited_long_enough(waiting, at) and not proves_silence(
            (question.time for question in waiting), at
        ):
            kinds = listed(question.type.upper() for question in waiting)
            evidence = tuple(map(unanswered_evidence, waiting))
            event = StepEventBuilder(step=Step.DHCP, time=last.time, evidence=evidence)
            return event.cut_off(f"the capture ends while a DHCP answer to {kinds} was awaited")
        bound = None if self._started else self._bound
        if vlan is not None and bound is None:
            there = [question for question in waiting if question.tag == vlan.vlan]
            back = waiting[waiting.index(there[-1]) + 1 :] if there else []
            if self._waited_long_enough(back, at) and back[0].time - there[-1].time > ONE_CHECK:
                self._events.append(self._vlan_silent(there, vlan, at))
                return _silence_event(back)
            if there or self._released is not None:
                return self._vlan_silent(waiting, vlan, at)
        if bound is not None and _still_runs(bound, last.time):
            return _silence_event(waiting, "its lease still runs")
        if self._is_kept(last):
            return _silence_event(waiting, "it goes on to ask from its address")
        silence, before = _silence_event(waiting), self._last_answer(last)
        if before is None:
            return silence
        return replace(
            silence,
            summary=f"{silence.summary}; {before.server} answered it before",
            evidence=(*silence.evidence, answer_evidence(before)),
            values={**silence.values, "dhcp_server": before.server, "variant": "answered-before"},
        )

    def _last_answer(self, question: Dhcp) -> Dhcp | None:
        """The last answer that the phone got before this question, in the same VLAN: of the server that it names, or
        has its lease from."""
        before = [message for message in self._messages if message.server and message.time < question.time]
        taken = {message.transaction: message.server for message in before if message.type == "ack"}
        answers = [
            message
            for message in before
            if message.type == "ack"
            or (message.type == "offer" and taken.get(message.transaction, message.server) == message.server)
        ]
        if question.server:
            answers = [answer for answer in answers if answer.server == question.server]
        return answers[-1] if answers and answers[-1].tag == question.tag else None

    def _is_kept(self, renewal: Dhcp) -> bool:
        """Whether the phone went on to look for updates from the address that it could not renew: where the capture
        lacks when its lease began, that says that it still runs."""
        asked: list[Lookup | Http] = [
            look for look in self._history.of_kind(Lookup) if update_label(look.name) is not None
        ]
        asked += [http for http in self._history.of_kind(Http) if is_post_to_handler(http)]
        address = renewal.client_address
        return bool(address) and any(seen.client == address and seen.time > renewal.time for seen in asked)

    def _vlan_silent(self, waiting: list[Dhcp], vlan: Dhcp, at: Microseconds) -> Event:
        """The event that the phone went to the voice VLAN and got no lease there until ``at`` (microseconds)."""
        cause = self._released or waiting[0]
        evidence = [evidence_of(f"option 43 names voice VLAN {vlan.vlan}", vlan)]
        if self._released is not None:
            evidence.append(evidence_of("the phone released its lease", self._released))
        evidence.extend(map(unanswered_evidence, waiting))
        if at - cause.time < self._patience:
            event = StepEventBuilder(step=Step.DHCP, time=cause.time, evidence=tuple(evidence))
            return event.cut_off(f"the capture ends while the phone was moving to voice VLAN {vlan.vlan}")
        return failed_event(
            "dhcp-voice-vlan-silent",
            (waiting[-1] if waiting else cause).time,
            f"DHCP named voice VLAN {vlan.vlan}; the phone left its VLAN and got no lease in that one",
            evidence,
            {"vlan": str(vlan.vlan), "dhcp_server": vlan.server},
        )


def _still_runs(ack: Dhcp, time: Microseconds) -> bool:
    """Whether the lease of this ACK still ran at that time."""
    return ack.lease_seconds is None or time < ack.time + ack.lease_seconds * 1_000_000


def _leaves_flaw(renewed: Dhcp, flaw: Event | None) -> bool:
    """Whether this ACK says nothing of what the lease that it extends lacks."""
    if flaw is None:
        return False
    return not renewed.resolvers if flaw.code == "dhcp-no-resolver" else renewed.domain is None


def _silence_event(waiting: list[Dhcp], keeps: str = "") -> Event:
    """The event that no server answered; ``keeps``: why the phone has its lease despite that, as a clause."""
    kinds = listed(question.type.upper() for question in waiting)
    return failed_event(
        "dhcp-no-answer",
        waiting[-1].time,
        f"no DHCP server answered the phone's {kinds}" + (f" ({keeps})" if keeps else ""),
        list(map(unanswered_evidence, waiting)),
        level=Level.WARNING if keeps else None,
    )


def _same_transaction(question: Dhcp, answer: Dhcp) -> bool:
    """Whether the answer can be one to this question, by their transactions."""
    return question.transaction is None or answer.transaction is None or question.transaction == answer.transaction


def _sends_away(answer: Dhcp) -> bool:
    """Whether this answer names another VLAN than the one that the phone asks in."""
    return answer.vlan is not None and answer.vlan != answer.tag


def _looked_for_updates(history: ObservationLog, since: int, until: int) -> bool:
    asked = [lookup.time for lookup in history.of_kind(Lookup) if update_label(lookup.name) is not None]
    posted = [exchange.time for exchange in history.of_kind(Http) if is_post_to_handler(exchange)]
    return any(since < time < until for time in (*asked, *posted))


def _is_copy(ack: Dhcp, last: Dhcp) -> bool:
    """Whether an ACK repeats the last one to the same question, as when a mirror port copies packets twice."""
    return ack.transaction is not None and replace(ack, time=last.time, frame=last.frame, tag=last.tag) == last


def _is_of_second_class(question: Dhcp) -> bool:
    return (question.vendor_class or "").lower() == SECOND_CLASS


def _is_second(discover: Dhcp, messages: list[Dhcp]) -> bool:
    """Whether a DISCOVER is the second question of a phone that asks for its lease as another class."""
    if not _is_of_second_class(discover):
        return False
    return any(
        message.type in ("discover", "request") and message.time < discover.time and not _is_of_second_class(message)
        for message in messages
    )


def _meant_for_another(nak: Dhcp, waiting: list[Dhcp], bound: Dhcp | None) -> bool:
    """Whether a NAK is from a server that the phone did not choose, as happens beside a lease with two servers."""
    asked = [question for question in waiting if question.type == "request" and _same_transaction(question, nak)]
    if not asked:
        return bound is not None and nak.transaction is not None and nak.transaction == bound.transaction
    chosen = asked[-1].server
    return bool(chosen and nak.server and chosen != nak.server)


def _refusal_event(nak: Dhcp, waiting: list[Dhcp]) -> Event:
    who = nak.server or "the DHCP server"
    text = f"{who} refused the address that the phone asked for (NAK)"
    if waiting:
        text += f", and did not answer its {listed(question.type.upper() for question in waiting)} after that"
    evidence = [
        evidence_of(f"NAK from {nak.server or 'a server'}", nak),
        *(unanswered_evidence(question) for question in waiting),
    ]
    return failed_event("dhcp-nak", (waiting or [nak])[-1].time, text, evidence, {"dhcp_server": nak.server})


def _wanted_options(ack: Dhcp, question: Dhcp | None, asked: tuple[int, ...], bound: Dhcp | None) -> frozenset[int]:
    """The judged options whose absence from an ACK proves something.

    A server that extends a lease may well send only what it was asked for (RFC 2131, section 4.3.1). ``asked`` is the
    latest list of any question, ``bound`` the ACK of the lease that still runs, ``question`` what this one answers,
    where it was seen.
    """
    if question is not None and question.requested:
        return _JUDGED & frozenset(question.requested)
    if bound is not None and bound.domain and _given_address(ack) == _given_address(bound):
        return frozenset()
    if question is not None and question.client_address and not question.truncated:
        return frozenset()
    return _JUDGED & frozenset(asked) if asked else _JUDGED


def _unseen_ack(request: Dhcp, address: str, offer: Dhcp | None) -> Event:
    """The event of an ACK that is not in the capture: the phone uses the address. The options are the offer's."""
    text = f"the ACK for {address} is not in the capture; the phone uses that address"
    evidence = [evidence_of(f"{request.type.upper()}, and the phone sends from {address} after that", request)]
    if offer is not None and offer.transaction == request.transaction and offer.domain:
        text += f", offered with the domain {offer.domain}"
        evidence.append(answer_evidence(offer))
    return StepEventBuilder(step=Step.DHCP, time=request.time, evidence=tuple(evidence)).ok(text)


def _given_address(ack: Dhcp) -> str | None:
    return ack.address or ack.client_address


def _acknowledged_event(ack: Dhcp, wants: frozenset[int]) -> Event:
    values = {"dhcp_server": ack.server, "domain": ack.domain}
    lease = f"{ack.server or 'the DHCP server'} leased {_given_address(ack) or 'an address'}"
    event = StepEventBuilder(step=Step.DHCP, time=ack.time, evidence=(answer_evidence(ack),), values=values)
    if ack.truncated and not (ack.domain and domain_flaw(ack.domain)):
        if ack.snapped:
            read = read_before_text(ack.domain, ack.resolvers)
            text = f"{lease}, in a message that is cut short in the capture; {read}"
            gap = event.unknown(f"{text}; capture again with whole packets (tcpdump -s 0)", "capture-gap")
            return replace(gap, problem=MALFORMED)
        text = f"{lease}, in a message that breaks off before its options end (as sent, or by the capture)"
        unknown = event.unknown(f"{text}; {read_before_text(ack.domain, ack.resolvers)}", level=Level.WARNING)
        return replace(unknown, problem=MALFORMED)
    if not ack.domain:
        if _DOMAIN in wants or ack.domain == "":
            return event.failed("dhcp-no-domain", f"{lease} with {missing_domain_text(ack.domain, ack.search)}")
        return event.ok(f"{lease}; the domain was not asked for in this message")
    flaw = domain_flaw(ack.domain)
    if flaw:
        text = f"{lease} with the domain {quoted(ack.domain)}, which is not one DNS name: {flaw}"
        return event.failed("dhcp-domain-unusable", text)
    if not usable_resolvers(ack.resolvers) and (ack.resolvers or _RESOLVER in wants):
        return event.failed("dhcp-no-resolver", f"{lease} with {no_resolver_text(ack.resolvers)}")
    resolvers = f", resolver {listed(map(resolver_text, ack.resolvers))}" if ack.resolvers else ""
    return event.ok(f"{lease}, domain {ack.domain}{resolvers}")


@once_a_log
def messages_in_order(history: ObservationLog) -> list[Dhcp]:
    """The phone's DHCP messages, as ``in_order`` puts them."""
    return in_order(history.of_kind(Dhcp))


def in_order(messages: list[Dhcp]) -> list[Dhcp]:
    """A capture's messages, by time, with each question before its answer, where a mirror turned the two round, or
    shows a copy of the question behind the answer."""
    ordered: list[Dhcp] = []
    asked: dict[tuple[int, str], Dhcp] = {}
    for message in messages:
        place = len(ordered)
        kinds = _ANSWERS.get(message.type)
        if kinds is not None and message.transaction is not None:
            before = asked.get((message.transaction, message.type))
            asked[message.transaction, message.type] = message
            if before is None or not _asks_otherwise(message, before):
                for number in range(len(ordered) - 1, -1, -1):
                    known = ordered[number]
                    if message.time - known.time > CAPTURE_SKEW:
                        break
                    if known.transaction == message.transaction and known.type in kinds:
                        place = number
        ordered.insert(place, message)
    return ordered


def _asks_otherwise(question: Dhcp, before: Dhcp) -> bool:
    """Whether a question is another one than that just before it: what was answered between the two is that one.

    The same one so soon is a mirror's copy.
    """
    return question.time - before.time <= CAPTURE_SKEW and (question.server, question.address) != (
        before.server,
        before.address,
    )
