"""``--mask`` and ``--bundle`` of what has no packets: the server's logs, and stored reports."""

import re
from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING

from ucdiag.cli.runner import ViewOptions, ViewSession
from ucdiag.model.patterns import pattern
from ucdiag.model.report import Problem, Report

if TYPE_CHECKING:
    from ucdiag.cli.masked_run import MaskedRun

_MASKED = "(masked)"
# What is said of a run on the network is masked by itself; of all else the text may name files, or quote them.
_OF_THE_NETWORK = ("active", "lab")
_COUNT = pattern(r"[\d,]+ lines? could not be read|IIS logged [\d,]+ of .*|The audit log's clock .*", re.DOTALL)
_KEPT = frozenset({"logs-differ", "max-time", "no-log-row", "not-as-expected", "reports-differ", "server-spared"})


def show_report(
    session: ViewSession, report: Report, view: ViewOptions, *, secrets: Iterable[str] = (), sites: Iterable[str] = ()
) -> None:
    """Show the report, and write the bundle, both as the options say. ``secrets`` are names and addresses that no fact
    has, ``sites`` what the sites are called."""
    mask_text = None
    if view.mask:
        masked = _learn_masks(report, secrets, sites)
        report = masked.report(_without_names(report))
        mask_text = masked.text
    session.end(report)
    if view.bundle is not None:
        from ucdiag.cli.bundle import Contents, write_bundle

        write_bundle(report, view.bundle, Contents(mask_text=mask_text), quiet=view.quiet, force=view.force)


def _learn_masks(report: Report, secrets: Iterable[str], sites: Iterable[str]) -> "MaskedRun":
    import click

    from ucdiag.cli.masked_run import MaskedRun

    masked = MaskedRun()
    masked.learn_options(click.get_current_context().params)
    for site in sites:
        masked.mask.learn_name(site)
    masked.learn_options({"host": tuple(secrets)})
    masked.learn_report(report)
    return masked


def _without_names(report: Report) -> Report:
    """The report without the names of files, nor what is quoted of them: they are of no kind that could be masked."""
    if report.source.kind in _OF_THE_NETWORK:
        return report
    summary = report.verdict.summary
    problems = []
    for problem in report.problems:
        text = _masked_problem(problem)
        problems.append(replace(problem, text=text))
        summary = summary.replace(problem.text, text)
    return replace(
        report,
        source=replace(report.source, name=_MASKED),
        verdict=replace(report.verdict, summary=summary),
        problems=tuple(problems),
    )


def _masked_problem(problem: Problem) -> str:
    if problem.code in _KEPT:
        return problem.text
    count = _COUNT.match(problem.text)
    if count is not None:
        return f"{count[0].rstrip('.')}."
    from ucdiag.diagnosis.catalogue.problems import PROBLEMS

    return f"{PROBLEMS[problem.code].title}." if problem.code in PROBLEMS else _MASKED
