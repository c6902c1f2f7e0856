"""The hosts that a phone failed to reach while it looked up no update server: one may be that of an earlier sign-in.

A phone that somebody signed in on keeps the URL of its pool (Polycom CX700 Deployment Guide R2, July 2010, page 23),
and connects to it without a lookup of ``ucupdates``. The capture alone may not show which host that is.
"""

from ucdiag.diagnosis.attempts import Attempt, connection_attempts
from ucdiag.diagnosis.observation_log import ObservationLog
from ucdiag.diagnosis.options import DiagnosisOptions
from ucdiag.diagnosis.phrases import lookup_said
from ucdiag.diagnosis.registrars import SIGN_IN_PORT, is_sign_in_name
from ucdiag.diagnosis.step_event import Event, StepEventBuilder
from ucdiag.diagnosis.traffic import Traffic
from ucdiag.diagnosis.update_lookups import DNS_PORT, update_lookups
from ucdiag.model.fast_dataclass import replace
from ucdiag.model.observations import Connect, Http, Lookup, Tls
from ucdiag.model.steps import Step
from ucdiag.model.text import listed
from ucdiag.model.vocabulary import Microseconds
from ucdiag.update_service.names import plain_name, update_label

# Names of services that are known to be others: of Exchange, where clients look for their pool, and the time.
_ELSEWHERE = frozenset({"autodiscover", "lyncdiscover", "lyncdiscoverinternal", "time", "ntp"})
_MOST_NAMED = 3


def other_attempts(traffic: Traffic, setting: DiagnosisOptions, at: Microseconds) -> list[Attempt]:
    """A phone's attempts to reach hosts of unknown purpose, by time."""
    connects, handshakes = traffic.other_connects, traffic.other_handshakes
    made = connection_attempts(connects, handshakes, traffic.host_names, setting, at, hang_ups=traffic.other_hang_ups)
    return [attempt for attempt in made if not is_other_service(attempt.name)]


def is_other_service(name: str | None) -> bool:
    """Whether a host of this name is known to be no update server."""
    return (name or "").partition(".")[0].lower() in _ELSEWHERE


def failed_attempts(
    history: ObservationLog, traffic: Traffic, setting: DiagnosisOptions, at: Microseconds
) -> list[Attempt]:
    """The failed ones among these attempts, without those to a port that opened, or a host that answered, later."""
    return _still_failed(other_attempts(traffic, setting, at), history)


def failed_since(
    time: Microseconds, history: ObservationLog, traffic: Traffic, setting: DiagnosisOptions, at: Microseconds
) -> list[Attempt]:
    """The failed attempts after a check, of those that may have been the next one: at hosts of unknown purpose, and at
    any port of the update servers."""
    connects = [seen for seen in history.of_kind(Connect) if _may_be_check(seen, traffic)]
    handshakes = [seen for seen in history.of_kind(Tls) if _may_be_check(seen, traffic)]
    made = connection_attempts(connects, handshakes, traffic.host_names, setting, at)
    made = _still_failed([*other_attempts(traffic, setting, at), *made], history)
    return sorted((attempt for attempt in made if attempt.time > time), key=lambda attempt: attempt.time)


def _may_be_check(seen: Connect | Tls, traffic: Traffic) -> bool:
    return seen.server in traffic.servers and seen.port not in (SIGN_IN_PORT, DNS_PORT)


def _still_failed(made: list[Attempt], history: ObservationLog) -> list[Attempt]:
    reached = {(attempt.server, attempt.port): attempt.time for attempt in made if attempt.reached}
    answered = {http.server: http.time for http in history.of_kind(Http) if http.status is not None}
    return [
        attempt
        for attempt in made
        if attempt.reached is False
        and reached.get((attempt.server, attempt.port), -1) < attempt.time
        and answered.get(attempt.server, -1) < attempt.time
    ]


