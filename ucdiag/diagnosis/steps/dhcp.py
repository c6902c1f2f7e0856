"""Step 1: a lease with a usable DNS domain (option 15) and a resolver (option 6).

The machine's own lease and what a DHCP server offered to our question speak for an active command; in a
capture the phone's own messages do. The server's last word counts. An answer without option 15 to a client
that did not ask for it proves nothing. A renewal that stays unanswered is a warning while the lease lives; a phone that
asks with DISCOVER has none any more.
"""

from dataclasses import replace

from ucdiag.diagnosis.observation_log import ObservationLog
from ucdiag.diagnosis.options import DiagnosisOptions
from ucdiag.diagnosis.step_event import Event, finding
from ucdiag.diagnosis.steps.dhcp_text import (
    MOST_NAMED,
    answer_evidence,
    failed_event,
    listed_briefly,
    message_name,
    missing_domain_text,
    no_resolver_text,
    resolver_text,
    unanswered_evidence,
)
from ucdiag.diagnosis.steps.lease_history import LeaseHistory
from ucdiag.model.observations import Dhcp, Lease, offers_address
from ucdiag.model.report import Evidence, Finding
from ucdiag.model.steps import Level, Step
from ucdiag.model.text import listed
from ucdiag.model.urls import usable_resolvers
from ucdiag.model.vocabulary import Microseconds
from ucdiag.update_service.names import domain_flaw, same_name


def lease_of(history: ObservationLog) -> Lease | None:
    """The lease that this machine uses, if any was read."""
    leases = history.of(Lease)
    return next((each for each in leases if each.chosen and each.authority == "dhcp"), None)


def phone_domain(history: ObservationLog, at: Microseconds | None = None) -> str | None:
    """Option 15 of the last lease that the phone (or our question) was given; of the one that it had at a time, if any
    was given before."""
    answers = [each for each in history.of(Dhcp) if each.type in ("ack", "offer") and each.domain]
    told = [each for each in answers if each.type == "ack"] or answers
    then = [each for each in told if at is not None and each.time <= at]
    return (then or told)[-1].domain if told else None


def events(history: ObservationLog, setting: DiagnosisOptions, at: Microseconds) -> list[Event]:
    if setting.from_capture:
        return LeaseHistory(history, setting).events(at)
    messages = history.of(Dhcp)
    lease = lease_of(history)
    questions = {each.transaction: each for each in messages if each.type == "discover"}
    answers = [each for each in messages if offers_address(each)]
    useless = [each for each in messages if _offers_nothing(each, questions)]
    silent = [each for each in messages if each.outcome == "no_answer"]
    if not answers and useless:
        text = f"no DHCP server offered the phone an address: {listed_briefly(_nothing(each) for each in useless)}"
        evidence = [*map(answer_evidence, useless), *map(unanswered_evidence, silent)]
        return [
            failed_event("dhcp-no-answer", useless[-1].time, text, evidence, {"dhcp_server": useless[-1].server or ""})
        ]
    if not answers:
        # An answered INFORM tells the options, and not that a phone would be offered an address.
        if not any(each.type == "discover" for each in silent):
            answers = [each for each in messages if each.type == "ack"]
            if lease is not None:
                silent = []
        if silent and not answers:
            text = f"no DHCP server answered {listed(message_name(each) for each in silent)}"
            return [
                failed_event("dhcp-no-answer", silent[-1].time, text, [unanswered_evidence(each) for each in silent])
            ]
    if answers:
        classes = {each: question.vendor_class or "" for each, question in questions.items()}
        told = _offered(answers, lease, classes)
        also = [_only_to_classes(answers, questions), listed_briefly(_nothing(each) for each in useless)]
        return [*told[:-1], replace(told[-1], summary="; ".join([told[-1].summary, *filter(None, also)]))]
    return [_leased(lease, setting)] if lease else []


