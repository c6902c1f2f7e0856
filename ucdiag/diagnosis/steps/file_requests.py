"""Step 7 in a capture: the requests for a file, one by one and in parts."""

import re
from dataclasses import field

from ucdiag.diagnosis.options import DiagnosisOptions
from ucdiag.diagnosis.phrases import (
    OF_GATEWAYS,
    TWO_LENGTHS,
    announced_clause,
    bytes_text,
    is_of_gateway,
    lacking_clause,
    port_suffix,
    proxy_clause,
    substatus,
)
from ucdiag.diagnosis.redirected_files import file_keys
from ucdiag.diagnosis.step_event import Event, StepEventBuilder, evidence_of
from ucdiag.model.fast_dataclass import record, replace
from ucdiag.model.observations import Http, last_time_of
from ucdiag.model.patterns import pattern
from ucdiag.model.steps import Step
from ucdiag.model.vocabulary import FindingCode, Microseconds, TransferOutcome, is_success_status
from ucdiag.update_service.error_page import is_message
from ucdiag.update_service.names import target_path

# Of a file that did not arrive: the code, and a clause after its URL.
FAILURES: dict[TransferOutcome, tuple[FindingCode, str]] = {
    "truncated": ("download-truncated", "broke off"),
    "partial": ("download-truncated", "came only in part"),
    "stalled": ("download-stalled", "stopped coming while the connection stayed open"),
    "empty": ("download-empty", "came without a single byte"),
    "html": ("download-not-firmware", "is an HTML page, not a firmware file"),
    "text": ("download-not-firmware", "is a message in plain text, not a firmware file"),
    "host_missing": ("download-host-missing", "cannot be fetched: its host does not resolve"),
    "connect_failed": ("download-connect-failed", "cannot be fetched: no connection to its host"),
}

# What follows the URL of a file that a proxy or balancer could not fetch.
NO_ANSWER_BEHIND = "fails: the server behind a proxy or balancer gives that no answer"

# RFC 9110, section 14.4.
_CONTENT_RANGE = pattern(r"bytes[ =]+(\d{1,18})-(\d{1,18})/(\d{1,18}|\*)", re.ASCII | re.IGNORECASE)


# A server sends at most ten segments before the first of them is acknowledged (RFC 6928): with more bytes than these,
# full segments have arrived.
_ACKNOWLEDGED = 16_384

# An answer with no more bytes than these is a header without a file.
_HEADER_ALONE = 512


@record(slots=True)
class _Parts:
    """The received parts of one file of ``total`` bytes: ``spans`` are (first, end), sorted and disjoint."""

    total: int | None = None
    spans: list[tuple[int, int]] = field(default_factory=list)
    count: int = 0
    whole: bool = False

    def add_span(self, first: int, end: int) -> None:
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
    def byte_count(self) -> int:
        return sum(end - first for first, end in self.spans)


def request_events(requests: list[Http], setting: DiagnosisOptions, at: Microseconds) -> list[tuple[Http, Event]]:
    """One event for each GET, and one for all that fetched a file in parts. A HEAD fetches nothing."""
    made: list[tuple[Http, Event]] = []
    keys = file_keys(requests)
    last = {key: http for key, http in zip(keys, requests, strict=True) if http.method != "HEAD"}
    files: dict[str | None, _Parts] = {}
    for key, http in zip(keys, requests, strict=True):
        if http.method == "HEAD" and key in last:
            continue
        parts = files.get(key)
        if parts is not None and parts.whole and http.status == 416:
            # It asked for what it lacked, and there was no more.
            continue
        if parts is not None and http.status == 304:
            # It is unchanged since it, or a part of it, came: that is all that the phone is known to have.
            continue
        event = _request_event(http, setting, at)
        if http.method == "GET" and http.status == 200:
            parts = files[key] = _Parts(http.announced_bytes, whole=bool(event.ok))
            if not event.ok:
                parts.add_span(0, http.answer_bytes)
        elif http.method == "GET" and http.status == 206 and not http.html:
            part = _CONTENT_RANGE.fullmatch((http.content_range or "").strip())
            total = int(part[3]) if part and part[3] != "*" else None
            if part is not None:
                if parts is None or (total is not None and parts.total not in (None, total)):
                    parts = files[key] = _Parts()
                parts.total = total if total is not None else parts.total
                first = int(part[1])
                parts.add_span(first, min(int(part[2]) + 1, first + http.answer_bytes))
            if http.complete:
                if not (parts and parts.whole) and last[key] is not http:
                    continue
                event = _in_parts(http, parts if part is not None else None, event, setting, at)
        made.append((http, replace(event, key=key)))
    return made


