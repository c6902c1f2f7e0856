"""Whether the capture ends before the phone asked its next resolver."""

from ucdiag.diagnosis.options import DiagnosisOptions
from ucdiag.diagnosis.phrases import is_definite, lookup_said
from ucdiag.diagnosis.repeated import OPEN_FAILURES, times_of
from ucdiag.diagnosis.traffic import ONE_CHECK
from ucdiag.diagnosis.update_lookups import nameserver_text
from ucdiag.model.observations import Lookup
from ucdiag.model.text import listed
from ucdiag.model.vocabulary import Microseconds


def next_resolver_clause(
    lookup: Lookup, lookups: list[Lookup], resolvers: tuple[str, ...], setting: DiagnosisOptions, at: Microseconds
) -> str | None:
    """That the capture ends before the phone asked another resolver, as a clause; None where it does not."""
    if not _may_ask_next(lookup, lookups, resolvers, setting, at):
        return None
    said = lookup_said(lookup)
    others = listed(resolver for resolver in resolvers if resolver != lookup.server)
    return f"soon after {nameserver_text(lookup)} failed for {lookup.name} ({said}), before the phone asked {others}"


def _may_ask_next(
    lookup: Lookup, lookups: list[Lookup], resolvers: tuple[str, ...], setting: DiagnosisOptions, at: Microseconds
) -> bool:
    """Whether the capture ends before the phone can have asked all of its ``resolvers``: where one fails, or cannot be
    reached, it asks another one for the same name."""
    if lookup.server not in resolvers or is_definite(lookup):
        return False
    if lookup.rcode is None and lookup.failure in (*OPEN_FAILURES, "lost"):
        return False
    if at - max(times_of([lookup])) >= setting.patience_microseconds:
        return False
    asked = {
        other.server
        for other in lookups
        if other.name.lower() == lookup.name.lower()
        and other.type == lookup.type
        and other.time > lookup.time - ONE_CHECK
    }
    return not asked.issuperset(resolvers)