def additional_findings(history: ObservationLog, setting: DiagnosisOptions, at: Microseconds) -> list[Finding]:
    """What does not break the path and is worth knowing: domains that differ, or are not the expected one."""
    found: list[Finding] = []
    answers = [each for each in history.of(Dhcp) if each.type in ("offer", "ack") and each.domain]
    if not setting.from_capture and any(each.type == "offer" for each in history.of(Dhcp)):
        # What this machine is told (the answer to INFORM) may well differ from what the phone is offered.
        answers = [each for each in answers if offers_address(each)]
    domains: dict[str, Dhcp] = {}
    for each in answers:
        domains.setdefault(_plain(each.domain), each)
    servers = _differing(answers, setting.from_capture)
    if servers:
        found.append(
            finding(
                "dhcp-domains-differ",
                "the DHCP servers hand out different domains: "
                + listed_briefly(f"{each.domain} (from {each.server})" for each in servers),
                (answer_evidence(each) for each in servers),
                {"dhcp_server": servers[0].server or ""},
            )
        )
    expected = setting.expected_domain
    if expected:
        lease = lease_of(history)
        told: list[tuple[str, Evidence]] = [(each.domain or "", answer_evidence(each)) for each in domains.values()]
        if not told and lease and lease.domain:
            told = [(lease.domain, Evidence(text=f"{lease.provenance}: {lease.domain}", time=lease.time))]
        # One that is no name at all is judged as that.
        told = [each for each in told if domain_flaw(each[0]) is None]
        other = [(domain, evidence) for domain, evidence in told if not same_name(domain, expected)]
        if other:
            found.append(
                finding(
                    "dhcp-domain-unexpected",
                    f"DHCP gives the domain {listed_briefly(domain for domain, _ in other)}, not {expected}",
                    (evidence for _, evidence in other),
                    {"domain": expected},
                )
            )
    return found


def _differing(answers: list[Dhcp], from_capture: bool) -> list[Dhcp]:
    """One answer of each server where servers tell different domains; empty where they agree.

    Our own questions are compared one by one: a server may well tell each vendor class something else.
    """
    questions: dict[int | None, dict[str, Dhcp]] = {}
    for each in answers:
        if each.server:
            questions.setdefault(None if from_capture else each.transaction, {})[each.server] = each
    for servers in questions.values():
        if len({_plain(each.domain) for each in servers.values()}) > 1:
            return list(servers.values())
    return []


def _offers_nothing(message: Dhcp, questions: dict[int | None, Dhcp]) -> bool:
    """Whether this answers a DISCOVER, and with nothing that a phone could take."""
    if message.type == "offer":
        return message.address is None
    # DISCOVER is answered by OFFER alone (RFC 2131, section 3.1); an ACK only if it asked for that (RFC 4039).
    return message.type in ("ack", "nak") and message.transaction is not None and message.transaction in questions


def _nothing(answer: Dhcp) -> str:
    who = answer.server or answer.source_address or "a DHCP server"
    if answer.type == "offer":
        return f"{who} offers the address 0.0.0.0, which is none"
    return f"{who} answers DISCOVER with {answer.type.upper()}, which is no offer"


def _only_to_classes(answers: list[Dhcp], questions: dict[int | None, Dhcp]) -> str:
    """That nobody made an offer to the question without a vendor class, and somebody to one with a class.

    No finding: a site may well serve phones alone. A phone asks in more than one way, and in which of them it takes its
    lease is published nowhere.
    """
    plain = [each for each in questions.values() if not each.vendor_class and each.transaction is not None]
    served = {each.transaction for each in answers}
    if not plain or any(each.transaction in served for each in plain):
        return ""
    known = {each.transaction: each.vendor_class or "" for each in questions.values()}
    classes = listed_briefly(known[each.transaction] for each in answers if known.get(each.transaction))
    if not classes:
        return ""
    whose = listed_briefly(each.server or "a server" for each in answers)
    return f"no DHCP server made an offer to DISCOVER without a vendor class; {whose} made one only to {classes}"


def _leased(lease: Lease, setting: DiagnosisOptions) -> Event:
    """The machine's own lease. Where --domain was given it is only a hint at what the phone gets: a warning."""
    doubt = Level.WARNING if setting.expected_domain else None
    values = {"dhcp_server": lease.server or "", "domain": lease.domain or setting.expected_domain or ""}
    told = f"domain {lease.domain if lease.domain else 'none'}, resolvers {listed(lease.resolvers) or 'none'}"
    evidence = Evidence(text=f"{lease.provenance}: {told}", time=lease.time)
    if not lease.domain and "domain" not in lease.unknown:
        text = f"the lease of {lease.interface or 'this machine'} carries {missing_domain_text(lease.domain)}"
        return failed_event("dhcp-no-domain", lease.time, text, [evidence], values, doubt)
    flaw = domain_flaw(lease.domain) if lease.domain else None
    if flaw:
        text = f"the DHCP domain {lease.domain!r} is not one DNS name: {flaw}"
        return failed_event("dhcp-domain-unusable", lease.time, text, [evidence], values, doubt)
    if not usable_resolvers(lease.resolvers) and (lease.resolvers or "resolvers" not in lease.unknown):
        text = f"the lease of {lease.interface or 'this machine'} names {no_resolver_text(lease.resolvers)}"
        return failed_event("dhcp-no-resolver", lease.time, text, [evidence], values, doubt)
    given = f"{lease.domain} ({lease.provenance})" if lease.domain else lease.provenance
    return Event(
        step=Step.DHCP, time=lease.time, ok=True, summary=f"DHCP gives the domain {given}", evidence=(evidence,)
    )


