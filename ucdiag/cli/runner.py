"""The part that all commands share: feed the engine, show the steps, build the report, return the exit code.

How a command is written (``ucdiag/cli/check_dns.py``, one line in ``COMMANDS`` of ``ucdiag/cli/main.py``)::

    @command("check-dns")                       # from ucdiag.cli.options, as all the decorators
    @phone_options                              # -> phone: Phone
    @context_options                            # -> context: Context (timeout, nameservers, connect_to)
    @domain_options                             # -> domain: str | None, sip_domain: str | None
    @view_options                               # -> view: ViewOptions (--json -f -o -v -q --no-color)
    def command(phone, context, domain, sip_domain, view):
        \"\"\"Resolve the update server's name as a phone would.\"\"\"
        from ucdiag.probe.dns import ...      # heavy imports inside
        return run(
            "check-dns",
            source=Source(kind="active"),
            setting=DiagnosisOptions(phone=phone, tested=frozenset({Step.DNS}), domain=...),
            observations=the_observations(...),  # a generator: it works while it is read
            view=view,
            context=context,
        )

The generator yields observations as they happen and may yield a ``Problem`` in between, to say what it could not
test and go on. ``CannotTest`` raised in it becomes a problem too, and ends it. Whatever else it raises is a bug.
Ctrl-C and SIGTERM arrive in it as ``KeyboardInterrupt``: close what is open, and let it pass. The value that
the command returns is the exit code.
"""

import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, nullcontext, suppress
from dataclasses import replace
from itertools import chain, islice
from time import time_ns
from typing import TYPE_CHECKING, Protocol, TypeGuard, cast

import click

from ucdiag import __version__
from ucdiag.cli.crash import (
    EXIT_CODE,
    PROFILE,
    SHOWN,
    describe_bug,
    is_interruption,
    print_error,
    report_bug,
    shortage_text,
)
from ucdiag.cli.exit_codes import BROKEN, BUG, INTERRUPTED, UNKNOWN, WHOLE
from ucdiag.cli.output import Output
from ucdiag.cli.shown_views import ShownViews
from ucdiag.cli.tally import Tally
from ucdiag.cli.targets import Target
from ucdiag.diagnosis.options import DiagnosisOptions
from ucdiag.model.fast_dataclass import record
from ucdiag.model.observations import Observation
from ucdiag.model.report import PhoneReport, Problem, Report, Source, Verdict
from ucdiag.model.steps import VerdictStatus
from ucdiag.model.vocabulary import CommandName, Microseconds, ProblemCode
from ucdiag.runtime.context import CannotTest, Context, out_of_time, stop_clause
from ucdiag.runtime.privileges import program_calls
from ucdiag.runtime.progress import Waiting
from ucdiag.runtime.run_limit import RunLimit
from ucdiag.views import FORMATS, LiveTable, ReadyReport, ShowsWaiting, View, general_formats, load_view
from ucdiag.views.output_target import Screen, screen_of

if TYPE_CHECKING:
    from ucdiag.cli.report_spool import ReportSpool
    from ucdiag.views.status_line import StatusLine

_MANY, _TOO_MANY = 100, 256  # phones whose reports are made by two processes, and phones whose reports memory holds
_FOR_PROGRAMS = frozenset({"json", "ndjson"})  # formats beside which nothing is said of progress
_CODES = {VerdictStatus.WHOLE: WHOLE, VerdictStatus.BROKEN: BROKEN, VerdictStatus.UNKNOWN: UNKNOWN}


@record(frozen=True, slots=True, kw_only=True)
class ViewOptions:
    """How to show the report, as the options said. ``output`` is a file's name, ``None`` for standard output."""

    format: str = "text"
    output: str | None = None
    also: tuple[Target, ...] = ()  # where else it is shown
    verbose: int = 0
    quiet: bool = False
    color: bool = True
    ladder: bool | None = None
    inventory: bool = False  # the phones alone
    bundle: str | None = None  # the ZIP file to forward
    mask: bool = False  # in all that is shown and written
    force: bool = False  # files that exist are overwritten

    @property
    def targets(self) -> tuple[Target, ...]:
        """Each format with its place."""
        return Target(self.format, self.output), *self.also

    @property
    def outputs(self) -> tuple[str, ...]:
        """The names of the files."""
        return tuple(target.output for target in self.targets if target.output is not None)

    @property
    def on_standard_output(self) -> str | None:
        """The format of the report that goes there."""
        return next((target.format for target in self.targets if target.output is None), None)


