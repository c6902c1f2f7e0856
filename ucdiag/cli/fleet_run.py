"""Many targets: ask, keep, show as they come, and sum up by cause."""

from collections import Counter
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import ExitStack, closing
from dataclasses import replace
from functools import partial
from time import monotonic, time_ns

import click

from ucdiag.cli.crash import print_message
from ucdiag.cli.exit_codes import UNKNOWN, WHOLE
from ucdiag.cli.fleet_options import FleetOptions
from ucdiag.cli.runner import (
    Ending,
    ViewOptions,
    ViewSession,
    exit_code,
    profile_in_use,
    report_of,
    run_to_end,
    whole_of_all,
)
from ucdiag.cli.tally import Tally
from ucdiag.cli.without_root import give_up_root
from ucdiag.fleet.asking import Asked, Outcome, Question, prepare_threads
from ucdiag.fleet.journal import Journal, JournalError
from ucdiag.fleet.loop import Loop
from ucdiag.fleet.pacing import Hosts, Rate
from ucdiag.fleet.shapes import Shapes
from ucdiag.fleet.targets import CHECK_DNS, PROBE, BadLine, Target, Targets, read_targets
from ucdiag.model.report import Identity, PhoneReport, Problem, Report, Source
from ucdiag.model.steps import WORST_FIRST, VerdictStatus
from ucdiag.model.visible_text import quoted
from ucdiag.model.vocabulary import CommandName
from ucdiag.runtime.context import CannotTest, Context, out_of_time
from ucdiag.runtime.progress import Waiting, duration_text
from ucdiag.views.json_view import Written, json_text

_INTERRUPTED = "It was interrupted before all were asked: start it again with the same --journal to go on."
_GO_ON = "Start it again with the same --journal to go on."
# Reasons why no target could be asked. The run is started again once they are fixed.
_HERE = frozenset({"no-domain", "no-nameserver", "no-sockets", "not-sent", "proxy-unusable"})
# Why some were not asked: that the others are whole says nothing of them.
_LACKING = frozenset({"targets-skipped", "interrupted", "bug", "output"})
_NAMED = 20  # bad lines, or servers, that are named one by one


def run_fleet(
    command: CommandName,
    fleet: FleetOptions,
    question_of: Callable[[Target], Question],
    view: ViewOptions,
    context: Context,
) -> int:
    """Ask all; the exit code. ``question_of`` raises ValueError for what cannot be asked."""
    text_of = _Reports(command)
    shapes = Shapes(question_of, lambda asked: json_text(text_of.report(asked)))
    targets = _usable_targets(command, fleet, shapes)
    with ExitStack() as stack:
        journal = stack.enter_context(_open_journal(fleet.journal)) if fleet.journal is not None else None
        give_up_root(view, context)
        run = _FleetRun(command, fleet, targets.targets, shapes, journal)
        session = stack.enter_context(ViewSession(command, view, run.progress))
        run.streams = session.start_stream()
        return run.all(session, targets)


def _usable_targets(command: CommandName, fleet: FleetOptions, shapes: Shapes) -> Targets:
    """The targets that can be asked. What cannot be read is said at once."""
    try:
        targets = read_targets(fleet.targets, CHECK_DNS if command == "check-dns" else PROBE)
    except (OSError, ValueError) as error:
        reason = (getattr(error, "strerror", None) or str(error)).lower()
        raise click.UsageError(f"--targets {quoted(fleet.targets)}: {reason}") from error
    good = []
    for target in targets.targets:
        try:
            shapes.shape_of(target)
        except ValueError as error:
            targets.bad.append(BadLine(target.line, str(error)))
        else:
            good.append(target)
    targets.targets = good
    targets.bad.sort(key=lambda bad: bad.line)
    if targets.unused:
        print_message(f"{fleet.targets}: columns that are not used: {', '.join(targets.unused)}")
    for line in targets.repeated[:_NAMED]:
        print_message(f"{fleet.targets} line {line.line}: {line.why}, and is asked once")
    if len(targets.repeated) > _NAMED:
        print_message(f"{fleet.targets}: {len(targets.repeated) - _NAMED:,} more lines say the same as others")
    for bad in targets.bad[:_NAMED]:
        print_message(f"{fleet.targets} line {bad.line}: {bad.why}")
    if len(targets.bad) > _NAMED:
        print_message(f"{fleet.targets}: {len(targets.bad) - _NAMED:,} more lines cannot be used")
    if targets.bad and fleet.bad_lines == "stop":
        raise click.UsageError(
            f"--targets {quoted(fleet.targets)}: {_bad_lines(targets.bad)}; nobody was asked (--bad-lines stop)"
        )
    if not good:
        raise click.UsageError(f"--targets {quoted(fleet.targets)}: no line names anybody to ask")
    return targets


