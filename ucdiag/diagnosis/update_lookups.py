"""A phone's questions for the update server, and the words for them. Pure text."""

from collections.abc import Iterable

from ucdiag.diagnosis.observation_log import ObservationLog, once_a_log
from ucdiag.diagnosis.phrases import lookup_said
from ucdiag.diagnosis.step_event import evidence_of
from ucdiag.model.fast_dataclass import replace
from ucdiag.model.observations import Dhcp, Lookup
from ucdiag.model.report import Evidence
from ucdiag.model.urls import ipv4_flaw, usable_resolvers
from ucdiag.update_service.names import same_name, update_label

DNS_PORT = 53


@once_a_log
def update_lookups(history: ObservationLog) -> list[Lookup]:
    """The questions for the update server's address (type A), by time.

    Where the answer in a capture is an alias alone and the phone asked for that name itself, its addresses are the
    answer's too.
    """
    lookups = history.of_kind(Lookup)
    updates = [lookup for lookup in lookups if lookup.type == "A" and _is_for_updates(lookup)]
    return [_with_addresses(lookup, lookups) if _is_alias_alone(lookup) else lookup for lookup in updates]


def phone_resolvers(history: ObservationLog) -> tuple[str, ...]:
    """Those of option 6 of the phone's last lease that can be asked."""
    leases = (usable_resolvers(message.resolvers) for message in history.of_kind(Dhcp) if message.type == "ack")
    return next((resolvers for resolvers in reversed(list(leases)) if resolvers), ())


def _is_for_updates(lookup: Lookup) -> bool:
    return lookup.purpose == "update" if lookup.purpose else update_label(lookup.name) is not None


def _is_alias_alone(lookup: Lookup) -> bool:
    return lookup.purpose is None and lookup.rcode == "NOERROR" and bool(lookup.aliases) and not lookup.addresses


def _with_addresses(alias: Lookup, lookups: list[Lookup]) -> Lookup:
    """The answer with what the phone got when it asked for the alias itself, if it did."""
    for lookup in lookups:
        asked_later = lookup.type == "A" and lookup.time >= alias.time
        if asked_later and lookup.addresses and same_name(lookup.name, alias.aliases[-1]):
            return replace(alias, addresses=lookup.addresses, aliases=(*alias.aliases, *lookup.aliases))
    return alias


def update_addresses(history: ObservationLog) -> tuple[str, ...]:
    """All usable addresses that DNS gave for the update server."""
    return tuple(
        dict.fromkeys(
            address for lookup in update_lookups(history) for address in lookup.addresses if ipv4_flaw(address) is None
        )
    )


def nameserver_text(lookup: Lookup) -> str:
    """The server that was asked, with its port where that is not DNS' own."""
    if not lookup.server:
        return "the DNS server"
    if lookup.server_port in (None, DNS_PORT):
        return lookup.server
    return f"{lookup.server} port {lookup.server_port}"


def nameserver_options(lookups: Iterable[Lookup]) -> str:
    """The servers that were asked as ``-n`` takes them, one after the other; "" where one is not known."""
    words = []
    for lookup in lookups:
        server, port = lookup.server or "", lookup.server_port
        if port not in (None, DNS_PORT):
            server = f"[{server}]:{port}" if ":" in server else f"{server}:{port}"
        words.append(server)
    return " -n ".join(dict.fromkeys(words)) if all(words) else ""


def answer_source(lookup: Lookup) -> str:
    """The clause that an answer came from another address than was asked; "" if it did not."""
    if lookup.answer_from is None:
        return ""
    if lookup.answer_from == lookup.server or lookup.answer_from_port not in (None, lookup.server_port or DNS_PORT):
        return f"{lookup.answer_from} port {lookup.answer_from_port}"
    return lookup.answer_from


def answer_lost_text(lookup: Lookup) -> str:
    """The clause that the answer may be among the packets that the capture lacks, and what helps."""
    return (
        f"the capture lacks packets of {nameserver_text(lookup)}, and with them perhaps the answer for {lookup.name}; "
        "capture again, nearer to the phone or with a larger buffer (tcpdump -B 65536)"
    )


def lookup_evidence(lookup: Lookup) -> Evidence:
    """One line: the query, the server, and the answer."""
    to = f" to {nameserver_text(lookup)}" if lookup.server else ""
    source = answer_source(lookup)
    said = f"an answer from {source}" if lookup.failure == "elsewhere" else lookup_said(lookup)
    said += f", from {source}" if source and lookup.rcode is not None else ""
    return evidence_of(f"question {lookup.name} {lookup.type}{to}: {said}", lookup)
