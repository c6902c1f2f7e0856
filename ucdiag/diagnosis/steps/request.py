"""Step 5: the POST gets a complete HTTP answer of success.

A first 401 that a success follows is how NTLM and Kerberos work and leaves nothing behind. 400 and 500 to our own
unverified body prove nothing, because what these phones really send is published nowhere.
"""

import re
from typing import Protocol

from ucdiag.diagnosis.options import DiagnosisOptions
from ucdiag.diagnosis.phrases import bytes_text, is_external, lacking, listed, target_path
from ucdiag.diagnosis.step_event import Event, evidence_of
from ucdiag.diagnosis.traffic import Traffic
from ucdiag.diagnosis.unsent import unsent, unsent_event
from ucdiag.model.observations import Http
from ucdiag.model.steps import Level, Step
from ucdiag.model.vocabulary import FindingCode, Microseconds

_STATUS: dict[int, tuple[FindingCode, str]] = {
    401: ("http-auth-required", "wants a user name and password"),
    403: ("http-forbidden", "forbids the request"),
    404: ("http-not-found", "does not know this path"),
    405: ("http-method-refused", "does not take POST on this path"),
    407: ("http-proxy-auth", "is a proxy that wants a user name and password"),
    500: ("http-server-error", "failed inside"),
    502: ("http-unavailable", "gets no answer from the server behind it"),
    503: ("http-unavailable", "is not available"),
    504: ("http-unavailable", "gets no answer in time from the server behind it"),
}
_OTHER_STATUS: tuple[FindingCode, str] = ("http-status", "gives a status that the phone cannot use")
_GUESS_REFUSED = (400, 500)
_PORT = re.compile(r":[0-9]{1,5}$")


class _Make(Protocol):
    """How an event of one request is made."""

    def __call__(
        self,
        ok: bool | None,
        code: FindingCode | None,
        text: str,
        *,
        expected: bool = False,
        level: Level | None = None,
    ) -> Event: ...


def events(traffic: Traffic, setting: DiagnosisOptions, at: Microseconds) -> list[Event]:
    found: list[Event] = []
    refusals = 0  # 401 without anything else between them
    for each in traffic.requests:
        refusals = refusals + 1 if each.status == 401 else 0
        if setting.from_capture and _may_sign_in(each, refusals) and at - _end(each) < setting.patience_microseconds:
            found.append(_event(each, setting, at, signing_in=True))
        else:
            found.append(_event(each, setting, at))
    return found


def _may_sign_in(http: Http, refusals: int) -> bool:
    """Whether the phone can be expected to send its request again with credentials.

    NTLM takes two answers of 401 before the one that counts, Kerberos one (RFC 4559). Who hangs up is not about to.
    """
    if http.closed_by == "client":
        return False
    return 0 < refusals < 3 and bool({"ntlm", "negotiate"} & {each.lower() for each in http.challenges})


def _end(http: Http) -> Microseconds:
    return http.last_time if http.last_time is not None else http.time


def answer_said(http: Http, from_capture: bool) -> str:
    """What came back, in a few words: ``404 Not Found``, ``no answer``.

    ``reason`` is the status line's phrase in a capture; an active command says there why the exchange failed.
    """
    if http.status is None:
        said = {
            "no_answer": "no answer",
            "closed": "connection closed",
            "reset": "connection reset",
            "not_http": "an answer that is not HTTP",
            "too_large": "an answer too large to read",
        }.get(http.failure or "", "no complete answer")
        return said if from_capture or not http.reason else f"{said} ({http.reason})"
    phrase = f" {http.reason}" if from_capture and http.reason and len(http.reason) < 60 else ""
    cut = ""
    if not http.complete and http.failure is None and http.lost_bytes:
        cut = " (the rest of it the capture's snap length cut off)" if http.snapped else " (the capture lacks the rest)"
    elif not http.complete:
        of = f" of {http.announced_bytes:,}" if http.announced_bytes is not None else ""
        cut = f", cut after {bytes_text(http.answer_bytes)}{of}"
    return f"{http.status}{phrase}{cut}"


