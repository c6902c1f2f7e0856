"""Step 7: the file named by the answer arrives whole.

Active sources report each attempt as one transfer. In a capture an attempt is put together from what the phone did
after the offer: the question for the URL's host, the connection to it, the GET.
"""

import re
from bisect import bisect_right
from collections.abc import Callable
from dataclasses import field, replace

from ucdiag.diagnosis.options import DiagnosisOptions
from ucdiag.diagnosis.phrases import address_flaw, bytes_text, file_name, lacking, listed, split_url, target_path
from ucdiag.diagnosis.step_event import Event, evidence_of
from ucdiag.diagnosis.steps.connect import describe
from ucdiag.diagnosis.steps.file_host import unresolved
from ucdiag.diagnosis.steps.tls import failure, going_on
from ucdiag.diagnosis.traffic import Traffic, external_side, url_in_use
from ucdiag.diagnosis.unsent import unsent, unsent_event
from ucdiag.diagnosis.update_lookups import lookup_evidence
from ucdiag.model.fast_dataclass import record
from ucdiag.model.observations import Http, Lookup, Transfer, UpdateAnswer
from ucdiag.model.report import Evidence
from ucdiag.model.steps import Level, Step
from ucdiag.model.vocabulary import FindingCode, Microseconds, Seconds, TransferOutcome
from ucdiag.update_service.error_page import is_message
from ucdiag.update_service.names import same_name

_FAILED: dict[TransferOutcome, tuple[FindingCode, str]] = {
    "truncated": ("download-truncated", "broke off"),
    "partial": ("download-truncated", "came only in part"),
    "stalled": ("download-stalled", "stopped coming while the connection stayed open"),
    "empty": ("download-empty", "came without a single byte"),
    "html": ("download-not-firmware", "is an HTML page, not a firmware file"),
    "text": ("download-not-firmware", "is a message in plain text, not a firmware file"),
    "host_missing": ("download-host-missing", "cannot be fetched: its host does not resolve"),
    "connect_failed": ("download-connect-failed", "cannot be fetched: no connection to its host"),
}

_MOST_NAMED = 4

# RFC 9110, section 14.4.
_CONTENT_RANGE = re.compile(r"bytes[ =]+(\d{1,18})-(\d{1,18})/(\d{1,18}|\*)", re.ASCII | re.IGNORECASE)

# What the source says of a failure where it says no more than the sentence that it would follow.
_SAME = ("the server closed", "the server reset", "nothing came for", "an HTML page came")


def events(traffic: Traffic, setting: DiagnosisOptions, at: Microseconds) -> list[Event]:
    if not setting.from_capture:
        return [_transfer(each, traffic.file_lookups) for each in traffic.transfers]
    void = _voided(traffic.answers)
    found = [
        replace(event, superseded=True) if void(event.time, http.last_time or http.time) else event
        for http, event in _gets(traffic.file_requests, setting, at)
    ]
    others: list[Event] = []
    reached = {each.server for each in traffic.file_connects}
    for lookup in traffic.file_lookups:
        if lookup.rcode == "NOERROR" and lookup.addresses:
            flaws = [f"{each} ({address_flaw(each)})" for each in lookup.addresses if address_flaw(each)]
            if len(flaws) == len(lookup.addresses) and not reached & set(lookup.addresses):
                text = f"the host of the file, {lookup.name}, has no usable address: {listed(flaws[:_MOST_NAMED])}"
                values = {"host": lookup.name, "nameserver": lookup.server or ""}
                others.append(_event("download-host-missing", lookup.time, text, (lookup_evidence(lookup),), values))
            continue
        why, values = unresolved(lookup)
        silent = lookup.rcode is None and lookup.failure not in ("malformed", "unreachable")
        if silent and at - lookup.time < setting.patience_microseconds:
            awaited = _waiting(lookup.time, f"the answer for {lookup.name} was awaited", lookup_evidence(lookup))
            others.append(replace(awaited, values=values))
            continue
        text = f"the host of the file, {lookup.name}, {why}"
        event = _event("download-host-missing", lookup.time, text, (lookup_evidence(lookup),), values)
        others.append(replace(event, silent=lookup.rcode is None))
    for connect in traffic.file_connects:
        if connect.outcome == "open":
            continue
        evidence = evidence_of(
            f"TCP to {connect.server} port {connect.port}: {connect.outcome.replace('_', ' ')}", connect
        )
        values = {"host": connect.name or connect.server, "address": connect.server, "port": str(connect.port)}
        silent = connect.outcome in ("unfinished", "no_answer")
        if silent and at - connect.time < setting.patience_microseconds:
            awaited = _waiting(connect.time, f"the connection to {connect.server} was being opened", evidence)
            others.append(replace(awaited, values=values))
            continue
        text = f"for the file, {describe(connect)}"
        event = _event("download-connect-failed", connect.time, text, (evidence,), values)
        others.append(replace(event, silent=silent))
    for tls in traffic.file_handshakes:
        failed = failure(tls, from_capture=True)
        if tls.outcome == "unfinished" and not tls.reason and not going_on(tls, setting, at):
            failed = "tls-handshake", f"the handshake with {tls.server} port {tls.port} stopped half-way"
        if failed is not None:
            evidence = evidence_of(f"TLS with {tls.server} port {tls.port}: {tls.outcome.replace('_', ' ')}", tls)
            values = {"host": tls.server_name or tls.server, "address": tls.server, "port": str(tls.port)}
            others.append(
                _event("download-connect-failed", tls.time, f"for the file, {failed[1]}", (evidence,), values)
            )
    others += _encrypted(traffic, setting, at)
    found += [replace(event, superseded=True) if void(event.time, event.time) else event for event in others]
    found = _unnamed_warn(traffic.answers, found)
    found += _signature_only(traffic, found, setting, at)
    return sorted(found, key=lambda event: event.time)


