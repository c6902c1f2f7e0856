"""Step 1: a lease with a usable DNS domain (option 15) and a resolver (option 6).

The machine's own lease and what a DHCP server offered to our question speak for an active command; in a
capture the phone's own messages do. The server's last word counts. An answer without option 15 to a client
that did not ask for it proves nothing. A renewal that stays unanswered is a warning while the lease lives; a phone that
asks with DISCOVER has none any more.
"""

from ucdiag.diagnosis.observation_log import ObservationLog
from ucdiag.diagnosis.options import DiagnosisOptions
from ucdiag.diagnosis.step_event import Event, finding
from ucdiag.diagnosis.steps import domain_by_class
from ucdiag.diagnosis.steps.dhcp_text import (
    MALFORMED,
    MOST_NAMED,
    answer_evidence,
    failed_event,
    listed_briefly,
    message_name,
    missing_domain_text,
    no_resolver_text,
    read_before_text,
    resolver_text,
    unanswered_evidence,
)
from ucdiag.diagnosis.steps.lease_history import LeaseHistory
from ucdiag.diagnosis.update_lookups import update_lookups
from ucdiag.model.fast_dataclass import replace
from ucdiag.model.observations import Dhcp, Lease, lease_in_use, offers_address
from ucdiag.model.phone_classes import class_rank, is_phone_class
from ucdiag.model.report import Evidence, Finding
from ucdiag.model.steps import Level, Step
from ucdiag.model.text import listed
from ucdiag.model.urls import usable_resolvers
from ucdiag.model.visible_text import quoted
from ucdiag.model.vocabulary import Microseconds
from ucdiag.update_service.names import R2_LABEL, domain_flaw, domain_part, plain_name, same_name, update_label

_DOMAIN = 15  # option


def lease_of(history: ObservationLog) -> Lease | None:
    """The lease that this machine uses, if any was read."""
    return lease_in_use(history.of_kind(Lease))


def phone_domain(history: ObservationLog, at: Microseconds | None = None) -> str | None:
    """Option 15 of the last lease that the phone (or our question) got; with ``at`` (microseconds), of the last one up
    to then, if there is one."""
    servers = {message.server for message in history.of_kind(Dhcp) if message.type == "ack"}
    answers = [
        message
        for message in history.of_kind(Dhcp)
        if message.type in ("ack", "offer") and message.domain and (not servers or message.server in servers)
    ]
    leases = [answer for answer in answers if answer.type == "ack"] or answers
    then = [message for message in leases if at is not None and message.time <= at]
    return (then or leases)[-1].domain if leases else None


def events(history: ObservationLog, setting: DiagnosisOptions, at: Microseconds) -> list[Event]:
    if setting.from_capture:
        return LeaseHistory(history, setting).events(at)
    messages = history.of_kind(Dhcp)
    lease = lease_of(history)
    questions = {message.transaction: message for message in messages if message.type == "discover"}
    answers = [message for message in messages if offers_address(message)]
    useless = [message for message in messages if _offers_nothing(message, questions)]
    silent = [message for message in messages if message.outcome == "no_answer"]
    if not answers and useless:
        answered = listed_briefly(_nothing_offered_text(answer) for answer in useless)
        text = f"no DHCP server offered the phone an address: {answered}"
        evidence = [*map(answer_evidence, useless), *map(unanswered_evidence, silent)]
        return [failed_event("dhcp-no-answer", useless[-1].time, text, evidence, {"dhcp_server": useless[-1].server})]
    if not answers:
        # An answered INFORM shows the options; it does not show that a phone would be offered an address.
        informed = [message for message in messages if message.type == "ack"]
        if not any(question.type == "discover" for question in silent):
            answers = informed
            if lease is not None:
                silent = []
        if silent and not answers:
            return [_silence_event(silent, informed)]
    if answers:
        classes = {transaction: question.vendor_class for transaction, question in questions.items()}
        made = _offer_events(answers, lease, classes)
        also = [
            _only_to_classes(answers, questions),
            listed_briefly(_nothing_offered_text(answer) for answer in useless),
        ]
        return [*made[:-1], replace(made[-1], summary="; ".join([made[-1].summary, *filter(None, also)]))]
    return [_lease_event(lease, setting)] if lease else []


def _silence_event(silent: list[Dhcp], informed: list[Dhcp]) -> Event:
    """The event that no server answered these questions; ``informed`` are the answers to this machine's INFORM."""
    text = f"no DHCP server answered {listed(message_name(question) for question in silent)}"
    evidence = list(map(unanswered_evidence, silent))
    there = [answer.server for answer in informed if answer.server]
    if not there:
        return failed_event("dhcp-no-answer", silent[-1].time, text, evidence)
    text += f", though {listed_briefly(there)} answered this machine's INFORM"
    evidence += map(answer_evidence, informed)
    values = {"dhcp_server": there[-1], "variant": "no-address"}
    return failed_event("dhcp-no-answer", silent[-1].time, text, evidence, values)


