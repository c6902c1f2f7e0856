"""DNS answers from another address or port than was asked: whether the client accepted them, by its next action.

A resolver drops such an answer (RFC 5452, section 9.1). If the network translates addresses between the capture and
the client, the client gets it from the address that it asked, and accepts it:

- It accepted addresses if it then connects to one of them that no other answer gave it.
- It accepted an answer without an address if it at once asked for the next name, or did not ask again.
"""

from ucdiag.diagnosis.observation_log import ObservationLog
from ucdiag.diagnosis.options import DiagnosisOptions
from ucdiag.model.fast_dataclass import replace
from ucdiag.model.observations import Connect, Http, Lookup, Tls
from ucdiag.model.vocabulary import LookupFailure, Microseconds, microseconds
from ucdiag.update_service.names import same_name, update_label

# Who drops an answer asks again, or goes on, when its time is over: a second later at the earliest.
_AT_ONCE = 1_000_000
# Resolvers give a question up by then.
_GIVEN_UP = 15_000_000


def with_settled_answers(history: ObservationLog, setting: DiagnosisOptions, at: Microseconds) -> ObservationLog:
    """The same facts, with each answer from elsewhere as the client treated it: one that it accepted counts, one that
    it dropped is no answer (failure ``elsewhere``), and so is one of which that is not known yet (no failure)."""
    lookups = history.of_kind(Lookup)
    if not any(lookup.answer_from is not None and lookup.rcode is not None for lookup in lookups):
        return history
    log = ObservationLog()
    for seen in history.all_facts():
        if isinstance(seen, Lookup) and seen.answer_from is not None and seen.rcode is not None:
            log.add(_settled_lookup(seen, history, lookups, setting, at))
        else:
            log.add(seen)
    return log


def _settled_lookup(
    lookup: Lookup, history: ObservationLog, lookups: list[Lookup], setting: DiagnosisOptions, at: Microseconds
) -> Lookup:
    asked_again = lookup.asked_again or any(_is_again(other, lookup) for other in lookups)
    waited = at - _answer_time(lookup) >= setting.patience_microseconds
    if _was_used(lookup, history, lookups):
        return lookup
    if not lookup.addresses and not asked_again and _went_on(lookup, lookups, waited):
        return lookup
    failure: LookupFailure | None = "elsewhere" if asked_again or waited else None
    return replace(lookup, rcode=None, addresses=(), aliases=(), records=(), ttl=None, failure=failure)


def _answer_time(lookup: Lookup) -> Microseconds:
    return lookup.time + microseconds(lookup.seconds or 0)


def _is_again(other: Lookup, lookup: Lookup) -> bool:
    """Whether this is the same question soon after that answer."""
    later = other.time - _answer_time(lookup)
    return 0 < later < _GIVEN_UP and other.type == lookup.type and same_name(other.name, lookup.name)


def _was_used(lookup: Lookup, history: ObservationLog, lookups: list[Lookup]) -> bool:
    """Whether the client then went to an address that only this answer gave it."""
    given = {address for heard in lookups if heard.answer_from is None for address in heard.addresses}
    only_here = set(lookup.addresses) - given
    answered = _answer_time(lookup)
    contacts: list[Connect | Tls | Http] = [*history.of_kind(Connect), *history.of_kind(Tls), *history.of_kind(Http)]
    return any(contact.server in only_here and contact.time >= answered for contact in contacts)


def _went_on(lookup: Lookup, lookups: list[Lookup], waited: bool) -> bool:
    """Whether the client asked for the next update server at once, or for none although there was the time for it."""
    answered = _answer_time(lookup)
    later = [other.time - answered for other in lookups if update_label(other.name) is not None]
    soon = [since for since in later if 0 < since < _GIVEN_UP]
    return min(soon) < _AT_ONCE if soon else waited
