"""Step 7: the file named by the answer arrives whole.

Active sources report each attempt as one transfer. In a capture an attempt is assembled from the phone's actions after
the offer: the lookup of the URL's host, the connection to it, the GET.
"""

from bisect import bisect_right
from collections.abc import Callable, Iterator

from ucdiag.diagnosis.catalogue.entry import Values
from ucdiag.diagnosis.host_flaws import host_flaw
from ucdiag.diagnosis.next_resolver import next_resolver_clause
from ucdiag.diagnosis.options import DiagnosisOptions
from ucdiag.diagnosis.phrases import (
    OF_GATEWAYS,
    announced_clause,
    bytes_text,
    file_name,
    hung_up,
    is_definite,
    lookup_said,
)
from ucdiag.diagnosis.registrars import is_arp_alone
from ucdiag.diagnosis.repeated import asked_once, is_unanswered, still_awaited, unanswered_alike, unopened_alike
from ucdiag.diagnosis.step_event import Event, StepEventBuilder, evidence_of
from ucdiag.diagnosis.steps.connect import describe_connect, is_single, next_address_clause
from ucdiag.diagnosis.steps.file_requests import FAILURES, request_events, stall_values, status_failure
from ucdiag.diagnosis.steps.request import hung_up_text
from ucdiag.diagnosis.steps.tls import going_on, handshake_failure
from ucdiag.diagnosis.traffic import Traffic, external_side, url_in_use
from ucdiag.diagnosis.unseen_answers import is_proved
from ucdiag.diagnosis.unsent import unsent_clause, unsent_event
from ucdiag.diagnosis.update_lookups import answer_lost_text, answer_source, lookup_evidence, nameserver_options
from ucdiag.diagnosis.url_sides import sides_of
from ucdiag.model.fast_dataclass import replace
from ucdiag.model.observations import Connect, Http, Lookup, Tls, Transfer, UpdateAnswer, last_time_of
from ucdiag.model.report import Evidence
from ucdiag.model.steps import Level, Step
from ucdiag.model.text import listed
from ucdiag.model.urls import split_url
from ucdiag.model.vocabulary import Microseconds
from ucdiag.update_service.modules import BESIDE
from ucdiag.update_service.names import is_asked_as, same_name, target_path

_MOST_NAMED = 4

# Beginnings of reasons that repeat the sentence before them.
_SAME = ("the server closed", "the server reset", "nothing came for", "an HTML page came")


def events(traffic: Traffic, setting: DiagnosisOptions, at: Microseconds) -> list[Event]:
    if not setting.from_capture:
        tried = [_transfer_event(transfer, traffic) for transfer in traffic.transfers]
        return [*_passed_over_events(traffic), *tried]
    is_void, sides = _void_test(traffic), sides_of(traffic, setting)
    made: list[Event] = []
    arrived: list[Http] = []
    for http, event in request_events(traffic.file_requests, setting, at):
        whole = bool(event.ok) and http.status != 304
        if whole and not file_name(http.target).endswith(BESIDE):
            arrived.append(http)
        side = sides.side_clause(http, arrived=whole)
        void = is_void(event.time, last_time_of(http))
        made.append(replace(event, summary=f"{event.summary}{side}", superseded=void))
    for event in (
        *_lookup_events(traffic, setting, at),
        *_connect_events(traffic, setting, at),
        *_handshake_events(traffic, setting, at),
        *_hang_up_events(traffic),
        *_encrypted_events(traffic, setting, at),
    ):
        seen = _seen_of(event, traffic)
        if seen is not None and sides.is_beside(seen, arrived):
            continue
        side, void = sides.side_clause(seen) if seen is not None else "", is_void(event.time, event.time)
        made.append(replace(event, summary=f"{event.summary}{side}", superseded=void))
    made = _warn_of_unnamed(traffic.answers, made)
    made += [
        replace(event, superseded=True) if is_void(event.time, event.time) else event
        for event in _signature_only(traffic, made, setting, at)
    ]
    return sorted(made, key=lambda event: event.time)


def _seen_of(event: Event, traffic: Traffic) -> Lookup | Connect | Tls | None:
    """What this event is of."""
    place = event.time, event.evidence[0].frame
    candidates: list[Lookup | Connect | Tls] = [
        *traffic.file_lookups,
        *traffic.file_connects,
        *traffic.file_handshakes,
    ]
    return next((seen for seen in candidates if (seen.time, seen.frame) == place), None)


def _event_builder(seen: Lookup | Connect | Tls, evidence: Evidence, values: Values) -> StepEventBuilder:
    return StepEventBuilder(step=Step.DOWNLOAD, time=seen.time, evidence=(evidence,), values=values)


