"""What should have come next and did not: the end of the path as far as it was seen."""

from ucdiag.diagnosis.options import DiagnosisOptions
from ucdiag.diagnosis.step_event import Event
from ucdiag.diagnosis.traffic import Traffic, external_side, port_of, url_in_use
from ucdiag.model.steps import Step
from ucdiag.model.urls import split_url
from ucdiag.model.vocabulary import FindingCode, Microseconds

_WAITED = {
    Step.DNS: "the lease",
    Step.CONNECT: "the DNS answer",
    Step.REQUEST: "the connection opened",
    Step.DOWNLOAD: "the offer",
}


def missing_next(events: list[Event], traffic: Traffic, setting: DiagnosisOptions, at: Microseconds) -> list[Event]:
    """One event for what did not follow the last one by the time ``at``, or none."""
    if not setting.from_capture:
        return _not_fetched(events, traffic, setting)
    last = max(events, key=lambda event: (event.time, event.step.number), default=None)
    if last is None or last.ok is not True:
        return []
    offered = last.step is Step.RESPONSE and any(answer.form == "offered" for answer in traffic.answers[-1:])
    port = _unwatched_port(traffic, setting) if offered else None
    if port is not None:
        text = (
            f"whether the phone fetched the file cannot be told: it is at port {port}, not watched; "
            f"capture with --port {port}"
        )
        return [Event(step=Step.DOWNLOAD, time=last.time, ok=None, summary=text, missing_next=True)]
    missing = _missing_step(last, {event.step for event in events}, traffic, offered)
    if missing is None:
        return []
    code, step, text = missing
    if at - last.time < setting.patience_microseconds:
        waited = f"the capture ends {(at - last.time) / 1_000_000:.1f} s after {_WAITED[step]}"
        return [_missing_event("capture-too-short", step, last.time, f"{waited}, too soon to tell what came next")]
    return [_missing_event(code, step, last.time, text)]


def _not_fetched(events: list[Event], traffic: Traffic, setting: DiagnosisOptions) -> list[Event]:
    """That an active command was told not to fetch the file that is offered."""
    offered = any(answer.form == "offered" for answer in traffic.answers)
    if setting.whole_file or not offered or any(event.step is Step.DOWNLOAD for event in events):
        return []
    time = max(answer.time for answer in traffic.answers)
    text = "an update is offered, and the file was not asked for"
    return [_missing_event("download-not-tried", Step.DOWNLOAD, time, text)]


def _missing_step(
    last: Event, reached: set[Step], traffic: Traffic, offered: bool
) -> tuple[FindingCode, Step, str] | None:
    """The code, step and sentence of what did not follow; None where the path may end there."""
    if last.step is Step.DHCP and reached == {Step.DHCP}:
        return "dns-not-asked", Step.DNS, "the phone has a lease and asked for no update server"
    if last.step is Step.DNS:
        text = "DNS gave a good address, and the phone did not connect to it"
        return "connect-not-tried", Step.CONNECT, text
    if last.step is Step.CONNECT:
        sent = "what looks like a log, and no update request" if traffic.only_logs else "no request"
        return "request-not-sent", Step.REQUEST, f"the phone connected and sent {sent}"
    if offered:
        text = "an update was offered, and the phone asked for no file of it"
        return "download-not-tried", Step.DOWNLOAD, text
    return None


def _unwatched_port(traffic: Traffic, setting: DiagnosisOptions) -> int | None:
    """The port of the offered file, if the capture passed it over."""
    url = url_in_use(traffic.answers[-1], external_side(traffic.requests, setting))
    parts = split_url(url) if url else None
    if parts is None or setting.ports is None or port_of(parts) in setting.ports:
        return None
    return port_of(parts)


def _missing_event(code: FindingCode, step: Step, time: Microseconds, text: str) -> Event:
    return Event(step=step, time=time, ok=None, code=code, summary=text, missing_next=True)