def _in_parts(http: Http, parts: _Parts | None, event: Event, setting: DiagnosisOptions, at: Microseconds) -> Event:
    """The last answer of a file that was fetched in parts."""
    where = _file_url(http)
    if parts is None:
        text = f"a part of {where} arrived, and which one the answer does not say"
        return replace(event, ok=None, summary=text, problem="part-unknown")
    if parts.whole:
        several = f", in {parts.count} parts" if parts.count > 1 else ""
        text = f"{where} arrived whole ({bytes_text(parts.byte_count)}{several})"
        return replace(event, ok=True, summary=text)
    of = f" of {parts.total:,}" if parts.total is not None else ", of a file whose size was not said,"
    if at - last_time_of(http) < setting.patience_microseconds:
        builder = StepEventBuilder(step=Step.DOWNLOAD, time=http.time, evidence=event.evidence)
        return builder.cut_off(
            f"the capture ends while {where} was arriving in parts, {bytes_text(parts.byte_count)}{of}"
        )
    text = f"{bytes_text(parts.byte_count)}{of} arrived of {where} in parts, and the rest was not asked for"
    return replace(event, ok=None, code="download-not-tried", summary=text)


def _file_url(http: Http) -> str:
    host = http.host or http.server + port_suffix(http.scheme, http.port)
    return f"{'https' if http.scheme == 'https' else 'http'}://{host}{target_path(http.target) or '/'}"


def _request_event(http: Http, setting: DiagnosisOptions, at: Microseconds) -> Event:
    """The event of one request by itself."""
    event = StepEventBuilder(step=Step.DOWNLOAD, time=http.time)
    if http.method is None:
        event = event.with_evidence(evidence_of(f"connection to {http.server} port {http.port}", http))
        text = f"whether the file arrived from {http.server} port {http.port} is not known: {lacking_clause(http)}"
        return event.unknown(text, "capture-gap")
    path = target_path(http.target) or "/"
    line = f"{http.method} {path} to {http.server}: {_answer_text(http, setting.from_logs)}"
    event = event.with_evidence(evidence_of(line, http))
    failing = replace(event, seconds=http.seconds).with_values(
        url=_file_url(http),
        host=http.host or http.server,
        address=http.server,
        status=str(http.status or ""),
    )
    if http.status == 304 and http.conditional is not False:
        # Only a client that names the version it has is answered so (RFC 9110, section 15.4.5).
        text = f"{http.server} says that {_file_url(http)} is unchanged (304): the phone has the file already"
        return replace(event, seconds=http.seconds).ok(text)
    if setting.from_logs:
        failing = failing.with_values(variant=substatus(http))
    elif is_of_gateway(http):
        failing = failing.with_values(variant="gateway")
    elif http.proxy:
        failing = failing.with_values(variant="proxy")
    refused = _refusal_event(http, path, failing)
    if refused is not None:
        return refused
    if setting.from_logs:
        return _logged_event(http, replace(event, seconds=http.seconds), failing)
    if http.complete:
        return _complete_event(http, event, failing, at - last_time_of(http) < setting.patience_microseconds)
    last = last_time_of(http)
    return _incomplete_event(http, event, failing, at - last < setting.patience_microseconds)


def _answer_text(http: Http, from_logs: bool) -> str:
    """What came, as evidence. A server's log has the substatus, and not always the bytes."""
    status = str(http.status if http.status is not None else "no status")
    if from_logs:
        counted = f", {bytes_text(http.answer_bytes)} with the header" if http.answer_bytes else ""
        return f"{status}{f' {http.reason}' if http.reason else ''}{counted}"
    return f"{status}, {bytes_text(http.answer_bytes)}{announced_clause(http)}"


