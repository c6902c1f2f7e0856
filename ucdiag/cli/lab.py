"""``ucdiag lab``: a whole site on loopback, with or without a fault, and the check run against it."""

import shlex
import sys
import time
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any, TextIO

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
from ucdiag.views import lab_results as trials
from ucdiag.views.json_view import write_json
from ucdiag.views.sanitize import visible

if TYPE_CHECKING:
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
    found = SCENARIOS.get(name.strip().lower())
    if found is None:
        near = get_close_matches(name.lower(), SCENARIOS, n=3, cutoff=0.4)
        hint = f"the nearest are {', '.join(near)}" if near else "'ucdiag lab' lists them"
        raise click.UsageError(f"there is no scenario {name[:100]!r}: {hint}.")
    return found


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
    from ucdiag.lab.trial import domain_of

    need_standard_output()
    try:
        site = start(scenario, port)
    except OSError as error:
        text = f"the lab cannot use port {port} and the next ones: {error.strerror or error}."
        raise click.UsageError(text) from None
    with site:
        check = scenario.check
        words = ["--domain", domain_of(scenario)[0] or "contoso.example"]
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
        dns = [word for index, word in enumerate(words) if word in _DNS_WORDS or words[index - 1] in _DNS_WORDS]
        click.echo(f"Scenario {scenario.name}: {scenario.title}.\n{scenario.summary}\n")
        for host, number in site.nameservers:
            click.echo(f"DNS          {host} port {number} (UDP and TCP)")
        for (meant, meant_port), (real, real_port) in site.connect_to.items():
            click.echo(f"{meant}:{meant_port}".ljust(20) + f" is at {real} port {real_port}")
        if site.audit_log is not None:
            click.echo(f"audit log    {site.audit_log}")
        click.echo("\nTry, in another terminal:\n")
        click.echo(f"  ucdiag check {shlex.join(words)}\n")
        click.echo(f"  ucdiag check-dns {shlex.join(dns)}\n")
        click.echo(f"  ucdiag probe {shlex.join(words)}\n")
        if site.nameservers:
            host, number = site.nameservers[0]
            click.echo(f"  dig @{host} -p {number} ucupdates-r2.{words[1]}\n")
        click.echo("The site stays up until Ctrl-C.")
        sys.stdout.flush()
        try:
            while True:
                time.sleep(3600)
        except KeyboardInterrupt:
            click.echo("\nStopped.")
    return WHOLE


_DNS_WORDS = ("--domain", "-n", "--sip-domain", "--firmware")


def _list(view: ViewOptions) -> int:
    def show(stream: TextIO) -> None:
        if view.format == "json":
            _dump(stream, [_described(each) for each in SCENARIOS.values()])
            return
        wide = max(map(len, SCENARIOS))
        for each in SCENARIOS.values():
            stream.write(f"{each.name.ljust(wide)}  {each.title}\n")
        if not view.quiet:
            stream.write("\nRun one with 'ucdiag lab NAME', all with 'ucdiag lab --all', keep one up with --serve.\n")

    _write(view, show)
    return WHOLE


def _run_all(view: ViewOptions, timeout: Seconds | None) -> int:
    from ucdiag.lab.trial import Trial
    from ucdiag.lab.trial import run as try_one

    done: list[Trial] = []
    with Output(view.output) as output:
        wide = max(map(len, SCENARIOS))

        def line(trial: Trial) -> str:
            verdict = trial.report.verdict
            said = f"{verdict.status.value}{f' at {verdict.step.value}' if verdict.step else ''}"
            mark = "NOT as expected" if trial.differences else "as expected"
            text = f"{trial.scenario.name.ljust(wide)}  {said.ljust(20)}  {mark}  {trial.seconds:5.1f} s"
            return text + "".join(f"\n{' ' * wide}  {visible(each)}" for each in trial.differences)

        # Most of the time goes into waiting for servers that never answer, so they wait together.
        with ThreadPoolExecutor(max_workers=8) as pool:
            try:
                for trial in pool.map(lambda each: try_one(each, timeout), SCENARIOS.values()):
                    done.append(trial)
                    if view.format != "json" and not (view.quiet or (view.format == "short" and not trial.differences)):
                        text = line(trial)
                        output.write(lambda text=text: _put(output.stream, text))  # type: ignore[misc]
            except BaseException:
                pool.shutdown(wait=False, cancel_futures=True)
                raise
        wrong = [trial for trial in done if trial.differences]
        if view.format == "json":
            described = [_outcome(each) for each in done]
            output.write(lambda: _dump(output.stream, described))
        else:
            good = len(done) - len(wrong)
            end = f"{good} of {len(done)} scenarios gave the expected verdict and no other finding."
            output.write(lambda: _put(output.stream, end if view.quiet else f"\n{end}"))
        output.keep()
    return BUG if wrong else WHOLE


def _described(scenario: Scenario) -> trials.Scenario:
    expect = scenario.expect
    return trials.Scenario(
        name=scenario.name,
        title=scenario.title,
        summary=scenario.summary,
        expected=trials.Expected(
            status=VerdictStatus(expect.status), step=Step(expect.step) if expect.step else None, code=expect.code
        ),
        expected_findings=tuple(sorted({*scenario.also, *([expect.code] if expect.code else [])})),
    )


def _outcome(trial: "Trial") -> trials.Scenario:
    return replace(
        _described(trial.scenario),
        verdict=trial.report.verdict,
        findings=tuple(sorted({each.code for each in trial.report.findings})),
        as_expected=not trial.differences,
        differences=tuple(trial.differences),
        seconds=round(trial.seconds, 3),
    )


def _dump(stream: TextIO, scenarios: Iterable[trials.Scenario]) -> None:
    write_json(trials.Trials(scenarios=tuple(scenarios)), stream, indent=2)


def _put(stream: TextIO, text: str) -> None:
    stream.write(f"{text}\n")
    stream.flush()


def _write(view: ViewOptions, show: Any) -> None:
    with Output(view.output) as output:
        output.write(lambda: show(output.stream))
        output.keep()
