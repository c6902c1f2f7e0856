"""Step 2: ``ucupdates-r2.<DHCP domain>`` has an A record that a phone can use.

Active: of the nameservers, in their order, the first that gave a definite answer decides, as it does for a phone;
one that gave none is a warning. A nameserver that this machine could not ask does not count if another one answers; if
none answers, the step is unknown.
In a capture the phone's own questions are judged in their order.
No answer, REFUSED, SERVFAIL, NXDOMAIN and "no such record" stay distinct to the end.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping

from ucdiag.diagnosis import firmware_generations as generations
from ucdiag.diagnosis.host_flaws import subnet_flaws
from ucdiag.diagnosis.known_servers import own_server_lookups, server_lookups
from ucdiag.diagnosis.next_resolver import next_resolver_clause
from ucdiag.diagnosis.observation_log import ObservationLog
from ucdiag.diagnosis.options import DiagnosisOptions
from ucdiag.diagnosis.phrases import is_definite, lookup_said, update_requests
from ucdiag.diagnosis.repeated import asked_once, is_unanswered, still_awaited, times_of, unanswered_alike
from ucdiag.diagnosis.step_event import Event, StepEventBuilder, evidence_of, finding
from ucdiag.diagnosis.steps.dhcp import differing_answers, phone_domain
from ucdiag.diagnosis.steps.lookup_rules import LookupCase, is_cut_short, judge_lookup
from ucdiag.diagnosis.traffic import ONE_CHECK
from ucdiag.diagnosis.unsent import unsent_clause, unsent_event
from ucdiag.diagnosis.update_lookups import (
    DNS_PORT,
    lookup_evidence,
    nameserver_options,
    nameserver_text,
    phone_resolvers,
    update_lookups,
)
from ucdiag.model.fast_dataclass import replace
from ucdiag.model.observations import Connect, Dhcp, Lookup, UpdateAnswer
from ucdiag.model.report import Finding
from ucdiag.model.steps import Step
from ucdiag.model.text import listed
from ucdiag.model.urls import is_loopback
from ucdiag.model.vocabulary import LookupFailure, Microseconds
from ucdiag.update_service.names import (
    LEGACY_LABEL,
    R2_LABEL,
    domain_flaw,
    domain_part,
    plain_name,
    same_name,
    update_label,
)


def events(history: ObservationLog, setting: DiagnosisOptions, at: Microseconds) -> list[Event]:
    if setting.from_capture:
        return _watched_events(history, setting, at)
    return _asked_events(history, setting)


def _asked_events(history: ObservationLog, setting: DiagnosisOptions) -> list[Event]:
    lookups = update_lookups(history)
    main = [lookup for lookup in lookups if update_label(lookup.name) != LEGACY_LABEL]
    servers: dict[tuple[str | None, int | None], Lookup] = {}
    for lookup in main:
        servers[lookup.server, lookup.server_port] = lookup
    if not servers:
        return []
    legacy = [lookup for lookup in lookups if update_label(lookup.name) == LEGACY_LABEL]
    sip = [lookup for lookup in history.of_kind(Lookup) if lookup.purpose == "sip" and lookup.type == "A"]
    unasked = [lookup for lookup in servers.values() if lookup.failure == "not_sent"]
    servers = {key: lookup for key, lookup in servers.items() if lookup.failure != "not_sent"}
    instead = next((lookup for lookup in unasked if not servers or _may_be_a_phones(lookup.server or "")), None)
    if instead is not None and not any(map(is_definite, servers.values())):
        unsent = unsent_event(Step.DNS, instead, unsent_clause(instead) or "")
        return [*(judge_lookup(LookupCase(lookup, setting)) for lookup in servers.values()), unsent]
    deciding = next(filter(is_definite, servers.values()), next(iter(servers.values())))
    others = [lookup for lookup in servers.values() if lookup is not deciding]
    failed = [lookup for lookup in main if lookup.rcode == "SERVFAIL" and lookup not in servers.values()]
    missed = [
        judge_lookup(LookupCase(lookup, setting))
        for lookup in [*_failed_before(failed, servers), *others]
        if not is_definite(lookup)
    ]
    legacy, sip = _said_by(legacy, deciding), _said_by(sip, deciding)
    rival = _rivals(history, setting).get(domain_part(deciding.name))
    event = judge_lookup(LookupCase(deciding, setting, legacy, sip, rival=rival, flaws=subnet_flaws(history)))
    # Where the deciding one is not definite none is.
    others = [lookup for lookup in others if is_definite(lookup)]
    alike = [lookup for lookup in others if _same_answer(lookup, deciding)]
    if alike:
        says = "says" if len(alike) == 1 else "say"
        event = replace(event, summary=f"{event.summary}; {listed(map(nameserver_text, alike))} {says} the same")
    if len(alike) < len(others):
        differing = [f"{nameserver_text(other)} says {lookup_said(other)}" for other in others if other not in alike]
        event = replace(event, summary=f"{event.summary}; but {listed(differing)}")
    return [*missed, event]


def _failed_before(failed: list[Lookup], servers: Mapping[tuple[str | None, int | None], Lookup]) -> list[Lookup]:
    """The first SERVFAIL of each nameserver that gave a definite answer when it was asked again."""
    first: dict[tuple[str | None, int | None], Lookup] = {}
    for lookup in failed:
        first.setdefault((lookup.server, lookup.server_port), lookup)
    return [lookup for place, lookup in first.items() if place in servers and is_definite(servers[place])]


def _rivals(history: ObservationLog, setting: DiagnosisOptions) -> dict[str, str]:
    """The DHCP server of each domain that it alone hands out, where the servers hand out different ones."""
    given: dict[str, list[str]] = {}
    for one in differing_answers(history, setting):
        if one.domain and one.server:
            given.setdefault(plain_name(one.domain), []).append(one.server)
    if len(given) < 2:
        # The others hand out none, so no domain is there in its place.
        return {}
    return {domain: servers[0] for domain, servers in given.items() if len(servers) == 1}


def _may_be_a_phones(server: str) -> bool:
    """Whether a phone may ask the nameserver at this address: not by IPv6, nor this machine's own."""
    return ":" not in server and not is_loopback(server)