def _refusal_event(http: Http, path: str, failing: StepEventBuilder) -> Event | None:
    """The event of an answer without a file; None for any other."""
    where = _file_url(http)
    if http.status is None:
        return None
    if not is_success_status(http.status):
        code, clause = status_failure(http.status)
        if is_of_gateway(http):
            clause = f"{NO_ANSWER_BEHIND} ({http.status})"
        elif http.status in OF_GATEWAYS:
            clause = f"is refused ({http.status})"
        return failing.failed(code, f"{where} {clause}{proxy_clause(http)}", expected=http.status == 401)
    if http.html:
        return failing.failed("download-not-firmware", f"{where} {FAILURES['html'][1]}")
    if http.status == 200 and is_message(http.answer_text, path, http.complete):
        return failing.failed("download-not-firmware", f"{where} {FAILURES['text'][1]}")
    return None


def _complete_event(http: Http, event: StepEventBuilder, failing: StepEventBuilder, too_early: bool) -> Event:
    """The event of a request whose answer is complete."""
    where = _file_url(http)
    if http.method == "HEAD":
        if too_early:
            return event.cut_off(f"the capture ends while {where} had only been asked about (HEAD)")
        text = f"the phone asked about {where} (HEAD), and not for the file itself"
        return event.unknown(text, "download-not-tried")
    if http.answer_bytes == 0:
        return failing.failed("download-empty", f"{where} {FAILURES['empty'][1]}")
    return replace(event, seconds=http.seconds).ok(f"{where} arrived whole ({bytes_text(http.answer_bytes)})")


def _logged_event(http: Http, event: StepEventBuilder, failing: StepEventBuilder) -> Event:
    """The event of a success in a server's log, which counts the bytes of the header too, if it counts any."""
    where, sent = _file_url(http), http.answer_bytes
    if http.method == "HEAD":
        return event.unknown(f"the phone asked about {where} (HEAD), and not for the file itself", "download-not-tried")
    if not http.complete:
        so_far = f" after {bytes_text(sent)}" if sent else ""
        who = "the server" if http.closed_by == "server" else "the phone's side"
        return failing.failed("download-truncated", f"{where} broke off{so_far}: {who} ended the connection")
    if not sent:
        return event.ok(f"{http.server} sent {where} ({http.status}; this log does not count its bytes)")
    if sent < _HEADER_ALONE:
        return failing.failed("download-empty", f"{where} was answered with {bytes_text(sent)}, the header included")
    return event.ok(f"{http.server} sent {where} ({bytes_text(sent)}, the header included)")


def _incomplete_event(http: Http, event: StepEventBuilder, failing: StepEventBuilder, too_early: bool) -> Event:
    """The event of a request whose answer is not complete in the capture."""
    where, so_far = _file_url(http), f"{bytes_text(http.answer_bytes)}{announced_clause(http)}"
    if http.failure == "not_http" and http.status is not None and not http.answer_bytes:
        return failing.failed("download-truncated", f"the answer for {where} cannot be read: {TWO_LENGTHS}")
    if http.failure in ("closed", "reset", "tls", "not_http"):
        who = ": the phone closed the connection" if http.closed_by == "client" and http.frame is not None else ""
        return failing.failed("download-truncated", f"{where} broke off after {so_far}{who}")
    if too_early:
        awaited = replace(failing, seconds=None) if http.status is None else event
        return awaited.cut_off(f"the capture ends while {where} was arriving")
    if http.failure is None and http.lost_bytes:
        return event.unknown(f"whether {where} arrived whole is not known: {lacking_clause(http)}", "capture-gap")
    failing = failing.with_values(**stall_values(http.answer_bytes))
    stalled = failing.failed("download-stalled", f"{where} stopped coming after {so_far}, the connection stayed open")
    return replace(stalled, silent=http.status is None)


def stall_values(received: int) -> dict[str, str]:
    """The values for the advice on a file that stopped coming after so many bytes."""
    return {"variant": "large-passed"} if received > _ACKNOWLEDGED else {}


def status_failure(status: int) -> tuple[FindingCode, str]:
    """The code for a status without a file, and a clause that follows the URL."""
    if status == 404:
        return "download-not-found", "is not there (404)"
    if status in (401, 403):
        return "download-refused", f"is refused ({status})"
    if status in OF_GATEWAYS:
        return "download-server-error", f"{NO_ANSWER_BEHIND} ({status})"
    if 500 <= status < 600:
        return "download-server-error", f"fails on the server ({status})"
    return "download-status", f"is answered with status {status}, not with the file"