def _host_of(seen: Connect | Tls | Http, traffic: Traffic) -> str:
    """The name under which the phone looked this server up; its address where it looked none up."""
    return traffic.host_names.get(seen.server, seen.server)


def _lookup_events(traffic: Traffic, setting: DiagnosisOptions, at: Microseconds) -> Iterator[Event]:
    """The lookups of the file's host without a usable address."""
    reached = {connect.server for connect in traffic.file_connects}
    for lookup in traffic.file_lookups:
        evidence = lookup_evidence(lookup)
        if is_proved(lookup):
            continue
        if lookup.rcode == "NOERROR" and lookup.addresses:
            found = [(address, host_flaw(address, traffic.no_hosts)) for address in lookup.addresses]
            flaws = [f"{address} ({flaw})" for address, flaw in found if flaw]
            if len(flaws) == len(lookup.addresses) and not reached & set(lookup.addresses):
                event = _event_builder(lookup, evidence, _lookup_values(lookup))
                text = f"the host of the file, {lookup.name}, has no usable address: {listed(flaws[:_MOST_NAMED])}"
                yield event.failed("download-host-missing", text)
            continue
        why, values = unresolved_host(lookup)
        event = _event_builder(lookup, evidence, values)
        if lookup.failure == "lost":
            yield event.unknown(answer_lost_text(lookup), "capture-gap")
            continue
        silent = is_unanswered(lookup)
        alike = unanswered_alike(lookup, traffic.file_lookups)
        if silent and still_awaited(lookup, alike, setting, at):
            yield event.cut_off(f"the capture ends while the answer for {lookup.name} was awaited")
            continue
        ends = next_resolver_clause(lookup, traffic.file_lookups, traffic.resolvers, setting, at)
        if ends is not None:
            yield event.cut_off(f"the capture ends {ends}")
            continue
        failed = event.failed("download-host-missing", f"the host of the file, {lookup.name}, {why}")
        yield replace(failed, silent=lookup.rcode is None, asked_once=silent and asked_once(alike))


def _connect_events(traffic: Traffic, setting: DiagnosisOptions, at: Microseconds) -> Iterator[Event]:
    """The connections to the file's host that did not open."""
    for connect in traffic.file_connects:
        if connect.outcome == "open":
            continue
        line = f"TCP to {connect.server} port {connect.port}: {connect.outcome.replace('_', ' ')}"
        values = {"host": connect.name or _host_of(connect, traffic), **_advice_on_connection(connect)}
        event = _event_builder(connect, evidence_of(line, connect), values)
        silent = connect.outcome in ("unfinished", "no_answer")
        attempts = unopened_alike(connect, traffic.file_connects)
        if silent and still_awaited(connect, attempts, setting, at):
            yield event.cut_off(f"the capture ends while the connection to {connect.server} was being opened")
            continue
        ends = next_address_clause(connect, traffic.file_connects, traffic, setting, at)
        if ends:
            yield event.cut_off(f"the capture ends {ends}", waiting=False)
            continue
        said = (
            f"{connect.server} cannot be reached: {connect.reason}"
            if is_arp_alone(connect)
            else describe_connect(connect)
        )
        failed = event.failed("download-connect-failed", f"for the file, {said}")
        yield replace(failed, silent=silent, asked_once=is_single(connect, attempts))


def _handshake_events(traffic: Traffic, setting: DiagnosisOptions, at: Microseconds) -> Iterator[Event]:
    """The TLS handshakes with the file's host that failed."""
    for tls in traffic.file_handshakes:
        failed = handshake_failure(tls, from_capture=True)
        if tls.outcome == "unfinished" and not tls.reason and not going_on(tls, setting, at):
            failed = "tls-handshake", f"the handshake with {tls.server} port {tls.port} stopped half-way"
        if failed is not None:
            values = {"host": tls.server_name or _host_of(tls, traffic), **_advice_on_connection(tls)}
            event = _event_builder(tls, _handshake_evidence(tls), values)
            yield event.failed("download-connect-failed", f"for the file, {failed[1]}")


def _hang_up_events(traffic: Traffic) -> Iterator[Event]:
    """The connections that the file's host accepted and closed before a request."""
    crossed = {(http.server, http.client_port) for http in traffic.file_requests}
    for http in traffic.file_hang_ups:
        if (http.server, http.client_port) in crossed:
            continue
        text = hung_up_text(http)
        host = _host_of(http, traffic)
        values = {"host": host, "address": http.server, "port": str(http.port), "variant": "hung-up"}
        event = StepEventBuilder(step=Step.DOWNLOAD, time=http.time, evidence=(evidence_of(text, http),), values=values)
        yield event.failed("download-connect-failed", f"for the file, {text}")


