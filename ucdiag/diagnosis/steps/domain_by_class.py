"""The finding that the domain of a DHCP answer depends on the vendor class (option 60) of the question."""

from collections.abc import Iterable

from ucdiag.diagnosis.observation_log import ObservationLog
from ucdiag.diagnosis.options import DiagnosisOptions
from ucdiag.diagnosis.step_event import finding
from ucdiag.diagnosis.steps.dhcp_text import answer_evidence, listed_briefly, unanswered_evidence
from ucdiag.model.observations import Dhcp, offers_address
from ucdiag.model.phone_classes import PHONE_CLASSES, class_rank, is_phone_class
from ucdiag.model.report import Finding
from ucdiag.model.text import listed
from ucdiag.model.visible_text import quoted
from ucdiag.model.vocabulary import Microseconds
from ucdiag.update_service.names import plain_name

_DOMAIN = 15  # option
# Answers that are further apart may differ because somebody changed the scope in between.
_TOGETHER: Microseconds = 300_000_000


def class_name(vendor_class: str | None) -> str:
    """The vendor class as it stands in a sentence; "no vendor class" without one."""
    return vendor_class or "no vendor class"


def domains_by_class(answers: Iterable[Dhcp], classes: dict[int | None, str | None]) -> dict[str, str]:
    """Vendor class -> the domain in its first answer with one, ``""`` for no domain; the phone's classes first.

    ``classes`` are those of the questions, by their transactions; an answer to none of them is left out.
    """
    domains: dict[str, str] = {}
    asked = [answer for answer in answers if answer.transaction in classes]
    for answer in sorted(asked, key=lambda answer: class_rank(classes[answer.transaction])):
        domain, name = answer.domain or "", class_name(classes[answer.transaction])
        domains[name] = domains.get(name) or domain
    return domains


def domains_text(domains: dict[str, str]) -> str:
    """The domains and their classes: ``contoso.com (to MS-UC-Client) and no domain (to CPE-OCPhone)``."""
    classes: dict[str, list[str]] = {}
    spellings: dict[str, str] = {}
    for name, domain in domains.items():
        classes.setdefault(spellings.setdefault(plain_name(domain), domain), []).append(name)
    # "no domain" comes last.
    ordered = sorted(classes, key=lambda domain: not domain)
    return listed_briefly(f"{shown_domain(domain)} (to {listed(classes[domain])})" for domain in ordered)


def shown_domain(domain: str) -> str:
    """The domain as it stands in a sentence."""
    if not domain:
        return "no domain"
    return domain if domain.isprintable() and " " not in domain else quoted(domain)


def domains_differ(domains: dict[str, str]) -> bool:
    """Whether these classes got different domains."""
    return len({plain_name(domain) for domain in domains.values()}) > 1


def findings(history: ObservationLog, setting: DiagnosisOptions) -> list[Finding]:
    """``dhcp-domain-by-class``, once, where it holds."""
    messages = history.of_kind(Dhcp)
    return _watched_findings(messages) if setting.from_capture else _asked_findings(messages)


def _asked_findings(messages: list[Dhcp]) -> list[Finding]:
    """The finding from our own questions. Only the phones' classes count: a PC's domain may differ on purpose."""
    questions = {message.transaction: message.vendor_class for message in messages if message.type == "discover"}
    phones = {transaction: name for transaction, name in questions.items() if is_phone_class(name)}
    offers = [message for message in messages if offers_address(message) and message.transaction in questions]
    for server, answers in _by_server(offers).items():
        if domains_differ(domains_by_class(answers, phones)):
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
    """The finding from the questions of a phone in a capture. The last answer of a server to each class counts."""
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
            continue  # the question did not request option 15, so its absence proves nothing
        place = answer.server, answer.tag, answer.relay
        places.setdefault(place, {})[class_name(question.vendor_class).lower()] = answer
    for (server, _, _), by_class in places.items():
        answers = list(by_class.values())
        times = [offer.time for offer in answers]
        domains = domains_by_class(
            answers, {offer.transaction: questions[offer.transaction].vendor_class for offer in answers}
        )
        if domains_differ(domains) and max(times) - min(times) <= _TOGETHER:
            given = f"what {server or 'the DHCP server'} gives the phone depends on the vendor class"
            return [_domain_finding(f"{given}: {domains_text(domains)}", server, answers)]
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