def _said_by(lookups: list[Lookup], deciding: Lookup) -> list[Lookup]:
    """The definite answers of the nameserver that decides; all of ``lookups`` if there are none."""
    place = deciding.server, deciding.server_port
    return [one for one in lookups if (one.server, one.server_port) == place and is_definite(one)] or lookups


def _same_answer(one: Lookup, other: Lookup) -> bool:
    return one.rcode == other.rcode and set(one.addresses) == set(other.addresses)


def _without_search_list(lookups: list[Lookup], domain: str | None, history: ObservationLog) -> list[Lookup]:
    """The lookups without those that a resolver's search list added and that found no address.

    That is the name with a suffix (``<name>.<suffix>``), the bare name without its domain, and the name in the domains
    above the lease's own and in those of its search list (option 119). The name itself was asked too, and is the one
    that somebody has to repair.
    """
    full = {lookup.name.lower() for lookup in lookups if domain_part(lookup.name)}
    labels = {name.split(".", 1)[0] for name in full}
    own = plain_name(domain or "")
    listed_there = {
        plain_name(name)
        for message in history.of_kind(Dhcp)
        if message.type in ("ack", "offer")
        for name in message.search
    }

    def left_over(lookup: Lookup) -> bool:
        name = lookup.name.lower()
        if not domain_part(name):
            return name.rstrip(".") in labels
        label, _, where = name.partition(".")
        if where in listed_there - {own} and f"{label}.{own}" in full:
            return True
        return _is_above(lookup, lookups, domain) or any(name.startswith(f"{other}.") for other in full)

    # A resolver that gives no answer, or refuses one, is asked for these too.
    return [lookup for lookup in lookups if lookup.addresses or not left_over(lookup)]


def _is_above(lookup: Lookup, lookups: list[Lookup], domain: str | None) -> bool:
    """Whether this asks for a name in a domain above the lease's own, in which it was asked for too."""
    if not domain:
        return False
    label, above = lookup.name.split(".", 1)[0].lower(), domain_part(lookup.name)
    own = plain_name(domain)
    return (
        bool(above) and own.endswith(f".{above}") and any(same_name(asked.name, f"{label}.{own}") for asked in lookups)
    )


