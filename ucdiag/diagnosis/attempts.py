"""The outcome of a phone's attempts to reach a host, TCP connections and TLS handshakes alike, as clauses."""

from collections.abc import Iterable, Mapping

from ucdiag.diagnosis.options import DiagnosisOptions
from ucdiag.diagnosis.phrases import hung_up
from ucdiag.diagnosis.registrars import is_arp_alone
from ucdiag.diagnosis.repeated import unopened_alike
from ucdiag.diagnosis.step_event import evidence_of
from ucdiag.diagnosis.steps.connect import describe_connect, is_single, is_undecided
from ucdiag.diagnosis.steps.request import hung_up_text
from ucdiag.diagnosis.steps.tls import alert_clause, going_on, handshake_failure, sha2_signed
from ucdiag.model.fast_dataclass import record
from ucdiag.model.observations import Connect, Http, Tls
from ucdiag.model.report import Evidence
from ucdiag.model.tls_words import alert_words
from ucdiag.model.vocabulary import Microseconds


@record(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One connection or handshake. ``reached``: True, False, or None if the capture does not show it.

    ``cut_off``: the capture ended before an answer came. ``silent``: none came within the patience. ``may_be_lost``:
    and the phone did not ask again: an answer may be among the packets that a capture lost. ``summary`` is a clause.
    ``name`` is the host name that led to the server, where known. ``port`` is None where ARP alone was seen.
    """

    time: Microseconds
    frame: int | None
    server: str
    port: int | None
    name: str | None
    reached: bool | None
    cut_off: bool = False
    silent: bool = False
    may_be_lost: bool = False
    summary: str
    evidence: Evidence


def connection_attempts(
    connects: Iterable[Connect],
    handshakes: Iterable[Tls],
    names: Mapping[str, str],
    setting: DiagnosisOptions,
    at: Microseconds,
    *,
    hang_ups: Iterable[Http] = (),
    half_fails: bool = True,
) -> list[Attempt]:
    """The attempts by time. A connection with a handshake counts by the outcome of its handshake.

    ``names`` are the host names of addresses, ``hang_ups`` connections that the server ended before anything was said.
    ``half_fails``: a handshake that stops half-way is a failure, though
    nobody hung up.
    """
    tried, shaken, ended = list(connects), list(handshakes), list(hang_ups)
    places: dict[tuple[str, int], list[Connect]] = {}
    for connect in tried if setting.lost else ():
        places.setdefault((connect.server, connect.port), []).append(connect)
    later: list[Tls | Http] = [*shaken, *ended]
    continued = {(fact.server, fact.port, fact.client_port) for fact in later if fact.client_port is not None}
    made = [
        _of_connect(connect, places.get((connect.server, connect.port), []), names.get(connect.server), setting, at)
        for connect in tried
        if connect.outcome != "open" or (connect.server, connect.port, connect.client_port) not in continued
    ]
    made += [_of_handshake(tls, names, setting, at, half_fails) for tls in shaken]
    made += [_of_hang_up(http, names.get(http.server)) for http in ended]
    return sorted(made, key=lambda attempt: (attempt.time, attempt.frame or 0))


def _place_text(server: str, name: str | None) -> str:
    return f"{name} ({server})" if name and name != server else server


def _of_connect(
    connect: Connect, there: list[Connect], name: str | None, setting: DiagnosisOptions, at: Microseconds
) -> Attempt:
    undecided = is_undecided(connect, setting, at)
    silent = not undecided and (connect.outcome in ("no_answer", "unfinished") or is_arp_alone(connect))
    tries = f", {connect.attempts} SYNs" if connect.attempts > 1 else ""
    line = f"TCP to {connect.server} port {connect.port}: {connect.outcome.replace('_', ' ')}{tries}"
    summary = f"{_place_text(connect.server, name)}{describe_connect(connect).removeprefix(connect.server)}"
    if is_arp_alone(connect):
        line = f"{connect.reason}, asked {connect.attempts} times"
        summary = f"{_place_text(connect.server, name)} cannot be reached: {connect.reason}"
    return Attempt(
        time=connect.time,
        frame=connect.frame,
        server=connect.server,
        port=None if is_arp_alone(connect) else connect.port,
        name=name,
        reached=None if undecided else connect.outcome == "open",
        cut_off=undecided,
        silent=silent,
        may_be_lost=setting.lost > 0 and silent and is_single(connect, unopened_alike(connect, there)),
        summary=summary,
        evidence=evidence_of(line, connect),
    )


def _of_hang_up(http: Http, name: str | None) -> Attempt:
    text = hung_up_text(http)
    return Attempt(
        time=http.time,
        frame=http.frame,
        server=http.server,
        port=http.port,
        name=name,
        reached=False,
        summary=f"{_place_text(http.server, name)}{text.removeprefix(http.server)}",
        evidence=evidence_of(text, http),
    )


def _of_handshake(
    tls: Tls, names: Mapping[str, str], setting: DiagnosisOptions, at: Microseconds, half_fails: bool
) -> Attempt:
    name = tls.server_name or names.get(tls.server)
    place = f"{_place_text(tls.server, name)} port {tls.port}"
    reached: bool | None = None
    if tls.outcome == "complete":
        reached = True
        summary = f"{place} completed the TLS handshake{f' ({tls.version})' if tls.version else ''}"
    elif tls.outcome == "unfinished" and (tls.reason or not half_fails or going_on(tls, setting, at)):
        summary = f"the TLS handshake with {place} does not end in the capture"
    elif tls.outcome == "no_answer" and going_on(tls, setting, at):
        summary = f"the capture ends before {place} answers the ClientHello"
    else:
        reached = False
        summary = _handshake_failure(tls, place)
    silent = tls.outcome in ("no_answer", "unfinished")
    line = f"TLS with {tls.server} port {tls.port}: {tls.outcome.replace('_', ' ')}{alert_clause(tls)}"
    return Attempt(
        time=tls.time,
        frame=tls.frame,
        server=tls.server,
        port=tls.port,
        name=name,
        reached=reached,
        cut_off=reached is None and not tls.reason and going_on(tls, setting, at),
        silent=silent,
        may_be_lost=setting.lost > 0 and silent,
        summary=summary,
        evidence=evidence_of(line, tls),
    )


def _handshake_failure(tls: Tls, place: str) -> str:
    """Which side ended the handshake, and why, as a clause."""
    if tls.outcome == "unfinished":
        return f"the TLS handshake with {place} stopped half-way"
    sha2 = sha2_signed(tls.chain)
    signed = f", after a certificate signed with {sha2}" if sha2 else ""
    if tls.alert is not None or tls.alert_from is not None:
        words = alert_words(tls.alert) if tls.alert is not None else None
        alert = f"alert {tls.alert}{f' ({words})' if words else ''}" if tls.alert is not None else "an encrypted alert"
        if tls.alert_from == "client":
            return f"the phone refused the TLS handshake with {place}: {alert}{signed}"
        return f"{place} refused the TLS handshake: {alert}"
    if tls.outcome == "closed" and tls.closed_by == "client":
        if tls.stage in (None, "client_hello"):
            return f"the phone hung up on {place} before the server answered its ClientHello"
        return f"the phone hung up on {place} during the TLS handshake{signed}"
    if tls.outcome == "closed":
        how = "reset" if tls.reason == "reset" else "closed"
        if hung_up(tls):
            return f"{place} opened the connection and {how} it before the phone sent a byte"
        return f"{place} {how} the connection during the TLS handshake"
    failed = handshake_failure(tls, from_capture=True)
    clause = failed[1] if failed is not None else "did not complete the TLS handshake"
    return clause.replace(f"{tls.server} port {tls.port}", place, 1)