def _event(http: Http, setting: DiagnosisOptions, at: Microseconds, signing_in: bool = False) -> Event:
    where = f"{http.server} port {http.port}"
    by_proxy = http.method == "CONNECT"
    path = (http.target or "") if by_proxy else target_path(http.target) or "/"
    said = answer_said(http, setting.from_capture)
    evidence = [evidence_of(f"{http.method} {path} to {where}: {said}" if http.method else f"{where}: {said}", http)]
    if http.server_header:
        evidence.append(evidence_of(f"the answer came from {http.server_header}", http))
    if http.challenges:
        evidence.append(evidence_of(f"it offers to authenticate by {listed(http.challenges)}", http))
    if http.retry_after:
        evidence.append(evidence_of(f"it says when to ask again (Retry-After: {http.retry_after})", http))
    values = {"address": http.server, "port": str(http.port), "path": path, "status": str(http.status or "")}
    values["host"] = http.server
    if http.host:
        values["name"] = values["host"] = _PORT.sub("", http.host)
    if http.scheme:
        values["scheme"] = http.scheme

    def event(
        ok: bool | None, code: FindingCode | None, text: str, *, expected: bool = False, level: Level | None = None
    ) -> Event:
        return Event(
            step=Step.REQUEST,
            time=http.time,
            ok=ok,
            code=code,
            summary=text,
            seconds=http.seconds,
            evidence=tuple(evidence),
            values=values,
            channel=(http.server, http.port),
            expected=expected,
            waiting=code == "capture-too-short" and http.status is None,
            level=level,
        )

    if http.method is None and setting.from_capture:
        if http.status is None:
            return event(None, None, f"what the phone and {where} said cannot be told: {lacking(http)}")
        text = f"what {where} answered with {said} cannot be told, since the request is not in the capture"
        return event(None, None, f"{text}: {lacking(http)}" if http.lost_bytes else text)
    if signing_in and not is_external(http.target):
        asked = f"{where} asked for a sign-in ({listed(http.challenges)})"
        text = f"the capture ends after {asked}, before the phone's next request"
        return event(None, "capture-too-short", text)
    if http.status is not None and not 200 <= http.status < 300:
        return _status(http, event, where, path, setting)
    told = unsent(http)
    if told is not None:
        return unsent_event(Step.REQUEST, http, told)
    if http.complete and http.status == 206 and not setting.from_capture:
        part = f" (Content-Range: {http.content_range})" if http.content_range else ""
        text = f"{where} answered 206 to the POST to {path}: only a part of its answer{part}, and all was asked for"
        return event(False, "http-status", text)
    if by_proxy and http.status is not None:
        text = f"the phone goes through the proxy {where} to {path}, and what it says and hears in there cannot be read"
        return event(None, None, text)
    if http.complete and http.status is not None:
        guess = "" if http.verified else " (the body is ucdiag's own guess)"
        return event(True, None, f"{where} answered the POST to {path} with {said}{guess}")
    if http.failure == "too_large" and http.status is not None:
        return event(True, None, f"{where} answered the POST to {path} with {http.status}")
    if (
        setting.from_capture
        and http.failure in (None, "no_answer", "incomplete", "stalled")
        and (at - _end(http) < setting.patience_microseconds)
    ):
        return event(None, "capture-too-short", f"the capture ends while the answer of {where} was awaited")
    if setting.from_capture and http.failure is None and http.lost_bytes:
        return event(None, None, f"what {where} answered cannot be told: {lacking(http)}")
    why = _why(http, setting.from_capture)
    lost = ""
    if http.request_acked is False:
        values["variant"] = "request-not-acknowledged"
        lost = f"no byte of the request was acknowledged by {where}, so it did not arrive"
    elif http.answer_acked is False:
        values["variant"] = "answer-not-acknowledged"
        lost = "the phone acknowledged no byte of the answer, so it did not arrive"
    if http.failure in ("closed", "reset", "tls"):
        how = "reset" if http.failure == "reset" else "closed"
        came = "" if http.status is None else f" ({said})"
        if lost:
            who = "the phone" if http.closed_by == "client" else where
            return event(False, "http-closed", f"{lost}, and {who} {how} the connection{came}")
        return event(False, "http-closed", f"{where} {how} the connection before a complete answer{came}{why}")
    if http.failure == "too_large" and why:
        return event(False, "http-not-http", f"what {where} answers cannot be read{why}")
    if http.failure in ("not_http", "too_large"):
        return event(False, "http-not-http", f"what answers at {where} does not speak HTTP{why}")
    if http.status is None and http.failure != "incomplete":
        began = f" (only {bytes_text(http.answer_bytes)} came)" if http.answer_bytes else ""
        if lost:
            return event(False, "http-no-answer", f"{lost}: it is lost between the phone and the server")
        return event(False, "http-no-answer", f"{where} took the request and sent no answer{began}")
    came = said if http.status is not None else "not even its headers were whole"
    if lost:
        return event(False, "http-no-answer", f"{where} began to answer ({came}); {lost}")
    return event(False, "http-no-answer", f"{where} began to answer and did not finish: {came}")


# What an active command says of a failure where it says no more than the sentence that it would follow.
_SAME = ("the server closed", "the server reset", "what answered does not speak HTTP: ")


def _why(http: Http, from_capture: bool) -> str:
    """What an active command knows beyond the failure itself, as the end of a sentence."""
    if from_capture or not http.reason:
        return ""
    for words in _SAME:
        if http.reason.startswith(words):
            return f": {http.reason.removeprefix(words)}" if words.endswith(": ") else ""
    return f": {http.reason}"


def _status(http: Http, event: _Make, where: str, path: str, setting: DiagnosisOptions) -> Event:
    status = http.status or 0
    said = answer_said(http, setting.from_capture)
    schemes = {each.lower() for each in http.challenges}
    if status == 401 and is_external(http.target) and schemes & {"ntlm", "negotiate"}:
        text = f"{where} asks for a sign-in ({listed(http.challenges)}) on {path}, as it is designed to outside"
        return event(None, "external-sign-in-needed", text, expected=True)
    if status in _GUESS_REFUSED and not http.verified:
        code, _ = _STATUS.get(status, _OTHER_STATUS)
        text = (
            f"{where} answered {said} to a test body that is only a guess, which proves nothing: "
            "repeat it with a body saved from a real phone (--body FILE)"
        )
        return event(None, code, text, level=Level.WARNING)
    if status == 304:
        text = f"{where} answered {said} to the POST to {path}: not modified, which is no answer to a POST"
        return event(False, "http-redirected", f"{text} (a cache or proxy on the way makes such)")
    if 300 <= status < 400:
        to = f" to {http.location}" if http.location else ""
        return event(
            False, "http-redirected", f"{where} answered {said}: it redirects{to}, and a phone does not follow"
        )
    code, clause = _STATUS.get(status, _OTHER_STATUS)
    if http.method == "CONNECT":
        # What a path is told by these is nothing that a proxy says of a host.
        code, clause = _OTHER_STATUS if status in (401, 404, 405, 500) else (code, clause)
        return event(False, code, f"{where} answered {said} to the CONNECT to {path}: it {clause}")
    return event(False, code, f"{where} answered {said} to the POST to {path}: it {clause}", expected=status == 401)