def need_one_target(view: ViewOptions, what: str) -> None:
    """Check before ``what`` is shown that one form of it is asked for. Raises UsageError."""
    if view.also:
        raise click.UsageError(f"{what} is shown in one form: give one -f and one -o")


def need_other_than_report(view: ViewOptions) -> None:
    """Check before something other than a report is shown. Raises UsageError for a format of reports alone, or two."""
    need_one_target(view, "what is no report")
    if not FORMATS[view.format].everything:
        raise click.UsageError(
            f"{view.format} shows reports alone: give one of {', '.join(general_formats())} here with -f"
        )


def need_inventory(view: ViewOptions) -> None:
    """Check before the inventory is shown. Raises UsageError for a format without such a table."""
    fit = [name for name, chosen in FORMATS.items() if chosen.inventory]
    for target in view.targets:
        if target.format not in fit:
            raise click.UsageError(f"--phones has no format {target.format!r}: give one of {', '.join(fit)} with -f")


class Judge(Protocol):
    """The part of the engine that ``run`` uses."""

    def feed(self, observation: Observation, /) -> None:
        """Take one more fact."""

    def stop(self, code: ProblemCode, why: str | None, /) -> None:
        """No more comes, although not all was tested, for this problem; ``why`` is a clause."""

    def finish(self, at: Microseconds, final: bool = True) -> PhoneReport:
        """The report that follows from the facts so far. ``final``: no more will come."""


def run(
    command: CommandName,
    *,
    source: Source,
    setting: DiagnosisOptions,
    observations: Iterable[Observation | Problem],
    view: ViewOptions,
    context: Context | None = None,
    problems: Sequence[Problem] = (),
    judge: Judge | None = None,
) -> int:
    """Judge and show one phone; the exit code. ``judge`` is the engine for ``setting`` unless a test brings another."""
    if judge is None:
        from ucdiag.diagnosis.engine import Engine

        judge = Engine(setting)
    now = (context or Context()).now
    problems = list(problems)
    started = now()
    with ViewSession(command, view, context.waiting if context is not None else None) as session:
        iterator = iter(observations)
        try:
            ending = run_to_end(
                lambda: _judge_all(iterator, judge, problems, session, now),
                interrupted="It was interrupted before all was measured: run it again.",
                session=session,
                bug_of=command,
            )
        finally:
            _close_iterator(iterator)
        if ending.problem is not None:
            code = ending.problem.code
            longest = context.max_time if context is not None else None
            judge.stop(code, stop_clause(code, longest))
        report = report_of(
            command,
            started=started,
            finished=now(),
            source=source,
            phones=(judge.finish(now()),),
            problems=(*problems, *(problem for problem in ending.problems if problem not in problems)),
        )
        mask_text: Callable[[str], str] | None = None
        if view.mask:
            report, mask_text = _mask_report(report)
        session.end(report)
        if view.bundle is not None:
            from ucdiag.cli.bundle import Contents, write_bundle

            write_bundle(report, view.bundle, Contents(mask_text=mask_text), quiet=view.quiet, force=view.force)
    return ending.code if ending.code is not None else exit_code(report)


def _mask_report(report: Report) -> tuple[Report, Callable[[str], str]]:
    """The report with its names and addresses masked, and a function that masks any other text in the same way."""
    from ucdiag.cli.masked_run import MaskedRun

    masked = MaskedRun()
    masked.learn_options(click.get_current_context().params)
    masked.learn_report(report)
    return masked.report(report), masked.text


@record(frozen=True, slots=True, kw_only=True)
class Ending:
    """How the work of a run ended."""

    code: int | None = None  # the exit code; None where the report's verdict decides
    problem: Problem | None = None  # why it ended before its end

    @property
    def problems(self) -> tuple[Problem, ...]:
        """The problem, if there is one."""
        return () if self.problem is None else (self.problem,)


