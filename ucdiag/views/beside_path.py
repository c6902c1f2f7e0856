"""Shows the questions of ``check`` and ``probe`` beside the path: both URLs of the answer, and another phone."""

from collections.abc import Iterable

from ucdiag.model.observations import Connect, Lookup, Observation, SideCheck, UpdateAnswer
from ucdiag.model.phone import DEFAULT_MAC
from ucdiag.model.urls import split_url
from ucdiag.model.vocabulary import SideCheckSubject
from ucdiag.update_service.response import file_urls
from ucdiag.views.line_writer import LineWriter
from ucdiag.views.sanitize import shortened

_LONGEST = 500
_SUBJECTS: dict[SideCheckSubject, str] = {
    "ntp": "time",
    "certsrv": "the CA's chain, where its web enrolment is on this server",
    "certificate-service": "the certificate service that DHCP names",
}


def show_urls(writer: LineWriter, observations: Iterable[Observation]) -> None:
    """The URL for the inside and that for the outside, with the addresses of their hosts; nothing without an offer."""
    facts = list(observations)
    offers = [fact for fact in facts if isinstance(fact, UpdateAnswer) and fact.form == "offered" and not fact.purpose]
    if not offers:
        return
    writer.write_blank()
    writer.write_wrapped(("The URLs of the answer", "bold"))
    for side, external in (("inside", False), ("outside", True)):
        urls = file_urls(offers[-1], external)
        for url in urls or ("",):
            text = f"{url}{_host_text(url, facts)}" if url else "blank"
            writer.write_wrapped((f"{side}: ", "bold"), shortened(text, 2 * _LONGEST), first="  ", hang=4)


def _host_text(url: str, facts: list[Observation]) -> str:
    """The addresses of the URL's host, or why there are none."""
    parts = split_url(url)
    host = (parts.hostname or "").removesuffix(".") if parts is not None else ""
    said = ""
    for fact in facts:
        if not isinstance(fact, Lookup) or fact.purpose not in ("file", "other-side") or fact.type != "A":
            continue
        if fact.name == host:
            said = f", not found ({fact.rcode or fact.failure})"
            if fact.addresses:
                said = f", at {', '.join(fact.addresses)}"
    for fact in facts:
        if isinstance(fact, Connect) and fact.purpose == "other-side" and host in (fact.name, fact.server):
            words = {"open": "is open from here", "refused": "refuses from here", "no_answer": "does not answer here"}
            said += f"; port {fact.port} {words.get(fact.outcome, 'cannot be reached from here')}"
            break
    return said


def show_side_checks(writer: LineWriter, observations: Iterable[Observation]) -> None:
    """Show the questions beside the path; nothing without ``-v``."""
    facts = [fact for fact in observations if isinstance(fact, SideCheck)]
    if not facts:
        return
    writer.write_blank()
    writer.write_wrapped(("Beside the path", "bold"), " (for information; a phone needs it for its certificates)")
    for fact in facts:
        place = f"{fact.target}{f' ({fact.server})' if fact.server and fact.server not in fact.target else ''}"
        text = f"{_SUBJECTS[fact.what]}, {place}: {fact.text}"
        writer.write_wrapped(shortened(text, 2 * _LONGEST), first="  ", hang=4)


def show_comparison(writer: LineWriter, observations: Iterable[Observation], mac: str | None) -> None:
    """Show the answers to each of two phones; nothing if there is one phone only. ``mac`` is the first one's."""
    answers = [fact for fact in observations if isinstance(fact, UpdateAnswer)]
    others = [answer for answer in answers if answer.purpose == "compare"]
    if not others:
        return
    writer.write_blank()
    writer.write_wrapped(("What each phone is served", "bold"))
    for other in others:
        place = (other.server, other.port)
        own = next(
            (
                candidate
                for candidate in answers
                if not candidate.purpose and (candidate.server, candidate.port) == place
            ),
            None,
        )
        for phone, answer in ((mac or DEFAULT_MAC, own), (other.asked_as or "the other", other)):
            who = f"{phone} by {other.server} port {other.port}: "
            writer.write_wrapped((who, "bold"), shortened(_served_text(answer), _LONGEST), first="  ", hang=4)
        if own is not None:
            same = _served_text(own) == _served_text(other)
            text = "both are served alike" if same else "They differ: one of them may be a test device"
            writer.write_wrapped(text, first="    ", hang=4)


def _served_text(answer: UpdateAnswer | None) -> str:
    if answer is None:
        return "no answer of a Device Update Service"
    if answer.form == "none_offered":
        return "nothing newer"
    if answer.form != "offered":
        return f"no usable answer ({answer.form.replace('_', ' ')})"
    version = f"version {answer.version}" if answer.version else "an update"
    urls = file_urls(answer, False) or file_urls(answer, True)
    return f"{version}{f' at {urls[0]}' if urls else ''}"
