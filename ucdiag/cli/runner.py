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
from ucdiag.runtime.forked_worker import may_twin
from ucdiag.views import load
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
    """What ``run`` needs of the engine."""

    def feed(self, observation: Observation, /) -> None:
        """One more fact."""

    def finish(self, at: Microseconds, final: bool = True) -> PhoneReport:
        """What follows from the facts so far."""


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
    found = list(problems)
    started = now()
    code: int | None = None
    with ViewSession(command, view) as show:
        iterator = iter(observations)
        try:
            for each in iterator:
                if isinstance(each, Problem):
                    found.append(each)
                    continue
                judge.feed(each)
                unsent = problem_of(each)
                if unsent is not None and unsent not in found:
                    found.append(unsent)
                if show.live:
                    show.progress(judge.finish(now(), final=False))
        except CannotTest as cannot:
            found.append(Problem(code=cannot.code, text=cannot.text))
        except KeyboardInterrupt:
            code = INTERRUPTED
            found.append(Problem(code="interrupted", text="It was interrupted before all was measured: run it again."))
        except BrokenPipeError:
            if not show.lost:
                raise
            code = INTERRUPTED
        except Exception as error:  # noqa: BLE001 - what was measured before a bug is still worth showing
            code = BUG
            found.append(Problem(code="bug", text=describe_bug(error, command)))
            report_bug(error, found[-1].text, view.verbose)
        finally:
            _close(iterator)
        report = report_of(
            command,
            started=started,
            finished=now(),
            source=source,
            phones=(judge.finish(now()),),
            problems=found,
        )
        show.end(report)
    return code if code is not None else exit_code(report)


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
    worst = min((phone.verdict for phone in phones), key=lambda each: _WORST.index(each.status), default=None)
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
    def watches(self) -> bool:
        """Whether phones are shown as it goes."""
        return getattr(self._view, "table", None) is not None

    def watch(self, phones: Callable[[], Sequence[PhoneReport]], packets: int, lost: int = 0) -> None:
        """Show the phones so far, where they are shown as it goes and it is time to; else ``phones`` is not called."""
        table = getattr(self._view, "table", None)
        if table is not None and table.due():
            self._output.write(lambda: table.update(phones(), packets, lost))

    def reports(self, judgements: Iterator[Callable[[], PhoneReport]]) -> tuple[PhoneReport, ...]:
        """What the judgements say, in the form in which that takes the least time."""
        first = list(islice(judgements, _TOO_MANY + 1))
        # With fewer, a second process costs as much as it saves; more of them would take too much room once written.
        if _MANY <= len(first) <= _TOO_MANY and getattr(self._view, "written", False) and may_twin():
            from ucdiag.runtime.parallel_map import each
            from ucdiag.views.json_view import as_written, written

            return tuple(map(as_written, each(lambda judge: written(judge()), first)))
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