def run_to_end(
    work: Callable[[], None],
    *,
    interrupted: str,
    session: "ViewSession | None" = None,
    bug_of: CommandName | None = None,
    limit: RunLimit | None = None,
) -> Ending:
    """Run the work of a command. This is the one place that decides what an early end means.

    ``interrupted`` is the sentence for Ctrl-C and SIGTERM. ``limit`` ends the work as these do. With ``session``, an
    output that nobody reads any more ends the work too. With ``bug_of``, a bug of that command is reported here, so
    that what was measured before it is still shown; else it is raised.
    """
    try:
        with limit or nullcontext():
            work()
    except CannotTest as cannot:
        return Ending(problem=Problem(code=cannot.code, text=cannot.text))
    except KeyboardInterrupt:
        return _early_end(interrupted, limit)
    except BrokenPipeError:
        if session is None or not session.lost:
            raise
        return Ending(code=INTERRUPTED)
    except Exception as error:
        if is_interruption(error):
            return _early_end(interrupted, limit)
        if session is None or bug_of is None:
            raise
        if (short := shortage_text(error)) is not None:
            return Ending(problem=Problem(code="no-resources", text=short))
        text = describe_bug(error, bug_of)
        report_bug(error, text, session.verbose)
        return Ending(code=BUG, problem=Problem(code="bug", text=text))
    return Ending()


def _early_end(interrupted: str, limit: RunLimit | None) -> Ending:
    if limit is not None and limit.is_over:
        text = f"Not all was read: {out_of_time(limit.seconds)}. Give it more with --max-time."
        return Ending(problem=Problem(code="max-time", text=text))
    return Ending(code=INTERRUPTED, problem=Problem(code="interrupted", text=interrupted))


def report_of(
    command: CommandName,
    *,
    started: Microseconds,
    finished: Microseconds,
    source: Source,
    phones: Sequence[PhoneReport],
    problems: Sequence[Problem],
    tally: Tally | None = None,
) -> Report:
    """The report of a run, whose verdict is the worst phone's, or the first problem where nothing at all was learnt.

    ``tally`` counts the phones where ``phones`` are not all of them, or are read from a file.
    """
    tally = tally or Tally.from_phones(phones)
    worst, learnt, count = tally.worst, tally.learnt, tally.counts.total()
    if worst is None or (not learnt and problems and worst.status is VerdictStatus.UNKNOWN):
        if problems:
            verdict = Verdict(status=VerdictStatus.UNKNOWN, code=problems[0].code, summary=problems[0].text)
        else:
            verdict = worst or Verdict(status=VerdictStatus.UNKNOWN, summary="There was no phone to judge.")
    elif count > 1:
        counted = _COUNTED[worst.status].format(alike=f"{tally.counts[worst.status]:,}", all=f"{count:,}")
        verdict = Verdict(
            status=worst.status,
            step=worst.step,
            code=worst.code,
            summary=f"{counted} {worst.summary}".rstrip(),
        )
    else:
        verdict = worst
    cut = next((problem for problem in problems if problem.code == "max-time"), None)
    if cut is not None and verdict.status is VerdictStatus.WHOLE:
        text = f"{cut.text} What was tested says: {verdict.summary}"
        verdict = Verdict(status=VerdictStatus.UNKNOWN, code=cut.code, summary=text)
    return Report(
        ucdiag=__version__,
        command=command,
        started=started,
        finished=finished,
        source=source,
        verdict=verdict,
        # More than memory holds are no tuple, but are read as one.
        phones=phones if isinstance(phones, tuple) else cast(tuple[PhoneReport, ...], phones),
        problems=tuple(problems),
        profile=profile_in_use(),
    )


def profile_in_use() -> str | None:
    """The path of the site profile whose values are used; None without one."""
    context = click.get_current_context(silent=True)
    profile = context.meta.get(PROFILE) if context is not None else None
    return profile.path if profile is not None else None


_COUNTED = {
    VerdictStatus.WHOLE: "The update path of all {all} phones is whole; the first:",
    VerdictStatus.BROKEN: "The update path of {alike} of {all} phones is broken; the first:",
    VerdictStatus.UNKNOWN: "Of {all} phones, {alike} could not be judged; the first:",
}


def report_of_problem(command: CommandName, code: ProblemCode, text: str) -> Report:
    """A report of a run without a result: one problem, and the verdict unknown."""
    now = time_ns() // 1000
    return report_of(
        command,
        started=now,
        finished=now,
        source=Source(kind="active"),
        phones=(),
        problems=(Problem(code=code, text=text),),
    )


def whole_of_all(report: Report, missing: Problem | None) -> Report:
    """The report; its verdict is not whole if ``missing`` names something that could not be read."""
    if missing is None or report.verdict.status is not VerdictStatus.WHOLE:
        return report
    text = f"{missing.text} What could be read says: {report.verdict.summary}"
    return replace(report, verdict=Verdict(status=VerdictStatus.UNKNOWN, code=missing.code, summary=text))


