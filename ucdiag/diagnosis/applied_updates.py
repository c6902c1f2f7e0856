"""Whether the phone applied what it fetched, by the version that its later update checks name."""

from collections import defaultdict
from collections.abc import Mapping, Sequence

from ucdiag.diagnosis.offered_versions import request_of
from ucdiag.diagnosis.options import DiagnosisOptions
from ucdiag.diagnosis.step_event import evidence_of, finding
from ucdiag.diagnosis.steps.file_requests import request_events
from ucdiag.diagnosis.traffic import Traffic
from ucdiag.model.fast_dataclass import record
from ucdiag.model.observations import Http, UpdateAnswer, last_time_of
from ucdiag.model.report import Evidence, Finding
from ucdiag.model.vocabulary import Microseconds
from ucdiag.update_service.modules import (
    Module,
    offered_modules,
    requested_modules,
    same_file,
    version_number,
    version_of,
)
from ucdiag.update_service.names import target_path

# A phone restarts with the update after about five idle minutes (ucplaya.blogspot.com): before that, and without a
# restart, its old version says nothing.
_APPLIES = 600 * 1_000_000
# Clocks of two time zones differ by whole quarters of an hour, by 14 hours at most (IANA time zone database), and by
# what each of them is wrong (microseconds).
_QUARTER, _FARTHEST, _WRONG = 900 * 1_000_000, 14 * 3600 * 1_000_000, 2 * 1_000_000


@record(frozen=True, slots=True)
class _Fetched:
    """A whole file of firmware that the phone fetched: its module's version before, and the one in the file."""

    http: Http
    end: Microseconds
    name: str | None
    before: str
    version: str


def update_findings(
    traffic: Traffic, setting: DiagnosisOptions, starts: Sequence[Microseconds], at: Microseconds
) -> list[Finding]:
    """``update-applied`` and ``update-not-applied``, at most one of each."""
    files, requests = traffic.file_requests, traffic.requests
    if not files or not requests or requests[-1].time <= files[0].time:
        return []  # as in most captures: nothing was asked after a file
    fetched = _fetched_files(traffic, setting, at)
    applied: list[tuple[_Fetched, Http]] = []
    not_applied: list[tuple[_Fetched, Http]] = []
    alike: dict[object, list[Http]] = defaultdict(list)
    for http in requests:
        alike[_place_of(http)].append(http)
    for number, file in enumerate(fetched):
        later = [other for other in fetched[number + 1 :] if _is_same_module(other, file)]
        # The same version fetched once more is the same update.
        until = next((other.end for other in later if not _same_version(other.version, file.version)), None)
        outcome = _deciding_request(file, requests, alike, starts, until)
        if outcome is None:
            continue
        http, worked = outcome
        if not worked and any(_same_version(done.version, file.version) for done, _ in applied):
            continue  # applied once, and taken back since
        (applied if worked else not_applied).append((file, http))
    findings = []
    if applied:
        file, http = applied[-1]
        findings.append(_applied_finding(file, applied, requests))
    if not_applied:
        file, http = not_applied[-1]
        text = f"the phone fetched the whole file of version {file.version} and asks as {file.before} again"
        findings.append(finding("update-not-applied", text, _outcome_evidence(not_applied)))
    return findings


def _applied_finding(file: _Fetched, applied: list[tuple[_Fetched, Http]], requests: list[Http]) -> Finding:
    """The finding that the last file was applied, with the version that the phone reports now if it is another one."""
    evidence = _outcome_evidence(applied)
    named = ((http, version_of(file.name, requested_modules(http.request_text))) for http in reversed(requests))
    last, version = next((http, version) for http, version in named if version is not None)
    if _same_version(version, file.version):
        text = f"the phone fetched version {file.version} and asks as that version since"
    else:
        text = f"the phone fetched version {file.version} and asked as that version; its last check names {version}"
        evidence.append(evidence_of(f"the last request names version {version}", last))
    return finding("update-applied", text, evidence)


def _fetched_files(traffic: Traffic, setting: DiagnosisOptions, at: Microseconds) -> list[_Fetched]:
    """The files of firmware that arrived whole, by time, where both versions are known."""
    found = []
    for http, event in request_events(traffic.file_requests, setting, at):
        if not event.ok or http.status == 304:
            continue
        offer = next((a for a in reversed(traffic.answers) if a.form == "offered" and a.time <= http.time), None)
        module = _module_of(http, offer) if offer is not None else None
        if offer is None or module is None or module.version is None:
            continue
        request = request_of(offer, traffic.requests)
        before = version_of(module.name, requested_modules(request.request_text)) if request is not None else None
        if before is not None and not _same_version(before, module.version):
            end = last_time_of(http)
            found.append(_Fetched(http, end, module.name, before, module.version))
    return found


def _module_of(http: Http, offer: UpdateAnswer) -> Module | None:
    """The file of the offer that a request asked for; None for a signature."""
    modules = offered_modules(offer)
    path = target_path(http.target)
    named = next((module for module in modules if module.name and same_file(module.name, path)), None)
    if named is not None:
        return named
    return modules[0] if len(modules) == 1 and modules[0].name is None else None


def _deciding_request(
    file: _Fetched,
    requests: list[Http],
    alike: Mapping[object, list[Http]],
    starts: Sequence[Microseconds],
    until: Microseconds | None,
) -> tuple[Http, bool] | None:
    """The request that decides, and whether the update was applied; None where no request does. ``alike``: the
    requests by ``_place_of``."""
    old: list[Http] = []
    for http in requests:
        if http.time <= file.end or (until is not None and http.time >= until):
            continue
        version = version_of(file.name, requested_modules(http.request_text))
        if version is None:
            continue
        if _same_version(version, file.version):
            return http, True
        restarted = any(file.end < start <= http.time for start in starts)
        if _same_version(version, file.before) and (restarted or http.time - file.end >= _APPLIES):
            old.append(http)
    for http in reversed(old):
        before = (other for other in alike[_place_of(http)] if other.time <= file.end)
        if not any(_is_copy(http, other) for other in before):
            return http, False
    return None


def _place_of(http: Http) -> object:
    """What a copy of a request has in common with it."""
    return http.client_port, http.server, http.port, http.request_text


def _is_copy(http: Http, earlier: Http) -> bool:
    """Whether this request from the same place (``_place_of``) is the same once more, of another capture that was
    merged with this one and whose clock has another time zone."""
    apart = http.time - earlier.time
    off = (apart + _QUARTER // 2) % _QUARTER - _QUARTER // 2
    return http.client_port is not None and _QUARTER // 2 < apart <= _FARTHEST + _WRONG and abs(off) <= _WRONG


def _is_same_module(one: _Fetched, other: _Fetched) -> bool:
    return one.name is None or other.name is None or same_file(one.name, other.name)


def _same_version(one: str, other: str) -> bool:
    return version_number(one) == version_number(other)


def _outcome_evidence(outcomes: list[tuple[_Fetched, Http]]) -> list[Evidence]:
    lines: dict[Evidence, None] = {}
    for file, http in outcomes:
        lines[evidence_of(f"GET {target_path(file.http.target)}: whole, version {file.version}", file.http)] = None
        version = version_of(file.name, requested_modules(http.request_text))
        lines[evidence_of(f"a later request names version {version}", http)] = None
    return list(lines)
