"""Decides the path from the steps' events: the first step that does not hold, and the warnings.

The rules, for every command:

* A failure is a warning if the same step (in a capture: or a later one) succeeded afterwards. Normal failures of a
  protocol (``expected``) then leave nothing.
* The first step whose last event is a failure breaks the path. Its code is the root cause; its consequences are not
  listed. A step whose last event is unknown makes the verdict unknown.
* Each of several files must arrive: the last event of each file counts, and another file does not replace one that
  failed or is missing. An attempt at a file decides nothing if a later answer offered no file, or other files.
* In a capture a missing next action decides only if no earlier event decides: a phone whose path is broken, or that
  got "nothing newer", may open a connection and send nothing. The same holds for an action that the phone only began,
  and for an unknown result, before the next answer: a path that was whole stays whole until something fails.
* A failure before what a capture leaves open is a warning, also of a later step.
* A packet whose answer may be among those that a capture lost does not undo a failure before it.
* An attempt that the end of a capture cut off decides nothing if the attempts before it had no answer either and had
  waited long enough.
* A capture is judged by the phone's last attempt. An attempt on the other port of an address with one good port does
  not count (``traffic``). A failed handshake is a warning if a later check sent its request without TLS; a failed
  request is one if a later check is all inside TLS.
* An active command judges each address that DNS gave by itself, because a phone may use any of them: one bad address
  breaks the path. One good port at an address is enough, because the documents differ on whether phones inside use
  port 80 or 443. If both ports fail, the one that got further decides.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import field
from itertools import pairwise

from ucdiag.diagnosis.step_event import Event, finding
from ucdiag.diagnosis.traffic import ONE_CHECK
from ucdiag.model.fast_dataclass import record, replace
from ucdiag.model.observations import RepeatedChecks
from ucdiag.model.report import Evidence, Finding
from ucdiag.model.steps import STEPS, Level, Step
from ucdiag.model.vocabulary import FindingCode

# A question asked again this soon is a retransmission, not a failure that recovered (microseconds).
_ASKED_AGAIN = 15_000_000
# What says that nobody answered.
_SILENCE: frozenset[FindingCode] = frozenset(
    {"dns-no-answer", "dns-answer-from-elsewhere", "connect-no-answer", "tls-no-answer", "http-no-answer"}
)
# What nobody reads on an encrypted connection.
_ENCRYPTED = (Step.REQUEST, Step.RESPONSE, Step.DOWNLOAD)
# What a client comes to at one address of several, after it has connected.
_AT_ADDRESS = (Step.TLS, Step.REQUEST, Step.RESPONSE)
# What leaves a step open that the phone took, since the capture lacks its answer.
_LEFT_OPEN: frozenset[FindingCode] = frozenset({"capture-too-short", "capture-gap"})
_RETRANSMITTED: tuple[FindingCode, ...] = ("dns-no-answer", "dhcp-no-answer", "dhcp-nak")


@record(slots=True)
class PathResult:
    """The result of judging a run of events."""

    #: The event that decides; None when all that was seen holds.
    root: Event | None = None
    #: The last word on each step.
    last: dict[Step, Event] = field(default_factory=dict)
    #: The steps of which anything was observed.
    seen: set[Step] = field(default_factory=set)
    #: Failures that do not decide, and failures with the root's code.
    warnings: list[Event] = field(default_factory=list)
    alike: list[Event] = field(default_factory=list)
    #: How many of the requests succeeded, where some did and some did not.
    tally: str = ""
    #: Of an active command: each (address, port) by itself.
    channels: dict[tuple[str, int], "PathResult"] = field(default_factory=dict)


def judge_events(
    events: Iterable[Event], from_capture: bool = False, repeats: Sequence[RepeatedChecks] = ()
) -> PathResult:
    """Judge events that are in the order in which they happened; ``from_capture`` says that they are a capture's.

    ``repeats`` are checks that were only counted.
    """
    ordered = list(events)
    successes = _Successes(ordered, from_capture)
    if from_capture:
        ordered = _deciding_events(ordered, successes)
        successes = _Successes(ordered, from_capture)
    result = PathResult()
    for event in ordered:
        said = not event.superseded or event.ok is not None
        if said and not (from_capture and _is_only_warning(event) and _is_failure(result.last.get(event.step))):
            result.last[event.step] = event
        if not event.missing_next:
            result.seen.add(event.step)
    if from_capture:
        files = [event for event in ordered if event.step is Step.DOWNLOAD and event.ok]
        deciding = _unfetched_file(ordered, successes) or (files[-1] if files else None)
        if deciding is not None:
            result.last[Step.DOWNLOAD] = deciding
        if _is_check_encrypted(result.last, ordered, successes):
            result.last = {step: event for step, event in result.last.items() if step not in _ENCRYPTED}
    decisive = {
        step: event for step, event in result.last.items() if not (from_capture and _is_tls_left(event, ordered))
    }
    result.root = _first_broken(decisive, successes)
    _sort_failures(result, ordered, successes, from_capture)
    if from_capture:
        _add_tally(result, ordered, repeats)
    return result


def _is_only_warning(event: Event) -> bool:
    return event.ok is False and event.level is Level.WARNING


def _is_failure(last: Event | None) -> bool:
    """Whether the step's last event is a failure or unknown; one lowered to a warning is not."""
    return last is not None and not last.ok and not _is_only_warning(last) and not last.missing_next