def _watched_events(history: ObservationLog, setting: DiagnosisOptions, at: Microseconds) -> list[Event]:
    found: list[Event] = []
    every = update_lookups(history)
    own = phone_domain(history)
    if not history.of_kind(Lookup):
        # Questions that never left the phone: all that the wire shows is that it looked for its DNS server.
        return [_no_way(connect, own) for connect in history.of_kind(Connect) if is_way_to_resolver(connect)]
    named = _of_known_server(history, setting, bool(every))
    lookups = [_over_tcp(lookup, history) for lookup in [*_without_search_list(every, own, history), *named]]
    above = [lookup for lookup in every if lookup.rcode == "NXDOMAIN" and _is_above(lookup, every, own)]
    asked_r2 = any(update_label(lookup.name) == R2_LABEL for lookup in lookups)
    resolvers = phone_resolvers(history)
    rivals = _rivals(history, setting) if lookups else {}
    deaf = _deaf_servers(history)
    older = [lookup for lookup in lookups if update_label(lookup.name) == LEGACY_LABEL]
    for lookup in lookups:
        if update_label(lookup.name) == LEGACY_LABEL and asked_r2:
            continue
        over_tcp = is_cut_short(lookup) and _asked_over_tcp(lookup, history)
        ends = _ends_before(lookup, lookups, resolvers, setting, at, over_tcp=over_tcp)
        if ends is not None:
            event = StepEventBuilder(
                step=Step.DNS,
                time=lookup.time,
                evidence=(lookup_evidence(lookup),),
                values={"nameserver": lookup.server},
            )
            found.append(event.cut_off(f"the capture ends {ends}"))
            continue
        legacy = [other for other in older if domain_part(other.name) == domain_part(lookup.name)]
        legacy = _at_that_time(legacy, lookup)
        if same_name(domain_part(lookup.name), own):
            legacy += [other for other in above if update_label(other.name) == update_label(lookup.name)]
        rival = rivals.get(domain_part(lookup.name))
        judged = judge_lookup(
            LookupCase(lookup, setting, legacy, leased=own, over_tcp=over_tcp, rival=rival, flaws=subnet_flaws(history))
        )
        once = setting.lost > 0 and is_unanswered(lookup) and asked_once(unanswered_alike(lookup, lookups))
        found.append(replace(judged, lasting=not setting.lost and lookup.server in deaf, asked_once=once))
    return found


def _ends_before(
    lookup: Lookup,
    lookups: list[Lookup],
    resolvers: tuple[str, ...],
    setting: DiagnosisOptions,
    at: Microseconds,
    *,
    over_tcp: bool,
) -> str | None:
    """What the capture does not show any more of the question, as a clause; None where it shows enough."""
    recent = at - lookup.time < setting.patience_microseconds
    if recent and is_cut_short(lookup) and not over_tcp:
        return f"before the question for {lookup.name} over TCP, which the truncated answer asks for"
    if recent and is_unanswered(lookup) and still_awaited(lookup, unanswered_alike(lookup, lookups), setting, at):
        return f"while the answer for {lookup.name} was awaited"
    return next_resolver_clause(lookup, lookups, resolvers, setting, at)


def _deaf_servers(history: ObservationLog) -> set[str | None]:
    """The resolvers that were asked more than once and answered nothing, whatever they were asked."""
    times: dict[str | None, set[Microseconds]] = defaultdict(set)
    answering = set()
    for lookup in history.of_kind(Lookup):
        times[lookup.server].update(times_of([lookup]))
        if lookup.rcode is not None:
            answering.add(lookup.server)
    return {server for server, asked in times.items() if len(asked) > 1} - answering


def _at_that_time(others: list[Lookup], lookup: Lookup) -> list[Lookup]:
    """The definite answers of the same check as ``lookup``; all of ``others`` if there are none."""
    near = [other for other in others if is_definite(other) and abs(other.time - lookup.time) <= ONE_CHECK]
    return near or others


def _of_known_server(history: ObservationLog, setting: DiagnosisOptions, asked: bool) -> list[Lookup]:
    """The questions for a host that is known to be an update server, while no file of it was offered.

    ``asked`` says that the phone asked for ``ucupdates`` too. Then, and where it posted, only what the user named
    counts, and the host that it posted to last.
    """
    known = setting.servers.given
    if not asked and not update_requests(history):
        known |= setting.servers.posted
    offers = [answer.time for answer in history.of_kind(UpdateAnswer) if answer.form == "offered"]
    found = [lookup for lookup in server_lookups(history, known) if not offers or lookup.time < offers[0]]
    return found + [lookup for lookup in own_server_lookups(history) if lookup not in found]


def _asked_over_tcp(lookup: Lookup, history: ObservationLog) -> bool:
    """Whether the phone asked the same server the same over TCP in that check, or tried to."""
    asked = [
        other
        for other in history.of_kind(Lookup)
        if other.transport == "tcp" and other.server == lookup.server and _follows(other, lookup)
    ]
    if any(other.type == lookup.type and same_name(other.name, lookup.name) for other in asked):
        return True
    # What was said on the other connections to its port is not known.
    for_others = {other.client_port for other in asked}
    return any(
        (connect.server, connect.port) == (lookup.server, lookup.server_port or DNS_PORT)
        and _follows(connect, lookup)
        and (connect.client_port is None or connect.client_port not in for_others)
        for connect in history.of_kind(Connect)
    )


def _follows(later: Lookup | Connect, lookup: Lookup) -> bool:
    return 0 <= later.time - lookup.time <= ONE_CHECK


