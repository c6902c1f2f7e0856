"""Findings of the questions beside the path: a request with another Host, a lookup of the external URL's host."""

from ucdiag.diagnosis.observation_log import ObservationLog
from ucdiag.diagnosis.options import DiagnosisOptions
from ucdiag.diagnosis.step_event import evidence_of, finding
from ucdiag.model.observations import Http, Lookup, UpdateAnswer
from ucdiag.model.report import Finding
from ucdiag.model.vocabulary import Purpose

# What an active command asks beside the path decides nothing of it.
BESIDE: frozenset[Purpose | None] = frozenset({"host", "compare", "other-side"})

_Result = tuple[object, ...]


def beside_findings(history: ObservationLog, setting: DiagnosisOptions) -> list[Finding]:
    """``host-header-differs`` and ``external-host-missing``, each once."""
    if setting.from_capture:
        return []
    return [*_host_differs(history, setting.url)[:1], *_external_host_missing(history, setting)]


def _host_differs(history: ObservationLog, url: str | None) -> list[Finding]:
    # An answer that breaks off says nothing of what it would have been.
    asked = [http for http in history.of_kind(Http) if http.complete or http.status is None]
    answers = history.of_kind(UpdateAnswer)
    findings: list[Finding] = []
    by_endpoint = {(other.server, other.port): other for other in asked if other.purpose == "host"}
    for endpoint, other in by_endpoint.items():
        same = [
            http
            for http in asked
            if http.purpose == "update" and (http.server, http.port) == (other.server, other.port) and http.status
        ]
        if not same or other.failure == "not_sent":
            continue
        # A server that is not steady answers differently by itself.
        usual = [(_answer_result(http, answers, None), http) for http in same]
        others = [http for http in asked if http.purpose == "host" and (http.server, http.port) == endpoint]
        by_address = [_answer_result(http, answers, "host") for http in others]
        if any(result in by_address for result, _ in usual):
            continue
        http = usual[-1][1]
        text = (
            f"{other.server} port {other.port} answers {_answer_text(http, answers, None)} when Host is {http.host}, "
            f"and {_answer_text(other, answers, 'host')} when Host is {other.host}"
        )
        evidence = [
            evidence_of(f"Host {http.host}: {_answer_text(http, answers, None)}", http),
            evidence_of(f"Host {other.host}: {_answer_text(other, answers, 'host')}", other),
        ]
        values = {"address": other.server, "port": str(other.port), "scheme": other.scheme, "asked_url": url}
        findings.append(finding("host-header-differs", text, evidence, values))
    return findings


def _answer_of(http: Http, answers: list[UpdateAnswer], purpose: Purpose | None) -> UpdateAnswer | None:
    return next(
        (
            answer
            for answer in answers
            if answer.purpose == purpose
            and (answer.server, answer.port, answer.client_port) == (http.server, http.port, http.client_port)
        ),
        None,
    )


def _answer_result(http: Http, answers: list[UpdateAnswer], purpose: Purpose | None) -> _Result:
    """What the phone would make of this answer."""
    answer = _answer_of(http, answers, purpose)
    if answer is None:
        return (http.status,)
    return http.status, answer.form, answer.version, answer.internal_url, answer.external_url


def _answer_text(http: Http, answers: list[UpdateAnswer], purpose: Purpose | None) -> str:
    if http.status is None:
        return f"nothing ({http.reason or http.failure or 'no answer'})"
    answer = _answer_of(http, answers, purpose)
    if answer is None:
        return str(http.status)
    words = {
        "offered": f"with version {answer.version}" if answer.version else "with an update",
        "none_offered": "with nothing newer",
    }
    return f"{http.status} {words.get(answer.form, 'without an answer of a Device Update Service')}"


def _external_host_missing(history: ObservationLog, setting: DiagnosisOptions) -> list[Finding]:
    if setting.external:
        return []  # inside names need not resolve outside
    missing = [
        lookup
        for lookup in history.of_kind(Lookup)
        if lookup.purpose == "other-side"
        and not lookup.addresses
        and lookup.rcode in ("NXDOMAIN", "NOERROR")
        and not lookup.referred
    ]
    if not missing:
        return []
    lookup = missing[0]
    what = "does not exist" if lookup.rcode == "NXDOMAIN" else "has no A record"
    text = f"{lookup.name}, the host of the external URL, {what} as {lookup.server} has it"
    evidence = [evidence_of(f"{lookup.name}: {lookup.rcode} (asked {lookup.server})", lookup) for lookup in missing]
    return [finding("external-host-missing", text, evidence, {"host": lookup.name})]
