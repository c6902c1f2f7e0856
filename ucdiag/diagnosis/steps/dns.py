"""Step 2: ``ucupdates-r2.<DHCP domain>`` has an A record that a phone can use.

Active: of the nameservers, in their order, the first that gave a definite answer decides, as it does for a phone;
one that gave none is a warning. One that this machine could not ask counts for nothing where another answers; where
none does, it may be the one that would, so nothing can be told.
In a capture the phone's own questions are judged in their order.
No answer, REFUSED, SERVFAIL, NXDOMAIN and "no such record" stay distinct to the end.
"""

from collections.abc import Iterable
from dataclasses import replace

from ucdiag.diagnosis import firmware_generations as generations
from ucdiag.diagnosis.observation_log import ObservationLog
from ucdiag.diagnosis.options import DiagnosisOptions
from ucdiag.diagnosis.phrases import lookup_said
from ucdiag.diagnosis.step_event import Event, StepEventBuilder, evidence_of, finding
from ucdiag.diagnosis.steps.dhcp import phone_domain
from ucdiag.diagnosis.steps.lookup_rules import LookupCase, judge_lookup
from ucdiag.diagnosis.unsent import unsent, unsent_event
from ucdiag.diagnosis.update_lookups import DNS_PORT, lookup_evidence, nameserver_text, update_lookups
from ucdiag.model.observations import Connect, Dhcp, Lookup
from ucdiag.model.report import Finding
from ucdiag.model.steps import Step
from ucdiag.model.text import listed
from ucdiag.model.vocabulary import LookupFailure, Microseconds
from ucdiag.update_service.names import LEGACY_LABEL, R2_LABEL, domain_flaw, domain_part, same_name, update_label

_DEFINITE = ("NOERROR", "NXDOMAIN")


def events(history: ObservationLog, setting: DiagnosisOptions, at: Microseconds) -> list[Event]:
    if setting.from_capture:
        return _watched(history, setting, at)
    return _asked(history, setting)


def _asked(history: ObservationLog, setting: DiagnosisOptions) -> list[Event]:
    lookups = update_lookups(history)
    main = [each for each in lookups if update_label(each.name) != LEGACY_LABEL]
    servers: dict[tuple[str | None, int | None], Lookup] = {}
    for each in main:
        servers[each.server, each.server_port] = each
    if not servers:
        return []
    legacy = [each for each in lookups if update_label(each.name) == LEGACY_LABEL]
    sip = [each for each in history.of(Lookup) if each.purpose == "sip" and each.type == "A"]
    unasked = [each for each in servers.values() if each.failure == "not_sent"]
    servers = {key: each for key, each in servers.items() if each.failure != "not_sent"}
    # Phones do not use IPv6.
    instead = next((each for each in unasked if ":" not in (each.server or "") or not servers), None)
    if instead is not None and not any(map(_definite, servers.values())):
        untold = unsent_event(Step.DNS, instead, unsent(instead) or "")
        return [*(judge_lookup(LookupCase(each, setting)) for each in servers.values()), untold]
    deciding = next((each for each in servers.values() if _definite(each)), None)
    if deciding is None:
        deciding = next(iter(servers.values()))
    missed = [judge_lookup(LookupCase(each, setting)) for each in servers.values() if not _definite(each)]
    alike = [each for each in servers.values() if each is not deciding and _same_answer(each, deciding)]
    if not _definite(deciding):
        missed = [event for event, each in zip(missed, servers.values(), strict=True) if each is not deciding]
    event = judge_lookup(LookupCase(deciding, setting, legacy, sip))
    if alike and _definite(deciding):
        says = "says" if len(alike) == 1 else "say"
        event = replace(event, summary=f"{event.summary}; {listed(map(nameserver_text, alike))} {says} the same")
    others = [each for each in servers.values() if _definite(each) and not _same_answer(each, deciding)]
    if others and _definite(deciding):
        told = listed(f"{nameserver_text(each)} says {lookup_said(each)}" for each in others)
        event = replace(event, summary=f"{event.summary}; but {told}")
    return [*missed, event]