def _handshake_evidence(tls: Tls) -> Evidence:
    return evidence_of(f"TLS with {tls.server} port {tls.port}: {tls.outcome.replace('_', ' ')}", tls)


def _encrypted_events(traffic: Traffic, setting: DiagnosisOptions, at: Microseconds) -> list[Event]:
    """The connections to the host of an https URL. They show a download, and not of which file.

    If there is none to the URL for the phone's own side, the phone may have used the other one.
    """
    offer = next((answer for answer in reversed(traffic.answers) if answer.form == "offered"), None)
    if offer is None or traffic.file_requests:
        return []
    side = external_side(traffic.requests, setting)
    for url in (url_in_use(offer, side), url_in_use(offer, not side)):
        parts = split_url(url) if url else None
        if parts is not None and parts.scheme == "https" and parts.hostname:
            made = _encrypted_with(parts.hostname, offer, traffic, setting, at)
            if made:
                return made
    return []


def _encrypted_with(
    host: str, offer: UpdateAnswer, traffic: Traffic, setting: DiagnosisOptions, at: Microseconds
) -> list[Event]:
    addresses = {
        host,
        *(a for lookup in traffic.file_lookups if is_asked_as(host, lookup.name) for a in lookup.addresses),
    }
    made = []
    for tls in traffic.file_handshakes:
        if tls.time < offer.time or not (is_asked_as(host, tls.server_name) or tls.server in addresses):
            continue
        if tls.outcome not in ("complete", "unfinished") or tls.decrypted:
            continue
        if tls.outcome == "unfinished" and not tls.reason and not going_on(tls, setting, at):
            continue
        where = f"{host} ({tls.server} port {tls.port})" if host != tls.server else f"{host} port {tls.port}"
        text = f"the phone's connection to {where} for the file is encrypted, so whether it arrived is not known"
        if tls.not_decrypted:
            text += f" ({tls.not_decrypted})"
        if tls.outcome == "unfinished":
            text = f"the TLS handshake with {where} for the file does not end in the capture"
        event = _event_builder(tls, _handshake_evidence(tls), {})
        text += "; test the file with ucdiag probe"
        if tls.outcome == "unfinished":
            made.append(event.unknown(text, "capture-gap" if tls.reason else "capture-too-short"))
        else:
            made.append(replace(event.unknown(text), problem="tls-not-decrypted"))
    return made


def _warn_of_unnamed(answers: list[UpdateAnswer], found: list[Event]) -> list[Event]:
    """The events; the failure of a file that no offer named becomes a warning if a named file arrived."""
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


def _void_test(traffic: Traffic) -> Callable[[int, int], bool]:
    """A test of an attempt at a file, by its first and last time: whether a later answer made it void.

    The last answer makes it void if it offers nothing that the phone lacks, or other files than the offer before the
    attempt.
    """
    answers = [answer for answer in traffic.answers if answer.form in ("none_offered", "offered")]
    times = [answer.time for answer in answers]
    ends = bool(answers) and (answers[-1].form == "none_offered" or traffic.is_held(answers[-1]))

    def is_void_attempt(start: int, end: int) -> bool:
        if not answers or answers[-1].time <= end:
            return False
        count = bisect_right(times, start)
        if ends or not count:
            return ends
        before = answers[count - 1]
        return before.form == "offered" and _offered_places(before) != _offered_places(answers[-1])

    return is_void_attempt


def _offered_places(answer: UpdateAnswer) -> tuple[object, ...]:
    files = tuple((file.name, file.internal_url, file.external_url) for file in answer.files)
    return answer.internal_url, answer.external_url, files