def _bad_lines(bad: list[BadLine]) -> str:
    named = ", ".join(str(line.line) for line in bad[:_NAMED])
    more = f" and {len(bad) - _NAMED:,} more" if len(bad) > _NAMED else ""
    return f"line{'s' * (len(bad) > 1)} {named}{more} cannot be used"


def _open_journal(name: str) -> Journal:
    try:
        return Journal(name)
    except JournalError as error:
        raise click.UsageError(f"--journal {quoted(name)}: {error}") from error


def _as_object(outcome: Outcome) -> PhoneReport:
    return outcome.report.phones[0]


def _as_written(outcome: Outcome) -> PhoneReport:
    text = outcome.phone_text
    if text is None:
        return _as_object(outcome)
    return Written(phone=Identity(), verdict=outcome.verdict, steps=(), text=text, known=outcome.learnt)


class _Progress(Waiting):
    """How far it is, in one line."""

    def __init__(self, total: int) -> None:
        super().__init__()
        self._total = total
        self._began = monotonic()
        self.known = 0
        self.counts: Counter[VerdictStatus] = Counter()
        self.slowed: dict[str, str] = {}

    def text(self) -> str:
        done = self.counts.total()
        passed = monotonic() - self._began
        asked = done - self.known
        left = self._total - done
        stand = ", ".join(f"{self.counts[status]:,} {status.value}" for status in WORST_FIRST if self.counts[status])
        rate = f", {asked / passed:.1f}/s, {duration_text(left * passed / asked)} left" if asked and passed >= 1 else ""
        spared = f"; spared: {', '.join(list(self.slowed)[:3])}" if self.slowed else ""
        return f"{done:,} of {self._total:,} asked{': ' if stand else ''}{stand}{rate}{spared}"


def _in_vain(report: Report) -> bool:
    """Whether nothing was learnt because this machine could not ask."""
    unknown = report.phones[0].verdict.status is VerdictStatus.UNKNOWN
    return unknown and any(problem.code in _HERE for problem in report.problems)


class _Reports:
    """Makes a report from the outcome of one target."""

    def __init__(self, command: CommandName) -> None:
        self._command = command
        # Only the first thread knows the profile of the command line.
        self._profile = profile_in_use()

    def report(self, asked: Asked) -> Report:
        """The report, as the command for one target makes it."""
        report = report_of(
            self._command,
            started=asked.started,
            finished=asked.finished,
            source=Source(kind="active", name=asked.name),
            phones=(asked.phone,),
            problems=asked.problems,
        )
        return replace(report, profile=self._profile)

    def outcome(self, asked: Asked) -> Outcome:
        """The target's outcome with its report."""
        return Outcome(asked.target, asked.phone.verdict, report=self.report(asked))