def _encrypted(traffic: Traffic, setting: DiagnosisOptions, at: Microseconds) -> list[Event]:
    """The connections to the host of a URL of https: that something was fetched, and not what."""
    offer = next((each for each in reversed(traffic.answers) if each.form == "offered"), None)
    used = url_in_use(offer, external_side(traffic.requests, setting)) if offer is not None else None
    parts = split_url(used) if used else None
    if offer is None or parts is None or parts.scheme != "https" or not parts.hostname or traffic.file_requests:
        return []
    host = parts.hostname
    addresses = {host, *(a for each in traffic.file_lookups if same_name(each.name, host) for a in each.addresses)}
    found = []
    for tls in traffic.file_handshakes:
        if tls.time < offer.time or not (same_name(tls.server_name, host) or tls.server in addresses):
            continue
        if tls.outcome not in ("complete", "unfinished"):
            continue
        if tls.outcome == "unfinished" and not tls.reason and not going_on(tls, setting, at):
            continue
        where = f"{host} ({tls.server} port {tls.port})" if host != tls.server else f"{host} port {tls.port}"
        text = f"the phone's connection to {where} for the file is encrypted, so whether it arrived cannot be told"
        if tls.outcome == "unfinished":
            text = f"the TLS handshake with {where} for the file does not end in the capture"
        evidence = evidence_of(f"TLS with {tls.server} port {tls.port}: {tls.outcome.replace('_', ' ')}", tls)
        found.append(
            Event(
                step=Step.DOWNLOAD,
                time=tls.time,
                ok=None,
                summary=f"{text}; test the file with ucdiag probe",
                evidence=(evidence,),
            )
        )
    return found


def _unnamed_warn(answers: list[UpdateAnswer], found: list[Event]) -> list[Event]:
    """A file that no offer named is not the one that matters, where one that was named arrived."""
    files = [file for answer in answers for file in answer.files if file.name]
    names = {file_name(file.name) for file in files}
    if not all(file.signature for file in files) or not any(
        event.ok and event.key and file_name(event.key) in names for event in found
    ):
        return found
    names |= {file_name(file.signature) for file in files if file.signature}
    return [
        replace(event, level=Level.WARNING)
        if event.ok is False and event.key and file_name(event.key) not in names
        else event
        for event in found
    ]


def _voided(answers: list[UpdateAnswer]) -> Callable[[int, int], bool]:
    """Tells of an attempt at a file, from its first to its last time, whether a later answer made it void.

    One does that offers nothing any more, or something else than the offer that the attempt followed.
    """
    told = [each for each in answers if each.form in ("none_offered", "offered")]
    times = [each.time for each in told]

    def void(start: int, end: int) -> bool:
        if not told or told[-1].time <= end:
            return False
        before = bisect_right(times, start)
        if told[-1].form == "none_offered" or not before:
            return told[-1].form == "none_offered"
        return told[before - 1].form == "offered" and _offer(told[before - 1]) != _offer(told[-1])

    return void