def events(
    history: ObservationLog, traffic: Traffic, setting: DiagnosisOptions, at: Microseconds, signed_in: bool = False
) -> list[Event]:
    """One event for all hosts that could not be reached, if the phone shows no update server."""
    if not setting.from_capture or shows_server(history, traffic):
        return []
    failed = failed_attempts(history, traffic, setting, at)
    if not failed:
        return _cut_off_events(other_attempts(traffic, setting, at))
    last = failed[-1]
    builder = StepEventBuilder(
        step=Step.CONNECT,
        time=last.time,
        evidence=tuple(attempt.evidence for attempt in failed),
        values={
            "address": last.server,
            "port": str(last.port or 80),
            "host": last.name or last.server,
            "variant": "signed-in" if signed_in else "",
        },
    )
    whose = "the update server that its sign-in named" if signed_in else "the server of an earlier sign-in"
    text = f"{failures_text(failed)}; perhaps {whose}"
    event = builder.unknown(text, "other-server-failed")
    silent, once = all(attempt.silent for attempt in failed), all(attempt.may_be_lost for attempt in failed)
    return [replace(event, silent=silent, asked_once=once)]


def latest_other_attempts(traffic: Traffic, setting: DiagnosisOptions, at: Microseconds) -> list[Attempt]:
    """The latest attempts of the phone at hosts of unknown purpose, one for each host and port."""
    if not setting.from_capture:
        return []
    latest = {(attempt.server, attempt.port): attempt for attempt in other_attempts(traffic, setting, at)}
    return list(latest.values())[-_MOST_NAMED:]


def unresolved_text(history: ObservationLog, since: Microseconds = 0) -> str:
    """The names without an address that the phone asked for, as a clause; empty where there are none."""
    lookups = [
        lookup
        for lookup in history.of_kind(Lookup)
        if lookup.type == "A" and lookup.time >= since and _may_be_a_server(lookup.name)
    ]
    found = {plain_name(lookup.name) for lookup in lookups if lookup.addresses}
    said = {lookup.name: lookup_said(lookup) for lookup in lookups if plain_name(lookup.name) not in found}
    names = [f"{name} ({said[name]})" for name in list(said)[-_MOST_NAMED:]]
    return f"it asked for {listed(names)}" if names else ""


def _may_be_a_server(name: str) -> bool:
    label = plain_name(name).partition(".")[0]
    return label not in _ELSEWHERE and not is_sign_in_name(name) and update_label(name) is None


def failures_text(failed: list[Attempt]) -> str:
    """The outcomes at the latest hosts and ports, as a clause."""
    latest = {(attempt.server, attempt.port): attempt.summary for attempt in failed}
    summaries = list(latest.values())
    more = f" and {len(summaries) - _MOST_NAMED} more" if len(summaries) > _MOST_NAMED else ""
    return f"{listed(summaries[-_MOST_NAMED:])}{more}"


def _cut_off_events(made: list[Attempt]) -> list[Event]:
    """The event that the capture ends before the last attempt was answered."""
    if not made or not made[-1].cut_off or any(attempt.reached for attempt in made):
        return []
    last = made[-1]
    builder = StepEventBuilder(step=Step.CONNECT, time=last.time, evidence=(last.evidence,))
    where = f"{last.name} ({last.server})" if last.name and last.name != last.server else last.server
    port = f" port {last.port}" if last.port is not None else ""
    return [builder.cut_off(f"the capture ends while {where}{port} was being connected to")]


def goes_elsewhere(traffic: Traffic) -> bool:
    """Whether the phone made no connection to an update server, as far as is known."""
    update = (traffic.connects, traffic.handshakes, traffic.requests, traffic.hang_ups)
    return not any((*update, traffic.file_requests, traffic.transfers))


def shows_server(history: ObservationLog, traffic: Traffic) -> bool:
    """Whether the capture shows which host is the phone's update server."""
    return not goes_elsewhere(traffic) or bool(update_lookups(history))