def _signature_only(traffic: Traffic, found: list[Event], setting: DiagnosisOptions, at: Microseconds) -> list[Event]:
    """The event that the phone fetched only files beside the firmware, such as signatures, and none that the offer
    names."""
    offer = next((answer for answer in reversed(traffic.answers) if answer.form == "offered"), None)
    if offer is None or not all(event.ok or event.superseded for event in found) or not traffic.file_requests:
        return []
    asked = {file_name(request.target) for request in traffic.file_requests}
    files = {file_name(file.name): file.name for file in offer.files if file.name}
    signatures = {file_name(file.signature): file.signature for file in offer.files if file.signature}
    spelled = {file_name(one.target): target_path(one.target).rpartition("/")[2] for one in traffic.file_requests}
    # An offer without signatures does not show which files lie beside its own.
    beside = BESIDE if signatures else ()
    if not files or files.keys() & asked or not all(name in signatures or name.endswith(beside) for name in asked):
        return []
    last = traffic.file_requests[-1]
    fetched = listed({**spelled, **signatures}[name] for name in sorted(asked)[:_MOST_NAMED])
    missing = listed(list(files.values())[:_MOST_NAMED])
    event = StepEventBuilder(
        step=Step.DOWNLOAD,
        time=last.time,
        evidence=(evidence_of(f"the offer of {offer.server} names {missing}", offer),),
    )
    if setting.from_logs:
        text = f"these logs show that the phone fetched {fetched}, and no request for {missing}, the file itself"
        return [event.unknown(text, "download-not-tried")]
    if at - last_time_of(last) < setting.patience_microseconds:
        return [event.cut_off(f"the capture ends while only {fetched} had been fetched")]
    text = f"the phone fetched {fetched} and did not ask for {missing}, the file itself"
    return [event.unknown(text, "download-not-tried")]


def _transfer_event(transfer: Transfer, traffic: Traffic) -> Event:
    """The event of an attempt of an active command."""
    not_sent = unsent_clause(transfer)
    if not_sent is not None:
        return replace(unsent_event(Step.DOWNLOAD, transfer, not_sent), values={"url": transfer.url})
    url, received = transfer.url, bytes_text(transfer.received_bytes)
    line = f"GET {url}: {_outcome_text(transfer)}, {received}{announced_clause(transfer)}"
    event = StepEventBuilder(
        step=Step.DOWNLOAD,
        time=transfer.time,
        seconds=transfer.seconds,
        evidence=(evidence_of(line, transfer),),
        values=_transfer_values(transfer),
    )
    if transfer.outcome == "whole":
        return event.ok(f"{url} arrived whole ({received})")
    if transfer.outcome == "not_tried":
        return event.unknown(f"{url} was not fetched: {transfer.reason}", "download-not-tried")
    if transfer.outcome == "limited":
        text = f"the first {received} of {url} arrived; the rest was not asked for"
        return event.unknown(text, "download-not-tried")
    if transfer.outcome == "host_missing":
        return _host_missing(transfer, traffic.file_lookups, event)
    why = _reason_clause(transfer)
    if transfer.outcome == "status":
        code, clause = status_failure(transfer.status or 0)
        if transfer.status in OF_GATEWAYS:
            event = event.with_values(variant="gateway")
        return event.failed(code, f"{url} {clause}{why}")
    if transfer.outcome == "stalled":
        event = event.with_values(**stall_values(transfer.received_bytes))
    if transfer.outcome == "connect_failed":
        event = event.with_values(**_advice_on_connection(_failed_attempt(transfer, traffic)))
    code, clause = FAILURES.get(transfer.outcome, FAILURES["truncated"])
    came = f" after {received}{announced_clause(transfer)}" if transfer.outcome in ("truncated", "stalled") else ""
    return event.failed(code, f"{url} {clause}{came}{why}")


def _failed_attempt(transfer: Transfer, traffic: Traffic) -> Connect | Tls | None:
    """The connection or handshake on which the transfer failed: the first after its start."""
    attempts: list[Connect | Tls] = [*traffic.file_connects, *traffic.file_handshakes]
    failed = [
        attempt
        for attempt in attempts
        if (attempt.server, attempt.port) == (transfer.server, transfer.port)
        and attempt.time >= transfer.time
        and attempt.outcome not in ("open", "complete")
    ]
    return min(failed, key=lambda attempt: attempt.time, default=None)


def _advice_on_connection(attempt: Connect | Tls | None) -> dict[str, str]:
    """The values of the advice for a connection to the file's host that failed: what it is about, and the port."""
    if attempt is None:
        return {}
    values = {"address": attempt.server, "port": str(attempt.port)}
    if isinstance(attempt, Tls):
        values["variant"] = "hung-up" if hung_up(attempt) else "tls"
    elif attempt.outcome == "refused":
        values["variant"] = "refused"
    return values