def _offer(answer: UpdateAnswer) -> tuple[object, ...]:
    files = tuple((each.name, each.internal_url, each.external_url) for each in answer.files)
    return answer.internal_url, answer.external_url, files


def _signature_only(traffic: Traffic, found: list[Event], setting: DiagnosisOptions, at: Microseconds) -> list[Event]:
    """That the phone fetched signature files and asked for no file that they sign, as far as the offer names them."""
    offer = next((each for each in reversed(traffic.answers) if each.form == "offered"), None)
    if offer is None or not all(event.ok or event.superseded for event in found) or not traffic.file_requests:
        return []
    asked = {file_name(each.target) for each in traffic.file_requests}
    files = {file_name(each.name): each.name for each in offer.files if each.name}
    signatures = {file_name(each.signature): each.signature for each in offer.files if each.signature}
    if not files or files.keys() & asked or not asked <= signatures.keys():
        return []
    last = traffic.file_requests[-1]
    fetched = listed(signatures[name] for name in sorted(asked)[:_MOST_NAMED])
    missing = listed(list(files.values())[:_MOST_NAMED])
    evidence = evidence_of(f"the offer of {offer.server} names {missing}", offer)
    if at - (last.last_time or last.time) < setting.patience_microseconds:
        return [_waiting(last.time, f"only {fetched} had been fetched", evidence)]
    return [
        Event(
            step=Step.DOWNLOAD,
            time=last.time,
            ok=None,
            code="download-not-tried",
            summary=f"the phone fetched {fetched} and did not ask for {missing}, the file itself",
            evidence=(evidence,),
        )
    ]


def _transfer(transfer: Transfer, lookups: list[Lookup]) -> Event:
    untold = unsent(transfer)
    if untold is not None:
        return replace(unsent_event(Step.DOWNLOAD, transfer, untold), values={"url": transfer.url})
    url = transfer.url
    values = {"url": url, "status": str(transfer.status or "")}
    parts = split_url(url)
    if parts is not None and parts.hostname:
        values["host"] = parts.hostname
    if transfer.server:
        values["address"] = transfer.server
    of = f" of {transfer.announced_bytes:,}" if transfer.announced_bytes is not None else ""
    evidence: tuple[Evidence, ...] = (
        evidence_of(f"GET {url}: {_said(transfer)}, {bytes_text(transfer.received_bytes)}{of}", transfer),
    )
    if transfer.outcome == "whole":
        text = f"{url} arrived whole ({bytes_text(transfer.received_bytes)})"
        return Event(
            step=Step.DOWNLOAD, time=transfer.time, ok=True, summary=text, seconds=transfer.seconds, evidence=evidence
        )
    if transfer.outcome == "limited":
        text = f"the first {bytes_text(transfer.received_bytes)} of {url} arrived; the rest was not asked for"
        return Event(
            step=Step.DOWNLOAD,
            time=transfer.time,
            ok=None,
            code="download-not-tried",
            summary=text,
            seconds=transfer.seconds,
            evidence=evidence,
            values=values,
        )
    reason = transfer.reason
    if transfer.outcome in ("truncated", "stalled", "html") and reason and reason.startswith(_SAME):
        reason = None
    why = f": {reason}" if reason else ""
    if transfer.outcome == "status":
        code, clause = _status(transfer.status or 0)
        text = f"{url} {clause}{why}"
    else:
        code, clause = _FAILED.get(transfer.outcome, _FAILED["truncated"])
        if transfer.outcome == "host_missing" and reason:
            clause = "cannot be fetched"  # the reason is the whole of it
        asked = next((each for each in reversed(lookups) if same_name(each.name, values.get("host"))), None)
        if transfer.outcome == "host_missing" and asked is not None and not asked.addresses:
            told, more = unresolved(asked)
            values |= more
            evidence = (lookup_evidence(asked), *evidence)
            if "variant" in more:
                why = f": {asked.name} {told}"
        came = (
            f" after {bytes_text(transfer.received_bytes)}{of}" if transfer.outcome in ("truncated", "stalled") else ""
        )
        text = f"{url} {clause}{came}{why}"
    return _event(code, transfer.time, text, evidence, values, transfer.seconds)


