"""The text view: phone and command, verdict, steps, what to change; evidence and ladder with ``-v``.

On a terminal the steps fill in as they happen; elsewhere nothing is written before the verdict is known, so that it
comes first.
"""

from collections.abc import Callable
from itertools import groupby
from time import monotonic
from typing import TYPE_CHECKING

from ucdiag.model.observations import BODY_FIELDS, Observation
from ucdiag.model.report import Finding, PhoneReport, Problem, Report, StepResult, Verdict
from ucdiag.model.steps import Level, StepStatus, VerdictStatus
from ucdiag.views.advice_text import write_advice
from ucdiag.views.beside_steps import draws_ladder, write_beside_steps
from ucdiag.views.choose_writer import line_writer_for
from ucdiag.views.density import ALL, Density, fitting_density
from ucdiag.views.line_writer import Line, LineWriter, Part
from ucdiag.views.output_target import Screen
from ucdiag.views.problem_labels import NOTE, problem_label
from ucdiag.views.sanitize import shortened, visible_lines
from ucdiag.views.text_head import write_head
from ucdiag.views.text_width import fit_text
from ucdiag.views.wireshark import display_filter
from ucdiag.views.words import (
    VERDICT_STYLES,
    duration_text,
    identity_text,
    step_name,
    unsaid_problems,
    verdict_lead,
    verdict_text,
)

if TYPE_CHECKING:
    from ucdiag.views.phones import PhonesTable

LONGEST = 2000
_KNOWN = frozenset({StepStatus.OK, StepStatus.WARNING, StepStatus.FAILED})
_LABELS = {
    Level.ERROR: ("Error", "bold red"),
    Level.WARNING: ("Warning", "yellow"),
    Level.INFORMATION: ("Note", "cyan"),
}
# Statuses of steps that follow each other and are shown in one line.
_REST = {
    StepStatus.NOT_REACHED: "not reached",
    StepStatus.NOT_TESTED: "not tested",
    StepStatus.NOT_SEEN: "not seen",
}
_PASSED = frozenset({StepStatus.OK, StepStatus.WARNING})
_OTHERWISE = {
    **_REST,
    StepStatus.NOT_NEEDED: "not needed",
    StepStatus.FAILED: "failed",
}
# What is said of an observation only where it is so.
_UNUSUAL = frozenset({"asked_again", "assumed", "chosen", "html", "referred", "snapped", "truncated"})


def step_line(writer: LineWriter, step: StepResult, claim: str | None = None) -> list[Part]:
    """One step: mark, number, name, claim (the step's own, or another), time."""
    mark = writer.status_mark(step.status)
    took = duration_text(step.seconds)
    quiet = step.status not in _KNOWN
    claim = shortened(step.summary if claim is None else claim, LONGEST)
    parts: list[Part] = [mark, f" {step.number} {step_name(step.step):9}", (claim, "dim") if quiet else claim]
    if took:
        parts.append((f"  ({took})", "dim"))
    return parts


def _make_table(writer: LineWriter, now: Callable[[], float]) -> "PhonesTable":
    from ucdiag.views.phones import PhonesTable

    return PhonesTable(writer, now)