def exit_code(report: Report) -> int:
    """0 whole, 1 broken, 3 unknown; with several phones the worst, in the order 1, 3, 0."""
    return _CODES[report.verdict.status]


def _load_views(options: ViewOptions) -> Iterator[tuple[View, Output]]:
    with ExitStack() as opened:
        for format_, name in options.targets:
            output = opened.enter_context(Output(name, prose=FORMATS[format_].prose, force=options.force))
            screen = screen_of(
                output.stream,
                color=options.color,
                verbose=options.verbose,
                quiet=options.quiet,
                ladder=options.ladder,
                calls=program_calls,
            )
            yield _load_view(options, format_, screen), output
        opened.pop_all()


def _load_view(options: ViewOptions, format_: str, screen: Screen) -> View:
    if options.inventory:
        from ucdiag.views import inventory_view

        return inventory_view.load_inventory_view(format_, screen)
    return load_view(format_, screen)


def status_line(options: ViewOptions) -> "StatusLine | None":
    """The status line on standard error; None without a terminal, with ``-q``, or if all formats are for programs."""
    for_programs = all(target.format in _FOR_PROGRAMS for target in options.targets)
    if options.quiet or for_programs or sys.stderr is None:
        return None
    screen = screen_of(sys.stderr, color=options.color)
    if not screen.terminal:
        return None
    from ucdiag.views.status_line import StatusLine

    return StatusLine(screen)


