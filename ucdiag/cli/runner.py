"""What every command shares: feed the engine, show the steps, build the report, leave with the right code.

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

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from itertools import chain, islice
from time import time_ns
from typing import Protocol

import click

from ucdiag import __version__
from ucdiag.cli.crash import SHOWN, describe_bug, report_bug
from ucdiag.cli.exit_codes import BROKEN, BUG, INTERRUPTED, UNKNOWN, WHOLE
from ucdiag.cli.output import Output
from ucdiag.diagnosis.options import DiagnosisOptions
from ucdiag.diagnosis.unsent import problem_of
from ucdiag.model.fast_dataclass import record
from ucdiag.model.observations import Observation
from ucdiag.model.report import PhoneReport, Problem, Report, Source, Verdict
from ucdiag.model.steps import VerdictStatus
from ucdiag.model.vocabulary import CommandName, Microseconds, ProblemCode
from ucdiag.runtime.context import CannotTest, Context
from ucdiag.runtime.forked_worker import can_fork_worker, parallel_map
from ucdiag.views import LiveTable, PrewrittenReports, load
from ucdiag.views.output_target import screen_of
from ucdiag.views.sanitize import visible

_WORST = (VerdictStatus.BROKEN, VerdictStatus.UNKNOWN, VerdictStatus.WHOLE)
_MANY, _TOO_MANY = 100, 512
_CODES = {VerdictStatus.WHOLE: WHOLE, VerdictStatus.BROKEN: BROKEN, VerdictStatus.UNKNOWN: UNKNOWN}


@record(frozen=True, slots=True, kw_only=True)
class ViewOptions:
    """How to show the report, as the options said. ``output`` is a file's name, ``None`` for standard output."""

    format: str = "text"
    output: str | None = None
    verbose: int = 0
    quiet: bool = False
    color: bool = True
    ladder: bool | None = None


class Judge(Protocol):
    """The part of the engine that ``run`` uses."""

    def feed(self, observation: Observation, /) -> None:
        """Take one more fact."""

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
        from ucdiag.diagnosis import Engine

        judge = Engine(setting)
    now = (context or Context()).now
    problems = list(problems)
    started = now()
    with ViewSession(command, view) as session:
        iterator = iter(observations)

        def judge_all() -> None:
            for item in iterator:
                if isinstance(item, Problem):
                    problems.append(item)
                    continue
                judge.feed(item)
                unsent = problem_of(item)
                if unsent is not None and unsent not in problems:
                    problems.append(unsent)
                if session.live:
                    session.progress(judge.finish(now(), final=False))

        try:
            ending = run_to_end(
                judge_all,
                interrupted="It was interrupted before all was measured: run it again.",
                session=session,
                bug_of=command,
            )
        finally:
            _close(iterator)
        report = report_of(
            command,
            started=started,
            finished=now(),
            source=source,
            phones=(judge.finish(now()),),
            problems=(*problems, *ending.problems),
        )
        session.end(report)
    return ending.code if ending.code is not None else exit_code(report)


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
) -> Ending:
    """Do what a command is for: the one place that decides what an early end means.

    ``interrupted`` is the sentence for Ctrl-C and SIGTERM. With ``session``, an output that nobody reads any more ends
    the work too. With ``bug_of``, a bug of that command is reported here, so that what was measured before it is
    still shown; else it is raised.
    """
    try:
        work()
    except CannotTest as cannot:
        return Ending(problem=Problem(code=cannot.code, text=cannot.text))
    except KeyboardInterrupt:
        return Ending(code=INTERRUPTED, problem=Problem(code="interrupted", text=interrupted))
    except BrokenPipeError:
        if session is None or not session.lost:
            raise
        return Ending(code=INTERRUPTED)
    except Exception as error:
        if session is None or bug_of is None:
            raise
        text = describe_bug(error, bug_of)
        report_bug(error, text, session.verbose)
        return Ending(code=BUG, problem=Problem(code="bug", text=text))
    return Ending()


def report_of(
    command: CommandName,
    *,
    started: Microseconds,
    finished: Microseconds,
    source: Source,
    phones: Sequence[PhoneReport],
    problems: Sequence[Problem],
) -> Report:
    """The report of a run, whose verdict is the worst phone's, or the first problem where nothing at all was learnt."""
    learnt = any(phone.learnt for phone in phones)
    worst = min((phone.verdict for phone in phones), key=lambda verdict: _WORST.index(verdict.status), default=None)
    if worst is None or (not learnt and problems and worst.status is VerdictStatus.UNKNOWN):
        if problems:
            verdict = Verdict(status=VerdictStatus.UNKNOWN, code=problems[0].code, summary=problems[0].text)
        else:
            verdict = worst or Verdict(status=VerdictStatus.UNKNOWN, summary="There was no phone to judge.")
    elif len(phones) > 1:
        alike = sum(phone.verdict.status is worst.status for phone in phones)
        verdict = Verdict(
            status=worst.status,
            step=worst.step,
            code=worst.code,
            summary=f"{_COUNTED[worst.status].format(alike=alike, all=len(phones))} {worst.summary}",
        )
    else:
        verdict = worst
    return Report(
        ucdiag=__version__,
        command=command,
        started=started,
        finished=finished,
        source=source,
        verdict=verdict,
        phones=tuple(phones),
        problems=tuple(problems),
    )