class TextView:
    """``-f text``. ``now`` is a clock in seconds."""

    def __init__(self, screen: Screen, now: Callable[[], float] = monotonic) -> None:
        self._screen = screen
        self._writer = line_writer_for(screen)
        self._command = ""
        self._density = ALL
        self._codes = 1  # of the verdicts
        #: Says what is waited for; called in another thread.
        self.waiting: Callable[[], str] | None = None
        self.live = not screen.quiet and screen.terminal
        self._table = _make_table(self._writer, now) if self.live else None
        self.takes_brief = not screen.verbose and not screen.ladder

    def begin(self, command: str) -> None:
        """On a terminal, a sign that it works."""
        self._command = command
        if self.live:
            self._show_steps([])

    @property
    def table(self) -> "PhonesTable | None":
        """Where the phones of a capture can be shown while it runs; None where nothing changes in place."""
        return self._table

    def progress(self, phone: PhoneReport) -> None:
        if self.live:
            latest = max((step.number for step in phone.steps if step.status in _KNOWN), default=0)
            steps = (step_line(self._writer, step) for step in phone.steps[:latest])
            self._show_steps(list(steps))

    def _show_steps(self, steps: list[Line]) -> None:
        if self.waiting is None:
            self._writer.show_live([*steps, self._waiting_line()])
        else:
            self._writer.show_live(steps, self._waiting_line)

    def end(self, report: Report) -> None:
        self._writer.clear_live()
        if self._screen.quiet:
            self._writer.write_wrapped((report.verdict.summary, VERDICT_STYLES[report.verdict.status]))
            return
        if _is_one_broken(report) and not self._screen.verbose and not self._screen.ladder:
            self._density = fitting_density(self._screen, lambda screen, density: _write_trial(report, screen, density))
        self._write_report(report)

    def _write_report(self, report: Report) -> None:
        write_head(self._writer, report)
        if len(report.phones) > 1 and not self._screen.verbose and not self._screen.ladder:
            from ucdiag.views.many_phones import write_many

            self._codes = write_many(self._writer, report)
        else:
            self._write_overall_verdict(report)
            for phone in report.phones:
                self._write_phone(phone, several=len(report.phones) > 1, verdict_shown=_is_verdict_shown(report))
        self._write_problems(unsaid_problems(report))
        self._write_footer(report)

    def close(self) -> None:
        self._writer.clear_live()

    def _waiting_line(self) -> Line:
        dots = "…" if self._screen.unicode else "..."
        text = self.waiting() if self.waiting is not None else ""
        columns, _ = self._screen.terminal_size()
        return [(fit_text(f"{dots} {text}".rstrip(), max(columns - 1, 1), self._screen.unicode), "dim")]

    def _write_overall_verdict(self, report: Report) -> None:
        """The verdict over all, where it is not that of the only phone."""
        if len(report.phones) != 1 or report.verdict != report.phones[0].verdict:
            verdict = report.verdict
            self._writer.write_blank()
            self._write_verdict(verdict)

    def _write_verdict(self, verdict: Verdict) -> None:
        lead = verdict_lead(verdict.status, verdict.step)
        code = f" [{verdict.code}]" if verdict.code else ""
        self._writer.write_wrapped((f"{lead}:", VERDICT_STYLES[verdict.status]), f" {verdict_text(verdict)}{code}")

    def _write_phone(self, phone: PhoneReport, *, several: bool, verdict_shown: bool) -> None:
        writer, verdict = self._writer, phone.verdict
        writer.write_blank()
        if several:
            writer.write_wrapped((f"Phone {identity_text(phone.phone)}", "bold"), hang=4)
        if not verdict_shown:
            self._write_verdict(verdict)
            writer.write_blank()
        self._write_steps(phone)
        if self._density.beside:
            write_beside_steps(writer, self._command, phone)
        for finding in sorted(phone.findings, key=lambda finding: list(Level).index(finding.level)):
            self._write_finding(finding, phone)
        if draws_ladder(self._screen.ladder, bool(self._screen.verbose), self._command, phone):
            self._write_ladder(phone)
        if self._screen.verbose:
            self._write_observations(phone)

    def _write_steps(self, phone: PhoneReport) -> None:
        """A line for each step; those that were not reached or not tested, and say no more, in one."""
        rest: list[StepResult] = []
        decides = phone.verdict.step.number if phone.verdict.step is not None else len(phone.steps)
        listed = phone.steps
        if not self._density.passed:
            self._write_steps_before([step for step in listed if step.number < decides])
            listed = tuple(step for step in listed if step.number >= decides)
        for step in listed:
            if rest and step.status is not rest[0].status:
                self._write_alike_steps(rest)
                rest = []
            if step.status in _REST and (step.status is not StepStatus.NOT_SEEN or step.number > decides):
                rest.append(step)
            else:
                self._write_step(step, _step_claim(step, phone))
        self._write_alike_steps(rest)

    def _write_steps_before(self, steps: list[StepResult]) -> None:
        """The steps before the one that decides, in one line."""
        if not steps:
            return
        passed = [step for step in steps if step.status in _PASSED]
        others = [step for step in steps if step.status not in _PASSED]
        status = StepStatus.OK if passed else steps[0].status
        listed = ", ".join(f"{step.number} {_OTHERWISE[step.status]}" for step in others)
        alike = len({step.status for step in others}) == 1
        words = "passed" if passed else _OTHERWISE[others[0].status] if alike else listed
        label = _step_numbers(steps) if len(steps) > 1 else f"{steps[0].number} {step_name(steps[0].step)}"
        if others and passed:
            words = f"passed ({listed})"
        text = f"{words[:1].upper()}{words[1:]}."
        self._writer.write_wrapped(self._writer.status_mark(status), f" {label:11}{text}", hang=13)

    def _write_alike_steps(self, steps: list[StepResult]) -> None:
        if not steps:
            return
        summaries = list(dict.fromkeys(step.summary for step in steps))
        if len(steps) == 1:
            self._write_step(steps[0], summaries[0])
            return
        if steps[0].status is StepStatus.NOT_TESTED and len(summaries) > 1:
            for _, alike in groupby(steps, key=lambda step: step.summary):
                self._write_alike_steps(list(alike))
            return
        text = summaries[0] if len(summaries) == 1 else f"{_REST[steps[0].status].capitalize()}."
        self._writer.write_wrapped(
            self._writer.status_mark(steps[0].status), f" {_step_numbers(steps):11}", (text, "dim"), hang=13
        )

    def _write_step(self, step: StepResult, claim: str) -> None:
        hang = 13 if self._screen.unicode else 18
        self._writer.write_wrapped(*step_line(self._writer, step, claim), hang=hang)

    def _write_finding(self, finding: Finding, phone: PhoneReport) -> None:
        """What decides the verdict has been said by it; of all else a sentence, with ``-v`` what it rests on."""
        writer, verdict, verbose = self._writer, phone.verdict, bool(self._screen.verbose)
        decides = finding.code == verdict.code
        if not decides or finding.summary not in verdict.summary:
            label, style = _LABELS[finding.level]
            if self._density.others or decides:
                writer.write_blank()
            self._write_secondary(label, style, finding.summary, finding.code)
        elif finding.fix.text or verbose:
            writer.write_blank()
        if verbose:
            self._write_evidence(finding, phone)
        if decides or verbose or (verdict.status is VerdictStatus.WHOLE and finding.level is Level.WARNING):
            # Of a path that is whole, what could be mended is said; how, with -v.
            note = verdict.status is VerdictStatus.WHOLE and finding.level is Level.INFORMATION and not verbose
            said, commands = verdict.summary, not note
            # Where it is not known what is wrong, the checks are what is to be done.
            uncertain = verdict.status is VerdictStatus.UNKNOWN
            write_advice(
                writer,
                finding,
                every=verbose or uncertain,
                commands=commands,
                density=self._density,
                said=said,
                verdict=verdict.status,
            )

    def _write_secondary(self, label: str, style: str, text: str, code: str) -> None:
        """What does not decide: its sentences, or as much as a line holds."""
        ending = f" [{code}]"
        if self._density.others:
            self._writer.write_wrapped((f"{label}:", style), f" {shortened(text, LONGEST)}{ending}", hang=4)
            return
        room = max(self._screen.width - len(label) - len(ending) - 3, 10)
        more = "…" if self._screen.unicode else "..."
        text = text if len(text) <= room else text[: room - len(more)].rstrip() + more
        self._writer.write_line((f"{label}:", style), f" {text}{ending}")

    def _write_evidence(self, finding: Finding, phone: PhoneReport) -> None:
        writer = self._writer
        for evidence in finding.evidence:
            frame = f"frame {evidence.frame}: " if evidence.frame is not None else ""
            writer.write_wrapped(("Seen:", "dim"), f" {frame}{shortened(evidence.text, LONGEST)}", first="  ", hang=8)
        filter_ = display_filter(finding, phone.observations)
        if filter_:
            writer.write_line("  ", ("Wireshark:", "dim"), f" {filter_}")
        meaning = _catalogue_meaning(finding.code)
        if meaning:
            writer.write_wrapped(("What it means:", "dim"), f" {meaning}", first="  ", hang=4)

    def _write_ladder(self, phone: PhoneReport) -> None:
        from ucdiag.views.ladder import ladder_lines

        lines = ladder_lines(phone, self._screen.width, self._screen.unicode, self._screen.verbose > 0)
        if lines:
            self._writer.write_blank()
        for line in lines:
            self._writer.write_line(*line)

    def _write_problems(self, problems: list[Problem]) -> None:
        for problem in problems:
            label = problem_label(problem.code)
            if self._density.others:
                self._writer.write_blank()
            self._write_secondary(label, "cyan" if label == NOTE else "yellow", problem.text, problem.code)

    def _write_footer(self, report: Report) -> None:
        """Where more is: the evidence, the ladder, the catalogue."""
        if self._screen.verbose or not report.phones:
            return
        ladder = " and ladder" if self._command == "capture" else ""
        explain = self._screen.typed_command(f"ucdiag explain {report.verdict.code if self._codes < 2 else 'CODE'}")
        more = f" More: {explain}." if report.verdict.status is not VerdictStatus.WHOLE and report.verdict.code else ""
        self._writer.write_blank()
        self._writer.write_wrapped((f"Evidence{ladder}: -v.{more}", "dim"))

    def _write_observations(self, phone: PhoneReport) -> None:
        self._writer.write_blank()
        self._writer.write_wrapped(("What was seen", "bold"), f" ({identity_text(phone.phone)}):")
        for observation in phone.observations:
            self._write_observation(observation)

    def _write_observation(self, observation: Observation) -> None:
        from ucdiag.model.codec import to_json

        data = to_json(observation)
        bodies = [(name, data.pop(name)) for name in BODY_FIELDS if data.get(name)]
        kind, time = data.pop("kind"), data.pop("time")
        said = [
            f"{name}={_as_text(value)}"
            for name, value in data.items()
            if value not in (None, [], "") and not (value is False and name in _UNUSUAL)
        ]
        self._writer.write_wrapped(
            (time[11:], "dim"), f" {kind} " + shortened(" ".join(said), LONGEST), first="  ", hang=6
        )
        for name, body in bodies:
            self._writer.write_line("      ", (f"{name}:", "dim"))
            for line in visible_lines(body):
                self._writer.write_line("        | ", line)


