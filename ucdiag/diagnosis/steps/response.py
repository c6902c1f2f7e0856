"""Step 6: the answer is a Device Update Service's, and says "nothing newer" or where the files are."""

from ucdiag.diagnosis.catalogue.entry import Values
from ucdiag.diagnosis.offered_versions import url_findings, version_evidence, version_findings
from ucdiag.diagnosis.options import DiagnosisOptions
from ucdiag.diagnosis.phrases import has_no_body, lacking_clause
from ucdiag.diagnosis.step_event import Event, StepEventBuilder, evidence_of, finding
from ucdiag.diagnosis.traffic import Traffic, external_side, url_in_use
from ucdiag.model.fast_dataclass import replace
from ucdiag.model.observations import Http, UpdateAnswer
from ucdiag.model.report import Evidence, Finding
from ucdiag.model.steps import Level, Step
from ucdiag.model.text import counted
from ucdiag.model.urls import place_flaw, url_flaw
from ucdiag.model.visible_text import quoted
from ucdiag.model.vocabulary import AnswerForm, FindingCode, Microseconds, is_success_status

_FORMS: dict[AnswerForm, tuple[FindingCode, str]] = {
    "not_xml": ("response-not-xml", "is not XML"),
    "malformed": ("response-malformed", "cannot be read"),
    "empty": ("response-malformed", "is empty"),
    "unknown": ("response-unknown", "is XML with nothing of a Device Update Service in it"),
}
# What a service may answer to a request without a body.
_BY_THE_BODY: frozenset[AnswerForm] = frozenset({"malformed", "empty", "unknown"})
# What the reader of answers says where it says no more than the clause above.
_NOTHING_MORE = ("the body is empty", "nothing in it is of a Device Update Service")


def events(traffic: Traffic, setting: DiagnosisOptions, at: Microseconds) -> list[Event]:
    external = external_side(traffic.requests, setting)
    schemes = {(http.server, http.port): http.scheme for http in traffic.requests}
    made = []
    tests = filter(has_no_body, traffic.requests) if setting.from_capture else ()
    no_body = {(http.server, http.port, http.answer_frame) for http in tests}
    for answer in traffic.answers:
        values = {"scheme": schemes.get((answer.server, answer.port)), "name": traffic.host_names.get(answer.server)}
        judged = _answer_event(answer, external, values, setting)
        if answer.form in _BY_THE_BODY and (answer.server, answer.port, answer.frame) in no_body:
            text = f"{judged.summary}; the request had no body either, so this proves nothing of what a phone gets"
            judged = replace(judged, ok=None, level=Level.WARNING, summary=text)
        made.append(judged)
    read = {(answer.server, answer.port, answer.frame) for answer in traffic.answers}
    for http in traffic.requests:
        if not is_success_status(http.status):
            continue
        unread = (http.server, http.port, http.answer_frame) not in read
        if setting.from_capture and http.method is not None and http.complete and http.lost_bytes and unread:
            event = _event_builder(http, f"answer of {http.server}: {http.status}")
            text = f"what the answer of {http.server} says is not known: {lacking_clause(http)}"
            made.append(event.unknown(text, "capture-gap"))
        if http.failure == "too_large":
            event = _event_builder(http, f"{counted(http.answer_bytes, 'byte')} read, and more came")
            text = f"the answer of {http.server} is larger than any update service's"
            made.append(event.failed("response-unknown", text))
    return sorted(made, key=lambda event: event.time)


def _event_builder(http: Http, evidence: str) -> StepEventBuilder:
    """For an answer whose body was not read."""
    return StepEventBuilder(
        step=Step.RESPONSE,
        time=http.time,
        evidence=(evidence_of(evidence, http),),
        channel=(http.server, http.port),
    )