@record(slots=True)
class _Parts:
    """What has come of one file: ``spans`` of its bytes (first, end), in order and apart, of ``total`` bytes."""

    total: int | None = None
    spans: list[tuple[int, int]] = field(default_factory=list)
    count: int = 0
    whole: bool = False

    def add(self, first: int, end: int) -> None:
        self.count += 1
        if end > first:
            merged: list[tuple[int, int]] = []
            for span in sorted([*self.spans, (first, end)]):
                if merged and span[0] <= merged[-1][1]:
                    merged[-1] = (merged[-1][0], max(span[1], merged[-1][1]))
                else:
                    merged.append(span)
            self.spans = merged
        self.whole = self.total is not None and self.spans == [(0, self.total)]

    @property
    def bytes(self) -> int:
        return sum(end - first for first, end in self.spans)


def _gets(requests: list[Http], setting: DiagnosisOptions, at: Microseconds) -> list[tuple[Http, Event]]:
    """One event for each GET, and one for all that fetched a file in parts. A HEAD fetches nothing."""
    found: list[tuple[Http, Event]] = []
    last = {_key(each): each for each in requests if each.method != "HEAD"}
    files: dict[str | None, _Parts] = {}
    for http in requests:
        key = _key(http)
        if http.method == "HEAD" and key in last:
            continue
        parts = files.get(key)
        if parts is not None and parts.whole and http.status in (304, 416):
            # It asked for what it lacked, or for what is newer, and there was no more.
            continue
        if parts is not None and http.status == 304:
            # It is unchanged since a part of it came, which is all that the phone is known to have.
            continue
        event = _fetched(http, setting, at)
        if http.method == "GET" and http.status == 200:
            parts = files[key] = _Parts(http.announced_bytes, whole=bool(event.ok))
            if not event.ok:
                parts.add(0, http.answer_bytes)
        elif http.method == "GET" and http.status == 206 and not http.html:
            part = _CONTENT_RANGE.fullmatch((http.content_range or "").strip())
            total = int(part[3]) if part and part[3] != "*" else None
            if part is not None:
                if parts is None or (total is not None and parts.total not in (None, total)):
                    parts = files[key] = _Parts()
                parts.total = total if total is not None else parts.total
                first = int(part[1])
                parts.add(first, min(int(part[2]) + 1, first + http.answer_bytes))
            if http.complete:
                if not (parts and parts.whole) and last[key] is not http:
                    continue
                event = _in_parts(http, parts if part is not None else None, event, setting, at)
        found.append((http, replace(event, key=key)))
    return found


def _in_parts(http: Http, parts: _Parts | None, event: Event, setting: DiagnosisOptions, at: Microseconds) -> Event:
    """The last that came of a file in parts."""
    where = event.values.get("url") or _where(http)
    if parts is None:
        text = f"a part of {where} arrived, and which one the answer does not say"
        return replace(event, ok=None, summary=text)
    if parts.whole:
        several = f", in {parts.count} parts" if parts.count > 1 else ""
        text = f"{where} arrived whole ({bytes_text(parts.bytes)}{several})"
        return replace(event, ok=True, summary=text)
    of = f" of {parts.total:,}" if parts.total is not None else ", of a file whose size was not said,"
    if at - (http.last_time or http.time) < setting.patience_microseconds:
        return _waiting(http.time, f"{where} was arriving in parts, {bytes_text(parts.bytes)}{of}", *event.evidence)
    text = f"{bytes_text(parts.bytes)}{of} arrived of {where} in parts, and the rest was not asked for"
    return replace(event, ok=None, code="download-not-tried", summary=text)


def _where(http: Http) -> str:
    return f"http{'s' if http.scheme == 'https' else ''}://{http.host or http.server}{target_path(http.target) or '/'}"


def _key(http: Http) -> str | None:
    """What makes two requests ones for the same file: the path, whatever the name of its host and the case."""
    return target_path(http.target).lower() or "/" if http.method is not None else None


