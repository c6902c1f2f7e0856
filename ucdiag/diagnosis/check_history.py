"""A phone's update checks in a capture of hours or weeks: each check as one entry, whatever its outcome.

A check is an attempt to reach the update service: the question for its name, the connection, the request. What follows
within minutes belongs to it, unless the phone started again or had got its answer. A check that fails is a check too:
the phone tried. A log upload is none, nor is the same check once more, of a capture with another clock that was merged
with this one.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import field
from itertools import pairwise

from ucdiag.diagnosis.known_servers import own_server_lookups
from ucdiag.diagnosis.observation_log import ObservationLog
from ucdiag.diagnosis.options import DiagnosisOptions
from ucdiag.diagnosis.step_event import Event
from ucdiag.diagnosis.traffic import ONE_CHECK, Traffic
from ucdiag.diagnosis.update_lookups import update_lookups
from ucdiag.diagnosis.url_sides import UrlSides, sides_of
from ucdiag.model.checks import Check, Checks
from ucdiag.model.fast_dataclass import field_names, record
from ucdiag.model.observations import Connect, Dhcp, Http, Lookup, RepeatedChecks, Tls, UpdateAnswer
from ucdiag.model.steps import Level, Step
from ucdiag.model.vocabulary import CheckResult, FindingCode, Microseconds
from ucdiag.update_service.modules import firmware_of, offered_modules, requested_modules, version_number
from ucdiag.update_service.names import update_label

_SECOND = 1_000_000
#: How often a phone checks (Microsoft, "How the Device Update Process Works" and "Set-CsDeviceUpdateConfiguration").
EVERY = 24 * 3600 * _SECOND
# After its answer a phone that asks again checks again: it has signed in, say.
_AGAIN = 5 * _SECOND
_SIP_PORTS = (5060, 5061)
_MOST = 400  # checks in a report
# Clocks of two captures may be of time zones so far apart, each a bit wrong (IANA time zone database), and one check
# takes about the same time by both.
_FARTHEST, _DRIFT = (14 * 3600 + 2) * _SECOND, 5_000

_Activity = Lookup | Connect | Tls | Http | UpdateAnswer


@record(slots=True)
class Attempt:
    """The facts of one check. ``end`` is the time of the last one.

    ``unresolved``: the name of the server that the phone posted to before led to no address. ``idle``: that name was
    found, and nothing else is known of it: it may be for another service.
    """

    start: Microseconds
    end: Microseconds
    frame: int | None
    requests: list[Http] = field(default_factory=list)
    looked_up: bool = False
    unresolved: bool = False
    idle: bool = True
    connection_failed: bool = False
    answer: UpdateAnswer | None = None
    power_on: bool = False

    @property
    def last_time(self) -> Microseconds:
        """When the phone asked last, of several tries."""
        return self.requests[-1].time if self.requests else self.end

    @property
    def firmware(self) -> str | None:
        """The version that the phone named."""
        versions = (firmware_of(requested_modules(http.request_text)) for http in self.requests)
        return next((version for version in versions if version), None)

    @property
    def time(self) -> Microseconds:
        """When the phone asked."""
        return self.requests[0].time if self.requests else self.start


class CheckHistory:
    """The checks of one phone.

    ``attempts`` are those that count, by time; ``last_try`` is the end of the last thing that may have been a check,
    also of one that cannot be distinguished from other traffic to the server.
    """

    def __init__(
        self,
        history: ObservationLog,
        traffic: Traffic,
        starts: Sequence[Dhcp],
    ) -> None:
        self._traffic = traffic
        self._repeats = history.of_kind(RepeatedChecks)
        self._starts = [start.time for start in starts]
        self._transactions = [start.transaction for start in starts]
        activities = _update_activities(history, traffic)
        self._in_clear = any(isinstance(seen, Http) for seen in activities)
        attempts = self._group_attempts(activities)
        self._begun = [attempt.start for attempt in attempts]
        unclear = [http for http in history.of_kind(Http) if http.purpose == "update-or-log"]
        hidden = [tls.time for tls in history.of_kind(Tls) if _may_hide_check(tls)]
        tries = [*(attempt.end for attempt in attempts if not attempt.idle), *(http.time for http in unclear), *hidden]
        self.last_try: Microseconds | None = max(tries, default=None)
        checks = [attempt for attempt in attempts if self._is_check(attempt)]
        self.attempts = checks if len(checks) < 2 else self._without_copies(checks, activities)

    def _group_attempts(self, activities: list[_Activity]) -> list[Attempt]:
        attempts: list[Attempt] = []
        for seen in activities:
            attempt = attempts[-1] if attempts else None
            if attempt is None or self._begins_attempt(seen, attempt):
                if isinstance(seen, UpdateAnswer):
                    continue  # to a request that is not in the capture
                soon = seen.time - ONE_CHECK
                started = self._started_between(max(attempt.end, soon) if attempt is not None else soon, seen.time)
                attempt = Attempt(seen.time, seen.time, seen.frame, power_on=started)
                attempts.append(attempt)
            _add_activity(attempt, seen)
        return attempts

    def _begins_attempt(self, seen: _Activity, attempt: Attempt) -> bool:
        """Whether a new check begins with this."""
        if seen.time - attempt.end > ONE_CHECK or self._started_between(attempt.end, seen.time):
            return True
        asks = isinstance(seen, Lookup | Http)
        return asks and attempt.answer is not None and seen.time - attempt.answer.time > _AGAIN

    def _started_between(self, after: Microseconds, until: Microseconds) -> bool:
        """Whether the phone was switched on in between."""
        return bisect_right(self._starts, until) > bisect_right(self._starts, after)

    def _is_check(self, attempt: Attempt) -> bool:
        """Whether it is a check. A connection alone is one where it failed, or where nothing is ever seen in clear."""
        tried = attempt.requests or attempt.looked_up or attempt.unresolved or attempt.connection_failed
        return bool(tried or not self._in_clear)

    def _without_copies(self, checks: list[Attempt], activities: list[_Activity]) -> list[Attempt]:
        times = [seen.time for seen in activities]
        found: dict[object, list[tuple[Attempt, list[Microseconds]]]] = {}
        kept = []
        for check in checks:
            facts = activities[bisect_left(times, check.start) : bisect_right(times, check.end)]
            delays = [seen.time - check.start for seen in facts]
            powered = self._transactions[
                bisect_left(self._starts, check.start - ONE_CHECK) : bisect_right(self._starts, check.start)
            ]
            alike = found.setdefault((*map(_place_of, facts), *powered), [])
            if not (_has_connected(facts) and any(_is_copied(check, delays, *other) for other in alike)):
                kept.append(check)
                alike.append((check, delays))
        return kept

    def updated_at(self, start: Microseconds) -> bool:
        """Whether the phone started with firmware that it never had, or may have: after a whole download nothing shows
        with which. Back and forth between two versions is no update."""
        at = bisect_right([attempt.start for attempt in self.attempts], start)
        before = [version for attempt in self.attempts[:at] if (version := attempt.firmware) is not None]
        after = [version for attempt in self.attempts[at:] if (version := attempt.firmware) is not None]
        if before and after:
            return version_number(after[0]) not in map(version_number, before)
        since = self.attempts[at - 1].start if at else start
        return not after and any(
            http.complete and http.status in (200, 206) and since <= http.time < start
            for http in self._traffic.file_requests
        )

    def make_checks(self, events: Sequence[Event], setting: DiagnosisOptions) -> Checks:
        """The history as data."""
        sides = sides_of(self._traffic, setting)
        parts: dict[Microseconds, list[Event]] = {time: [] for time in self._begun}
        for event in events:
            at = bisect_right(self._begun, event.time) - 1
            if at >= 0 and event.step.number >= Step.DNS.number and not event.missing_next:
                parts[self._begun[at]].append(event)
        ends = [*(attempt.start for attempt in self.attempts[1:]), None]
        checks = [
            self._make_check(attempt, parts[attempt.start], end, sides)
            for attempt, end in zip(self.attempts, ends, strict=False)
        ]
        last = self.attempts[-1].last_time if self.attempts else None
        count = len(checks) + sum(repeat.count for repeat in self._repeats)
        checks = _with_repeats(checks, self._repeats)
        return Checks(
            count=count,
            interval=_median_interval(checks),
            last=last,
            next_due=last + EVERY if last is not None else None,
            power_ons=len(self._starts),
            history=tuple(checks[-_MOST:]),
        )

    def _make_check(self, attempt: Attempt, events: list[Event], until: Microseconds | None, sides: UrlSides) -> Check:
        result, code = _check_result(events)
        if result == "nothing-newer" and attempt.answer is not None and self._traffic.is_held(attempt.answer):
            result = "same-version"
        files = [
            http
            for http in self._traffic.file_requests
            if http.time >= attempt.start and (until is None or http.time < until)
        ]
        offered = offered_modules(attempt.answer) if attempt.answer is not None else ()
        return Check(
            time=attempt.time,
            frame=attempt.requests[0].frame if attempt.requests else attempt.frame,
            result=result,
            code=code,
            firmware=attempt.firmware,
            offered=next((module.version for module in offered if module.version), None),
            url=next((side for side in map(sides.side_of, files) if side is not None), None),
            power_on=attempt.power_on,
            client=attempt.requests[0].client if attempt.requests else None,
            server=attempt.requests[-1].server if attempt.requests else None,
        )


def _place_of(seen: _Activity) -> object:
    """What a copy of a fact has in common with it."""
    said: tuple[object, ...] = ()
    if isinstance(seen, Lookup):
        said = seen.name, seen.rcode
    elif isinstance(seen, Connect | Tls):
        said = (seen.outcome,)
    elif isinstance(seen, Http):
        said = seen.request_text, seen.status
    return seen.kind, seen.client, seen.client_port, seen.server, said


def _has_connected(facts: list[_Activity]) -> bool:
    """Whether a connection is among the facts of which the port is known: another check has another one."""
    return any(not isinstance(seen, Lookup) and seen.client_port is not None for seen in facts)


def _is_copied(check: Attempt, delays: list[Microseconds], other: Attempt, its_delays: list[Microseconds]) -> bool:
    """Whether a check with the same facts as an ``other`` one took its time as that one did, to milliseconds."""
    return check.start - other.start <= _FARTHEST and all(
        abs(delay - its) <= _DRIFT for delay, its in zip(delays, its_delays, strict=True)
    )


def _may_hide_check(tls: Tls) -> bool:
    """Whether a check may be in this connection: a phone that signed in may have another server's address from there.

    Exchange's is no update server, nor is the registrar (Polycom CX700 Deployment Guide R2, page 26, steps 20 to 23).
    """
    if tls.port in _SIP_PORTS:
        return False
    return tls.outcome in ("complete", "unfinished") and not (tls.server_name or "").lower().startswith("autodiscover.")


def _update_activities(history: ObservationLog, traffic: Traffic) -> list[_Activity]:
    """What a phone does to look for updates, by time."""
    activities: list[_Activity] = [
        *update_lookups(history),
        *own_server_lookups(history),
        *traffic.connects,
        *traffic.handshakes,
        *traffic.requests,
        *(answer for answer in traffic.answers if answer.form in ("none_offered", "offered")),
    ]
    return sorted(activities, key=lambda seen: (seen.time, isinstance(seen, UpdateAnswer)))


def _add_activity(attempt: Attempt, seen: _Activity) -> None:
    if isinstance(seen, Connect | Tls) and attempt.answer is not None:
        return  # also other services are at that address
    attempt.end = max(attempt.end, seen.time)
    if isinstance(seen, Lookup) and update_label(seen.name) is None:
        attempt.unresolved = not seen.addresses
        attempt.idle = attempt.idle and bool(seen.addresses)
        return
    attempt.idle = False
    if isinstance(seen, Http):
        attempt.requests.append(seen)
    elif isinstance(seen, Lookup):
        attempt.looked_up = True
    elif isinstance(seen, UpdateAnswer):
        attempt.answer = seen
    elif seen.outcome not in ("open", "complete", "unfinished"):
        attempt.connection_failed = True


def _check_result(events: list[Event]) -> tuple[CheckResult, FindingCode | None]:
    """The result of a check, from the events of its steps."""
    files: dict[str | None, Event] = {}
    for event in events:
        if event.step is Step.DOWNLOAD and event.level is not Level.WARNING:
            files[event.key] = event
    failed = next((event for event in files.values() if event.ok is False), None)
    if failed is not None:
        return "failed", failed.code
    if any(event.ok for event in files.values()):
        return "downloaded", None
    answers = [event for event in events if event.step is Step.RESPONSE]
    if answers and answers[-1].ok:
        return ("nothing-newer" if answers[-1].terminal else "offered"), None
    bad = [event for event in events if event.ok is False and event.level is not Level.WARNING]
    if bad and not any(
        event.ok and event.time > bad[-1].time and event.step.number >= bad[-1].step.number for event in events
    ):
        return "failed", bad[-1].code
    return "unknown", None


def _with_repeats(checks: list[Check], repeats: Iterable[RepeatedChecks]) -> list[Check]:
    """All checks by time: those that were only counted are as the one before them."""
    times = [check.time for check in checks]
    parts: dict[int, list[Check]] = {}
    for repeat in repeats:
        at = bisect_right(times, repeat.time)
        if at:
            like = checks[at - 1]
            known = {name: getattr(like, name) for name in field_names(Check)} | {"frame": None}
            parts.setdefault(at, []).extend(Check(**known | {"time": time}) for time in repeat.times)
    if not parts:
        return checks
    found: list[Check] = []
    for at, check in enumerate(checks, 1):
        found.append(check)
        found += parts.get(at, ())
    return found


def _median_interval(checks: Sequence[Check]) -> float | None:
    gaps = sorted(later.time - earlier.time for earlier, later in pairwise(checks))
    return gaps[(len(gaps) - 1) // 2] / _SECOND if gaps else None
