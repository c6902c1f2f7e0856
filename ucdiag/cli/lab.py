"""``ucdiag lab``: a whole site on loopback, with or without a fault, and the check run against it."""

import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import replace
from difflib import get_close_matches
from functools import partial
from typing import TYPE_CHECKING, Protocol, TextIO

import click

from ucdiag.cli.exit_codes import BUG, INTERRUPTED, WHOLE
from ucdiag.cli.options import LONGEST_RUN, MAX_TIME, PORT, TIMEOUT, view_options
from ucdiag.cli.options import command as ucdiag_command
from ucdiag.cli.output import Output, need_standard_output, need_unoccupied
from ucdiag.cli.plain_help import plain_option
from ucdiag.cli.runner import ViewOptions, need_other_than_report, run
from ucdiag.lab.bounds import Bounds
from ucdiag.lab.scenario import Scenario
from ucdiag.lab.scenarios import SCENARIOS
from ucdiag.model.report import Problem, Source
from ucdiag.model.steps import Step, VerdictStatus
from ucdiag.model.visible_text import quoted, visible
from ucdiag.model.vocabulary import Seconds
from ucdiag.runtime.context import CannotTest
from ucdiag.runtime.progress import Waiting
from ucdiag.runtime.whole_run import in_time
from ucdiag.views import FORMATS, lab_results
from ucdiag.views.json_view import write_json
from ucdiag.views.line_writer import LineWriter
from ucdiag.views.output_target import screen_of

if TYPE_CHECKING:
    from ucdiag.lab.dhcp_link import DhcpLink
    from ucdiag.lab.trial import Trial
    from ucdiag.model.observations import Observation

_FOREVER = 365 * 86400.0  # seconds


@ucdiag_command("lab")
@click.argument("scenario", required=False)
@plain_option("--all", "everything", is_flag=True, help="Run every scenario and show the table.")
@plain_option("--serve", is_flag=True, help="Keep the scenario's site up, and say how to reach it.")
@plain_option("--port", type=PORT, help="With --serve: the first port to use, the others follow.")
@plain_option("-t", "--timeout", type=TIMEOUT, help="Longest wait for each answer, in seconds.")
@plain_option(
    "--max-time",
    type=MAX_TIME,
    show_default=f"{LONGEST_RUN:g}; with --serve none",
    help="End the whole run after this many seconds.",
)
@view_options
def command(
    scenario: str | None,
    everything: bool,
    serve: bool,
    port: int | None,
    timeout: Seconds | None,
    max_time: Seconds | None,
    view: ViewOptions,
) -> int:
    """Run the check against an embedded site: DNS, Device Update Service, file store, on loopback, without root.

    Without SCENARIO all scenarios are listed. With one, its site is started, checked, and the verdict compared with the
    one that it must give. The exit code is the verdict's; 70 when the verdict is not the expected one.

    \b
    Examples:
      ucdiag lab
      ucdiag lab dns-legacy-only
      ucdiag lab whole --serve
      ucdiag lab --all
    """
    bounds = Bounds.from_now(timeout, max_time or LONGEST_RUN)
    if everything:
        if scenario is not None or serve:
            raise click.UsageError("--all runs every scenario: it goes with neither a SCENARIO nor --serve.")
        return _run_all(view, bounds)
    if scenario is None:
        if serve:
            raise click.UsageError("--serve needs a SCENARIO: 'ucdiag lab' lists them.")
        return _list_scenarios(view)
    chosen = _find_scenario(scenario)
    if serve:
        return _serve_scenario(chosen, port, max_time)
    return _run_one(chosen, view, bounds)


def _find_scenario(name: str) -> Scenario:
    scenario = SCENARIOS.get(name.strip().lower())
    if scenario is None:
        near = get_close_matches(name.lower(), SCENARIOS, n=3, cutoff=0.4)
        hint = f"the nearest are {', '.join(near)}" if near else "'ucdiag lab' lists them"
        raise click.UsageError(f"there is no scenario {quoted(name[:100])}: {hint}.")
    return scenario


