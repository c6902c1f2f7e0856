"""Makes the report's seven steps, each with its status and one sentence, from the judgement."""

from ucdiag.diagnosis.judgement import Judgement, as_sentence
from ucdiag.diagnosis.other_phones import learns_in_band
from ucdiag.diagnosis.step_event import Event
from ucdiag.model.observations import Dhcp, Lease, UpdateAnswer
from ucdiag.model.report import StepResult
from ucdiag.model.steps import STEPS, Level, Step, StepStatus
from ucdiag.model.text import listed
from ucdiag.model.vocabulary import AnswerForm, ConnectOutcome

# Codes of what did not follow: where nothing else was observed of the step, it was not seen.
_UNSEEN = frozenset(
    {"dns-not-asked", "connect-not-tried", "request-not-sent", "download-not-tried", "capture-too-short"}
)

_MOST_NAMED = 3

_NOT_SEEN = {
    Step.DHCP: "no DHCP message of this phone in the capture",
    Step.DNS: "it asked for no update server (a phone that signed in before does not need to)",
    Step.CONNECT: "no connection to an update server",
    Step.TLS: "no TLS handshake with the update server",
    Step.REQUEST: "no update request in clear",
    Step.RESPONSE: "no answer in clear",
    Step.DOWNLOAD: "no file",
}

# Why a path has no such step.
_PLAIN = "Plain http: no TLS on this path"
_NO_FILE = "No file was offered"
_SAME_VERSION = "The phone has the version that is offered: nothing to fetch"

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
    if root is not None and root.code == "firmware-needs-sign-in":
        # What was tested is another phone's path: each step of it stands for itself.
        if event is not None and not event.ok:
            return _event_result(event, StepStatus.WARNING, event.summary)
    elif root is not None and step.number > root.step.number:
        if event is None or root.ok is False or not judgement.setting.from_capture:
            return _unreached_result(step, root, judgement)
        # Of an attempt before the one that decides.
        status = StepStatus.OK if event.ok and step not in warned else StepStatus.WARNING
        summary = f"{event.summary} (earlier)" if event.time < root.time else event.summary
        return _event_result(event, status, summary)
    if event is None:
        return _absent_result(step, judgement)
    status = StepStatus.WARNING if step in warned or event.level is Level.WARNING else StepStatus.OK
    return _event_result(event, status, _held_summary(event, judgement))


def _event_result(event: Event, status: StepStatus, summary: str) -> StepResult:
    return StepResult(step=event.step, status=status, summary=as_sentence(summary), seconds=event.seconds)


def _deciding_step(root: Event, judgement: Judgement) -> StepResult:
    from_capture = judgement.setting.from_capture
    status = StepStatus.FAILED if root.ok is False else StepStatus.WARNING
    if root.ok is None and (root.problem or root.code in _UNSEEN) and not from_capture:
        status = StepStatus.NOT_TESTED
    elif root.ok is None and root.code in _UNSEEN and not root.evidence and root.step not in judgement.result.seen:
        status = StepStatus.NOT_SEEN
    summary = root.summary if from_capture else _with_other_channels(root.step, root.summary, judgement)
    return _event_result(root, status, summary)


def _held_summary(event: Event, judgement: Judgement) -> str:
    """The summary of a step that did not break the path."""
    if event.superseded and not event.ok:
        return f"{event.summary}; an answer after that offers it no more"
    if not event.ok and event.level is None:
        return f"{event.summary}; it went on all the same"
    if not judgement.setting.from_capture:
        return _with_other_channels(event.step, event.summary, judgement)
    return event.summary


def _unreached_result(step: Step, root: Event, judgement: Judgement) -> StepResult:
    not_part = _not_part_of(step, judgement)
    if root.ok is False:
        text = not_part or f"Not reached: step {root.step.number} ({root.step}) failed."
        return StepResult(step=step, status=StepStatus.NOT_REACHED, summary=text)
    if judgement.setting.from_capture:
        summary = f"Not seen: {_what_is_missing(step, judgement)}."
        return StepResult(step=step, status=StepStatus.NOT_SEEN, summary=summary)
    return StepResult(step=step, status=StepStatus.NOT_TESTED, summary=not_part or _untested_summary(step, judgement))


def _not_part_of(step: Step, judgement: Judgement) -> str | None:
    """The sentence that the step is not part of the command's part of the path."""
    setting = judgement.setting
    return f"Not part of {setting.command}." if setting.command and step not in setting.tested else None


def _absent_result(step: Step, judgement: Judgement) -> StepResult:
    """A step without an event, before the root or on a path that holds."""
    from_capture = judgement.setting.from_capture
    summary = _not_seen_summary(step, judgement) if from_capture else _not_tested_summary(step, judgement)
    status = StepStatus.NOT_SEEN if from_capture else StepStatus.NOT_TESTED
    if summary.startswith((_PLAIN, _NO_FILE, _SAME_VERSION)):
        status = StepStatus.NOT_NEEDED
    return StepResult(step=step, status=status, summary=summary)


_NOT_LOGGED = "The server's logs do not show this step"


