"""Joins the reports of one phone from a capture and from the server's logs, step by step, and finds differences.

Only requests of the same moment are compared, and only within the time that both cover: a row that is older than the
logs, or not written yet, is no difference.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace

from ucdiag.model.checks import Check
from ucdiag.model.fast_dataclass import record
from ucdiag.model.observations import Extent
from ucdiag.model.report import Finding, PhoneReport, StepResult, Verdict
from ucdiag.model.steps import Step, StepStatus, VerdictStatus
from ucdiag.model.times import utc_datetime
from ucdiag.model.vocabulary import Microseconds

_SECOND = 1_000_000
# A request and its row in the log are one where they are so close.
SAME = 60 * _SECOND
# The service writes its audit log after so long at most (Microsoft, "Set-CsDeviceUpdateConfiguration").
_FLUSH = 300 * _SECOND
_ZONES = 14 * 3600 * _SECOND
_RANK = {VerdictStatus.BROKEN: 0, VerdictStatus.UNKNOWN: 1, VerdictStatus.WHOLE: 2}
_ANSWERED = ("downloaded", "offered", "nothing-newer", "same-version")


@record(frozen=True, slots=True)
class Coverage:
    """The time between the first and the last request, of any phone, in the logs."""

    first: Microseconds
    last: Microseconds


def join_wire_and_logs(
    wire: PhoneReport, logs: PhoneReport, coverage: Coverage, logged: Sequence[Microseconds] = ()
) -> tuple[PhoneReport, list[str]]:
    """One phone as both show it; in sentences, where they disagree. ``logged`` are the times at which the logs of any
    server have its requests, ``logs`` those of the latest."""
    later = _later_report(wire, logs)
    steps = tuple(_joined_step(one, other, later) for one, other in zip(wire.steps, logs.steps, strict=True))
    verdict = _joined_verdict(wire, logs, later)
    names = ("serial", "vendor", "model", "firmware")
    known = {name: getattr(logs.phone, name) for name in names if getattr(wire.phone, name) is None}
    both = replace(
        wire,
        phone=replace(wire.phone, **known),
        verdict=verdict,
        steps=steps,
        findings=_joined_findings(wire, logs, verdict, later),
        observations=wire.observations + logs.observations,
    )
    return both, list(_disagreements(wire, logs, coverage, logged))


def _later_report(wire: PhoneReport, logs: PhoneReport) -> PhoneReport | None:
    """The one whose last check is later than the other's; None where it is the same, or not known.

    A phone that made no check while it was captured may have got further later.
    """
    of_wire, of_logs = (report.checks.last if report.checks is not None else None for report in (wire, logs))
    if of_logs is None:
        return None
    if of_wire is None:
        ends = [seen.end for seen in wire.observations if isinstance(seen, Extent)]
        return logs if ends and of_logs > max(ends) + SAME else None
    if abs(of_wire - of_logs) <= SAME:
        return None
    return wire if of_wire > of_logs else logs


def _joined_verdict(wire: PhoneReport, logs: PhoneReport, later: PhoneReport | None) -> Verdict:
    """The verdict of the later check; of the same check the worse one. What the logs do not know the wire may."""
    if later is not None and later.verdict.status is not VerdictStatus.UNKNOWN:
        return later.verdict
    if VerdictStatus.BROKEN not in (wire.verdict.status, logs.verdict.status):
        return wire.verdict
    return min((wire.verdict, logs.verdict), key=lambda verdict: _RANK[verdict.status])


def _joined_findings(
    wire: PhoneReport, logs: PhoneReport, verdict: Verdict, later: PhoneReport | None
) -> tuple[Finding, ...]:
    """Those of both, without the cause that does not count, and without what the other's later check disproves."""
    found: dict[str, Finding] = {}
    for report in (wire, logs):
        for finding in report.findings:
            void = finding.code == report.verdict.code != verdict.code
            overdue = finding.code == "check-overdue" and later is not None and later is not report
            if not void and not overdue:
                found.setdefault(finding.code, finding)
    return tuple(sorted(found.values(), key=lambda finding: finding.code != verdict.code))


def _joined_step(wire: StepResult, logs: StepResult, later: PhoneReport | None) -> StepResult:
    """The result of a step: a failure of either, else the capture's, else the logs'."""
    if wire.step.number < Step.REQUEST.number:
        if later is None or later.verdict.status is not VerdictStatus.WHOLE or wire in later.steps:
            return wire
        return _step_of_earlier_check(wire)
    if later is not None:
        of_wire = any(step is wire for step in later.steps)
        return wire if of_wire else replace(logs, summary=f"The server's log: {logs.summary}")
    unseen = (StepStatus.NOT_SEEN, StepStatus.NOT_TESTED, StepStatus.NOT_REACHED)
    failed = logs.status is StepStatus.FAILED and wire.status is not StepStatus.FAILED
    if failed or (wire.status in unseen and logs.status not in unseen):
        return replace(logs, summary=f"The server's log: {logs.summary}")
    return wire


def _step_of_earlier_check(wire: StepResult) -> StepResult:
    """A step before the request, of a phone that got through later: what failed then is a warning now."""
    if wire.status is StepStatus.FAILED:
        return replace(wire, status=StepStatus.WARNING, summary=f"At an earlier check: {wire.summary}")
    if wire.status is StepStatus.NOT_REACHED:
        return replace(wire, status=StepStatus.NOT_SEEN, summary="The server's logs do not show this step.")
    return wire


