"""How each of the seven steps stands, in one sentence: from what the judge concluded to the report's steps."""

from ucdiag.diagnosis.judgement import Judgement, sentence
from ucdiag.diagnosis.step_event import Event
from ucdiag.model.observations import Lease, UpdateAnswer
from ucdiag.model.report import StepResult
from ucdiag.model.steps import STEPS, Level, Step, StepStatus
from ucdiag.model.text import listed
from ucdiag.model.vocabulary import AnswerForm, ConnectOutcome

# Codes of what did not follow: where nothing else was observed of the step, it was not seen.
_UNSEEN = frozenset(
    {"dns-not-asked", "connect-not-tried", "request-not-sent", "download-not-tried", "capture-too-short"}
)

_NOT_SEEN = {
    Step.DHCP: "no DHCP message of this phone in the capture",
    Step.DNS: "it asked for no update server (a phone that signed in before does not need to)",
    Step.CONNECT: "the opening of the connection is not in the capture",
    Step.TLS: "no TLS handshake with the update server",
    Step.REQUEST: "no update request in clear",
    Step.RESPONSE: "no answer in clear",
    Step.DOWNLOAD: "no file",
}

_NOT_TESTED = {
    Step.DHCP: "Not tested.",
    Step.DNS: "Not tested.",
    Step.CONNECT: "Not tested: no address to connect to.",
    Step.TLS: "Not tested.",
    Step.REQUEST: "Not tested.",
    Step.RESPONSE: "Not tested.",
    Step.DOWNLOAD: "Not tested.",
}

_FORM_WORDS: dict[AnswerForm, str] = {
    "none_offered": "offers nothing newer",
    "offered": "offers an update of its own",
}

_OUTCOME_WORDS: dict[ConnectOutcome, str] = {
    "open": "is open too",
    "refused": "refuses",
    "no_answer": "does not answer",
    "unreachable": "cannot be reached",
    "not_sent": "was not tested",
}


def step_results(judgement: Judgement, warned: set[Step]) -> tuple[StepResult, ...]:
    """One result for each step, in order. ``warned`` are the steps with a warning among the findings."""
    return tuple(_step_result(step, judgement, warned) for step in STEPS)


def _step_result(step: Step, judgement: Judgement, warned: set[Step]) -> StepResult:
    root, event = judgement.result.root, judgement.result.last.get(step)
    if root is not None and step is root.step:
        return _deciding_step(root, judgement)
    if root is not None and step.number > root.step.number:
        if event is None or root.ok is False or not judgement.setting.from_capture:
            return _unreached(step, root, judgement)
        # Of an attempt before the one that decides.
        status = StepStatus.OK if event.ok and step not in warned else StepStatus.WARNING
        summary = f"{event.summary} (earlier)" if event.time < root.time else event.summary
        return _result(event, status, summary)
    if event is None:
        return _absent(step, judgement)
    status = StepStatus.WARNING if step in warned or event.level is Level.WARNING else StepStatus.OK
    return _result(event, status, _held_summary(event, judgement))


def _result(event: Event, status: StepStatus, summary: str) -> StepResult:
    return StepResult(step=event.step, status=status, summary=sentence(summary), seconds=event.seconds)


def _deciding_step(root: Event, judgement: Judgement) -> StepResult:
    from_capture = judgement.setting.from_capture
    status = StepStatus.FAILED if root.ok is False else StepStatus.WARNING
    if root.ok is None and (root.problem or root.code in _UNSEEN) and not from_capture:
        status = StepStatus.NOT_TESTED
    elif root.ok is None and root.code in _UNSEEN and not root.evidence and root.step not in judgement.result.seen:
        status = StepStatus.NOT_SEEN
    summary = root.summary if from_capture else _with_other_channels(root.step, root.summary, judgement)
    return _result(root, status, summary)


def _held_summary(event: Event, judgement: Judgement) -> str:
    """The summary of a step that did not break the path."""
    if event.superseded and not event.ok:
        return f"{event.summary}; an answer after that offers it no more"
    if not event.ok and event.level is None:
        return f"{event.summary}; it went on all the same"
    if not judgement.setting.from_capture and event.step is not Step.DHCP:
        return _with_other_channels(event.step, event.summary, judgement)
    return event.summary