def _not_seen_summary(step: Step, judgement: Judgement) -> str:
    last = judgement.result.last
    if judgement.setting.from_logs and (step.number < Step.REQUEST.number or step is Step.RESPONSE):
        return f"{_NOT_LOGGED}."
    later = [event for known, event in last.items() if known.number > step.number and event.ok]
    plain = [http for http in judgement.traffic.requests if http.scheme != "https" and http.method != "CONNECT"]
    if step is Step.TLS and (later or plain) and not judgement.traffic.handshakes:
        return f"{_PLAIN}."
    if step is Step.DOWNLOAD and Step.RESPONSE in last:
        return _no_file_summary(judgement)
    return f"Not seen: {_what_is_missing(step, judgement)}."


def _what_is_missing(step: Step, judgement: Judgement) -> str:
    if step is Step.DHCP:
        return _not_leased(judgement)
    if step is Step.DNS:
        return _not_asked(judgement)
    if step is Step.CONNECT:
        return _not_connected(judgement)
    return _NOT_SEEN[step]


def _not_leased(judgement: Judgement) -> str:
    """The sentence that DHCP shows no lease, with the DHCP messages of the capture."""
    messages = judgement.history.of_kind(Dhcp)
    if not messages:
        return _NOT_SEEN[Step.DHCP]
    kinds = list(dict.fromkeys(message.type.upper() for message in messages))
    return f"of DHCP, only {listed(kinds)} {'are' if len(kinds) > 1 else 'is'} in the capture"


def _not_asked(judgement: Judgement) -> str:
    """The sentence that no update server was looked up, and why none needs to be."""
    reached = judgement.sign_in.last_reached
    if reached is not None:
        return f"it asked for no update server; it learns its server at sign-in: {reached.summary}"
    if learns_in_band(judgement.identity):
        return "it asked for no update server, which such a phone learns at its sign-in alone"
    return _NOT_SEEN[Step.DNS]


def _not_connected(judgement: Judgement) -> str:
    """The sentence that no connection to an update server was seen, with the phone's other connections."""
    traffic, last = judgement.traffic, judgement.result.last
    if any(step in last and last[step].channel for step in (Step.TLS, Step.REQUEST, Step.RESPONSE)):
        return "the opening of the connection is not in the capture"
    others = dict.fromkeys(
        f"{traffic.host_names.get(connect.server, connect.server)} port {connect.port}"
        for connect in traffic.other_connects
    )
    if others:
        return f"no connection to an update server; the phone tried {listed(list(others)[-_MOST_NAMED:])}"
    return _NOT_SEEN[Step.CONNECT]


def _not_tested_summary(step: Step, judgement: Judgement) -> str:
    last = judgement.result.last
    not_part = _not_part_of(step, judgement)
    if not_part is not None:
        return not_part
    if step is Step.DHCP:
        return _domain_text(judgement)
    if step is Step.TLS and any(http.scheme == "https" for http in judgement.deciding_requests):
        return "Not tested: the proxy gave no way to it."
    if step is Step.TLS and Step.REQUEST in last:
        return as_sentence(_with_other_channels(step, _PLAIN, judgement))
    if step is Step.DOWNLOAD and Step.RESPONSE in last:
        return _no_file_summary(judgement)
    if step is Step.DNS and judgement.server_given:
        return "Not tested: the server was given."
    return _untested_summary(step, judgement)


def _untested_summary(step: Step, judgement: Judgement) -> str:
    stopped = judgement.setting.stopped
    return f"Not tested: {stopped}." if stopped is not None else _NOT_TESTED[step]


def _no_file_summary(judgement: Judgement) -> str:
    if judgement.answer is not None and judgement.traffic.is_held(judgement.answer):
        return f"{_SAME_VERSION}."
    return f"{_NO_FILE}."


def _domain_text(judgement: Judgement) -> str:
    """The origin of the domain, if DHCP was not tested."""
    setting = judgement.setting
    if setting.domain is None and judgement.server_given:
        return "Not tested: the server was given."
    if setting.domain is None:
        lease = next((lease for lease in judgement.history.of_kind(Lease) if lease.chosen), None)
        return f"No DHCP domain is known{f' ({lease.provenance})' if lease else ''}."
    return f"The domain is {setting.domain}, from {setting.domain_from or 'the command line'}; DHCP was not tested."


def _with_other_channels(step: Step, summary: str, judgement: Judgement) -> str:
    """The summary with the results of the other addresses and ports added, so that each is reported."""
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
        for connect in {(opening.server, opening.port): opening for opening in judgement.traffic.connects}.values()
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
    """The result of this address and port, if it differs from that of the deciding one."""
    answers = [answer for answer in judgement.traffic.answers if (answer.server, answer.port) == channel]
    deciding = judgement.answer
    if not answers or (deciding is not None and _answer_essence(answers[-1]) == _answer_essence(deciding)):
        return []
    words = _FORM_WORDS.get(answers[-1].form, answers[-1].form)
    return [f"{channel[0]} port {channel[1]} {words}"]


def _answer_essence(answer: UpdateAnswer) -> tuple[str, str | None, str | None]:
    return answer.form, answer.internal_url, answer.version