def _run_one(scenario: Scenario, view: ViewOptions, bounds: Bounds) -> int:
    from ucdiag.cli.without_root import give_up_for_folder
    from ucdiag.diagnosis.engine import Engine
    from ucdiag.lab.site import start_site
    from ucdiag.lab.trial import context_of, differences, observe_site, setting_of

    need_unoccupied([("-o", name) for name in view.outputs], force=view.force)
    says = view.on_standard_output == "text" and not view.quiet
    if says:
        writer = LineWriter(screen_of(sys.stdout))
        writer.write_wrapped(f"Scenario {scenario.name}: {scenario.title}.")
        writer.write_wrapped(scenario.summary)
        writer.write_blank()
    with start_site(scenario, opened=lambda folder: give_up_for_folder(folder, view)) as site:
        context = replace(context_of(site, bounds), waiting=Waiting())
        setting = setting_of(scenario)
        engine = Engine(setting)
        failed: list[BaseException] = []
        code = run(
            "lab",
            source=Source(kind="lab", name=scenario.name),
            setting=setting,
            observations=_note_failures(in_time(context, observe_site(site, context)), failed),
            view=view,
            context=context,
            judge=engine,
        )
        if code in (BUG, INTERRUPTED):
            return code
        if context.is_over:
            return code  # nothing can be compared
        unlike = differences(scenario, engine.finish(context.now()))
    # Only now have all servers said what failed: a client may learn of it before.
    if site.failed is not None:
        failed.append(site.failed)
    if unlike and failed:
        raise failed[0]
    if unlike:
        click.echo(visible(f"NOT as expected: {'; '.join(unlike)}. That is a bug in ucdiag."), err=True)
        return BUG
    if says:
        click.echo("\nThis is the verdict that the scenario must give.")
    return code


def _note_failures(
    observations: "Iterable[Observation | Problem]", failed: list[BaseException]
) -> "Iterator[Observation | Problem]":
    """The observations. The error that ends them goes to ``failed``, and so does what this machine could not send."""
    from ucdiag.diagnosis.unsent import problem_of

    try:
        for item in observations:
            unsent = item if isinstance(item, Problem) else problem_of(item)
            if unsent is not None:
                failed.append(CannotTest(unsent.code, unsent.text))
            yield item
    except Exception as error:
        failed.append(error)
        raise


def _serve_scenario(scenario: Scenario, port: int | None, max_time: Seconds | None) -> int:
    from ucdiag.cli.without_root import give_up_for_folder
    from ucdiag.lab.serve_commands import describe_site
    from ucdiag.lab.site import start_site

    need_standard_output()
    until = time.monotonic() + (max_time or 0.0)
    with ExitStack() as parts:
        link, why = _dhcp_link(scenario, parts)
        try:
            site = parts.enter_context(start_site(scenario, port, give_up_for_folder))
        except OSError as error:
            text = f"the lab cannot use port {port} and the next ones: {error.strerror or error}."
            raise click.UsageError(text) from None
        if link is not None:
            link.serve()
        try:
            for line in describe_site(site, link.interface if link is not None else None, why):
                for part in line.split("\n"):
                    click.echo(visible(part))
            sys.stdout.flush()
            time.sleep(_FOREVER if max_time is None else max(until - time.monotonic(), 0.0))
            click.echo("\nStopped, because its time was over.")
        except KeyboardInterrupt:
            click.echo("\nStopped.")
    return WHOLE


def _dhcp_link(scenario: Scenario, parts: ExitStack) -> "tuple[DhcpLink | None, str | None]":
    """The pair of interfaces on which the scenario's DHCP is served, or why it is not. Of no other scenario either."""
    from ucdiag.lab.dhcp_link import DhcpLink, why_not
    from ucdiag.lab.serve_commands import is_of_dhcp

    if not is_of_dhcp(scenario):
        return None, None
    why = why_not(scenario)
    if why is not None:
        return None, why
    try:
        return parts.enter_context(DhcpLink(scenario)), None
    except OSError as error:
        return None, f"no pair of virtual interfaces can be made ({error.strerror or error})"


def _list_scenarios(view: ViewOptions) -> int:
    need_other_than_report(view)
    with Output(view.output, prose=FORMATS[view.format].prose, force=view.force) as output:
        output.write(lambda: LISTS[view.format](output.stream, view))
        output.keep()
    return WHOLE


def _list_as_text(stream: TextIO, view: ViewOptions) -> None:
    write_scenarios(LineWriter(screen_of(stream)))
    if not view.quiet:
        stream.write("\nRun one with 'ucdiag lab NAME', all with 'ucdiag lab --all', keep one up with --serve.\n")


def write_scenarios(writer: LineWriter) -> None:
    """A line for each scenario: its name and its title."""
    width = max(map(len, SCENARIOS))
    for scenario in SCENARIOS.values():
        writer.write_listed(f"{scenario.name:{width}}  {scenario.title}", hang=width + 2)


def _list_as_json(stream: TextIO, view: ViewOptions) -> None:
    _write_results(stream, [_listed_scenario(scenario) for scenario in SCENARIOS.values()])


def _list_as_html(stream: TextIO, view: ViewOptions) -> None:
    from ucdiag.views.html.shows import show_scenarios

    show_scenarios([_listed_scenario(scenario) for scenario in SCENARIOS.values()], stream)


# A format that is missing here or in ``TRIALS`` is an error, never text in its place.
LISTS: dict[str, Callable[[TextIO, ViewOptions], None]] = {
    "text": _list_as_text,
    "short": _list_as_text,
    "json": _list_as_json,
    "html": _list_as_html,
}