def _is_verdict_shown(report: Report) -> bool:
    """Whether the report's verdict includes that of its only phone, or says why that is not known, so that the
    phone's own verdict would be a repetition."""
    if len(report.phones) != 1 or report.verdict == report.phones[0].verdict:
        return False
    own = report.phones[0].verdict
    if report.verdict.status is not own.status:
        return report.verdict.summary.endswith(own.summary)
    return own.status is VerdictStatus.UNKNOWN and own.code in (None, report.verdict.code)


def _is_one_broken(report: Report) -> bool:
    return len(report.phones) == 1 and report.phones[0].verdict.status is VerdictStatus.BROKEN


def _write_trial(report: Report, screen: Screen, density: Density) -> None:
    """As ``report`` would be written with this density."""
    view = TextView(screen)
    view._command = report.command
    view._density = density
    view._write_report(report)


def _step_numbers(steps: list[StepResult]) -> str:
    """ "3 to 7", "6, 7" or "6"."""
    first, last = steps[0].number, steps[-1].number
    if last > first + 1:
        return f"{first} to {last}"
    return f"{first}, {last}" if last > first else str(first)


def _step_claim(step: StepResult, phone: PhoneReport) -> str:
    """What a step's line says: of the one that decides, what was seen, because the verdict has its sentence."""
    verdict = phone.verdict
    if step.step is verdict.step and step.summary.rstrip(".").lower() in verdict.summary.lower():
        finding = next((finding for finding in phone.findings if finding.code == verdict.code), None)
        evidence = finding.evidence if finding is not None else ()
        telling = next((seen for seen in evidence if seen.text.rstrip(".") not in verdict.summary), None)
        if telling is not None:
            return f"frame {telling.frame}: {telling.text}" if telling.frame is not None else telling.text
        return "See above." if not evidence or evidence[0].frame is None else f"frame {evidence[0].frame}, see above."
    if step.status is StepStatus.WARNING:
        return f"{step.summary}{_warning_codes(step, phone)}"
    return step.summary


def _warning_codes(step: StepResult, phone: PhoneReport) -> str:
    """Which warnings gave the step its mark, where the step's own sentence is none of theirs."""
    own = [finding for finding in phone.findings if finding.step is step.step and finding.level is Level.WARNING]
    codes = [f"[{finding.code}]" for finding in own if finding.summary.rstrip(".").lower() not in step.summary.lower()]
    return f" Warning: {' '.join(dict.fromkeys(codes))}" if codes else ""


def _as_text(value: object) -> str:
    if isinstance(value, list):
        return ",".join(_as_text(item) for item in value)
    if isinstance(value, dict):
        return "{" + " ".join(f"{name}={_as_text(item)}" for name, item in value.items() if item is not None) + "}"
    return str(value).lower() if isinstance(value, bool) else str(value)


def _catalogue_meaning(code: str) -> str | None:
    from ucdiag.diagnosis.catalogue import CATALOGUE

    entry = CATALOGUE.get(code)
    return entry.meaning if entry else None