def additional_findings(history: ObservationLog, setting: DiagnosisOptions, at: Microseconds) -> list[Finding]:
    """Findings that do not break the path: domains that differ, or are not the expected one."""
    found: list[Finding] = []
    answers = _answers_with_domain(history, setting)
    domains: dict[str, Dhcp] = {}
    for answer in answers:
        domains.setdefault(plain_name(answer.domain or ""), answer)
    servers = differing_answers(history, setting)
    if servers:
        found.append(
            finding(
                "dhcp-domains-differ",
                "the DHCP servers hand out different domains: "
                + listed_briefly(f"{answer.domain or 'none'} (from {answer.server})" for answer in servers),
                (answer_evidence(answer) for answer in servers),
                {"dhcp_server": servers[0].server},
            )
        )
    found += domain_by_class.findings(history, setting)
    if not any(message.type in ("offer", "ack") for message in history.of_kind(Dhcp)):
        found += _rewritten_lease_findings(history)
    lease = lease_of(history)
    given: list[tuple[str, Evidence]] = [(answer.domain or "", answer_evidence(answer)) for answer in domains.values()]
    if not given and lease and lease.domain and "domain" not in lease.rewritten:
        given = [(lease.domain, Evidence(text=f"{lease.provenance}: {lease.domain}", time=lease.time))]
    # An unusable domain has a finding of its own.
    given = [pair for pair in given if domain_flaw(pair[0]) is None]
    found += _server_name_findings(given, history, lease)
    expected = setting.expected_domain
    if expected:
        other = [(domain, evidence) for domain, evidence in given if not same_name(domain, expected)]
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


def _server_name_findings(
    given: list[tuple[str, Evidence]], history: ObservationLog, lease: Lease | None
) -> list[Finding]:
    """The warning that the domain is an update server's own name, where no answer of DNS decides what that means."""
    named = [(domain, evidence) for domain, evidence in given if update_label(domain) and domain_part(domain)]
    if not named or update_lookups(history):
        return []
    domain = plain_name(named[-1][0])
    given_by = [message for message in history.of_kind(Dhcp) if message.domain and message.server]
    servers = [message.server for message in given_by if same_name(message.domain or "", domain)]
    text = (
        f"DHCP gives the domain {domain}, which is itself the name of an update server: a phone puts {R2_LABEL} in "
        f"front of it, and asks for {R2_LABEL}.{domain}"
    )
    server = servers[-1] if servers else lease.server if lease else None
    values = {"dhcp_server": server, "domain": domain_part(domain), "variant": "domain-is-server"}
    return [finding("dhcp-domain-unusable", text, (line for _, line in named), values, Level.WARNING)]


def differing_answers(history: ObservationLog, setting: DiagnosisOptions) -> list[Dhcp]:
    """One answer of each DHCP server, if the servers hand out different domains; empty if they agree."""
    answers = _answers_with_domain(history, setting)
    if setting.from_capture:
        answers = sorted([*answers, *_offers_without_domain(history)], key=lambda answer: answer.time)
    return _differing_answers(answers, setting.from_capture)


def _answers_with_domain(history: ObservationLog, setting: DiagnosisOptions) -> list[Dhcp]:
    """The answers that name a domain, of those that a phone would get."""
    messages = history.of_kind(Dhcp)
    answers = [message for message in messages if message.type in ("offer", "ack") and message.domain]
    if not setting.from_capture and any(message.type == "offer" for message in messages):
        # The answer to this machine's INFORM may differ from the offer to the phone.
        answers = [answer for answer in answers if offers_address(answer)]
    return answers


def _rewritten_lease_findings(history: ObservationLog) -> list[Finding]:
    """The finding that this machine's DHCP client changed a value of the lease in use."""
    lease = next((own for own in history.of_kind(Lease) if own.chosen and own.rewritten), None)
    if lease is None:
        return []
    words = {"domain": "domain (option 15)", "resolvers": "DNS servers (option 6)"}
    what = listed(words.get(field, field) for field in lease.rewritten)
    kept = f"the domain {lease.domain}" if lease.domain else "no domain"
    evidence = Evidence(
        text=f"{lease.provenance}: {kept}, resolvers {listed(lease.resolvers) or 'none'}", time=lease.time
    )
    text = f"this machine's DHCP client changed the {what} before it kept the lease: {lease.rewritten_by}"
    return [finding("lease-rewritten", text, [evidence], {"dhcp_server": lease.server})]