class ViewSession:
    """The chosen views on the chosen outputs. A context manager; the views are closed whatever happens."""

    def __init__(self, command: CommandName, options: ViewOptions, waiting: Waiting | None = None) -> None:
        self._command = command
        self._options = options
        self._shown = ShownViews(_load_views(options))
        # What is shown while it runs has no masks yet.
        tables = () if options.mask else ((view, view.table) for view in self._shown.views if _has_table(view))
        self._table = next(((view, table) for view, table in tables if table is not None), None)
        self._spool: ReportSpool | None = None
        self._status: StatusLine | None = None
        shows = next((view for view in self._shown.views if isinstance(view, ShowsWaiting) and view.live), None)
        if shows is not None:
            shows.waiting = waiting.waiting_text if waiting is not None else None
        else:
            self._status = status_line(options)
            if self._status is not None and waiting is not None:
                self._status.follow_text(waiting.waiting_text)

    def __enter__(self) -> "ViewSession":
        try:
            self._shown.begin(self._command)
        except BaseException as error:
            self.__exit__(type(error), error)
            raise
        return self

    def _end_status(self) -> None:
        if self._status is not None:
            with suppress(OSError, ValueError):
                self._status.close()
            self._status = None

    @property
    def live(self) -> bool:
        """Whether a view shows progress."""
        return self._shown.live and not self._options.mask

    @property
    def lost(self) -> bool:
        """Whether the reader of the output has closed it; nothing more is written then."""
        return self._shown.lost

    def progress(self, phone: PhoneReport) -> None:
        """Show the steps so far. Raises BrokenPipeError when nobody reads any more."""
        self._shown.progress(phone)

    @property
    def verbose(self) -> int:
        """How often ``-v`` was given."""
        return self._options.verbose

    @property
    def shows_phones(self) -> bool:
        """Whether phones, or how far it is, are shown while the capture runs."""
        return self._table is not None or self._status is not None

    def show_phones(
        self,
        phones: Callable[[], Sequence[PhoneReport]],
        packets: int,
        lost: int = 0,
        quiet: int = 0,
        status: Callable[[], str] = str,
    ) -> None:
        """Show the phones so far, where they are shown and it is time to; else ``phones`` is not called.

        Where only a line can be shown, it is ``status``.
        """
        if self._table is not None and self._table[1].is_due():
            view, table = self._table
            self._shown.write(view, lambda: table.update(phones(), packets, lost, quiet, status()))
        elif self._status is not None and self._status.is_due():
            with suppress(OSError, ValueError):
                self._status.show_text(status())

    def reports(
        self, judgements: Iterator[Callable[[], PhoneReport]], *, many: bool = False, fork: bool = True
    ) -> tuple[Sequence[PhoneReport], Tally]:
        """The reports that the judgements make, in the form in which that takes the least time and room; how all
        phones stand. ``many``: there are more phones than memory holds, so they are not counted ahead.
        ``fork`` is False where what makes them has threads, beside which no second process may be forked, and where
        it is so quick that the forking would take longer."""
        first = [] if many else list(islice(judgements, _TOO_MANY + 1))
        written_will_do = self.takes_written
        if many or len(first) > _TOO_MANY:
            first.reverse()
            ahead = (first.pop() for _ in range(len(first)))  # not kept until all others are judged
            spool = self._spool_reports(chain(ahead, judgements))
            return spool, spool.tally
        # With fewer, a second process costs as much as it saves.
        reports = _written_by_two(first) if len(first) >= _MANY and written_will_do and fork else None
        if reports is None:
            reports = tuple(judge() for judge in first)
        return reports, Tally.from_phones(reports)

    def start_stream(self) -> bool:
        """From now on ``stream`` shows reports as they come; False where no view shows anything before the end."""
        return self._shown.start_stream()

    @property
    def only_streams(self) -> bool:
        """Whether nothing is shown of the reports at the end."""
        return self._shown.only_stream

    def stream(self, reports: Sequence[ReadyReport]) -> None:
        """Show some of many reports. Raises BrokenPipeError when nobody reads any more."""
        self._shown.stream_reports(reports)

    @property
    def takes_written(self) -> bool:
        """Whether ``Written`` will do in place of the reports."""
        return self._shown.takes_written and self._shown_alone

    @property
    def takes_brief(self) -> bool:
        """Whether of many phones all but the first may be ``PhoneReport.brief``."""
        return self._shown.takes_brief and self._shown_alone

    @property
    def _shown_alone(self) -> bool:
        """Whether only the views have the reports. A bundle shows them in other forms too, and a mask changes them."""
        return self._options.bundle is None and not self._options.mask

    @property
    def unkept(self) -> str | None:
        """Why the reports of some phones could not be kept; None where all were."""
        return self._spool.failure if self._spool is not None else None

    def _spool_reports(self, judgements: Iterator[Callable[[], PhoneReport]]) -> "ReportSpool":
        """The reports in a temporary file, made one after the other.

        A second process for every few phones took more processor time for its start than it saved, and more memory.
        """
        from ucdiag.cli.report_spool import ReportSpool

        spool = self._spool = ReportSpool(as_json=self.takes_written, brief=self.takes_brief)
        for judge in judgements:
            spool.add_judged(judge)
        return spool

    def end(self, report: Report) -> None:
        """Show the whole report, and put the files in their places."""
        self._end_status()
        if self.lost:
            return
        try:
            self._shown.end(report)
        except BrokenPipeError:
            return
        context = click.get_current_context(silent=True)
        if context is not None:
            context.meta[SHOWN] = True
            if self._shown.exit_code is not None:
                context.meta[EXIT_CODE] = self._shown.exit_code
        self._shown.keep()
        names = ", ".join(self._options.outputs)
        if names and not self._options.quiet:
            shown = self._options.on_standard_output is not None
            print_error(f"Written to {names}." if shown else f"{report.verdict.summary} (written to {names})")

    def __exit__(
        self, kind: type[BaseException] | None = None, error: BaseException | None = None, *rest: object
    ) -> None:
        self._end_status()
        if self._spool is not None:
            self._spool.close()
        self._shown.close(kind, error)


def _judge_all(
    items: Iterable[Observation | Problem],
    judge: Judge,
    problems: list[Problem],
    session: ViewSession,
    now: Callable[[], Microseconds],
) -> None:
    """Feed the judge with the facts, show the progress in the session, and collect the problems."""
    from ucdiag.diagnosis.unsent import problem_of

    for item in items:
        if isinstance(item, Problem):
            problems.append(item)
            continue
        judge.feed(item)
        unsent = problem_of(item)
        if unsent is not None and unsent not in problems:
            problems.append(unsent)
        if session.live:
            session.progress(judge.finish(now(), final=False))


def _written_by_two(judgements: Sequence[Callable[[], PhoneReport]]) -> tuple[PhoneReport, ...] | None:
    """The reports, half of them made by a second process; None where there can be none."""
    from ucdiag.runtime.forked_worker import can_fork_worker, parallel_map
    from ucdiag.views.json_view import as_written, written_parts

    if not can_fork_worker():
        return None
    return tuple(map(as_written, parallel_map(lambda judge: written_parts(judge()), judgements)))


def _has_table(view: View) -> TypeGuard[LiveTable]:
    return isinstance(view, LiveTable)


def _close_iterator(iterator: object) -> None:
    close = getattr(iterator, "close", None)
    if close is not None:
        close()
