"""The offered version against the phone's: the same, an older one, or one that needs an intermediate version first.

Two versions are compared only if both are known: the one in the request, and the one in the answer to that request.
"""

from ucdiag.diagnosis.firmware_generations import skipped_stage
from ucdiag.diagnosis.options import DiagnosisOptions
from ucdiag.diagnosis.step_event import evidence_of, finding
from ucdiag.model.observations import Http, UpdateAnswer
from ucdiag.model.report import Evidence, Finding
from ucdiag.model.text import listed
from ucdiag.model.urls import split_url
from ucdiag.update_service.modules import OfferedVersions, Pair, compare_versions, phone_modules


def update_offers(
    requests: list[Http], answers: list[UpdateAnswer], setting: DiagnosisOptions
) -> list[OfferedVersions]:
    """Each offer of an update, by time, with the phone's fields of its request."""
    firmware = setting.phone.firmware if setting.phone is not None and not setting.from_capture else None
    found = []
    for answer in answers:
        if answer.form == "offered":
            http = request_of(answer, requests)
            found.append(compare_versions(answer, phone_modules(http, firmware) if http is not None else ()))
    return found


def request_of(answer: UpdateAnswer, requests: list[Http]) -> Http | None:
    """The request that got this answer."""
    for http in reversed(requests):
        if (http.server, http.port) != (answer.server, answer.port):
            continue
        if answer.frame is not None or http.answer_frame is not None:
            if http.answer_frame == answer.frame and http.client_port == answer.client_port:
                return http
        elif http.time <= answer.time:
            return http
    return None


def version_findings(offer: OfferedVersions, evidence: Evidence) -> list[Finding]:
    """``same-version-offered``, ``downgrade-offered`` or ``stage-skipped``, if the versions of an offer show it."""
    server = offer.answer.server
    address = {"address": server, "port": str(offer.answer.port)}
    if offer.is_held:
        text = f"{server} offers {_versions_text(offer.pairs)}, which this phone has: there is nothing to fetch"
        return [finding("same-version-offered", text, (evidence,), address)]
    found = []
    older = [pair for pair in offer.pairs if pair.is_older]
    if older:
        held = listed(_phone_versions(older))
        text = f"{server} offers {_versions_text(older)}, which is older than the phone's {held}"
        found.append(finding("downgrade-offered", text, (evidence,), address))
    for pair in offer.pairs:
        stage = skipped_stage(pair.has, pair.offered)
        if stage is not None:
            text = f"{server} offers version {pair.offered} to a phone with {pair.has}, which needs {stage} before it"
            found.append(finding("stage-skipped", text, (evidence,), address))
            break
    return found


def version_evidence(offer: OfferedVersions) -> Evidence:
    """One line: what the phone has, and what is offered."""
    pairs = [f"{pair.has} in the request, {pair.offered} in the answer" for pair in offer.pairs]
    return evidence_of(f"answer of {offer.answer.server}: {'; '.join(pairs) or 'no versions'}", offer.answer)


def _versions_text(pairs: tuple[Pair, ...] | list[Pair]) -> str:
    return listed(f"version {pair.offered}{f' of {pair.name}' if len(pairs) > 1 else ''}" for pair in pairs)


def _phone_versions(pairs: list[Pair]) -> list[str]:
    return list(dict.fromkeys(pair.has for pair in pairs))


def url_findings(answer: UpdateAnswer, evidence: Evidence) -> list[Finding]:
    """``internal-url-https`` and ``external-url-http``, by the schemes of an offer's two URLs."""
    found = []
    inside = _with_scheme(answer, "https", external=False)
    if inside is not None:
        text = f"the internal URL is https: {inside}"
        found.append(finding("internal-url-https", text, (evidence,), {"url": inside}))
    outside = _with_scheme(answer, "http", external=True)
    if outside is not None:
        text = f"the external URL is plain http: {outside}"
        found.append(finding("external-url-http", text, (evidence,), {"url": outside}))
    return found


def _with_scheme(answer: UpdateAnswer, scheme: str, *, external: bool) -> str | None:
    """The first URL for that side with this scheme and a host."""
    for url in answer.urls_of(external=external):
        parts = split_url(url) if url and url[: len(scheme) + 1].lower() == f"{scheme}:" else None
        if url and parts is not None and parts.scheme == scheme and parts.hostname:
            return url
    return None