def additional_findings(traffic: Traffic, answer: UpdateAnswer | None, setting: DiagnosisOptions) -> list[Finding]:
    """Findings from the deciding answer: nothing newer, or a blank URL for the other side."""
    external = external_side(traffic.requests, setting)
    found: list[Finding] = []
    if answer is not None:
        if answer.form == "none_offered":
            found.append(
                finding(
                    "no-update-offered",
                    f"{answer.server} offers nothing newer to this phone",
                    (_answer_evidence(answer),),
                )
            )
        other = url_in_use(answer, not external)
        if answer.form == "offered" and url_in_use(answer, external) and not other:
            code: FindingCode = "response-internal-url-blank" if external else "response-external-url-blank"
            side = "inside" if external else "outside"
            text = f"the answer's URL for the {side} is blank"
            if other is None:
                text = f"the answer has no URL for the {side}"
            found.append(finding(code, text, (_answer_evidence(answer),), {"address": answer.server}, Level.WARNING))
        for offer in traffic.offers:
            if offer.answer is answer:
                found += version_findings(offer, version_evidence(offer))
        found += url_findings(answer, _answer_evidence(answer))
    return found


def _answer_event(answer: UpdateAnswer, external: bool, values: Values, setting: DiagnosisOptions) -> Event:
    evidence = [_answer_evidence(answer)]
    if answer.excerpt:
        evidence.append(evidence_of(f"it begins: {answer.excerpt[:160]}", answer))
    event = StepEventBuilder(
        step=Step.RESPONSE,
        time=answer.time,
        evidence=tuple(evidence),
        values={"address": answer.server, "port": str(answer.port), **values},
        channel=(answer.server, answer.port),
    )
    if answer.form in _FORMS:
        return _unusable_event(answer, event)
    if answer.form == "none_offered":
        return event.ok(f"{answer.server} answers as a Device Update Service: nothing newer for this phone")
    return _offer_event(answer, external, event, setting)


def _unusable_event(answer: UpdateAnswer, event: StepEventBuilder) -> Event:
    """The event of a body that is not an answer of a Device Update Service."""
    code, clause = _FORMS[answer.form]
    why = f": {answer.reason}" if answer.reason and answer.reason not in _NOTHING_MORE else ""
    if answer.form == "unknown" and why:
        # Its own elements are there, and only their values are nothing that is known: that proves no fault.
        clause = "is XML that does not say whether there is an update"
        return event.unknown(f"the answer of {answer.server} {clause}{why}", code, level=Level.WARNING)
    return event.failed(code, f"the answer of {answer.server} {clause}{why}")


def _offer_event(answer: UpdateAnswer, external: bool, event: StepEventBuilder, setting: DiagnosisOptions) -> Event:
    """The event of an offered update, by the URL that the phone uses."""
    used, other = url_in_use(answer, external), url_in_use(answer, not external)
    if setting.from_logs and answer.internal_url is None and answer.external_url is None:
        version = f"version {answer.version}" if answer.version else "an update"
        return event.ok(f"{answer.server} offered {version} (the audit log does not name its URLs)")
    if not used and not other:
        return event.failed("response-urls-blank", f"{answer.server} offers an update, and both URLs are blank")
    if not used:
        side = "external" if external else "internal"
        code: FindingCode = "response-external-url-blank" if external else "response-internal-url-blank"
        text = f"{answer.server} offers an update, and the {side} URL is blank"
        return event.failed(code, text, level=Level.ERROR)
    flaw = url_flaw(used) or place_flaw(used, answer.server)
    if flaw:
        text = f"the URL {quoted(used)} cannot be used: {flaw}"
        return event.with_values(url=used).failed("response-url-unusable", text)
    version = f" version {answer.version}" if answer.version else " an update"
    beside = f" ({'inside' if external else 'outside'}: {other})" if other and other != used else ""
    return event.ok(f"{answer.server} offers{version} at {used}{beside}")


def _named_url(kind: str, url: str | None) -> str:
    return f"no {kind} URL" if url is None else f"{kind} URL {quoted(url)}"


def _answer_evidence(answer: UpdateAnswer) -> Evidence:
    if answer.form == "none_offered":
        return evidence_of(f"answer of {answer.server}: nothing newer (downloads=0)", answer)
    if not answer.port and answer.files:  # from the server's log, which names neither port nor URL
        names = [f"{file.name or 'a file'} {file.version or ''}".rstrip() for file in answer.files]
        return evidence_of(f"answer of {answer.server}: {', '.join(names)}, without a URL", answer)
    if answer.form == "offered":
        inside, outside = _named_url("internal", answer.internal_url), _named_url("external", answer.external_url)
        return evidence_of(f"answer of {answer.server}: {inside}, {outside}", answer)
    return evidence_of(f"answer of {answer.server}: {answer.form.replace('_', ' ')}", answer)
