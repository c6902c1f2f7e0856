"""A command made of the real shell around a scripted judge, in the place of ``check-dns``.

As a program: ``python -m tests.cli.fake ARGUMENTS`` is ``ucdiag ARGUMENTS`` with that command in its list.
"""

import os
import sys
import time
from collections.abc import Iterator
from typing import Any

import click

from tests.views.reports import START, broken_phone, whole_phone
from ucdiag.cli import main as edge
from ucdiag.cli.options import command as ucdiag_command
from ucdiag.cli.options import context_options, domain_options, phone_options, view_options
from ucdiag.cli.runner import ViewOptions, run
from ucdiag.diagnosis.options import DiagnosisOptions
from ucdiag.model.observations import Lookup, Observation
from ucdiag.model.phone import Phone
from ucdiag.model.report import Identity, PhoneReport, Problem, Source, StepResult, Verdict
from ucdiag.model.steps import STEPS, StepStatus, VerdictStatus
from ucdiag.model.vocabulary import ProblemCode
from ucdiag.runtime.context import CannotTest, Context

MODULE = "tests.cli.fake"


class ScriptedJudge:
    """Gives the first steps as observations arrive; what the run is about decides the end."""

    def __init__(self, does: str) -> None:
        self._does = does
        self._seen: list[Observation] = []

    def feed(self, observation: Observation) -> None:
        self._seen.append(observation)

    def stop(self, code: ProblemCode, why: str | None = None) -> None:
        """It says nothing of that."""

    def finish(self, at: int, final: bool = True) -> PhoneReport:
        if final and self._does == "bug-in-judge":
            raise ZeroDivisionError("in the judge")
        if final and self._does == "broken":
            return broken_phone()
        if final and self._does == "whole":
            return whole_phone()
        known = len(self._seen)
        return PhoneReport(
            phone=Identity(mac="00:04:f2:aa:bb:cc"),
            verdict=Verdict(status=VerdictStatus.UNKNOWN, code="dns-no-answer", summary="It could not be told."),
            steps=tuple(
                StepResult(
                    step=step,
                    status=StepStatus.OK if step.number <= known else StepStatus.NOT_TESTED,
                    summary=f"what {step.value} says",
                )
                for step in STEPS
            ),
            observations=tuple(self._seen),
        )


def observations(does: str) -> Iterator[Observation | Problem]:
    """Two facts, and then what ``does`` says."""
    for number in range(2):
        if does == "cannot":
            raise CannotTest("no-nameserver", "No nameserver is known: name one with -n.")
        yield Lookup(time=START + number, name=f"name{number}.example", type="A")
    if does == "problem":
        yield Problem(code="no-privilege", text="Run it as root.")
    if does == "late-cannot":
        raise CannotTest("no-nameserver", "No nameserver is known: name one with -n.")
    if does == "interrupt":
        raise KeyboardInterrupt
    if does == "bug":
        raise ZeroDivisionError("by \x1b[31mzero\u202e")
    if does == "wait":
        yield Lookup(time=START + 9, name="waiting.example", type="A")
        print("waiting", file=sys.stderr, flush=True)
        for _ in range(600):
            time.sleep(0.1)  # a signal that comes right before it does not end it
    if does == "later":
        sys.stdin.readline()
        yield Lookup(time=START, name="again.example", type="A")


@ucdiag_command("check-dns")
@click.argument("does", default="whole")
@domain_options
@context_options
@phone_options
@view_options
def command(
    does: str, domain: str | None, sip_domain: str | None, context: Context, phone: Phone, view: ViewOptions
) -> int:
    """Do as told."""
    if does == "options":
        shown: dict[str, Any] = {"domain": domain, "sip": sip_domain, "mac": phone.mac, "serial": phone.serial}
        shown |= {"model": phone.model, "firmware": phone.firmware, "timeout": context.timeout, "format": view.format}
        shown |= {"nameservers": context.nameservers, "connect_to": context.connect_to, "verbose": view.verbose}
        shown |= {"quiet": view.quiet, "color": view.color, "output": view.output}
        click.echo(repr(shown))
        return 0
    if does == "bug-early":
        raise ZeroDivisionError("too early")
    if does == "cannot-early":
        raise CannotTest("no-domain", "No domain is known: give one with --domain.")
    if does == "interrupt-early":
        raise KeyboardInterrupt
    return run(
        "check-dns",
        source=Source(kind="active"),
        setting=DiagnosisOptions(),
        observations=observations(does),
        view=view,
        context=context,
        judge=ScriptedJudge(does),
    )


if __name__ == "__main__":
    edge.COMMANDS["check-dns"] = (MODULE, "Do as told.")
    if os.environ.get("UCDIAG_TEST_CLOSE_STDOUT"):
        os.close(1)
    edge.main()