def _deciding_events(events: list[Event], successes: "_Successes") -> list[Event]:
    """A capture's events without those that decide nothing: a silence that only goes on, an attempt left idle."""
    answered = [event for at, event in enumerate(events) if not (event.waiting and _still_silent(event, events[:at]))]
    answered = [
        event
        for at, event in enumerate(answered)
        if not (event.asked_once and event.code == "capture-gap" and _stays_broken(event, answered[:at], successes))
    ]
    return _without_idle([event for event in answered if not _failed_before(event, answered, successes)], successes)


def _is_tls_left(last: Event, events: Iterable[Event]) -> bool:
    """Whether this last handshake failed, and a later check sent its request without TLS."""
    if last.step is not Step.TLS or last.ok is not False:
        return False
    requests = [event for event in events if event.step is Step.REQUEST and not event.missing_next]
    return any(event.time - last.time > ONE_CHECK for event in requests)


def _is_check_encrypted(last: Mapping[Step, Event], events: list[Event], successes: "_Successes") -> bool:
    """Whether the latest check, which asked for the update server, is all inside TLS, and what was read before failed.

    Whether that one failed too is not known.
    """
    asked, tls = last.get(Step.DNS), last.get(Step.TLS)
    if asked is None or tls is None or not (asked.ok and tls.ok and 0 <= tls.time - asked.time <= ONE_CHECK):
        return False
    read = [event for event in events if event.step in _ENCRYPTED]
    before = all(asked.time - event.time > ONE_CHECK for event in read)
    return before and any(successes.is_broken(last[step]) for step in _ENCRYPTED if step in last)


def _first_broken(last: Mapping[Step, Event], successes: "_Successes") -> Event | None:
    """The last event of the first step that does not hold."""
    for step in STEPS:
        event = last.get(step)
        if event is None or event.ok or event.superseded or (event.level is Level.WARNING and event.ok is False):
            continue
        if not successes.has_recovered(event) and not successes.went_on(event):
            return event
    return None


def _sort_failures(result: PathResult, events: list[Event], successes: "_Successes", from_capture: bool) -> None:
    """Sort the failures that do not decide: into those with the root cause's code, and the warnings."""
    root = result.root
    for event in events:
        if event.ok is not False or event is root:
            continue
        behind = root is not None and event.step.number > root.step.number
        if from_capture and root is not None:
            behind = behind and not (_failed_beside(event, root) or _failed_earlier(event, root))
        if root is not None and event.code == root.code:
            result.alike.append(event)
        elif not behind and (event.level is Level.WARNING or not _is_forgiven(event, events, successes, from_capture)):
            result.warnings.append(event)


def _failed_beside(event: Event, root: Event) -> bool:
    """Whether it failed in the same check at another address of the name: that does not follow from the root cause."""
    elsewhere = bool(event.channel and root.channel and event.channel[0] != root.channel[0])
    return event.step in _AT_ADDRESS and elsewhere and abs(root.time - event.time) <= ONE_CHECK


def _failed_earlier(event: Event, root: Event) -> bool:
    """Whether it failed before what the capture leaves open: that failure does not follow from it."""
    return root.ok is None and root.code in _LEFT_OPEN and event.time < root.time


def _add_tally(result: PathResult, events: list[Event], repeats: Sequence[RepeatedChecks]) -> None:
    result.tally = _tally_text(events, repeats)
    root = result.root
    if result.tally and root is not None and root.ok is False and root.step is Step.REQUEST:
        result.root = replace(root, summary=f"{root.summary}; {result.tally}")