def _fetched(http: Http, setting: DiagnosisOptions, at: Microseconds) -> Event:
    if http.method is None:
        text = f"whether the file arrived from {http.server} port {http.port} cannot be told: {lacking(http)}"
        evidence = (evidence_of(f"connection to {http.server} port {http.port}", http),)
        return Event(step=Step.DOWNLOAD, time=http.time, ok=None, summary=text, evidence=evidence)
    path = target_path(http.target) or "/"
    where = _where(http)
    of = f" of {http.announced_bytes:,}" if http.announced_bytes is not None else ""
    status = http.status if http.status is not None else "no status"
    evidence = (
        evidence_of(f"{http.method} {path} to {http.server}: {status}, {bytes_text(http.answer_bytes)}{of}", http),
    )
    values = {"url": where, "host": http.host or http.server, "address": http.server, "status": str(http.status or "")}
    if http.status == 304 and http.conditional is not False:
        # Only who says which one it has is answered so (RFC 9110, section 15.4.5).
        text = f"{http.server} says that {where} is unchanged (304): the phone has the file already"
        return Event(step=Step.DOWNLOAD, time=http.time, ok=True, summary=text, seconds=http.seconds, evidence=evidence)
    if http.status is not None and not 200 <= http.status < 300:
        code, clause = _status(http.status)
        expected = http.status == 401
        return _event(code, http.time, f"{where} {clause}", evidence, values, http.seconds, expected=expected)
    if http.status is not None and http.html:
        return _event(
            "download-not-firmware", http.time, f"{where} {_FAILED['html'][1]}", evidence, values, http.seconds
        )
    if http.status == 200 and is_message(http.answer_text, path, http.complete):
        return _event(
            "download-not-firmware", http.time, f"{where} {_FAILED['text'][1]}", evidence, values, http.seconds
        )
    if http.method == "HEAD" and http.complete:
        if at - (http.last_time or http.time) < setting.patience_microseconds:
            return _waiting(http.time, f"{where} had only been asked about (HEAD)", *evidence)
        text = f"the phone asked about {where} (HEAD), and not for the file itself"
        return Event(
            step=Step.DOWNLOAD, time=http.time, ok=None, code="download-not-tried", summary=text, evidence=evidence
        )
    if http.complete:
        if http.answer_bytes == 0:
            return _event("download-empty", http.time, f"{where} {_FAILED['empty'][1]}", evidence, values, http.seconds)
        text = f"{where} arrived whole ({bytes_text(http.answer_bytes)})"
        return Event(step=Step.DOWNLOAD, time=http.time, ok=True, summary=text, seconds=http.seconds, evidence=evidence)
    last = http.last_time if http.last_time is not None else http.time
    if http.failure in ("closed", "reset", "tls", "not_http"):
        text = f"{where} broke off after {bytes_text(http.answer_bytes)}{of}"
        return _event("download-truncated", http.time, text, evidence, values, http.seconds)
    if at - last < setting.patience_microseconds:
        awaited = _waiting(http.time, f"{where} was arriving", *evidence)
        return replace(awaited, values=values) if http.status is None else awaited
    if http.failure is None and http.lost_bytes:
        text = f"whether {where} arrived whole cannot be told: {lacking(http)}"
        return Event(step=Step.DOWNLOAD, time=http.time, ok=None, summary=text, evidence=evidence)
    text = f"{where} stopped coming after {bytes_text(http.answer_bytes)}{of}, the connection stayed open"
    event = _event("download-stalled", http.time, text, evidence, values, http.seconds)
    return replace(event, silent=http.status is None)


def _status(status: int) -> tuple[FindingCode, str]:
    if status == 404:
        return "download-not-found", "is not there (404)"
    if status in (401, 403):
        return "download-refused", f"is refused ({status})"
    if 500 <= status < 600:
        return "download-server-error", f"fails on the server ({status})"
    return "download-status", f"is answered with status {status}, not with the file"


def _said(transfer: Transfer) -> str:
    return str(transfer.status) if transfer.status is not None else transfer.outcome.replace("_", " ")


def _waiting(time: Microseconds, text: str, *evidence: Evidence) -> Event:
    return Event(
        step=Step.DOWNLOAD,
        time=time,
        ok=None,
        code="capture-too-short",
        summary=f"the capture ends while {text}",
        evidence=evidence,
        waiting=True,
    )


def _event(
    code: FindingCode,
    time: Microseconds,
    text: str,
    evidence: tuple[Evidence, ...],
    values: dict[str, str],
    seconds: Seconds | None = None,
    expected: bool = False,
) -> Event:
    return Event(
        step=Step.DOWNLOAD,
        time=time,
        ok=False,
        code=code,
        summary=text,
        seconds=seconds,
        evidence=evidence,
        values=values,
        expected=expected,
    )
