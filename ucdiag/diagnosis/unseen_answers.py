"""Answers that the capture lacks and the phone received: its next action proves them.

- A client that asks DNS and at once connects to an address that no other answer gave it has the address from the
  missing answer. Without an answer a client asks again, or gives up after seconds. The same holds if it goes on to the
  next name. An answer of another day for the same name does not count: a client that asks again does not use it.
- A client that begins with DISCOVER, or whose REQUEST takes an offer, sends from an address only after the ACK
  (RFC 2131, section 3.1).
"""

from bisect import bisect_right
from collections.abc import Iterable

from ucdiag.diagnosis.known_servers import offered_hosts
from ucdiag.diagnosis.observation_log import ObservationLog
from ucdiag.diagnosis.registrars import SIGN_IN_PORT
from ucdiag.diagnosis.update_lookups import DNS_PORT
from ucdiag.model.fast_dataclass import replace
from ucdiag.model.observations import Connect, Dhcp, Http, Lookup, Tls, UpdateAnswer, last_time_of
from ucdiag.model.phone_classes import SECOND_CLASS
from ucdiag.model.urls import ipv4_flaw
from ucdiag.model.vocabulary import Microseconds
from ucdiag.update_service.names import plain_name, same_name, update_label

# A resolver waits this long, at least, before it asks again.
_AT_ONCE = 1_000_000
# Resolvers give a question up by then.
_GIVEN_UP = 15_000_000
# Addresses that a host takes by itself where nobody answers (RFC 3927).
_SELF_ASSIGNED = "169.254."
# Where a client goes for something else than what this lookup is for.
_OTHER_PORTS = (DNS_PORT, SIGN_IN_PORT)


def with_unseen_answers(history: ObservationLog) -> ObservationLog:
    """The same facts, with the address that the phone used, where the answer of DNS is not in the capture.

    Such a lookup has the failure ``lost``, no ``rcode``, and that one address; none where it went on to the next name.
    """
    lookups = history.of_kind(Lookup)
    if not any(map(_is_silent, lookups)):
        return history
    opened = _tcp_contacts(history)
    # Most silences are silences: nothing follows at once.
    times = sorted([*(connect.time for connect in opened), *(asked.time for asked in lookups)])
    offering = frozenset[str]().union(*map(offered_hosts, history.of_kind(UpdateAnswer)))
    proved: dict[int, tuple[str, ...]] = {}
    for lookup in lookups:
        if not _is_silent(lookup) or not _is_followed(lookup, times):
            continue
        if update_label(lookup.name) is not None or plain_name(lookup.name) in offering:
            address = _learned_address(lookup, lookups, opened)
            if address is not None:
                proved[id(lookup)] = (address,)
            elif _went_on(lookup, lookups):
                proved[id(lookup)] = ()
    if not proved:
        return history
    log = ObservationLog()
    for seen in history.all_facts():
        addresses = proved.get(id(seen))
        if addresses is not None and isinstance(seen, Lookup):
            seen = replace(seen, failure="lost", addresses=addresses)
        log.add(seen)
    return log


def is_proved(lookup: Lookup) -> bool:
    """Whether the answer is known by what the phone did with it alone."""
    return lookup.failure == "lost" and bool(lookup.addresses)


def unseen_answer_text(lookup: Lookup) -> str:
    """The phone's action that proves the answer, as a clause."""
    return f"the answer for {lookup.name} is not in the capture; the phone went to {lookup.addresses[0]} at once"


