"""Drops facts that a phone repeats beside its update checks, and that do not change its report.

In a week a phone renews its lease and looks up other names hundreds of times. Without these facts the checks of the
whole week stay in memory.
"""

from collections import Counter, defaultdict
from collections.abc import Sequence

from ucdiag.diagnosis.phrases import is_post_to_handler
from ucdiag.model.observations import Connect, Dhcp, Http, Lookup, Observation, Tls
from ucdiag.update_service.names import update_label

_LATEST = 4  # facts of one kind that stay
_RENEWALS = 8  # renewals that stay


def without_routine(facts: Sequence[Observation]) -> list[Observation]:
    """These facts, in their order, without the older ones of what was repeated beside the update checks."""
    servers = _update_servers(facts)
    renewals = _old_renewals(facts)
    seen: Counter[tuple[object, ...]] = Counter()
    kept = []
    for fact in reversed(facts):
        if isinstance(fact, Dhcp):
            if fact.transaction in renewals:
                continue
        elif (key := _routine_key(fact, servers)) is not None:
            seen[key] += 1
            if seen[key] > _LATEST:
                continue
        kept.append(fact)
    kept.reverse()
    return kept


def _update_servers(facts: Sequence[Observation]) -> set[str | None]:
    """The addresses at which a fact may belong to an update check, or to one of which a part was not captured."""
    servers: set[str | None] = set()
    for fact in facts:
        if isinstance(fact, Http):
            if fact.method is None or is_post_to_handler(fact):
                servers.add(fact.server)
        elif isinstance(fact, Lookup) and update_label(fact.name) is not None:
            servers.update(fact.addresses)
    return servers


def _routine_key(fact: Observation, servers: set[str | None]) -> tuple[object, ...] | None:
    """The key of facts of which the latest are enough; None for a fact that stays."""
    if isinstance(fact, Lookup):
        if update_label(fact.name) is not None:
            return None
        return fact.name, fact.type, fact.server, fact.rcode, fact.addresses
    if isinstance(fact, Connect) and fact.server not in servers:
        return "connect", fact.server, fact.port, fact.outcome
    if isinstance(fact, Tls) and fact.server not in servers:
        return "tls", fact.server, fact.port, fact.outcome
    if isinstance(fact, Http) and fact.server not in servers:
        return fact.method, fact.target, fact.server, fact.status, fact.complete
    return None


def _old_renewals(facts: Sequence[Observation]) -> set[int | None]:
    """The transactions of renewals and INFORMs that were answered, without the latest."""
    types: defaultdict[int | None, set[str]] = defaultdict(set)
    for fact in facts:
        if isinstance(fact, Dhcp) and fact.transaction is not None:
            renews = fact.type == "request" and fact.client_address is not None
            types[fact.transaction].add("renewal" if renews or fact.type == "inform" else fact.type)
    answered = [transaction for transaction, kinds in types.items() if kinds == {"renewal", "ack"}]
    return set(answered[:-_RENEWALS])