def _offers_without_domain(history: ObservationLog) -> list[Dhcp]:
    """The offers without a domain to a question that asked for one, and got one from another server."""
    messages = history.of_kind(Dhcp)
    unwanted = {
        (question.client, question.transaction)
        for question in messages
        if question.type == "discover" and question.requested and _DOMAIN not in question.requested
    }
    offers = [message for message in messages if message.type == "offer" and message.address]
    named = {(offer.client, offer.transaction) for offer in offers if offer.domain} - unwanted
    bare = [offer for offer in offers if not offer.domain and offer.options and not offer.truncated]
    return [offer for offer in bare if (offer.client, offer.transaction) in named]


def _differing_answers(answers: list[Dhcp], from_capture: bool) -> list[Dhcp]:
    """One answer of each server, if the servers give different domains; empty if they agree.

    The answers to each of our own questions are compared by themselves: a server may give each vendor class another
    domain. In a capture those of one network are compared too; a phone that moved to another one has its domain.
    """
    groups: dict[object, dict[str, Dhcp]] = {}
    for answer in answers:
        if answer.server:
            for group in _groups_of(answer) if from_capture else [answer.transaction]:
                groups.setdefault(group, {})[answer.server] = answer
    for servers in groups.values():
        if len({plain_name(offer.domain or "") for offer in servers.values()}) > 1:
            return list(servers.values())
    return []


def _groups_of(answer: Dhcp) -> list[object]:
    """Its question, and what says in which network the phone's address is: its VLAN with its routers and, as the mask
    is not known, with its first three octets."""
    subnet = (answer.address or answer.client_address or "").rpartition(".")[0]
    networks = [(answer.tag, place) for place in (*answer.routers, subnet) if place]
    return [(answer.client, answer.transaction), *networks]


def _offers_nothing(message: Dhcp, questions: dict[int | None, Dhcp]) -> bool:
    """Whether this answers a DISCOVER without an address that a phone can use."""
    if message.type == "offer":
        return message.address is None
    # DISCOVER is answered by OFFER alone (RFC 2131, section 3.1); an ACK only if it asked for that (RFC 4039).
    return message.type in ("ack", "nak") and message.transaction is not None and message.transaction in questions


def _nothing_offered_text(answer: Dhcp) -> str:
    who = answer.server or answer.source_address or "a DHCP server"
    if answer.type == "offer":
        return f"{who} offers 0.0.0.0, which is not an address"
    return f"{who} answers DISCOVER with {answer.type.upper()}, which is no offer"


def _only_to_classes(answers: list[Dhcp], questions: dict[int | None, Dhcp]) -> str:
    """The clause that DISCOVER without a vendor class got no offer, and one with a class did; "" otherwise.

    No finding: a site may serve phones alone. A phone asks with several vendor classes; which one it uses for its lease
    is not published.
    """
    plain = [
        question for question in questions.values() if not question.vendor_class and question.transaction is not None
    ]
    served = {answer.transaction for answer in answers}
    if not plain or any(question.transaction in served for question in plain):
        return ""
    known = {question.transaction: question.vendor_class or "" for question in questions.values()}
    classes = listed_briefly(known[answer.transaction] for answer in answers if known.get(answer.transaction))
    if not classes:
        return ""
    whose = listed_briefly(answer.server or "a server" for answer in answers)
    return f"no DHCP server made an offer to DISCOVER without a vendor class; {whose} made one only to {classes}"


def _lease_event(lease: Lease, setting: DiagnosisOptions) -> Event:
    """The event of the machine's own lease. With --domain a failure is a warning: the phone may get another lease."""
    doubt = Level.WARNING if setting.expected_domain else None
    values = {"dhcp_server": lease.server, "domain": lease.domain or setting.expected_domain}
    content = f"domain {lease.domain if lease.domain else 'none'}, resolvers {listed(lease.resolvers) or 'none'}"
    evidence = Evidence(text=f"{lease.provenance}: {content}", time=lease.time)
    if "domain" in lease.rewritten:
        text = f"what DHCP gave {lease.interface or 'this machine'} is not known: {lease.rewritten_by}"
        event = Event(step=Step.DHCP, time=lease.time, ok=True, summary=text, evidence=(evidence,))
        # Where this step alone is tested, nothing else shows whether the domain is the right one.
        return replace(event, ok=None, code="lease-rewritten") if setting.tested == {Step.DHCP} else event
    if not lease.domain and "domain" not in lease.unknown:
        carries = missing_domain_text(lease.domain, lease.search)
        text = f"the lease of {lease.interface or 'this machine'} carries {carries}"
        return failed_event("dhcp-no-domain", lease.time, text, [evidence], values, doubt)
    flaw = domain_flaw(lease.domain) if lease.domain else None
    if lease.domain and flaw:
        text = f"the DHCP domain {quoted(lease.domain)} is not one DNS name: {flaw}"
        return failed_event("dhcp-domain-unusable", lease.time, text, [evidence], values, doubt)
    known = "resolvers" not in lease.rewritten and (lease.resolvers or "resolvers" not in lease.unknown)
    if not usable_resolvers(lease.resolvers) and known:
        text = f"the lease of {lease.interface or 'this machine'} names {no_resolver_text(lease.resolvers)}"
        return failed_event("dhcp-no-resolver", lease.time, text, [evidence], values, doubt)
    given = f"{lease.domain} ({lease.provenance})" if lease.domain else lease.provenance
    return Event(
        step=Step.DHCP, time=lease.time, ok=True, summary=f"DHCP gives the domain {given}", evidence=(evidence,)
    )


