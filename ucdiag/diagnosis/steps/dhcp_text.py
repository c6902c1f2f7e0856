"""The clauses and lines of evidence about DHCP messages that the modules of step 1 share. Pure text."""

from collections.abc import Iterable

from ucdiag.diagnosis.catalogue.entry import Values
from ucdiag.diagnosis.step_event import Event, StepEventBuilder, evidence_of
from ucdiag.model.observations import Dhcp
from ucdiag.model.report import Evidence
from ucdiag.model.steps import Level, Step
from ucdiag.model.text import listed
from ucdiag.model.urls import resolver_flaw
from ucdiag.model.visible_text import quoted
from ucdiag.model.vocabulary import FindingCode, Microseconds, ProblemCode

# The code of a verdict that an answer which breaks off leaves open.
MALFORMED: ProblemCode = "dhcp-malformed"
MOST_NAMED = 8  # of what a hostile server can name by the hundreds


def listed_briefly(items: Iterable[str]) -> str:
    """As ``listed``, bounded to a few items: a hostile server may name hundreds."""
    distinct = list(dict.fromkeys(items))
    more = [f"{len(distinct) - MOST_NAMED} more"] if len(distinct) > MOST_NAMED else []
    return listed([*distinct[:MOST_NAMED], *more])


def resolver_text(address: str) -> str:
    """An address of option 6, marked where no resolver can be there."""
    return address if resolver_flaw(address) is None else f"{address} (which cannot be one)"


def no_resolver_text(resolvers: tuple[str, ...]) -> str:
    """The clause for an option 6 without a usable address."""
    if not resolvers:
        return "no DNS server (option 6)"
    flaw = resolver_flaw(resolvers[0])
    if len(resolvers) > 1 and all(resolver_flaw(address) == flaw for address in resolvers):
        return f"no usable DNS server (option 6), only {listed_briefly(resolvers)}; each has the same fault: {flaw}"
    flaws = listed_briefly(f"{address}, and {resolver_flaw(address)}" for address in resolvers)
    return f"no usable DNS server (option 6), only {flaws}"


def missing_domain_text(domain: str | None, search: tuple[str, ...] = ()) -> str:
    """The clause for an option 15 that is missing or empty; ``search`` is option 119, which does not replace it."""
    text = "an empty domain (option 15)" if domain == "" else "no domain (option 15)"
    return f"{text}, only a search list (option 119) of {listed_briefly(search)}" if search else text


def read_before_text(domain: str | None, resolvers: Iterable[str]) -> str:
    """The clause with the values of an answer that were read before it broke off."""
    read = [f"the domain {quoted(domain)}"] if domain else []
    if named := listed_briefly(map(resolver_text, resolvers)):
        read.append(f"the resolver {named}")
    return f"what was read of it is {listed(read)}" if read else "neither a domain nor a resolver was read"


def message_name(question: Dhcp) -> str:
    """``DISCOVER as CPE-OCPhone``."""
    return f"{question.type.upper()}{f' as {question.vendor_class}' if question.vendor_class else ''}"


def unanswered_evidence(question: Dhcp) -> Evidence:
    """One line: the question, without an answer."""
    tagged = f", tagged VLAN {question.tag}" if question.tag else ""
    return evidence_of(f"{message_name(question)}{tagged}: no answer", question)


def answer_evidence(answer: Dhcp) -> Evidence:
    """One line: the server, the domain and the resolvers of an answer."""
    said = f"domain {quoted(answer.domain)}" if answer.domain else missing_domain_text(answer.domain)
    resolvers = listed_briefly(answer.resolvers) or "none"
    return evidence_of(
        f"{answer.type.upper()} from {answer.server or 'a server'}: {said}, resolvers {resolvers}", answer
    )


def failed_event(
    code: FindingCode,
    time: Microseconds,
    text: str,
    evidence: list[Evidence],
    values: Values | None = None,
    level: Level | None = None,
) -> Event:
    """The failure of this step that ``evidence`` shows."""
    event = StepEventBuilder(step=Step.DHCP, time=time, evidence=tuple(evidence), values=values or {})
    return event.failed(code, text, level=level)
