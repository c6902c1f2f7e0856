"""Packets that this machine could not send. That is no fact about a server, so it makes a problem and no finding."""

from ucdiag.diagnosis.step_event import Event, evidence_of
from ucdiag.model.observations import Connect, Http, Lookup, Observation, Tls, Transfer
from ucdiag.model.report import Problem
from ucdiag.model.steps import Step
from ucdiag.model.vocabulary import ProblemCode

NOT_SENT: ProblemCode = "not-sent"


def unsent_clause(observation: Observation) -> str | None:
    """What could not be sent, and why, as a clause; ``None`` for what was sent, or came from a capture."""
    seen = observation
    if isinstance(seen, Lookup) and seen.failure == "not_sent":
        whom = f"the nameserver {seen.server}{_port_text(seen.server_port, 53)}" if seen.server else "a nameserver"
        over = " over TCP" if seen.transport == "tcp" else ""
        return f"this machine could not ask {whom}{over}{_reason_clause(seen.reason)}"
    if isinstance(seen, Connect) and seen.outcome == "not_sent":
        return f"this machine could not connect to {seen.server} port {seen.port}{_reason_clause(seen.reason)}"
    if isinstance(seen, Tls) and seen.outcome == "not_sent":
        return (
            f"this machine could not go on with the TLS handshake with {_place_text(seen)}{_reason_clause(seen.reason)}"
        )
    if isinstance(seen, Http) and seen.failure == "not_sent":
        return f"this machine could not go on with its request to {_place_text(seen)}{_reason_clause(seen.reason)}"
    if isinstance(seen, Transfer) and seen.outcome == "not_sent":
        return f"this machine could not fetch {seen.url}{_reason_clause(seen.reason)}"
    return None


def problem_of(observation: Observation) -> Problem | None:
    """``unsent_clause`` as a problem of the report."""
    text = unsent_clause(observation)
    return None if text is None else Problem(code=NOT_SENT, text=f"{text[:1].upper()}{text[1:]}.")


def unsent_event(step: Step, observation: Lookup | Connect | Tls | Http | Transfer, text: str) -> Event:
    """An event that leaves the step unknown. ``text`` is the result of ``unsent_clause``."""
    channel = None
    if isinstance(observation, (Connect, Tls, Http)):
        channel = (observation.server, observation.port)
    return Event(
        step=step,
        time=observation.time,
        ok=None,
        summary=text,
        evidence=(evidence_of(text, observation),),
        channel=channel,
        problem=NOT_SENT,
    )


def _port_text(port: int | None, usual: int) -> str:
    return "" if port in (None, usual) else f" port {port}"


def _place_text(seen: Tls | Http) -> str:
    return f"{seen.server} port {seen.port}"


def _reason_clause(reason: str | None) -> str:
    return f": {reason}" if reason else ""