def _tally_text(events: list[Event], repeats: Sequence[RepeatedChecks]) -> str:
    """How many of the requests to the address that was asked last succeeded, if some did and some did not."""
    judged = [event for event in events if event.step is Step.REQUEST and event.ok is not None and not event.expected]
    address = judged[-1].channel[0] if judged and judged[-1].channel else None
    outcomes = [bool(event.ok) for event in judged if event.channel and event.channel[0] == address]
    # What was only counted went as the request before it.
    before = (next((event for event in reversed(judged) if event.time < repeat.time), None) for repeat in repeats)
    counted = [
        (event, repeat.count)
        for event, repeat in zip(before, repeats, strict=True)
        if event is not None and event.channel is not None and event.channel[0] == address and repeat.times
    ]
    good = sum(outcomes) + sum(count for event, count in counted if event.ok)
    every = len(outcomes) + sum(count for _, count in counted)
    if not 0 < good < every:
        return ""
    text = f"{good:,} of {every:,} requests to {address} succeeded"
    # It failed, worked, and failed again: no single outage.
    if sum(one and not other for one, other in pairwise([True, *outcomes])) > 1:
        text += ", which is typical of one bad member of a pool behind one address"
    return text


class _Successes:
    """The index of the last success of each step and each file in a run of events: it shows if a failure recovered."""

    def __init__(self, events: list[Event], from_capture: bool) -> None:
        self._from_capture = from_capture
        self._at = {id(event): index for index, event in enumerate(events)}
        self._steps: dict[Step, int] = {}
        self._files: dict[str | None, int] = {}
        self._tried: dict[Step, int] = {}
        for index, event in enumerate(events):
            if not event.missing_next:
                self._tried[event.step] = index
            if event.ok:
                self._steps[event.step] = index
                if event.step is Step.DOWNLOAD:
                    self._files[event.key] = index

    def has_recovered(self, event: Event) -> bool:
        """Whether it recovered. A later step proves that only in a capture: an active command goes on regardless.

        One file's success says nothing of another file.
        """
        at = self._at[id(event)]
        if event.step is Step.DOWNLOAD and event.key is not None:
            return self._files.get(event.key, -1) > at
        steps = [event.step, *(STEPS[event.step.number :] if self._from_capture else ())]
        return any(self._steps.get(step, -1) > at for step in steps)

    def went_on(self, event: Event) -> bool:
        """Whether what could not be read was enough for the phone, which came to a later step."""
        later = STEPS[event.step.number :]
        at = self._at[id(event)]
        return (
            self._from_capture and event.problem is not None and any(self._tried.get(step, -1) > at for step in later)
        )

    def is_broken(self, event: Event) -> bool:
        """Whether the failure never recovered."""
        counts = event.ok is False and event.level is not Level.WARNING and not event.superseded
        return counts and not self.has_recovered(event)

    def repeated_soon(self, event: Event, events: list[Event]) -> bool:
        """Whether the same step held so soon afterwards that the question was only repeated."""
        for later in events[self._at[id(event)] :]:
            if later.step is event.step and later.ok and later.time - event.time <= _ASKED_AGAIN:
                return True
        return False


def _failed_before(missing: Event, events: list[Event], successes: _Successes) -> bool:
    """Whether this only reports a missing step, and an attempt before came as far or further, and failed."""
    return missing.missing_next and any(
        event.step.number >= missing.step.number and successes.is_broken(event) for event in events
    )


def _still_silent(waiting: Event, before: list[Event]) -> bool:
    """Whether the server of a waiting question did not answer before, for long enough, and answered nothing since."""
    for event in reversed(before):
        if event.step.number > waiting.step.number or (event.step is waiting.step and event.ok):
            return False
        if event.step is waiting.step and _asked_server(event) == _asked_server(waiting) and not event.waiting:
            return event.silent or event.code in _SILENCE
    return False


def _stays_broken(lost: Event, before: list[Event], successes: _Successes) -> bool:
    """Whether the path had failed before this packet, whose answer a capture may have lost: that undoes no failure.

    Within one check the phone may have tried another server.
    """
    return any(
        successes.is_broken(event)
        and (
            event.step.number > lost.step.number
            or (event.step is lost.step and _asked_server(event) == _asked_server(lost))
            or lost.time - event.time > ONE_CHECK
        )
        for event in before
    )


def _asked_server(event: Event) -> object:
    """The server that was asked: an address and port, or a nameserver."""
    return event.channel or event.values.get("nameserver") or (event.values.get("address"), event.values.get("port"))


def _without_idle(events: list[Event], successes: _Successes) -> list[Event]:
    """The events without idle attempts after the path was last whole, if nothing failed after that."""
    whole = _whole_at(events, successes)
    if whole is None or any(successes.is_broken(event) for event in events[whole + 1 :]):
        return events
    fetched = events[whole].step is Step.DOWNLOAD

    def is_idle(event: Event) -> bool:
        if event.ok is not None or event.expected:
            return False
        return event.step.number <= Step.REQUEST.number or (fetched and event.missing_next)

    return [*events[: whole + 1], *(event for event in events[whole + 1 :] if not is_idle(event))]


