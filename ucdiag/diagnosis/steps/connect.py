"""Step 3: TCP to the address opens."""

from collections.abc import Iterable

from ucdiag.diagnosis.options import DiagnosisOptions
from ucdiag.diagnosis.registrars import is_arp_alone
from ucdiag.diagnosis.repeated import REFUSALS, addresses_left, asked_once, still_awaited, unopened_alike
from ucdiag.diagnosis.step_event import Event, StepEventBuilder, evidence_of
from ucdiag.diagnosis.traffic import Traffic
from ucdiag.diagnosis.unsent import unsent_clause, unsent_event
from ucdiag.model.fast_dataclass import replace
from ucdiag.model.observations import Connect
from ucdiag.model.steps import Step
from ucdiag.model.text import listed
from ucdiag.model.vocabulary import ConnectOutcome, FindingCode, Microseconds

_CODES: dict[ConnectOutcome, tuple[FindingCode, str]] = {
    "refused": ("connect-refused", "refused the connection to port {port} (SYN answered by RST)"),
    "no_answer": ("connect-no-answer", "did not answer on port {port} (SYN not answered)"),
    "unreachable": ("connect-unreachable", "cannot be reached on port {port}"),
}


# What the reason says of the way (ICMP, ARP, this machine's system), and the variant of the advice. That a port is
# unreachable is a filter's word of TCP: a host answers with a reset (RFC 1122, 3.2.2.1; RFC 9293, 3.5.2).
_ADVICE_BY_REASON: dict[str, str | None] = {
    "prohibited": "filtered",
    "policy": "filtered",
    "port unreachable": "filtered",
    "protocol unreachable": "filtered",
    "exceeded": "routing-loop",
    "broadcast": "no-host",
    "ARP for its gateway": None,
    "or for the gateway": None,
    "ARP for ": "nobody-there",
}


def events(traffic: Traffic, setting: DiagnosisOptions, at: Microseconds) -> list[Event]:
    made = []
    for connect in traffic.connects:
        cut = ""
        recent = at - connect.time < setting.patience_microseconds
        alike = unopened_alike(connect, traffic.connects) if recent or setting.lost else []
        if is_undecided(connect, setting, at, alike):
            cut = f"while {connect.server} port {connect.port} was being connected to"
        cut = cut or next_address_clause(connect, traffic.connects, traffic, setting, at)
        event = _connect_event(connect, traffic.host_names.get(connect.server), setting, cut)
        once = setting.lost > 0 and event.ok is False and is_single(connect, alike)
        made.append(replace(event, asked_once=True) if once else event)
    return made


def is_single(connect: Connect, alike: Iterable[Connect]) -> bool:
    """Whether this failure rests on a single packet without an answer. ``alike``: the unanswered SYNs to that place."""
    if is_arp_alone(connect):
        return asked_once([connect])
    return connect.outcome in ("unfinished", "no_answer") and connect.lacking != "ack" and asked_once(alike)


def next_address_clause(
    connect: Connect, connects: Iterable[Connect], traffic: Traffic, setting: DiagnosisOptions, at: Microseconds
) -> str:
    """That the capture ends before the phone tried the name's other addresses, as a clause; "" where it does not."""
    left = addresses_left(connect, connects, traffic.other_addresses.get(connect.server, ()), setting, at)
    return (
        f"soon after a connection failed ({describe_connect(connect)}), before the phone tried {listed(left)}"
        if left
        else ""
    )


def describe_connect(connect: Connect) -> str:
    """The outcome of the attempt, as a clause that begins with the server's address."""
    if connect.outcome == "open":
        return f"{connect.server} accepted the connection to port {connect.port}"
    if connect.lacking == "ack":
        return (
            f"{connect.server} answered on port {connect.port}, and the answer does not reach the phone (SYN ACK seen, "
            "SYN repeated)"
        )
    _, text = _CODES.get(connect.outcome, ("", "had not answered on port {port} when the capture ended"))
    reason = f": {connect.reason}" if connect.reason else ""
    return f"{connect.server} {text.format(port=connect.port)}{reason}"


def is_undecided(
    connect: Connect, setting: DiagnosisOptions, at: Microseconds, alike: Iterable[Connect] | None = None
) -> bool:
    """Whether a capture ends too early to conclude that this attempt, or those ``alike``, got no answer."""
    if not setting.from_capture or connect.outcome not in ("unfinished", "no_answer"):
        return False
    return still_awaited(connect, [connect] if alike is None else alike, setting, at)


def _address_origin(name: str | None, setting: DiagnosisOptions) -> str:
    """The record to correct if the address is wrong. DNS is named only if its answer was seen."""
    if name:
        return f"the record of {name}"
    if setting.from_capture:
        return "whatever named it to the phone: a DNS record, or the URL that a sign-in gave it"
    return "the address that was given"


def _advice(connect: Connect) -> str | None:
    """The variant of the advice for a connection that failed; None for the usual one."""
    if connect.lacking == "ack":
        return "answer-lost"
    if connect.outcome != "unreachable" or not connect.reason:
        return None
    return next((advice for words, advice in _ADVICE_BY_REASON.items() if words in connect.reason), None)


def _connect_event(connect: Connect, name: str | None, setting: DiagnosisOptions, cut: str) -> Event:
    """The event of one attempt; ``cut`` says when the capture ends, where that is too early to judge it."""
    not_sent = unsent_clause(connect)
    if not_sent is not None:
        return unsent_event(Step.CONNECT, connect, not_sent)
    values = {"address": connect.server, "port": str(connect.port)}
    name = connect.name or name
    if name:
        values["name"] = name
    values["origin"] = _address_origin(name, setting)
    tries = f", {connect.attempts} SYNs" if connect.attempts > 1 else ""
    unheard = " after the SYN ACK" if connect.lacking == "ack" else ""
    line = f"TCP to {connect.server} port {connect.port}: {connect.outcome.replace('_', ' ')}{tries}{unheard}"
    event = StepEventBuilder(
        step=Step.CONNECT,
        time=connect.time,
        evidence=(evidence_of(line, connect),),
        values=values,
        channel=(connect.server, connect.port),
    )
    if cut:
        return event.cut_off(f"the capture ends {cut}", waiting=connect.outcome not in REFUSALS)
    if connect.outcome == "unfinished" and setting.from_capture:
        connect = replace(connect, outcome="no_answer")
    event = replace(event, seconds=connect.seconds)
    if connect.outcome == "open":
        return event.ok(describe_connect(connect))
    variant = _advice(connect)
    if variant:
        event = event.with_values(variant=variant)
    return event.failed(_CODES.get(connect.outcome, _CODES["no_answer"])[0], describe_connect(connect))
