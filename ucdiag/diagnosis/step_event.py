"""What the step judges hand to the path: one event for each thing that succeeded, failed or could not be told."""

from collections.abc import Iterable, Mapping
from dataclasses import field

from ucdiag.diagnosis.catalogue import CATALOGUE
from ucdiag.diagnosis.catalogue.entry import fill, fill_command, fits
from ucdiag.model.fast_dataclass import record
from ucdiag.model.observations import Observation
from ucdiag.model.report import Evidence, Finding, Fix
from ucdiag.model.steps import Level, Step
from ucdiag.model.vocabulary import FindingCode, Microseconds, ProblemCode, Seconds

# So that a report of a busy day stays readable: how it began and, above all, how it ended. The rest is counted.
MOST_EVIDENCE = 8
_FIRST_EVIDENCE = 2


@record(frozen=True, slots=True, kw_only=True)
class Event:
    """``ok`` is True (the step held), False (it failed with ``code``) or None (could not tell: ``code`` says why).

    ``time`` is microseconds since the epoch. ``channel`` is the (address, port) that it belongs to, if any.
    ``quiet`` failures leave no warning once they recovered: they are how the protocol works (a first
    401 of NTLM). ``waiting`` marks what the end of a capture cut off before it was answered. ``key`` is the path of the
    file that a download's event is of: no other file's success gets over its failure. ``past`` says that a later
    answer made it void, ``untried`` that it only tells what did not come next, ``final`` that a path may end with it.
    ``silent`` says of a failure whose code does not that nobody answered. ``problem`` is the code of what kept this
    machine from testing the step.
    """

    step: Step
    time: Microseconds
    ok: bool | None
    summary: str
    code: FindingCode | None = None
    seconds: Seconds | None = None
    evidence: tuple[Evidence, ...] = ()
    values: Mapping[str, str] = field(default_factory=dict)
    channel: tuple[str, int] | None = None
    quiet: bool = False
    waiting: bool = False
    level: Level | None = None
    key: str | None = None
    past: bool = False
    untried: bool = False
    final: bool = False
    silent: bool = False
    problem: ProblemCode | None = None


def evidence_of(text: str, *observations: Observation | None) -> Evidence:
    """One line of evidence that stands on the first of the observations that is there."""
    seen = next((each for each in observations if each is not None), None)
    return Evidence(text=text, time=seen.time if seen else None, frame=seen.frame if seen else None)


def finding(
    code: FindingCode,
    summary: str,
    evidence: Iterable[Evidence] = (),
    values: Mapping[str, str] | None = None,
    level: Level | None = None,
    advice: str | None = None,
) -> Finding:
    """The catalogue's entry for ``code`` as it holds here. Raises KeyError for a code that is not in the catalogue."""
    entry = CATALOGUE[code]
    known = dict(values or {})
    fix, commands, who = entry.advice(known.get("variant"))
    text = fill(fix, known)
    lines = tuple(evidence)
    if len(lines) > MOST_EVIDENCE:
        rest = len(lines) - MOST_EVIDENCE
        between = Evidence(text=f"and {rest} more of the same")
        lines = (*lines[:_FIRST_EVIDENCE], between, *lines[_FIRST_EVIDENCE - MOST_EVIDENCE :])
    return Finding(
        code=code,
        level=level or entry.level,
        step=entry.step,
        summary=summary,
        fix=Fix(
            text=f"{text} {advice}" if advice else text,
            commands=tuple(fill_command(command, known) for command in commands if fits(command, known)),
            who=who,
        ),
        evidence=lines,
    )