def _unreached(step: Step, root: Event, judgement: Judgement) -> StepResult:
    if root.ok is False:
        text = f"Not reached: step {root.step.number} ({root.step}) failed."
        return StepResult(step=step, status=StepStatus.NOT_REACHED, summary=text)
    if judgement.setting.from_capture:
        return StepResult(step=step, status=StepStatus.NOT_SEEN, summary=f"Not seen: {_NOT_SEEN[step]}.")
    return StepResult(step=step, status=StepStatus.NOT_TESTED, summary=_NOT_TESTED[step])


def _absent(step: Step, judgement: Judgement) -> StepResult:
    """A step without an event, before the root or on a path that holds."""
    if judgement.setting.from_capture:
        return StepResult(step=step, status=StepStatus.NOT_SEEN, summary=_not_seen_summary(step, judgement))
    return StepResult(step=step, status=StepStatus.NOT_TESTED, summary=_not_tested_summary(step, judgement))


def _not_seen_summary(step: Step, judgement: Judgement) -> str:
    last = judgement.result.last
    later = [event for known, event in last.items() if known.number > step.number and event.ok]
    if step is Step.TLS and later and not judgement.traffic.handshakes:
        return "Plain http: no TLS on this path."
    if step is Step.DOWNLOAD and Step.RESPONSE in last:
        return "No file was offered."
    return f"Not seen: {_NOT_SEEN[step]}."


def _not_tested_summary(step: Step, judgement: Judgement) -> str:
    last = judgement.result.last
    if step is Step.DHCP:
        return _domain_text(judgement)
    if step is Step.TLS and any(http.scheme == "https" for http in judgement.deciding_requests):
        return "Not tested: the proxy gave no way to it."
    if step is Step.TLS and Step.REQUEST in last:
        return sentence(_with_other_channels(step, "Plain http: no TLS on this path", judgement))
    if step is Step.DOWNLOAD and Step.RESPONSE in last:
        return "No file was offered."
    if step is Step.DNS and judgement.server_given:
        return "Not tested: the server was given."
    return _NOT_TESTED[step]


def _domain_text(judgement: Judgement) -> str:
    """Where the domain came from, if DHCP was not tested."""
    setting = judgement.setting
    if setting.domain is None and judgement.server_given:
        return "Not tested: the server was given."
    if setting.domain is None:
        lease = next((lease for lease in judgement.history.of(Lease) if lease.chosen), None)
        return f"No DHCP domain is known{f' ({lease.provenance})' if lease else ''}."
    return f"The domain is {setting.domain}, from {setting.domain_from or 'the command line'}; DHCP was not tested."


def _with_other_channels(step: Step, summary: str, judgement: Judgement) -> str:
    """Adds what the other addresses and ports answered, so that each is reported."""
    result = judgement.result
    event = result.root if result.root is not None and result.root.step is step else result.last.get(step)
    if step is Step.CONNECT and event is not None:
        others = _other_connects(event, judgement)
        return f"{summary}; {listed(others)}" if others else summary
    if step not in (Step.TLS, Step.REQUEST, Step.RESPONSE):
        return summary
    others = _other_results(step, event, judgement)
    return f"{summary}; but {listed(others)}" if others else summary


def _other_connects(shown: Event, judgement: Judgement) -> list[str]:
    return [
        f"{connect.server} port {connect.port} {_OUTCOME_WORDS.get(connect.outcome, connect.outcome)}"
        for connect in {(each.server, each.port): each for each in judgement.traffic.connects}.values()
        if (connect.server, connect.port) != shown.channel
    ]


def _other_results(step: Step, shown: Event | None, judgement: Judgement) -> list[str]:
    texts = []
    for channel, result in judgement.result.channels.items():
        last = result.last.get(step)
        if last is None or (shown is not None and channel == shown.channel):
            continue
        if result.root is not None and result.root.step is step:
            texts.append(result.root.summary)
        elif step is Step.RESPONSE and last.ok:
            texts += _other_answer(channel, judgement)
        elif shown is not None and not shown.ok and last.ok:
            texts.append(f"{channel[0]} port {channel[1]} is in order")
    return texts


def _other_answer(channel: tuple[str, int], judgement: Judgement) -> list[str]:
    """What this address and port answered, where that is not what the deciding one did."""
    answers = [answer for answer in judgement.traffic.answers if (answer.server, answer.port) == channel]
    deciding = judgement.answer
    if not answers or (deciding is not None and _essence(answers[-1]) == _essence(deciding)):
        return []
    words = _FORM_WORDS.get(answers[-1].form, answers[-1].form)
    return [f"{channel[0]} port {channel[1]} {words}"]


def _essence(answer: UpdateAnswer) -> tuple[str, str | None, str | None]:
    return answer.form, answer.internal_url, answer.version
