"""``ucdiag lab``: a whole site on loopback, with or without a fault, and the check run against it."""

import shlex
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from difflib import get_close_matches
from functools import partial
from typing import TYPE_CHECKING, Protocol, TextIO

import click

from ucdiag.cli.exit_codes import BUG, INTERRUPTED, WHOLE
from ucdiag.cli.options import PORT, TIMEOUT, view_options
from ucdiag.cli.options import command as ucdiag_command
from ucdiag.cli.output import Output, need_standard_output
from ucdiag.cli.runner import ViewOptions, run
from ucdiag.lab.scenario import Scenario
from ucdiag.lab.scenarios import SCENARIOS
from ucdiag.model.report import Source
from ucdiag.model.steps import Step, VerdictStatus
from ucdiag.model.vocabulary import Seconds
from ucdiag.update_service.names import R2_LABEL
from ucdiag.views import lab_results
from ucdiag.views.json_view import write_json
from ucdiag.views.sanitize import visible

if TYPE_CHECKING:
    from ucdiag.lab.site import RunningSite
    from ucdiag.lab.trial import Trial


@ucdiag_command("lab")
@click.argument("scenario", required=False)
@click.option("--all", "everything", is_flag=True, help="Run every scenario and show the table.")
@click.option("--serve", is_flag=True, help="Keep the scenario's site up, and say how to reach it.")
@click.option("--port", type=PORT, help="With --serve: the first port to use, the others follow.")
@click.option("-t", "--timeout", type=TIMEOUT, help="Longest wait for each answer, in seconds.")
@view_options
def command(
    scenario: str | None, everything: bool, serve: bool, port: int | None, timeout: Seconds | None, view: ViewOptions
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
    if everything:
        if scenario is not None or serve:
            raise click.UsageError("--all runs every scenario: it goes with neither a SCENARIO nor --serve.")
        return _run_all(view, timeout)
    if scenario is None:
        if serve:
            raise click.UsageError("--serve needs a SCENARIO: 'ucdiag lab' lists them.")
        return _list(view)
    chosen = _find(scenario)
    if serve:
        return _serve(chosen, port)
    return _run_one(chosen, view, timeout)


def _find(name: str) -> Scenario:
    scenario = SCENARIOS.get(name.strip().lower())
    if scenario is None:
        near = get_close_matches(name.lower(), SCENARIOS, n=3, cutoff=0.4)
        hint = f"the nearest are {', '.join(near)}" if near else "'ucdiag lab' lists them"
        raise click.UsageError(f"there is no scenario {name[:100]!r}: {hint}.")
    return scenario


def _run_one(scenario: Scenario, view: ViewOptions, timeout: Seconds | None) -> int:
    from ucdiag.diagnosis import Engine
    from ucdiag.lab.site import start
    from ucdiag.lab.trial import context_of, differences, observe, setting_of

    if view.format == "text" and not view.quiet and view.output is None:
        click.echo(f"Scenario {scenario.name}: {scenario.title}.\n{scenario.summary}\n")
    with start(scenario) as site:
        context = context_of(site, timeout)
        setting = setting_of(scenario)
        engine = Engine(setting)
        code = run(
            "lab",
            source=Source(kind="lab", name=scenario.name),
            setting=setting,
            observations=observe(site, context),
            view=view,
            context=context,
            judge=engine,
        )
        if code in (BUG, INTERRUPTED):
            return code
        unlike = differences(scenario, engine.finish(context.now()))
    quiet = view.quiet or view.format != "text" or view.output is not None
    if unlike:
        click.echo(f"NOT as expected: {'; '.join(unlike)}. That is a bug in ucdiag.", err=True)
        return BUG
    if not quiet:
        click.echo("\nThis is the verdict that the scenario must give.")
    return code


def _serve(scenario: Scenario, port: int | None) -> int:
    from ucdiag.lab.site import start

    need_standard_output()
    try:
        site = start(scenario, port)
    except OSError as error:
        text = f"the lab cannot use port {port} and the next ones: {error.strerror or error}."
        raise click.UsageError(text) from None
    with site:
        for line in _description(site):
            click.echo(line)
        sys.stdout.flush()
        try:
            while True:
                time.sleep(3600)
        except KeyboardInterrupt:
            click.echo("\nStopped.")
    return WHOLE


def _description(site: "RunningSite") -> Iterator[str]:
    """Where the parts of a running site are, and commands to try on it."""
    scenario = site.scenario
    words = _check_words(site)
    yield f"Scenario {scenario.name}: {scenario.title}.\n{scenario.summary}\n"
    for host, number in site.nameservers:
        yield f"DNS          {host} port {number} (UDP and TCP)"
    for (meant, meant_port), (real, real_port) in site.connect_to.items():
        yield f"{meant}:{meant_port}".ljust(20) + f" is at {real} port {real_port}"
    if site.audit_log is not None:
        yield f"audit log    {site.audit_log}"
    dns = [word for index, word in enumerate(words) if word in _DNS_WORDS or words[index - 1] in _DNS_WORDS]
    yield "\nTry, in another terminal:\n"
    yield f"  ucdiag check {shlex.join(words)}\n"
    yield f"  ucdiag check-dns {shlex.join(dns)}\n"
    yield f"  ucdiag probe {shlex.join(words)}\n"
    if site.nameservers:
        host, number = site.nameservers[0]
        yield f"  dig @{host} -p {number} {R2_LABEL}.{words[1]}\n"
    yield "The site stays up until Ctrl-C."


def _check_words(site: "RunningSite") -> list[str]:
    """The options of ``check`` and ``probe`` for this site; those of ``check-dns`` are among them."""
    from ucdiag.lab.trial import domain_of

    check = site.scenario.check
    words = ["--domain", domain_of(site.scenario)[0] or "contoso.example"]
    for host, number in site.nameservers:
        words += ["-n", f"{host}:{number}"]
    for (meant, meant_port), (real, real_port) in site.connect_to.items():
        words += ["--connect-to", f"{meant}:{meant_port}:{real}:{real_port}"]
    if check.sip_domain:
        words += ["--sip-domain", check.sip_domain]
    if check.external:
        words += ["--external"]
    elif check.https:
        words += ["--port", "443"]
    if check.firmware:
        words += ["--firmware", check.firmware]
    if site.ca_file is not None:
        words += ["--ca", str(site.ca_file)]
    return words


_DNS_WORDS = ("--domain", "-n", "--sip-domain", "--firmware")


def _list(view: ViewOptions) -> int:
    with Output(view.output) as output:
        output.write(lambda: LISTS[view.format](output.stream, view))
        output.keep()
    return WHOLE


def _list_as_text(stream: TextIO, view: ViewOptions) -> None:
    width = max(map(len, SCENARIOS))
    for scenario in SCENARIOS.values():
        stream.write(f"{scenario.name.ljust(width)}  {scenario.title}\n")
    if not view.quiet:
        stream.write("\nRun one with 'ucdiag lab NAME', all with 'ucdiag lab --all', keep one up with --serve.\n")


def _list_as_json(stream: TextIO, view: ViewOptions) -> None:
    _write_results(stream, [_listed_scenario(scenario) for scenario in SCENARIOS.values()])


# A format that is missing here or in ``TRIALS`` is an error, never text in its place.
LISTS: dict[str, Callable[[TextIO, ViewOptions], None]] = {
    "text": _list_as_text,
    "short": _list_as_text,
    "json": _list_as_json,
}


class TrialsView(Protocol):
    """Shows the runs of all scenarios: each when it is over, then all."""

    def trial(self, trial: "Trial") -> None:
        """One scenario was run."""

    def end(self, trials: Sequence["Trial"]) -> None:
        """All were run."""


class _TextTrials:
    """A line for each scenario; ``unexpected_only``: only for those that gave something else than they must."""

    def __init__(self, output: Output, view: ViewOptions, *, unexpected_only: bool = False) -> None:
        self._output, self._quiet, self._unexpected_only = output, view.quiet, unexpected_only

    def trial(self, trial: "Trial") -> None:
        if not (self._quiet or (self._unexpected_only and not trial.differences)):
            self._put(_trial_line(trial))

    def end(self, trials: Sequence["Trial"]) -> None:
        good = sum(not trial.differences for trial in trials)
        end = f"{good} of {len(trials)} scenarios gave the expected verdict and no other finding."
        self._put(end if self._quiet else f"\n{end}")

    def _put(self, text: str) -> None:
        stream = self._output.stream
        self._output.write(lambda: _write_line(stream, text))


def _write_line(stream: TextIO, text: str) -> None:
    stream.write(f"{text}\n")
    stream.flush()


class _JsonTrials:
    def __init__(self, output: Output, view: ViewOptions) -> None:
        self._output = output

    def trial(self, trial: "Trial") -> None:
        """Nothing before the end."""

    def end(self, trials: Sequence["Trial"]) -> None:
        results = [_scenario_result(trial) for trial in trials]
        self._output.write(lambda: _write_results(self._output.stream, results))


TRIALS: dict[str, Callable[[Output, ViewOptions], TrialsView]] = {
    "text": _TextTrials,
    "short": partial(_TextTrials, unexpected_only=True),
    "json": _JsonTrials,
}


def _run_all(view: ViewOptions, timeout: Seconds | None) -> int:
    from ucdiag.lab.trial import run as run_trial

    trials: list[Trial] = []
    with Output(view.output) as output:
        shown = TRIALS[view.format](output, view)
        # Most of the time goes into waiting for servers that never answer, so they wait together.
        with ThreadPoolExecutor(max_workers=8) as pool:
            try:
                for trial in pool.map(lambda scenario: run_trial(scenario, timeout), SCENARIOS.values()):
                    trials.append(trial)
                    shown.trial(trial)
            except BaseException:
                pool.shutdown(wait=False, cancel_futures=True)
                raise
        shown.end(trials)
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