def _definite(lookup: Lookup) -> bool:
    return lookup.rcode in _DEFINITE and not lookup.referred


def _same_answer(one: Lookup, other: Lookup) -> bool:
    return one.rcode == other.rcode and set(one.addresses) == set(other.addresses)


def _meant(lookups: list[Lookup], domain: str | None, history: ObservationLog) -> list[Lookup]:
    """Without what a resolver's search list makes of a name, where that leads nowhere.

    That is the name with a suffix (``<name>.<suffix>``), the bare name without its domain, and the name in the domains
    above the lease's own and in those of its search list (option 119). The name itself was asked too, and is the one
    that somebody has to repair.
    """
    full = {each.name.lower() for each in lookups if domain_part(each.name)}
    labels = {each.split(".", 1)[0] for each in full}
    own = (domain or "").rstrip(".").lower()
    listed_there = {
        name.rstrip(".").lower() for each in history.of(Dhcp) if each.type in ("ack", "offer") for name in each.search
    }

    def left_over(each: Lookup) -> bool:
        name = each.name.lower()
        if not domain_part(name):
            return name.rstrip(".") in labels
        label, _, where = name.partition(".")
        if where in listed_there - {own} and f"{label}.{own}" in full:
            return True
        return _is_above(each, lookups, domain) or any(name.startswith(f"{other}.") for other in full)

    # A resolver that gives no answer, or refuses one, is asked for these too.
    return [each for each in lookups if each.addresses or not left_over(each)]


def _is_above(lookup: Lookup, lookups: list[Lookup], domain: str | None) -> bool:
    """Whether this asks for a name in a domain above the lease's own, in which it was asked for too."""
    if not domain:
        return False
    label, above = lookup.name.split(".", 1)[0].lower(), domain_part(lookup.name)
    own = domain.rstrip(".").lower()
    return bool(above) and own.endswith(f".{above}") and any(same_name(each.name, f"{label}.{own}") for each in lookups)


def _watched(history: ObservationLog, setting: DiagnosisOptions, at: Microseconds) -> list[Event]:
    found: list[Event] = []
    every = update_lookups(history)
    own = phone_domain(history)
    if not history.of(Lookup):
        # Questions that never left the phone: all that the wire shows is that it looked for its DNS server.
        return [_no_way(each, own) for each in history.of(Connect) if is_way_to_resolver(each)]
    lookups = [_over_tcp(each, history) for each in _meant(every, own, history)]
    above = [each for each in every if each.rcode == "NXDOMAIN" and _is_above(each, every, own)]
    asked_r2 = any(update_label(each.name) == R2_LABEL for each in lookups)
    for each in lookups:
        if update_label(each.name) == LEGACY_LABEL and asked_r2:
            continue
        silent = each.rcode is None and each.failure not in ("malformed", "unreachable")
        if silent and at - each.time < setting.patience_microseconds:
            event = StepEventBuilder(
                step=Step.DNS,
                time=each.time,
                evidence=(lookup_evidence(each),),
                values={"nameserver": each.server or ""},
            )
            found.append(event.cut_off(f"the capture ends while the answer for {each.name} was awaited"))
            continue
        legacy = [
            other
            for other in lookups
            if update_label(other.name) == LEGACY_LABEL and domain_part(other.name) == domain_part(each.name)
        ]
        if same_name(domain_part(each.name), own):
            legacy += [other for other in above if update_label(other.name) == update_label(each.name)]
        found.append(judge_lookup(LookupCase(each, setting, legacy, leased=own)))
    return found


def _over_tcp(lookup: Lookup, history: ObservationLog) -> Lookup:
    """An answer over UDP that is cut short, as the failure that it is where TCP to that server does not open."""
    if not lookup.truncated or lookup.addresses or lookup.rcode != "NOERROR":
        return lookup
    tries = [
        each
        for each in history.of(Connect)
        if each.server == lookup.server and each.port == DNS_PORT and each.time >= lookup.time
    ]
    if not tries or any(each.outcome in ("open", "unfinished") for each in tries):
        return lookup
    last = tries[-1]
    failure: LookupFailure | None = None if last.outcome == "no_answer" else "unreachable"
    return replace(lookup, rcode=None, failure=failure, reason=last.reason)


