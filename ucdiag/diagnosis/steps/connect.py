"""Step 3: TCP to the address opens."""

from dataclasses import replace

from ucdiag.diagnosis.options import DiagnosisOptions
from ucdiag.diagnosis.step_event import Event, StepEventBuilder, evidence_of
from ucdiag.diagnosis.traffic import Traffic
from ucdiag.diagnosis.unsent import unsent, unsent_event
from ucdiag.model.observations import Connect
from ucdiag.model.steps import Step
from ucdiag.model.vocabulary import ConnectOutcome, FindingCode, Microseconds

_CODES: dict[ConnectOutcome, tuple[FindingCode, str]] = {
    "refused": ("connect-refused", "refused the connection to port {port} (SYN answered by RST)"),
    "no_answer": ("connect-no-answer", "did not answer on port {port} (SYN not answered)"),
    "unreachable": ("connect-unreachable", "cannot be reached on port {port}"),
}


def events(traffic: Traffic, setting: DiagnosisOptions, at: Microseconds) -> list[Event]:
    return [_event(connect, setting, at) for connect in traffic.connects]


def describe(connect: Connect) -> str:
    """What became of the attempt, as a clause that begins with the server's address."""
    if connect.outcome == "open":
        return f"{connect.server} accepted the connection to port {connect.port}"
    _, text = _CODES.get(connect.outcome, ("", "had not answered on port {port} when the capture ended"))
    reason = f": {connect.reason}" if connect.reason else ""
    return f"{connect.server} {text.format(port=connect.port)}{reason}"


def _event(connect: Connect, setting: DiagnosisOptions, at: Microseconds) -> Event:
    not_sent = unsent(connect)
    if not_sent is not None:
        return unsent_event(Step.CONNECT, connect, not_sent)
    values = {"address": connect.server, "port": str(connect.port)}
    if connect.name:
        values["name"] = connect.name
    tries = f", {connect.attempts} SYNs" if connect.attempts > 1 else ""
    line = f"TCP to {connect.server} port {connect.port}: {connect.outcome.replace('_', ' ')}{tries}"
    event = StepEventBuilder(
        step=Step.CONNECT,
        time=connect.time,
        evidence=(evidence_of(line, connect),),
        values=values,
        channel=(connect.server, connect.port),
    )
    waiting = setting.from_capture and at - connect.time < setting.patience_microseconds
    if connect.outcome in ("unfinished", "no_answer") and waiting:
        return event.cut_off(f"the capture ends while {connect.server} port {connect.port} was being connected to")
    event = replace(event, seconds=connect.seconds)
    if connect.outcome == "open":
        return event.ok(describe(connect))
    return event.failed(_CODES.get(connect.outcome, _CODES["no_answer"])[0], describe(connect))