def _whole_at(events: list[Event], successes: _Successes) -> int | None:
    """The index at which the path was last whole, unless a later offer still had to be fetched."""
    answers = [index for index, event in enumerate(events) if event.step is Step.RESPONSE and event.ok]
    if answers and events[answers[-1]].terminal:
        return answers[-1]
    files = [
        index for index, event in enumerate(events) if event.step is Step.DOWNLOAD and event.ok and not event.superseded
    ]
    if not files or _unfetched_file([event for event in events if not event.missing_next], successes) is not None:
        return None
    return files[-1]


def _unfetched_file(events: list[Event], successes: _Successes) -> Event | None:
    """The file that did not arrive, if there is one: of several a failed one, of these the last."""
    files: dict[str | None, Event] = {event.key: event for event in events if event.step is Step.DOWNLOAD}
    bad = [
        event
        for event in files.values()
        if not (event.ok or event.superseded or event.level is Level.WARNING or successes.has_recovered(event))
    ]
    failed = [event for event in bad if event.ok is False] or bad
    return max(failed, key=lambda event: event.time) if failed else None


def _is_forgiven(event: Event, events: list[Event], successes: _Successes, from_capture: bool) -> bool:
    """Whether a recovered failure is how the protocol works, and so leaves no warning."""
    if event.expected:
        return True
    asked_again = from_capture and event.code in _RETRANSMITTED and not event.lasting
    return asked_again and successes.repeated_soon(event, events)


def judge_addresses(events: list[Event]) -> PathResult:
    """Judge the events of several (address, port) channels, as an active command makes them.

    The first failing address gives the root; what else failed elsewhere is listed with it.
    """
    addresses: dict[str, dict[tuple[str, int], list[Event]]] = {}
    for event in events:
        if event.channel is not None:
            addresses.setdefault(event.channel[0], {}).setdefault(event.channel, []).append(event)
    whole = PathResult()
    roots: list[Event] = []
    for channels in addresses.values():
        ports = {channel: judge_events(port_events) for channel, port_events in channels.items()}
        whole.channels.update(ports)
        best = _best_port([replace(port, warnings=list(port.warnings)) for port in ports.values()])
        if best.root is not None:
            roots.append(best.root)
        whole.warnings.extend(best.warnings)
        whole.alike.extend(best.alike)
        for step, event in best.last.items():
            known = whole.last.get(step)
            if known is None or (known.ok and not event.ok):
                whole.last[step] = event
    failed = [root for root in roots if root.ok is False] or roots
    if failed:
        whole.root = min(failed, key=lambda event: event.step.number)
        code = whole.root.code
        whole.alike.extend(root for root in roots if root is not whole.root and root.code == code)
        whole.warnings.extend(root for root in failed if root.code != code)
    return whole


def _best_port(ports: list[PathResult]) -> PathResult:
    """The port that decides: a good one; of equals the first, which phones of the time of OCS 2007 R2 use.

    A port whose test came to no end (an interruption, a proxy in between) is no good one: it decides last.
    """

    def port_rank(result: PathResult) -> tuple[int, ...]:
        if result.root is None:
            return (0 if Step.RESPONSE in result.last else 3,)
        return (1 if result.root.ok is None else 2), -result.root.step.number

    best = min(ports, key=port_rank)
    if best is not ports[0] and ports[0].root is not None:
        best.warnings.append(ports[0].root)
    return best


def warning_findings(events: Iterable[Event], known: Mapping[str, str]) -> list[Finding]:
    """One warning for each code among failures that do not decide, with all their evidence."""
    by_code: dict[FindingCode, list[Event]] = {}
    for event in events:
        if event.code is not None:
            by_code.setdefault(event.code, []).append(event)
    findings = []
    for code, alike in by_code.items():
        evidence = [line for event in alike for line in event.evidence]
        # Of several places the last one is described, so only what happened at one and the same can be counted.
        same = len(alike) > 1 and len({event.summary for event in alike}) == 1
        text = f"{alike[-1].summary} ({len(alike)} times)" if same else alike[-1].summary
        findings.append(finding(code, text, _without_doubles(evidence), {**known, **alike[-1].values}, Level.WARNING))
    return findings


def _without_doubles(evidence: Iterable[Evidence]) -> list[Evidence]:
    return list(dict.fromkeys(evidence))


def root_finding(root: Event, alike: list[Event], known: Mapping[str, str], advice: str | None) -> Finding:
    """The finding of the root cause: its own evidence last, after that of earlier failures of the same kind."""
    evidence = [line for event in alike for line in event.evidence] + list(root.evidence)
    assert root.code is not None
    return finding(root.code, root.summary, _without_doubles(evidence), {**known, **root.values}, root.level, advice)