def _offered(answers: list[Dhcp], lease: Lease | None, classes: dict[int | None, str]) -> list[Event]:
    """Each server's offers together: one that carries the domain is enough, whatever the class asked for.

    ``classes`` are the vendor classes of the questions, by their transactions.
    """
    good: list[Event] = []
    bad: list[Event] = []
    by_server: dict[str | None, list[Dhcp]] = {}
    for answer in answers:
        by_server.setdefault(answer.server, []).append(answer)
    for server, its in by_server.items():
        best = next((each for each in its if each.domain), its[0])
        named = [each.resolvers for each in (best, *its) if each.resolvers]
        resolvers = next((each for each in named if usable_resolvers(each)), named[0] if named else ())
        event = _answer(best, resolvers, server, its, classes)
        (bad if event.ok is False else good).append(event)
    told = "; ".join(event.summary for event in good[:MOST_NAMED])
    if len(good) > MOST_NAMED:
        told += f"; and {len(good) - MOST_NAMED} more servers"
    if bad:
        # One bad server of several can be the one that the phone takes, so a failure comes last.
        return [*good, *bad[:-1], replace(bad[-1], summary=f"{bad[-1].summary}; {told}" if told else bad[-1].summary)]
    if lease is not None and lease.domain:
        others = [each.domain for each in answers if each.domain and not same_name(each.domain, lease.domain)]
        told += f"; this machine's own lease says {lease.domain}" if others else ""
    # All servers are told in one line: which of them a phone listens to cannot be known.
    evidence = tuple(each for event in good for each in event.evidence)
    return [replace(good[-1], summary=told, evidence=evidence)]


def _answer(
    best: Dhcp, resolvers: tuple[str, ...], server: str | None, answers: list[Dhcp], classes: dict[int | None, str]
) -> Event:
    who = server or "the DHCP server"
    whom = "the phone" if best.type == "offer" else "this machine"
    values = {"dhcp_server": server or "", "domain": best.domain or ""}
    evidence = [answer_evidence(each) for each in answers]
    if all(each.truncated for each in answers) and not (best.domain and resolvers):
        text = f"{who} answered, and its answer was cut off before all options were read"
        return Event(step=Step.DHCP, time=best.time, ok=True, summary=text, evidence=tuple(evidence))
    if not best.domain:
        return failed_event(
            "dhcp-no-domain", best.time, f"{who} gives {missing_domain_text(best.domain)}", evidence, values
        )
    flaw = domain_flaw(best.domain)
    if flaw:
        text = f"{who} gives the domain {best.domain!r}, which is not one DNS name: {flaw}"
        return failed_event("dhcp-domain-unusable", best.time, text, evidence, values)
    if not usable_resolvers(resolvers):
        return failed_event(
            "dhcp-no-resolver", best.time, f"{who} names {no_resolver_text(resolvers)}", evidence, values
        )
    domain = best.domain
    others: dict[str, str] = {}
    for each in answers:
        if each.domain and not same_name(each.domain, best.domain):
            others.setdefault(
                each.domain if domain_flaw(each.domain) is None else repr(each.domain), _class(each, classes)
            )
    if others:
        domain += _class(best, classes) + " and " + listed_briefly(f"{name}{class_}" for name, class_ in others.items())
    return Event(
        step=Step.DHCP,
        time=best.time,
        ok=True,
        summary=f"{who} gives {whom} the domain {domain}, resolver {listed_briefly(map(resolver_text, resolvers))}",
        evidence=tuple(evidence),
    )


def _class(answer: Dhcp, classes: dict[int | None, str]) -> str:
    class_ = classes.get(answer.transaction)
    if class_ is None:
        return ""
    return f" (to {class_})" if class_ else " (to no vendor class)"


def _plain(domain: str | None) -> str:
    return (domain or "").rstrip(".").lower()