def _offer_events(answers: list[Dhcp], lease: Lease | None, classes: dict[int | None, str | None]) -> list[Event]:
    """One event for each server's offers: an offer with the domain to one of the phone's classes is enough.

    ``classes`` are the vendor classes of the questions, by their transactions.
    """
    good: list[Event] = []
    bad: list[Event] = []
    by_server: dict[str | None, list[Dhcp]] = {}
    for answer in answers:
        by_server.setdefault(answer.server, []).append(answer)
    for server, its in by_server.items():
        its.sort(key=lambda offer: class_rank(classes.get(offer.transaction)))
        # Which of its classes the phone takes its lease under is published nowhere; that it asks without one is not.
        phones = [offer for offer in its if is_phone_class(classes.get(offer.transaction))] or its
        best = next((offer for offer in phones if offer.domain), phones[0])
        named = [offer.resolvers for offer in (best, *its) if offer.resolvers]
        resolvers = next((addresses for addresses in named if usable_resolvers(addresses)), named[0] if named else ())
        event = _answer_event(best, resolvers, server, its, classes)
        (bad if event.ok is False else good).append(event)
    good.sort(key=lambda event: event.ok is None)  # which of the servers the phone takes is not known
    summary = "; ".join(event.summary for event in good[:MOST_NAMED])
    if len(good) > MOST_NAMED:
        summary += f"; and {len(good) - MOST_NAMED} more servers"
    if bad:
        # One bad server of several can be the one that the phone takes, so a failure comes last.
        worst = bad[-1].summary
        return [*good, *bad[:-1], replace(bad[-1], summary=f"{worst}; {summary}" if summary else worst)]
    if lease is not None and lease.domain and "domain" not in lease.rewritten:
        others = [other.domain for other in answers if other.domain and not same_name(other.domain, lease.domain)]
        summary += f"; this machine's own lease says {lease.domain}" if others else ""
    # One line names all servers: which of them a phone accepts is not known.
    evidence = tuple(line for event in good for line in event.evidence)
    return [replace(good[-1], summary=summary, evidence=evidence)]


def _answer_event(
    best: Dhcp,
    resolvers: tuple[str, ...],
    server: str | None,
    answers: list[Dhcp],
    classes: dict[int | None, str | None],
) -> Event:
    who = server or "the DHCP server"
    whom = "the phone" if best.type == "offer" else "this machine"
    values = {"dhcp_server": server, "domain": best.domain}
    evidence = [answer_evidence(answer) for answer in answers]
    if all(answer.truncated for answer in answers) and not (best.domain and domain_flaw(best.domain)):
        text = f"{who} answered, and its answer breaks off before its options end"
        return Event(
            step=Step.DHCP,
            time=best.time,
            ok=None,
            summary=f"{text}; {read_before_text(best.domain, resolvers)}",
            evidence=tuple(evidence),
            problem=MALFORMED,
        )
    domains = domain_by_class.domains_by_class(answers, classes)
    depends = domain_by_class.domains_differ(domains)
    if not best.domain:
        text = f"{who} gives {missing_domain_text(best.domain, best.search)}"
        if depends:
            text += f" to the phone's own vendor classes: {domain_by_class.domains_text(domains)}"
        return failed_event("dhcp-no-domain", best.time, text, evidence, values)
    flaw = domain_flaw(best.domain)
    if flaw:
        text = f"{who} gives the domain {quoted(best.domain)}, which is not one DNS name: {flaw}"
        return failed_event("dhcp-domain-unusable", best.time, text, evidence, values)
    if not usable_resolvers(resolvers):
        return failed_event(
            "dhcp-no-resolver", best.time, f"{who} names {no_resolver_text(resolvers)}", evidence, values
        )
    given = f"{who} gives {whom} the domain {best.domain}"
    if depends:
        given = f"what {who} offers depends on the vendor class: {domain_by_class.domains_text(domains)}"
    else:
        other = [answer.domain for answer in answers if answer.domain and not same_name(answer.domain, best.domain)]
        given += f" and {listed_briefly(map(domain_by_class.shown_domain, other))}" if other else ""
    return Event(
        step=Step.DHCP,
        time=best.time,
        ok=True,
        summary=f"{given}, resolver {listed_briefly(map(resolver_text, resolvers))}",
        evidence=tuple(evidence),
    )
