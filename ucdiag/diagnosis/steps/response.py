"""Step 6: the answer is a Device Update Service's, and says "nothing newer" or where the files are."""

from ucdiag.diagnosis.options import DiagnosisOptions
from ucdiag.diagnosis.phrases import lacking
from ucdiag.diagnosis.step_event import Event, evidence_of, finding
from ucdiag.diagnosis.traffic import Traffic, external_side, url_in_use
from ucdiag.model.observations import UpdateAnswer
from ucdiag.model.report import Evidence, Finding
from ucdiag.model.steps import Level, Step
from ucdiag.model.urls import place_flaw, url_flaw
from ucdiag.model.vocabulary import AnswerForm, FindingCode, Microseconds, Scheme

_FORMS: dict[AnswerForm, tuple[FindingCode, str]] = {
    "not_xml": ("response-not-xml", "is not XML"),
    "malformed": ("response-malformed", "cannot be read"),
    "empty": ("response-malformed", "is empty"),
    "unknown": ("response-unknown", "is XML with nothing of a Device Update Service in it"),
}
# What the reader of answers says where it says no more than the clause above.
_NOTHING_MORE = ("the body is empty", "nothing in it is of a Device Update Service")


def events(traffic: Traffic, setting: DiagnosisOptions, at: Microseconds) -> list[Event]:
    external = external_side(traffic.requests, setting)
    schemes = {(each.server, each.port): each.scheme for each in traffic.requests}
    found = [_event(each, external, schemes.get((each.server, each.port))) for each in traffic.answers]
    read = {(each.server, each.port, each.frame) for each in traffic.answers}
    for http in traffic.requests:
        good = http.complete and http.status is not None and 200 <= http.status < 300
        unread = (http.server, http.port, http.answer_frame) not in read
        if setting.from_capture and http.method is not None and good and http.lost_bytes and unread:
            found.append(
                Event(
                    step=Step.RESPONSE,
                    time=http.time,
                    ok=None,
                    summary=f"what the answer of {http.server} says cannot be told: {lacking(http)}",
                    evidence=(evidence_of(f"answer of {http.server}: {http.status}", http),),
                    channel=(http.server, http.port),
                )
            )
        if http.failure == "too_large" and http.status is not None and 200 <= http.status < 300:
            found.append(
                Event(
                    step=Step.RESPONSE,
                    time=http.time,
                    ok=False,
                    code="response-unknown",
                    summary=f"the answer of {http.server} is larger than any update service's",
                    evidence=(evidence_of(f"{http.answer_bytes:,} bytes read, and more came", http),),
                    channel=(http.server, http.port),
                )
            )
    return sorted(found, key=lambda event: event.time)


def additional_findings(traffic: Traffic, answer: UpdateAnswer | None, setting: DiagnosisOptions) -> list[Finding]:
    """What the answer that decides says beside: nothing newer, or that the other side's URL is blank."""
    external = external_side(traffic.requests, setting)
    found: list[Finding] = []
    if answer is not None:
        if answer.form == "none_offered":
            found.append(
                finding(
                    "no-update-offered", f"{answer.server} offers nothing newer to this phone", (_evidence(answer),)
                )
            )
        other = url_in_use(answer, not external)
        if answer.form == "offered" and url_in_use(answer, external) and not other:
            code: FindingCode = "response-internal-url-blank" if external else "response-external-url-blank"
            side = "inside" if external else "outside"
            text = f"the answer's URL for the {side} is blank"
            if other is None:
                text = f"the answer has no URL for the {side}"
            found.append(finding(code, text, (_evidence(answer),), {"address": answer.server}, Level.WARNING))
    return found


def _event(answer: UpdateAnswer, external: bool, scheme: Scheme | None) -> Event:
    evidence = [_evidence(answer)]
    if answer.excerpt:
        evidence.append(evidence_of(f"it begins: {answer.excerpt[:160]}", answer))
    values = {"address": answer.server, "port": str(answer.port), "scheme": scheme or ""}

    def event(ok: bool | None, code: FindingCode | None, text: str, level: Level | None = None) -> Event:
        return Event(
            step=Step.RESPONSE,
            time=answer.time,
            ok=ok,
            code=code,
            summary=text,
            evidence=tuple(evidence),
            values=values,
            channel=(answer.server, answer.port),
            level=level,
        )

    if answer.form in _FORMS:
        code, clause = _FORMS[answer.form]
        why = f": {answer.reason}" if answer.reason and answer.reason not in _NOTHING_MORE else ""
        if answer.form == "unknown" and why:
            clause = "is XML that does not say whether there is an update"
        # Its own elements are there, and only their values are nothing that is known: that proves no fault.
        if answer.form == "unknown" and why:
            return event(None, code, f"the answer of {answer.server} {clause}{why}", Level.WARNING)
        return event(False, code, f"the answer of {answer.server} {clause}{why}")
    if answer.form == "none_offered":
        return event(True, None, f"{answer.server} answers as a Device Update Service: nothing newer for this phone")
    used, other = url_in_use(answer, external), url_in_use(answer, not external)
    if not used and not other:
        return event(False, "response-urls-blank", f"{answer.server} offers an update, and both URLs are blank")
    if not used:
        side = "external" if external else "internal"
        code = "response-external-url-blank" if external else "response-internal-url-blank"
        return event(False, code, f"{answer.server} offers an update, and the {side} URL is blank", Level.ERROR)
    flaw = url_flaw(used) or place_flaw(used, answer.server)
    values["url"] = used
    if flaw:
        return event(False, "response-url-unusable", f"the URL {used!r} cannot be used: {flaw}")
    version = f" version {answer.version}" if answer.version else " an update"
    return event(True, None, f"{answer.server} offers{version} at {used}")


def _evidence(answer: UpdateAnswer) -> Evidence:
    if answer.form == "none_offered":
        return evidence_of(f"answer of {answer.server}: nothing newer (downloads=0)", answer)
    if answer.form == "offered":
        inside, outside = answer.internal_url, answer.external_url
        return evidence_of(f"answer of {answer.server}: internal URL {inside!r}, external URL {outside!r}", answer)
    return evidence_of(f"answer of {answer.server}: {answer.form.replace('_', ' ')}", answer)