_COUNTED = {
    VerdictStatus.WHOLE: "The update path of all {all} phones is whole; the first:",
    VerdictStatus.BROKEN: "The update path of {alike} of {all} phones is broken; the first:",
    VerdictStatus.UNKNOWN: "Of {all} phones, {alike} could not be judged; the first:",
}


def report_of_problem(command: CommandName, code: ProblemCode, text: str) -> Report:
    """A report of a run that came to nothing."""
    now = time_ns() // 1000
    return report_of(
        command,
        started=now,
        finished=now,
        source=Source(kind="active"),
        phones=(),
        problems=(Problem(code=code, text=text),),
    )


def exit_code(report: Report) -> int:
    """0 whole, 1 broken, 3 unknown; with several phones the worst, in the order 1, 3, 0."""
    statuses = {phone.verdict.status for phone in report.phones} | {report.verdict.status}
    return _CODES[min(statuses, key=_WORST.index)]


class ViewSession:
    """The chosen view on the chosen output. A context manager; the view is closed whatever happens."""

    def __init__(self, command: CommandName, options: ViewOptions) -> None:
        self._command = command
        self._options = options
        self._output = Output(options.output)
        screen = screen_of(
            self._output.stream,
            color=options.color,
            verbose=options.verbose,
            quiet=options.quiet,
            ladder=options.ladder,
        )
        self._view = load(options.format, screen)
        self._table = self._view.table if isinstance(self._view, LiveTable) else None

    def __enter__(self) -> "ViewSession":
        self._output.write(lambda: self._view.begin(self._command))
        return self

    @property
    def live(self) -> bool:
        """Whether the view wants to hear of progress."""
        return self._view.live

    @property
    def lost(self) -> bool:
        """Whether nobody reads the output any more; nothing more is written then."""
        return self._output.lost

    def progress(self, phone: PhoneReport) -> None:
        """Show the steps so far. Raises BrokenPipeError when nobody reads any more."""
        self._output.write(lambda: self._view.progress(phone))

    @property
    def verbose(self) -> int:
        """How often ``-v`` was given."""
        return self._options.verbose

    @property
    def shows_phones(self) -> bool:
        """Whether phones are shown while the capture runs."""
        return self._table is not None

    def show_phones(self, phones: Callable[[], Sequence[PhoneReport]], packets: int, lost: int = 0) -> None:
        """Show the phones so far, where they are shown and it is time to; else ``phones`` is not called."""
        table = self._table
        if table is not None and table.due():
            self._output.write(lambda: table.update(phones(), packets, lost))

    def reports(self, judgements: Iterator[Callable[[], PhoneReport]]) -> tuple[PhoneReport, ...]:
        """The reports that the judgements make, in the form in which that takes the least time."""
        first = list(islice(judgements, _TOO_MANY + 1))
        written_will_do = isinstance(self._view, PrewrittenReports) and self._view.takes_written
        # With fewer, a second process costs as much as it saves; more of them would take too much room once written.
        if _MANY <= len(first) <= _TOO_MANY and written_will_do and can_fork_worker():
            from ucdiag.views.json_view import as_written, written

            return tuple(map(as_written, parallel_map(lambda judge: written(judge()), first)))
        return tuple(judge() for judge in chain(first, judgements))

    def end(self, report: Report) -> None:
        """Show the whole report, and put a file in its place."""
        if self.lost:
            return
        try:
            self._output.write(lambda: self._view.end(report))
            context = click.get_current_context(silent=True)
            if context is not None:
                context.meta[SHOWN] = True
        except BrokenPipeError:
            return
        self._output.keep()
        if self._options.output is not None and not self._options.quiet:
            with suppress(OSError):
                click.echo(visible(f"{report.verdict.summary} (written to {self._options.output})"), err=True)

    def __exit__(
        self, kind: type[BaseException] | None = None, error: BaseException | None = None, *rest: object
    ) -> None:
        with suppress(OSError, ValueError):
            self._view.close()
        self._output.__exit__(kind, error)


def _close(iterator: object) -> None:
    close = getattr(iterator, "close", None)
    if close is not None:
        close()