class TrialsView(Protocol):
    """Shows the runs of all scenarios: each when it is over, then all."""

    def show_trial(self, trial: "Trial") -> None:
        """Show the run of one scenario."""

    def show_end(self, trials: Sequence["Trial"]) -> None:
        """Show the end, after all runs."""


class _TextTrials:
    """A line for each scenario; ``unexpected_only``: only for those that gave something else than they must."""

    def __init__(self, output: Output, view: ViewOptions, *, unexpected_only: bool = False) -> None:
        self._output, self._quiet, self._unexpected_only = output, view.quiet, unexpected_only

    def show_trial(self, trial: "Trial") -> None:
        if not (self._quiet or (self._unexpected_only and not trial.differences)):
            self._write_text(_trial_line(trial))

    def show_end(self, trials: Sequence["Trial"]) -> None:
        good = sum(not trial.differences for trial in trials)
        end = f"{good} of {len(trials)} scenarios gave the expected verdict and no other finding."
        self._write_text(end if self._quiet else f"\n{end}")

    def _write_text(self, text: str) -> None:
        stream = self._output.stream
        self._output.write(lambda: _write_line(stream, text))


def _write_line(stream: TextIO, text: str) -> None:
    stream.write(f"{text}\n")
    stream.flush()


class _JsonTrials:
    def __init__(self, output: Output, view: ViewOptions) -> None:
        self._output = output

    def show_trial(self, trial: "Trial") -> None:
        """Nothing before the end."""

    def show_end(self, trials: Sequence["Trial"]) -> None:
        results = [_scenario_result(trial) for trial in trials]
        self._output.write(lambda: _write_results(self._output.stream, results))


class _HtmlTrials(_JsonTrials):
    def show_end(self, trials: Sequence["Trial"]) -> None:
        from ucdiag.views.html.shows import show_trials

        results = [_scenario_result(trial) for trial in trials]
        self._output.write(lambda: show_trials(results, self._output.stream))


TRIALS: dict[str, Callable[[Output, ViewOptions], TrialsView]] = {
    "text": _TextTrials,
    "short": partial(_TextTrials, unexpected_only=True),
    "json": _JsonTrials,
    "html": _HtmlTrials,
}


def _run_all(view: ViewOptions, bounds: Bounds) -> int:
    need_other_than_report(view)
    from ucdiag.cli.without_root import give_up_for_sites
    from ucdiag.lab.trial import run as run_trial

    give_up_for_sites(view)
    trials: list[Trial] = []
    with Output(view.output, prose=FORMATS[view.format].prose, force=view.force) as output:
        shown = TRIALS[view.format](output, view)
        # Most of the time goes into waiting for servers that never answer, so they wait together.
        with ThreadPoolExecutor(max_workers=8) as pool:
            try:
                for trial in pool.map(lambda scenario: run_trial(scenario, bounds), SCENARIOS.values()):
                    trials.append(trial)
                    shown.show_trial(trial)
            except BaseException:
                pool.shutdown(cancel_futures=True)
                raise
        shown.show_end(trials)
        output.keep()
    return BUG if any(trial.differences for trial in trials) else WHOLE


def _trial_line(trial: "Trial") -> str:
    width = max(map(len, SCENARIOS))
    verdict = trial.report.verdict
    outcome = f"{verdict.status.value}{f' at {verdict.step.value}' if verdict.step else ''}"
    mark = "NOT as expected" if trial.differences else "as expected"
    line = f"{trial.scenario.name.ljust(width)}  {outcome.ljust(20)}  {mark}  {trial.seconds:5.1f} s"
    return line + "".join(f"\n{' ' * width}  {visible(difference)}" for difference in trial.differences)


def _listed_scenario(scenario: Scenario) -> lab_results.ScenarioResult:
    expect = scenario.expect
    return lab_results.ScenarioResult(
        name=scenario.name,
        title=scenario.title,
        summary=scenario.summary,
        expected=lab_results.Expected(
            status=VerdictStatus(expect.status), step=Step(expect.step) if expect.step else None, code=expect.code
        ),
        expected_findings=tuple(sorted({*scenario.also, *([expect.code] if expect.code else [])})),
    )


def _scenario_result(trial: "Trial") -> lab_results.ScenarioResult:
    return replace(
        _listed_scenario(trial.scenario),
        verdict=trial.report.verdict,
        findings=tuple(sorted({finding.code for finding in trial.report.findings})),
        as_expected=not trial.differences,
        differences=tuple(trial.differences),
        seconds=round(trial.seconds, 3),
    )


def _write_results(stream: TextIO, results: Iterable[lab_results.ScenarioResult]) -> None:
    write_json(lab_results.Trials(scenarios=tuple(results)), stream, indent=2)