class _FleetRun:
    """The state of one run of many targets."""

    def __init__(
        self,
        command: CommandName,
        fleet: FleetOptions,
        targets: list[Target],
        shapes: Shapes,
        journal: Journal | None,
    ) -> None:
        self._command = command
        self._fleet = fleet
        self._targets = targets
        self._shapes = shapes
        self._journal = journal
        self._hosts = Hosts(fleet.jobs)
        self.progress = _Progress(len(targets))
        self.progress.slowed = self._hosts.slowed
        self._problems: dict[str, Problem] = {}
        self._session: ViewSession | None = None
        self._ended: list[Ending] = []
        self.streams = False
        self._unasked = 0

    def all(self, session: ViewSession, targets: Targets) -> int:
        """Ask, show, sum up; the exit code."""
        self._session = session
        started = time_ns() // 1000
        reports: Sequence[PhoneReport] = ()
        if session.only_streams:
            tally = Tally()
            for outcome in self._all_outcomes():
                tally.add(outcome.verdict, outcome.learnt)
        else:
            made = _as_written if session.takes_written else _as_object
            judgements = (partial(made, outcome) for outcome in self._all_outcomes())
            reports, tally = session.reports(judgements, many=len(self._targets) > 256, fork=False)
        problems = [*self._problems.values(), *self._run_problems(targets)]
        for ending in self._ended:
            problems += ending.problems
        report = report_of(
            self._command,
            started=started,
            finished=time_ns() // 1000,
            source=Source(kind="active", name=f"{self._counted_targets(targets)}: {self._fleet.targets}"[:1000]),
            phones=reports,
            problems=problems,
            tally=tally,
        )
        report = whole_of_all(report, next((problem for problem in problems if problem.code in _LACKING), None))
        session.end(report)
        code = next((ending.code for ending in self._ended if ending.code is not None), None)
        if code is not None:
            return code
        code = exit_code(report)
        unwritten = [
            ending.problem.text for ending in self._ended if ending.problem and ending.problem.code == "output"
        ]
        for text in unwritten:
            print_message(text)
        return UNKNOWN if unwritten or (code == WHOLE and self._ended) else code

    def _counted_targets(self, targets: Targets) -> str:
        count, repeated = len(self._targets), len(targets.repeated)
        says = "line that says the same as another" if repeated == 1 else "lines that say the same as others"
        note = f" (asked once: {repeated:,} {says})" if repeated else ""
        return f"{count:,} target{'s' * (count != 1)}{note}"

    def _all_outcomes(self) -> Iterator[Outcome]:
        """The outcome of each target. An early end ends the asking, not the report of the outcomes until then."""
        with closing(self._outcome_batches()) as pending:
            while True:
                found: list[Outcome] = []
                ending = run_to_end(
                    lambda found=found: found.extend(next(pending, ())),  # type: ignore[misc]
                    interrupted=_INTERRUPTED,
                    session=self._session,
                )
                if ending.problem is not None or ending.code is not None:
                    self._ended.append(ending)
                if not found:
                    return
                yield from found

    def _outcome_batches(self) -> Generator[list[Outcome], None, None]:
        """The outcomes in the journal, then those asked now."""
        done: set[str] = set()
        if self._journal is not None:
            wanted = {target.key: target for target in self._targets}
            try:
                for key, report in self._journal.kept_reports():
                    if report.command != self._command or key not in wanted or key in done or not report.phones:
                        continue
                    if _in_vain(report):
                        continue  # which is asked again; of a phone the last line counts
                    done.add(key)
                    self.progress.known += 1
                    yield [self._count_outcome(Outcome(wanted[key], report.phones[0].verdict, report=report))]
            except JournalError as error:
                name = quoted(self._fleet.journal or "")
                raise CannotTest("output", f"The journal {name} cannot be used: {error}.") from error
        left = self._in_time([target for target in self._targets if not done or target.key not in done])
        prepare_threads()
        reports = _Reports(self._command)
        rate = Rate(self._fleet.rate)
        loop = Loop(left, self._shapes, reports.outcome, self._fleet.jobs, rate, self._hosts, self._fleet.until)
        with closing(loop.ask_targets()) as batches:
            for outcomes in batches:
                self._write_journal(outcomes)
                if self.streams and self._session is not None:
                    self._session.stream(outcomes)
                for outcome in outcomes:
                    self._count_outcome(outcome)
                yield outcomes

    def _in_time(self, targets: list[Target]) -> Iterator[Target]:
        """The targets that can still be asked before the time for the run is over."""
        until = self._fleet.until
        for number, target in enumerate(targets):
            if until is not None and monotonic() >= until:
                self._unasked = len(targets) - number
                return
            yield target

    def _write_journal(self, outcomes: list[Outcome]) -> None:
        """Write the outcomes to the journal before they are shown, so that a kill loses only those under way."""
        if self._journal is None:
            return
        # Who was cut short is asked again when the run goes on.
        kept = [outcome for outcome in outcomes if all(problem.code != "max-time" for problem in outcome.problems)]
        try:
            self._journal.add_reports((outcome.text(json_text), outcome.target.key) for outcome in kept)
        except OSError as error:
            text = f"cannot write to {quoted(self._fleet.journal or '')}: {(error.strerror or str(error)).lower()}"
            raise CannotTest("output", text) from error

    def _count_outcome(self, outcome: Outcome) -> Outcome:
        for problem in outcome.problems:
            self._problems.setdefault(problem.code, problem)
        self.progress.counts[outcome.verdict.status] += 1
        return outcome

    def _run_problems(self, targets: Targets) -> list[Problem]:
        notes = []
        if self._unasked:
            text = f"{self._unasked:,} of {len(self._targets):,} were not asked: {out_of_time(self._fleet.max_time)}."
            notes.append(Problem(code="max-time", text=f"{text} {_GO_ON}"))
        if targets.bad:
            text = (
                f"{self._fleet.targets}: {_bad_lines(targets.bad)} ({targets.bad[0].why}); nobody was asked for them."
            )
            notes.append(Problem(code="targets-skipped", text=text[:1000]))
        if self._hosts.slowed:
            named = [f"{address} {why}" for address, why in list(self._hosts.slowed.items())[:_NAMED]]
            notes.append(Problem(code="server-spared", text=". ".join(named) + "."))
        return notes