def _over_tcp(lookup: Lookup, history: ObservationLog) -> Lookup:
    """A truncated answer over UDP, as a failure if TCP to that server does not open, nor the phone takes what came."""
    if not lookup.truncated or lookup.rcode != "NOERROR":
        return lookup
    later = [connect for connect in history.of_kind(Connect) if connect.time >= lookup.time]
    if any(connect.server in lookup.addresses for connect in later):
        return lookup
    at_resolver = [connect for connect in later if connect.server == lookup.server and connect.port == DNS_PORT]
    tries = [connect for connect in at_resolver if _follows(connect, lookup)]
    if not tries or any(attempt.outcome in ("open", "unfinished") for attempt in tries):
        return lookup
    last = tries[-1]
    failure: LookupFailure | None = None if last.outcome == "no_answer" else "unreachable"
    return replace(lookup, rcode=None, addresses=(), failure=failure, reason=last.reason)


def is_way_to_resolver(connect: Connect) -> bool:
    """Whether this is no TCP connection but unanswered ARP for a DNS server, or for the gateway to it."""
    return connect.port == DNS_PORT and connect.client_port is None and connect.outcome == "unreachable"


def _no_way(connect: Connect, domain: str | None) -> Event:
    values = {"nameserver": connect.server, "dns_port": str(DNS_PORT), "label": R2_LABEL, "variant": "no-way"}
    if domain and domain_flaw(domain) is None:
        values["domain"] = plain_name(domain)
        values["name"] = f"{R2_LABEL}.{values['domain']}"
    event = StepEventBuilder(
        step=Step.DNS,
        time=connect.time,
        evidence=(evidence_of(f"{connect.reason}, asked {connect.attempts} times", connect),),
        values=values,
    )
    failed = event.failed("dns-no-answer", f"the phone could not ask its DNS server {connect.server}: {connect.reason}")
    return replace(failed, asked_once=asked_once([connect]))


def additional_findings(history: ObservationLog, setting: DiagnosisOptions, at: Microseconds) -> list[Finding]:
    """Warnings: resolvers that disagree, a wildcard, a question under another domain than the lease's."""
    return [*_disagreement_findings(history, setting), *_wildcard_findings(history), *_wrong_domain(history, setting)]


def _disagreement_findings(history: ObservationLog, setting: DiagnosisOptions) -> Iterable[Finding]:
    generation = generations.generation_of(setting.phone.firmware) if setting.phone is not None else None
    asks_legacy = generation is not None and LEGACY_LABEL in generation.labels
    by_name: dict[str, dict[tuple[str, int | None], Lookup]] = {}
    for lookup in update_lookups(history):
        if lookup.purpose == "update" and lookup.server and is_definite(lookup):
            by_name.setdefault(lookup.name, {})[lookup.server, lookup.server_port] = lookup
    alike = {
        name
        for name, answers in by_name.items()
        if len({frozenset(lookup.addresses) for lookup in answers.values()}) < 2
    }
    # Who finds the newer name does not ask for the older one.
    settled = any(
        update_label(name) == R2_LABEL and any(lookup.addresses for lookup in by_name[name].values()) for name in alike
    )
    for name, answers in by_name.items():
        if update_label(name) == LEGACY_LABEL and settled and not asks_legacy:
            continue
        if len({(lookup.rcode, frozenset(lookup.addresses)) for lookup in answers.values()}) > 1:
            text = f"the resolvers give different answers for {name}"
            values = {
                "name": name,
                "domain": domain_part(name),
                "nameservers": nameserver_options(answers.values()),
            }
            yield finding(
                "dns-servers-disagree", text, (lookup_evidence(lookup) for lookup in answers.values()), values
            )
            return


def _wildcard_findings(history: ObservationLog) -> Iterable[Finding]:
    caught = [lookup for lookup in history.of_kind(Lookup) if lookup.purpose == "wildcard" and lookup.addresses]
    if caught:
        text = f"{caught[0].name}, which cannot exist, resolves too (to {listed(caught[0].addresses)})"
        yield finding(
            "dns-wildcard",
            text,
            (lookup_evidence(lookup) for lookup in caught),
            {
                "domain": domain_part(caught[0].name),
                "nameserver": caught[0].server,
                "nameservers": nameserver_options(caught),
                "dns_port": str(caught[0].server_port or DNS_PORT),
            },
        )


def _wrong_domain(history: ObservationLog, setting: DiagnosisOptions) -> Iterable[Finding]:
    domain = phone_domain(history) if setting.from_capture else None
    if not domain:
        return
    strays = [
        lookup
        for lookup in _without_search_list(update_lookups(history), domain, history)
        if domain_part(lookup.name)
        and not same_name(domain_part(lookup.name), domain)
        and not same_name(domain_part(lookup.name), phone_domain(history, lookup.time))
    ]
    if strays:
        domain = phone_domain(history, strays[-1].time) or domain
        text = f"the phone asked for {strays[-1].name}, though its lease says {domain}"
        yield finding("dns-wrong-domain", text, (lookup_evidence(stray) for stray in strays), {"domain": domain})
