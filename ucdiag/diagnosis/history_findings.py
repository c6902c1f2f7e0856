"""Findings from a phone's behaviour over hours or weeks, beside its last attempt.

A check that is overdue, restarts, updates that were applied or not: none of it follows from where the path breaks, so
it is said in any case.
"""

from collections.abc import Mapping, Sequence

from ucdiag.diagnosis.applied_updates import update_findings
from ucdiag.diagnosis.check_history import EVERY, Attempt, CheckHistory
from ucdiag.diagnosis.judgement import Judgement
from ucdiag.diagnosis.observation_log import ObservationLog
from ucdiag.diagnosis.other_servers import failed_since, failures_text
from ucdiag.diagnosis.step_event import evidence_of, finding
from ucdiag.model.observations import Connect, Dhcp, Http, Lookup, Observation, Tls
from ucdiag.model.report import Evidence, Finding
from ucdiag.model.steps import Step
from ucdiag.model.times import utc_datetime
from ucdiag.model.vocabulary import Microseconds

_SECOND = 1_000_000
_HOUR = 3600 * _SECOND
# So much later than the next check was due, it is overdue.
_GRACE = _HOUR
# A phone that has just started is about to check.
_STARTING = 600 * _SECOND
# A check is more packets than these: fewer that are missing cannot hide one.
_CHECK_PACKETS = 5
_LOOP = 15 * 60 * _SECOND
_LOOP_STARTS = 3


def history_findings(
    judgement: Judgement,
    checks: CheckHistory,
    starts: Sequence[Dhcp],
    at: Microseconds,
    known: Mapping[str, str],
) -> list[Finding]:
    """All findings about time of a capture that ends at ``at``. ``known`` is what the advice may name of the phone."""
    return [
        *_restart_loop(checks, starts, known),
        *_overdue_findings(judgement, checks, starts, known, at),
        *update_findings(judgement.traffic, judgement.setting, [start.time for start in starts], at),
    ]


def _overdue_findings(
    judgement: Judgement, checks: CheckHistory, starts: Sequence[Dhcp], known: Mapping[str, str], at: Microseconds
) -> list[Finding]:
    if judgement.setting.from_logs:
        return _unlogged_check_findings(checks, known, at)
    history, root = judgement.history, judgement.result.root
    last = checks.attempts[-1] if checks.attempts else None
    extent = history.extent
    lost = (extent.lost or 0) + (extent.dropped or 0) if extent is not None else 0
    if last is None or checks.last_try is None or lost >= _CHECK_PACKETS:
        return []
    if at <= checks.last_try + EVERY + _GRACE:
        return []
    if root is not None and root.ok is False and root.step is Step.DHCP and root.time > last.end:
        return []  # without a lease it cannot check
    due = last.last_time + EVERY
    signs = [
        seen
        for seen in _signs_of_life(history)
        if seen.time > checks.last_try + EVERY + _GRACE
        and not any(start.time <= seen.time < start.time + _STARTING for start in starts)
    ]
    if not signs:
        return []
    sign = max(signs, key=lambda seen: seen.time)
    if extent is not None and any(pause.end > last.end and pause.time < sign.time for pause in extent.pauses):
        return []  # it may have checked while nothing was captured
    hours = (sign.time - last.last_time) / _HOUR
    failed = failed_since(last.end, history, judgement.traffic, judgement.setting, at)
    perhaps = f"; since then {failures_text(failed)}, which may have been its check" if failed else ""
    text = (
        f"the last check was at {moment_text(last.last_time)}, the next was due by {moment_text(due)}, and the phone "
        f"did not check again; it was seen alive at {moment_text(sign.time)}, {hours:.0f} hours after that check"
        f"{perhaps}"
    )
    evidence = (
        _check_evidence(last),
        *(attempt.evidence for attempt in failed),
        evidence_of(f"alive at {moment_text(sign.time)}: {_sign_text(sign)}", sign),
    )
    return [finding("check-overdue", text, evidence, known)]


def _unlogged_check_findings(checks: CheckHistory, known: Mapping[str, str], at: Microseconds) -> list[Finding]:
    """The finding that the server's logs go on for more than a day without a check of this phone."""
    last = checks.attempts[-1] if checks.attempts else None
    if last is None or at <= last.last_time + EVERY + _GRACE:
        return []
    due = last.last_time + EVERY
    text = (
        f"the last check was at {moment_text(last.last_time)}, the next was due by {moment_text(due)}, and the logs "
        f"have none until {moment_text(at)}: the phone is off, or its path breaks before this server"
    )
    return [finding("check-overdue", text, (_check_evidence(last),), known)]


def _check_evidence(attempt: Attempt) -> Evidence:
    text = f"the last check, at {moment_text(attempt.last_time)}"
    if attempt.requests:
        return evidence_of(text, attempt.requests[-1])
    return Evidence(text=text, time=attempt.start, frame=attempt.frame)


def _signs_of_life(history: ObservationLog) -> list[Observation]:
    """The facts that only a phone that is powered on and has a lease sends or gets."""
    renewals = [
        message for message in history.of_kind(Dhcp) if message.type in ("ack", "inform") or _is_renewal(message)
    ]
    return [
        *renewals,
        *history.of_kind(Lookup),
        *history.of_kind(Connect),
        *history.of_kind(Tls),
        *history.of_kind(Http),
    ]


def _is_renewal(message: Dhcp) -> bool:
    return message.type == "request" and message.client_address is not None


def _sign_text(seen: Observation) -> str:
    if isinstance(seen, Dhcp):
        return f"DHCP {seen.type.upper()}"
    if isinstance(seen, Lookup):
        return f"question {seen.name} {seen.type}"
    if isinstance(seen, Http):
        return f"{seen.method or 'a request'} to {seen.server} port {seen.port}"
    if isinstance(seen, Connect | Tls):
        return f"{'TLS' if isinstance(seen, Tls) else 'a connection'} to {seen.server} port {seen.port}"
    return seen.kind


def _restart_loop(checks: CheckHistory, starts: Sequence[Dhcp], known: Mapping[str, str]) -> list[Finding]:
    loop = _longest_loop([start for start in starts if not checks.updated_at(start.time)])
    if not loop:
        return []
    minutes = (loop[-1].time - loop[0].time) / 60 / _SECOND
    first, last = moment_text(loop[0].time), moment_text(loop[-1].time)
    text = f"the phone was switched on {len(loop)} times within {minutes:.0f} minutes, from {first} to {last}"
    lines = [evidence_of(f"start at {moment_text(start.time)}: DHCP {start.type.upper()}", start) for start in loop]
    return [finding("restart-loop", text, lines, known)]


def _longest_loop(starts: Sequence[Dhcp]) -> list[Dhcp]:
    """The longest run of starts of which any three that follow each other are within 15 minutes."""
    best: list[Dhcp] = []
    run: list[Dhcp] = []
    for start in starts:
        if len(run) >= _LOOP_STARTS - 1 and start.time - run[-2].time > _LOOP:
            run = run[-1:] if start.time - run[-1].time <= _LOOP else []
        run.append(start)
        # Of two alone nothing follows yet.
        if len(run) >= _LOOP_STARTS and len(run) > len(best):
            best = list(run)
    return best


def moment_text(time: Microseconds) -> str:
    """``2026-01-02 09:00 UTC``; a time outside the years 1 to 9999 is clamped to them."""
    date = utc_datetime(time).replace(tzinfo=None)
    return f"{date.isoformat(' ', 'minutes')} UTC"
