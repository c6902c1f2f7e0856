"""The part of ``check-dns`` and ``check`` between steps and findings: the update service's two names in DNS."""

from collections.abc import Iterable

from ucdiag.model.observations import Lookup, Observation
from ucdiag.update_service.names import LEGACY_LABEL, R2_LABEL, plain_name
from ucdiag.views.line_writer import LineWriter
from ucdiag.views.sanitize import shortened

_LONGEST = 500
_LABELS = (R2_LABEL, LEGACY_LABEL)


def show_names(writer: LineWriter, observations: Iterable[Observation]) -> None:
    """Show each name once for each of its answers, with the nameservers; nothing if DNS was not asked."""
    answers: dict[str, dict[str, list[str]]] = {}
    for fact in observations:
        if not isinstance(fact, Lookup) or fact.type != "A" or fact.purpose not in ("update", "sip"):
            continue
        if plain_name(fact.name).partition(".")[0] in _LABELS:
            who = f"{fact.server}{f' port {fact.server_port}' if fact.server_port not in (None, 53) else ''}"
            answers.setdefault(fact.name, {}).setdefault(answer_text(fact), []).append(who)
    if not answers:
        return
    writer.write_blank()
    writer.write_wrapped(("The update service's names", "bold"))
    for name, texts in answers.items():
        for text, servers in texts.items():
            asked = "" if text.endswith(ASSUMED) else f" (asked {', '.join(dict.fromkeys(servers))})"
            writer.write_wrapped((name, "bold"), shortened(f": {text}{asked}", _LONGEST), first="  ", hang=4)


ASSUMED = "assumed (--assume)"


def answer_text(lookup: Lookup) -> str:
    """One answer as text: addresses with their TTL, or why there is none."""
    if lookup.assumed:
        return f"{', '.join(lookup.addresses) or 'no A record'}, {ASSUMED}"
    if lookup.addresses:
        ttl = f", TTL {lookup.ttl} s" if lookup.ttl is not None else ""
        alias = f", an alias of {lookup.aliases[-1]}" if lookup.aliases else ""
        return f"{', '.join(lookup.addresses)}{ttl}{alias}"
    if lookup.rcode == "NOERROR":
        return "exists, without an A record"
    if lookup.rcode == "NXDOMAIN":
        return "does not exist (NXDOMAIN)"
    return lookup.rcode or lookup.reason or (lookup.failure or "no answer").replace("_", " ")