def _passed_over_events(traffic: Traffic) -> Iterator[Event]:
    """Warnings for the addresses of a file's host that failed to connect where another address gave the whole file."""
    whole = [transfer for transfer in traffic.transfers if transfer.outcome == "whole"]
    attempts: list[Connect | Tls] = [*traffic.file_connects, *traffic.file_handshakes]
    for attempt in attempts:
        failure = _why_passed_over(attempt)
        came = next((transfer for transfer in whole if _gave_instead(transfer, attempt)), None)
        if failure is None or came is None:
            continue
        line = f"connection to {attempt.server} port {attempt.port}: {attempt.outcome.replace('_', ' ')}"
        place = {"address": attempt.server, "port": str(attempt.port), "variant": "one-address"}
        values = {**_transfer_values(came), **place}
        event = _event_builder(attempt, evidence_of(line, attempt), values)
        text = f"for the file, {failure}; {came.server}, another address of {values['host']}, gave it"
        yield event.failed("download-connect-failed", text, level=Level.WARNING)


def _why_passed_over(attempt: Connect | Tls) -> str | None:
    """The failure of an attempt to reach a file's host; None if it succeeded, or this machine could not send."""
    if attempt.outcome in ("open", "not_sent"):
        return None
    if isinstance(attempt, Connect):
        return describe_connect(attempt)
    failure = handshake_failure(attempt, from_capture=False)
    return failure[1] if failure else None


def _gave_instead(transfer: Transfer, attempt: Connect | Tls) -> bool:
    """Whether the file came from another address than that of the attempt, of the same host and by the same port."""
    parts = split_url(transfer.url)
    name = attempt.name if isinstance(attempt, Connect) else attempt.server_name
    return (
        parts is not None
        and same_name(name, parts.hostname)
        and transfer.port == attempt.port
        and transfer.server != attempt.server
    )


def _host_missing(transfer: Transfer, lookups: list[Lookup], event: StepEventBuilder) -> Event:
    """The event of a file whose host has no address, with the answer of DNS."""
    code, clause = FAILURES["host_missing"]
    why = _reason_clause(transfer)
    if why:
        clause = "cannot be fetched"  # the reason says the rest
    host = event.values.get("host")
    lookup = next((lookup for lookup in reversed(lookups) if same_name(lookup.name, host)), None)
    if lookup is not None and not lookup.addresses:
        outcome, values = unresolved_host(lookup)
        event = replace(event, evidence=(lookup_evidence(lookup), *event.evidence)).with_values(**values)
        if "variant" in values:
            why = f": {lookup.name} {outcome}"
    return event.failed(code, f"{transfer.url} {clause}{why}")


def _transfer_values(transfer: Transfer) -> dict[str, str]:
    values = {"url": transfer.url, "status": str(transfer.status or "")}
    parts = split_url(transfer.url)
    if parts is not None and parts.hostname:
        values["host"] = parts.hostname
    if transfer.server:
        values["address"] = transfer.server
    return values


def _reason_clause(transfer: Transfer) -> str:
    """The source's reason, as the end of a sentence; "" if it repeats the sentence."""
    reason = transfer.reason
    if transfer.outcome in ("truncated", "stalled", "html") and reason and reason.startswith(_SAME):
        return ""
    return f": {reason}" if reason else ""


def _outcome_text(transfer: Transfer) -> str:
    return str(transfer.status) if transfer.status is not None else transfer.outcome.replace("_", " ")


def _lookup_values(lookup: Lookup) -> dict[str, str]:
    values = {"host": lookup.name}
    if lookup.server:
        values |= {"nameserver": lookup.server, "nameservers": nameserver_options([lookup])}
    if lookup.server_port is not None:
        values["dns_port"] = str(lookup.server_port)
    return values


def unresolved_host(lookup: Lookup) -> tuple[str, dict[str, str]]:
    """Why the file's host has no address, as a clause after its name, and the values for the advice.

    Either DNS answers that there is none, so that a record is to be added, or DNS fails. Then the record may exist, and
    the advice is about the DNS server.
    """
    values = _lookup_values(lookup)
    said = lookup_said(lookup)
    if is_definite(lookup):
        return f"does not resolve: {said}", values
    who = f"the DNS server {lookup.server}" if lookup.server else "the DNS server"
    unknown = "so whether it has an address is not known"
    if lookup.failure == "elsewhere":
        values["variant"] = "nameserver-silent"
        return f"could not be looked up: {who} was asked, and the answer came from {answer_source(lookup)}", values
    if lookup.rcode is None:
        values["variant"] = "nameserver-silent"
        return f"could not be looked up: {said} from {who}, {unknown}", values
    if lookup.rcode == "REFUSED":
        values["variant"] = "nameserver-refused"
        return f"could not be looked up: {who} refuses to answer (REFUSED), {unknown}", values
    values["variant"] = "nameserver-failed"
    if lookup.rcode == "NOERROR":
        return f"could not be looked up: {who} {said}, {unknown}", values
    return f"could not be looked up: {who} failed ({said}), {unknown}", values
