"""The result type of the step judges: one event for each success, failure or unknown result of a step."""

from collections.abc import Iterable
from dataclasses import field
from functools import lru_cache

from ucdiag.diagnosis.catalogue import CATALOGUE
from ucdiag.diagnosis.catalogue.commands import commands_for
from ucdiag.diagnosis.catalogue.entry import Values, fill_text
from ucdiag.model.fast_dataclass import record, replace
from ucdiag.model.observations import Observation
from ucdiag.model.report import Evidence, Finding, Fix
from ucdiag.model.steps import Level, Step
from ucdiag.model.vocabulary import FindingCode, Microseconds, ProblemCode, Seconds

# So that a report of a busy day stays readable: how it began and, above all, how it ended. The rest is counted.
MOST_EVIDENCE = 8
_FIRST_EVIDENCE = 2


@record(frozen=True, slots=True, kw_only=True)
class Event:
    """One step that held, failed or could not be judged, at one time."""

    step: Step
    #: Microseconds since the epoch.
    time: Microseconds
    #: True: the step held. False: it failed with ``code``. None: it cannot be judged; ``code`` says why, if one does.
    ok: bool | None
    summary: str
    code: FindingCode | None = None
    seconds: Seconds | None = None
    evidence: tuple[Evidence, ...] = ()
    #: The values of the placeholders in the catalogue's fix and commands.
    values: Values = field(default_factory=dict)
    #: The (address, port) that the event belongs to.
    channel: tuple[str, int] | None = None
    #: A failure that is part of the protocol, as the first 401 of NTLM: no warning is left once it recovered.
    expected: bool = False
    #: The end of the capture cut this off before it was answered.
    waiting: bool = False
    level: Level | None = None
    #: The path of the file that a download's event belongs to: another file's success does not make up for it.
    key: str | None = None
    #: A later answer of the update service made this void.
    superseded: bool = False
    #: Reports only that the next step did not follow.
    missing_next: bool = False
    #: The path may end with this: nothing newer is offered.
    terminal: bool = False
    #: Nobody answered, although ``code`` does not say so.
    silent: bool = False
    #: No answer to a single packet, which the client did not send again.
    asked_once: bool = False
    #: The server that was asked gave no answer in the whole capture, so that no single packet was lost.
    lasting: bool = False
    #: What kept the step from being tested or judged, where that is no finding.
    problem: ProblemCode | None = None


@record(frozen=True, slots=True, kw_only=True)
class StepEventBuilder:
    """Makes the events of one observation. The fields are those of `Event`."""

    step: Step
    time: Microseconds
    evidence: tuple[Evidence, ...] = ()
    values: Values = field(default_factory=dict)
    channel: tuple[str, int] | None = None
    seconds: Seconds | None = None

    def ok(self, summary: str) -> Event:
        """The event that the step held. It needs no values: no advice follows."""
        return Event(
            step=self.step,
            time=self.time,
            ok=True,
            summary=summary,
            seconds=self.seconds,
            evidence=self.evidence,
            channel=self.channel,
        )

    def failed(self, code: FindingCode, summary: str, *, level: Level | None = None, expected: bool = False) -> Event:
        """The step failed."""
        return replace(self.unknown(summary, code, level=level, expected=expected), ok=False)

    def unknown(
        self, summary: str, code: FindingCode | None = None, *, level: Level | None = None, expected: bool = False
    ) -> Event:
        """The step cannot be judged."""
        return Event(
            step=self.step,
            time=self.time,
            ok=None,
            code=code,
            summary=summary,
            seconds=self.seconds,
            evidence=self.evidence,
            values=self.values,
            channel=self.channel,
            level=level,
            expected=expected,
        )

    def cut_off(self, summary: str, *, waiting: bool = True) -> Event:
        """The capture ended before the step was decided; ``waiting``: before anything was answered."""
        return replace(self.unknown(summary, "capture-too-short"), waiting=waiting)

    def with_evidence(self, *evidence: Evidence) -> "StepEventBuilder":
        """The builder with more lines of evidence at the end."""
        return replace(self, evidence=(*self.evidence, *evidence))

    def with_values(self, **values: str | None) -> "StepEventBuilder":
        """The builder with more values."""
        return replace(self, values={**self.values, **values})


def evidence_of(text: str, *observations: Observation | None) -> Evidence:
    """One line of evidence, with the time and frame of the first of these observations that is not None."""
    for seen in observations:
        if seen is not None:
            return Evidence(text=text, time=seen.time, frame=seen.frame)
    return Evidence(text=text)


def finding(
    code: FindingCode,
    summary: str,
    evidence: Iterable[Evidence] = (),
    values: Values | None = None,
    level: Level | None = None,
    advice: str | None = None,
) -> Finding:
    """The catalogue's entry for ``code`` as it holds here. Raises KeyError for a code that is not in the catalogue."""
    entry = CATALOGUE[code]
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
        fix=_filled_fix(code, tuple((values or {}).items()), advice),
        evidence=lines,
    )


@lru_cache(maxsize=128)  # the phones of a site get the same advice
def _filled_fix(code: FindingCode, values: tuple[tuple[str, str | None], ...], advice: str | None) -> Fix:
    """The catalogue's fix, with these values filled in."""
    known = dict(values)
    fix, commands, who = CATALOGUE[code].advice_for(known.get("variant"))
    text = fill_text(fix, known)
    return Fix(
        text=f"{text} {advice}" if advice else text,
        commands=commands_for(CATALOGUE[code].step, commands, known),
        who=who,
    )
