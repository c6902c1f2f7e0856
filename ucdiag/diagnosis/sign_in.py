"""The outcome of a phone's sign-in. It is not a step of the path, but it gives the phone its update server.

The sign-in is encrypted, so only its connections can be judged.
"""

from ucdiag.diagnosis import firmware_generations as generations
from ucdiag.diagnosis.attempts import Attempt, connection_attempts
from ucdiag.diagnosis.observation_log import ObservationLog
from ucdiag.diagnosis.options import DiagnosisOptions
from ucdiag.diagnosis.registrars import SIGN_IN_PORT
from ucdiag.diagnosis.step_event import Event, StepEventBuilder, finding
from ucdiag.diagnosis.traffic import Traffic
from ucdiag.model.fast_dataclass import record, replace
from ucdiag.model.observations import Dhcp, UpdateAnswer
from ucdiag.model.report import Finding, SignIn
from ucdiag.model.steps import Level, Step
from ucdiag.model.vocabulary import Microseconds, SignInOutcome


@record(frozen=True, slots=True)
class SignInAttempts:
    """One phone's attempts to reach its registrar, by time; ``failed`` are those after the last success."""

    all: tuple[Attempt, ...] = ()
    failed: tuple[Attempt, ...] = ()

    @property
    def last_reached(self) -> Attempt | None:
        """The last successful attempt, unless a later one failed."""
        good = [attempt for attempt in self.all if attempt.reached]
        return good[-1] if good and not self.failed else None

    def sign_in_fact(self) -> SignIn | None:
        """The sign-in as a fact of the report; None if the phone did not try."""
        if not self.all:
            return None
        outcome: SignInOutcome = "failed" if self.failed else "unfinished"
        last = self.failed[-1] if self.failed else self.all[-1]
        if self.last_reached is not None:
            outcome, last = "open", self.last_reached
        return SignIn(
            outcome=outcome,
            time=last.time,
            frame=last.frame,
            server=last.server,
            port=last.port,
            name=last.name,
            summary=last.summary,
        )


def sign_in_attempts(
    traffic: Traffic, setting: DiagnosisOptions, at: Microseconds, deaf: bool = False
) -> SignInAttempts:
    """The outcome of each attempt until ``at`` (microseconds). ``deaf``: the capture lacks the servers' packets, so
    a missing answer is no failure."""
    if not setting.from_capture:
        return SignInAttempts()
    connects, handshakes = traffic.sign_in_connects, traffic.sign_in_handshakes
    made = connection_attempts(connects, handshakes, traffic.host_names, setting, at, half_fails=False)
    made = [
        replace(attempt, reached=None) if attempt.may_be_lost or (deaf and attempt.silent) else attempt
        for attempt in made
    ]
    last_good = max((number for number, attempt in enumerate(made) if attempt.reached), default=-1)
    failed = [attempt for attempt in made[last_good + 1 :] if attempt.reached is False]
    return SignInAttempts(tuple(made), tuple(failed))


def events(
    sign_in: SignInAttempts, history: ObservationLog, firmware: str | None, in_band: bool = False
) -> list[Event]:
    """The failure that breaks the path of a phone that learns its server at sign-in alone.

    ``in_band``: it is a phone of another maker, which does so whatever its ``firmware`` is.
    """
    generation = generations.generation_of(firmware)
    only_way = in_band or (generation is not None and generation.asks_dns is False)
    if not sign_in.failed or not only_way or _was_served(history):
        return []
    last = sign_in.failed[-1]
    builder = StepEventBuilder(
        step=Step.DNS,
        time=last.time,
        evidence=tuple(attempt.evidence for attempt in sign_in.failed),
        values=_attempt_values(last),
    )
    text = f"{_failure_summary(sign_in)}; it learns its update server there alone"
    return [builder.failed("sign-in-failed", text, level=Level.ERROR)]


def additional_findings(sign_in: SignInAttempts) -> list[Finding]:
    """The warning that the last attempts failed."""
    if not sign_in.failed:
        return []
    last = sign_in.failed[-1]
    return [
        finding(
            "sign-in-failed",
            _failure_summary(sign_in),
            (attempt.evidence for attempt in sign_in.failed),
            _attempt_values(last),
        )
    ]


def _was_served(history: ObservationLog) -> bool:
    """Whether an update server answered the phone since it was started."""
    starts = [message.time for message in history.of_kind(Dhcp) if message.type == "discover"]
    served = [answer.time for answer in history.of_kind(UpdateAnswer) if answer.form in ("offered", "none_offered")]
    return bool(served) and (not starts or max(served) > max(starts))


def _failure_summary(sign_in: SignInAttempts) -> str:
    places = {(attempt.server, attempt.port) for attempt in sign_in.failed}
    summaries = list(dict.fromkeys(attempt.summary for attempt in sign_in.failed))
    more = f" ({len(sign_in.failed)} times)" if len(sign_in.failed) > 1 and len(summaries) == 1 else ""
    others = f"; so did {len(places) - 1} more" if len(places) > 1 else ""
    return f"the phone's sign-in failed: {summaries[-1]}{more}{others}"


def _attempt_values(attempt: Attempt) -> dict[str, str]:
    return {
        "address": attempt.server,
        "port": str(attempt.port or SIGN_IN_PORT),
        "host": attempt.name or attempt.server,
        "name": attempt.name or attempt.server,
    }
