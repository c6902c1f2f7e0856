"""Whether the domain that DHCP hands out depends on the vendor class under which the phone asks."""

from collections.abc import Iterable

from ucdiag.diagnosis.observation_log import ObservationLog
from ucdiag.diagnosis.options import DiagnosisOptions
from ucdiag.diagnosis.step_event import finding
from ucdiag.diagnosis.steps.dhcp_text import answer_evidence, listed_briefly, unanswered_evidence
from ucdiag.model.observations import Dhcp, offers_address
from ucdiag.model.report import Finding
from ucdiag.model.text import listed
from ucdiag.model.vocabulary import Microseconds
from ucdiag.update_service.names import plain_name
from ucdiag.update_service.phone_classes import PHONE_CLASSES, class_rank, is_phone_class

_DOMAIN = 15  # option
_A_SERVER = "the DHCP server"
# Answers that are further apart may differ because somebody changed the scope in between.
_TOGETHER: Microseconds = 300_000_000


def class_name(vendor_class: str | None) -> str:
    """``CPE-OCPhone``, or that there was none."""
    return vendor_class or "no vendor class"


def domains_by_class(answers: Iterable[Dhcp], classes: dict[int | None, str | None]) -> dict[str, str]:
    """What each vendor class was told, ``""`` for no domain; the phone's classes first. The first answer counts.

    ``classes`` are those of the questions, by their transactions; an answer to none of them is left out.
    """
    told: dict[str, str] = {}
    asked = [answer for answer in answers if answer.transaction in classes]
    for answer in sorted(asked, key=lambda answer: class_rank(classes[answer.transaction])):
        domain, name = answer.domain or "", class_name(classes[answer.transaction])
        told[name] = told.get(name) or domain
    return told


def domains_text(told: dict[str, str]) -> str:
    """``contoso.com to MS-UC-Client, and no domain to CPE-OCPhone``."""
    domains: dict[str, list[str]] = {}
    spellings: dict[str, str] = {}
    for name, domain in told.items():
        domains.setdefault(spellings.setdefault(plain_name(domain), domain), []).append(name)
    # What was told comes before what was not.
    ordered = sorted(domains, key=lambda domain: not domain)
    return listed_briefly(f"{shown_domain(domain)} (to {listed(domains[domain])})" for domain in ordered)


def shown_domain(domain: str) -> str:
    """The domain as it stands in a sentence."""
    if not domain:
        return "no domain"
    return domain if domain.isprintable() and " " not in domain else repr(domain)


def domains_differ(told: dict[str, str]) -> bool:
    """Whether not all of these classes are told the same."""
    return len({plain_name(domain) for domain in told.values()}) > 1


def findings(history: ObservationLog, setting: DiagnosisOptions) -> list[Finding]:
    """``dhcp-domain-by-class``, once, where it holds."""
    messages = history.of_kind(Dhcp)
    return _watched_findings(messages) if setting.from_capture else _asked_findings(messages)


def _asked_findings(messages: list[Dhcp]) -> list[Finding]:
    """Our own questions. What a PC without a class is told may well be something else: only phones' classes count."""
    questions = {message.transaction: message.vendor_class for message in messages if message.type == "discover"}
    phones = {transaction: name for transaction, name in questions.items() if is_phone_class(name)}
    offers = [message for message in messages if offers_address(message) and message.transaction in questions]
    for server, answers in _by_server(offers).items():
        told = domains_by_class(answers, phones)
        if domains_differ(told):
            shown = domains_text(domains_by_class(answers, dict(questions)))
            return [
                _domain_finding(
                    f"what {server or 'the DHCP server'} offers depends on the vendor class: {shown}", server, answers
                )
            ]
    silent = [
        message
        for message in messages
        if message.type == "discover" and message.outcome == "no_answer" and is_phone_class(message.vendor_class)
    ]
    if offers and len(silent) == len(PHONE_CLASSES):
        whose = listed_briefly(offer.server or "a server" for offer in offers)
        names = listed(class_name(question.vendor_class) for question in silent)
        text = f"{whose} made an offer to DISCOVER without a vendor class only; nobody made one to {names}"
        evidence = [*map(answer_evidence, offers), *map(unanswered_evidence, silent)]
        return [finding("dhcp-domain-by-class", text, evidence, {"dhcp_server": offers[0].server})]
    return []


def _watched_findings(messages: list[Dhcp]) -> list[Finding]:
    """The phone's own questions, whatever their classes; of each class the last answer of that server there."""
    questions: dict[int | None, Dhcp] = {}
    for message in messages:
        if message.type in ("discover", "request") and message.transaction is not None:
            known = questions.get(message.transaction)
            if known is None or message.vendor_class:
                questions[message.transaction] = message
    places: dict[tuple[str | None, int | None, str | None], dict[str, Dhcp]] = {}
    for answer in messages:
        question = questions.get(answer.transaction)
        if question is None or answer.type not in ("offer", "ack") or answer.address is None or answer.truncated:
            continue
        if not answer.domain and _DOMAIN not in question.requested:
            continue  # nobody asked for it, and nothing follows
        place = answer.server, answer.tag, answer.relay
        places.setdefault(place, {})[class_name(question.vendor_class).lower()] = answer
    for (server, _, _), by_class in places.items():
        answers = list(by_class.values())
        times = [offer.time for offer in answers]
        told = domains_by_class(
            answers, {offer.transaction: questions[offer.transaction].vendor_class for offer in answers}
        )
        if domains_differ(told) and max(times) - min(times) <= _TOGETHER:
            text = (
                f"what {server or 'the DHCP server'} gives the phone depends on the vendor class: {domains_text(told)}"
            )
            return [_domain_finding(text, server, answers)]
    return []


def _by_server(offers: list[Dhcp]) -> dict[str | None, list[Dhcp]]:
    servers: dict[str | None, list[Dhcp]] = {}
    for offer in offers:
        servers.setdefault(offer.server, []).append(offer)
    return servers


def _domain_finding(text: str, server: str | None, answers: list[Dhcp]) -> Finding:
    values = {
        "dhcp_server": server,
        "domain": next((answer.domain for answer in answers if answer.domain), ""),
    }
    return finding("dhcp-domain-by-class", text, map(answer_evidence, answers), values)