def _disagreements(
    wire: PhoneReport, logs: PhoneReport, coverage: Coverage, others: Sequence[Microseconds]
) -> Iterator[str]:
    name = wire.phone.mac or wire.phone.ip or "the phone"
    seen, logged = _check_history(wire), _check_history(logs)
    skew = _clock_skew(seen, logged)
    if skew:
        when = f"{_span_text(abs(skew))} {'later' if skew > 0 else 'earlier'}"
        yield (
            f"{name}: the server's log has the same requests {when} than the wire. One clock is wrong, or "
            "the log's zone: see ucdiag logs --utc-offset."
        )
        return
    pairs = [(check, other) for check in seen if (other := _nearest_check(check, logged)) is not None]
    yield from unlogged_requests(wire, coverage, [*(check.time for check in logged), *others])
    unseen = [check for check in logged if _was_watched(wire, check) and _nearest_check(check, seen) is None]
    if unseen:
        yield (
            f"{name}: the capture does not show {_requests_text(unseen)} of the server's log, made while it ran. It "
            "was taken where not all of the phone's packets pass, or another device asks in its name."
        )
    for check, other in pairs[-1:]:
        yield from _check_differences(name, check, other)


def unlogged_requests(wire: PhoneReport, coverage: Coverage, logged: Sequence[Microseconds] = ()) -> Iterator[str]:
    """Requests that the wire shows answered and the logs, which have some at these times, lack."""
    name = wire.phone.mac or wire.phone.ip or "the phone"
    missing = [
        check
        for check in _check_history(wire)
        if _is_answered(check) and all(abs(time - check.time) > SAME for time in logged)
    ]
    # Each server writes its own log: what is as late as this may be on its way.
    within = [check for check in missing if coverage.first - SAME <= check.time <= coverage.last - _FLUSH]
    if within:
        yield (
            f"{name}: {_requests_text(within)} that the wire shows answered {_is_or_are(within)} not in the server's "
            "log. Another server of the pool answered: name its logs too. Else the service cannot write its Logs "
            "folder."
        )
    late = [check for check in missing if coverage.last - _FLUSH < check.time <= coverage.last + _FLUSH]
    if late:
        yield (
            f"{name}: {_requests_text(late)} that the wire shows answered {_is_or_are(late)} not in the server's "
            "log yet. It is written after 5 minutes at most: read it again."
        )


def _check_differences(name: str, check: Check, other: Check) -> Iterator[str]:
    """Sentences on the differences between capture and log in the last request that both have."""
    if _is_answered(check) and _is_answered(other) and check.offered != other.offered:
        yield (
            f"{name}: the wire shows {_offer_text(check)} at {_moment_text(check)}, and the server's log "
            f"{_offer_text(other)}. What stands between answers or changes answers."
        )
    results = {check.result, other.result}
    if "failed" in results and len(results) == 2 and not results & {"unknown", "offered"}:
        yield (
            f"{name}: at {_moment_text(check)} the wire shows {_outcome_text(check)}, "
            f"the server's log {_outcome_text(other)}."
        )
    if check.client and other.client and check.client != other.client:
        yield f"{name}: the server saw {other.client} ask, not {check.client}: a proxy or NAT is in between."


def _check_history(report: PhoneReport) -> list[Check]:
    return list(report.checks.history) if report.checks is not None else []


def _is_answered(check: Check) -> bool:
    behind = (check.code or "").startswith("download-")
    return check.result in _ANSWERED or (check.result == "failed" and behind)


def _nearest_check(check: Check, others: list[Check]) -> Check | None:
    """The other that is the same request, if there is one."""
    near = [other for other in others if abs(other.time - check.time) <= SAME]
    return min(near, key=lambda other: abs(other.time - check.time), default=None)


def _was_watched(wire: PhoneReport, check: Check) -> bool:
    """Whether a capture ran at the time of a request, and some time before and after it, without losing packets."""
    extents = [seen for seen in wire.observations if isinstance(seen, Extent)]
    return any(
        extent.time + SAME < check.time < extent.end - SAME
        and not extent.lost
        and not extent.dropped
        and not any(pause.time - SAME <= check.time <= pause.end + SAME for pause in extent.pauses)
        for extent in extents
    )


def _clock_skew(seen: list[Check], logged: list[Check]) -> Microseconds | None:
    """By how much the log's times are later, where none is near and one shift brings them together."""
    answered = [check for check in seen if _is_answered(check)]
    if len(answered) < 2 or any(_nearest_check(check, logged) for check in answered):
        return None
    shifts: Counter[Microseconds] = Counter()
    for check in answered:
        shifts.update({round((other.time - check.time) / SAME) * SAME for other in logged})
    best, count = max(shifts.items(), key=lambda shift: (shift[1], -abs(shift[0])), default=(0, 0))
    return best if count == len(answered) and abs(best) <= _ZONES else None


def _requests_text(checks: list[Check]) -> str:
    last = f"the last at {_moment_text(checks[-1])}" if len(checks) > 1 else f"at {_moment_text(checks[0])}"
    return f"{len(checks):,} request{'s' * (len(checks) > 1)} ({last})"


def _is_or_are(checks: list[Check]) -> str:
    return "are" if len(checks) > 1 else "is"


def _offer_text(check: Check) -> str:
    return f"version {check.offered} offered" if check.offered else "nothing offered"


def _outcome_text(check: Check) -> str:
    return f"{check.code or 'a failure'}" if check.result == "failed" else "success"


def _moment_text(check: Check) -> str:
    return f"{utc_datetime(check.time):%Y-%m-%d %H:%M:%S} UTC"


def _span_text(time: Microseconds) -> str:
    minutes = time // (60 * _SECOND)
    hours, rest = divmod(minutes, 60)
    return f"{hours} h {rest} min" if hours and rest else f"{hours} h" if hours else f"{minutes} min"