def is_way_to_resolver(connect: Connect) -> bool:
    """Whether this is no connection, and only tells that ARP for a DNS server, or the gateway to it, was in vain."""
    return connect.port == DNS_PORT and connect.client_port is None and connect.outcome == "unreachable"


def _no_way(connect: Connect, domain: str | None) -> Event:
    values = {"nameserver": connect.server, "dns_port": str(DNS_PORT), "label": R2_LABEL}
    if domain and domain_flaw(domain) is None:
        values["domain"] = domain.rstrip(".").lower()
        values["name"] = f"{R2_LABEL}.{values['domain']}"
    event = StepEventBuilder(
        step=Step.DNS,
        time=connect.time,
        evidence=(evidence_of(f"{connect.reason}, asked {connect.attempts} times", connect),),
        values=values,
    )
    return event.failed("dns-no-answer", f"the phone could not ask its DNS server {connect.server}: {connect.reason}")


def additional_findings(history: ObservationLog, setting: DiagnosisOptions, at: Microseconds) -> list[Finding]:
    """Warnings: resolvers that disagree, a wildcard, a question under another domain than the lease's."""
    return [*_disagreement(history, setting), *_wildcard(history), *_wrong_domain(history, setting)]


def _disagreement(history: ObservationLog, setting: DiagnosisOptions) -> Iterable[Finding]:
    generation = generations.generation_of(setting.phone.firmware) if setting.phone is not None else None
    asks_legacy = generation is not None and LEGACY_LABEL in generation.labels
    by_name: dict[str, dict[tuple[str, int | None], Lookup]] = {}
    for each in update_lookups(history):
        if each.purpose == "update" and each.server and _definite(each):
            by_name.setdefault(each.name, {})[each.server, each.server_port] = each
    alike = {
        name for name, answers in by_name.items() if len({frozenset(each.addresses) for each in answers.values()}) < 2
    }
    # Who finds the newer name does not ask for the older one.
    settled = any(
        update_label(name) == R2_LABEL and any(each.addresses for each in by_name[name].values()) for name in alike
    )
    for name, answers in by_name.items():
        if update_label(name) == LEGACY_LABEL and settled and not asks_legacy:
            continue
        if len({(each.rcode, frozenset(each.addresses)) for each in answers.values()}) > 1:
            text = f"the resolvers give different answers for {name}"
            values = {"name": name, "domain": domain_part(name)}
            yield finding("dns-servers-disagree", text, (lookup_evidence(each) for each in answers.values()), values)
            return


def _wildcard(history: ObservationLog) -> Iterable[Finding]:
    caught = [each for each in history.of(Lookup) if each.purpose == "wildcard" and each.addresses]
    if caught:
        text = f"{caught[0].name}, which cannot exist, resolves too (to {listed(caught[0].addresses)})"
        yield finding(
            "dns-wildcard", text, (lookup_evidence(each) for each in caught), {"domain": domain_part(caught[0].name)}
        )


def _wrong_domain(history: ObservationLog, setting: DiagnosisOptions) -> Iterable[Finding]:
    domain = phone_domain(history) if setting.from_capture else None
    if not domain:
        return
    strays = [
        each
        for each in _meant(update_lookups(history), domain, history)
        if domain_part(each.name)
        and not same_name(domain_part(each.name), domain)
        and not same_name(domain_part(each.name), phone_domain(history, each.time))
    ]
    if strays:
        domain = phone_domain(history, strays[-1].time) or domain
        text = f"the phone asked for {strays[-1].name}, though its lease says {domain}"
        yield finding("dns-wrong-domain", text, (lookup_evidence(each) for each in strays), {"domain": domain})