def address_taken(history: ObservationLog, request: Dhcp) -> str | None:
    """The address from which the client of a DISCOVER, or of a REQUEST that takes an offer, then sent.

    That of a REQUEST is the one that it asked for. None where nothing proves that it was granted.
    """
    takes = request.type == "request" and bool(request.server and request.address) and not request.client_address
    begins = request.type == "discover" and (request.vendor_class or "").lower() != SECOND_CLASS
    if not begins and not takes:
        return None
    messages = history.of_kind(Dhcp)
    if any(message.type in ("ack", "nak") and message.transaction == request.transaction for message in messages):
        return None
    again = [
        message.time
        for message in messages
        if message.type in ("discover", "request") and message.time > request.time and message.client == request.client
    ]
    until = min(again, default=None)
    sent: list[Lookup | Connect | Tls | Http] = [*history.of_kind(Lookup), *_tcp_contacts(history)]
    wanted = request.address if takes else None
    for later in sorted(sent, key=lambda seen: seen.time):
        in_time = later.time > request.time and (until is None or later.time < until)
        granted = later.client is not None and not later.client.startswith(_SELF_ASSIGNED)
        if in_time and granted and wanted in (None, later.client):
            return later.client
    return None


def _is_silent(lookup: Lookup) -> bool:
    return (
        lookup.type == "A"
        and lookup.rcode is None
        and lookup.failure in (None, "no_answer")
        and lookup.purpose is None
        and not lookup.truncated
    )


def _is_followed(lookup: Lookup, times: list[Microseconds]) -> bool:
    """Whether the client did anything at once after its question. ``times`` are those of all that it did, in order."""
    asked = last_time_of(lookup)
    after = bisect_right(times, asked)
    return after < len(times) and times[after] - asked < _AT_ONCE


def _tcp_contacts(history: ObservationLog) -> list[Connect | Tls | Http]:
    """What the client did over TCP, by time."""
    every: list[Connect | Tls | Http] = [*history.of_kind(Connect), *history.of_kind(Tls), *history.of_kind(Http)]
    return sorted(every, key=lambda observation: observation.time)


def _learned_address(lookup: Lookup, lookups: list[Lookup], opened: Iterable[Connect | Tls | Http]) -> str | None:
    """The address to which the client went at once after this question, where nothing else can have named it."""
    asked = last_time_of(lookup)
    others = [other for other in lookups if other is not lookup]
    if any(other.rcode is None and other.type == "A" and abs(other.time - asked) < _GIVEN_UP for other in others):
        # It asked again, or for something else that was not answered either.
        return None
    again = _named_before(lookup, others, asked)
    known = {address for other in others for address in other.addresses} - again
    for contact in opened:
        if contact.time < asked:
            known |= {contact.server} - again
        elif contact.time - asked >= _AT_ONCE:
            return None
        elif contact.server in again and not isinstance(contact, Connect):
            continue  # It goes on, on a connection that was open.
        elif contact.server not in known and contact.port not in _OTHER_PORTS and ipv4_flaw(contact.server) is None:
            return None if _is_asked_again(lookup, others, asked) else contact.server
    return None


def _named_before(lookup: Lookup, others: list[Lookup], asked: Microseconds) -> set[str]:
    """The addresses that the same name had at another time, and that nothing named about the time of this question.

    A client that asks for the name again no longer uses its earlier answer.
    """
    near, far = set[str](), set[str]()
    for other in others:
        if abs(other.time - asked) < _GIVEN_UP:
            near.update(other.addresses)
        elif same_name(other.name, lookup.name):
            far.update(other.addresses)
    return far - near


def _went_on(lookup: Lookup, lookups: list[Lookup]) -> bool:
    """Whether the client asked for another update server at once, was answered, and did not ask for this one again."""
    asked = last_time_of(lookup)
    others = [other for other in lookups if other is not lookup]
    answered = [other for other in others if other.type == "A" and other.rcode is not None and update_label(other.name)]
    soon = [other for other in answered if 0 < other.time - asked < _AT_ONCE and not same_name(other.name, lookup.name)]
    return bool(soon) and not _is_asked_again(lookup, others, asked)


def _is_asked_again(lookup: Lookup, others: list[Lookup], asked: Microseconds) -> bool:
    """Whether the same question comes once more, soon: it was not answered then."""
    return any(
        same_name(other.name, lookup.name) and other.type == lookup.type and 0 < other.time - asked < _GIVEN_UP
        for other in others
    )
