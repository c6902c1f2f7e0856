"""What is no report, as a page: the catalogue, what ``doctor`` found, the lab's scenarios and their runs."""

from collections.abc import Iterable, Sequence
from typing import TextIO

from ucdiag import __version__
from ucdiag.diagnosis.catalogue.commands import commands_for
from ucdiag.diagnosis.catalogue.entry import Entry, fill_text, usual_values
from ucdiag.diagnosis.catalogue.problems import ProblemEntry
from ucdiag.model.machine import Check, Machine
from ucdiag.model.report import Fix
from ucdiag.model.steps import STEPS, Level
from ucdiag.views.html.advice import advice_part, command_box
from ucdiag.views.html.markup import Markup, joined_markup, tag
from ucdiag.views.html.page import Page
from ucdiag.views.lab_results import ScenarioResult
from ucdiag.views.output_target import Screen
from ucdiag.views.words import VERDICTS, advice_head, remedy_aside, step_name

_LEVELS = {Level.ERROR: "error", Level.WARNING: "warning", Level.INFORMATION: "information"}
_PURPOSES = {"check": "To look", "change": "To fix it", "instead": "Instead"}
_MARKS = {"ok": "whole", "warning": "unknown", "failed": "broken", "unknown": "unknown"}


def sortable_table(heads: Sequence[str], rows: Iterable[Sequence[str]], name: str) -> Markup:
    """A table that can be sorted; the first cell of a row is its head."""
    head = tag("tr", *(tag("th", text, scope="col") for text in heads))
    lines = (tag("tr", tag("th", row[0], scope="row"), *(tag("td", cell) for cell in row[1:])) for row in rows)
    inside = tag("table", tag("thead", head), tag("tbody", *lines), class_="sort", aria_label=name)
    return tag("div", inside, class_="scroll", tabindex=0, role="group", aria_label=f"{name}, scrollable")


def _write_page(stream: TextIO, title: str, *parts: Markup) -> None:
    page = Page(stream)
    page.begin_page(title, tag("p", tag("strong", f"ucdiag {__version__}")))
    page.write(tag("h1", title), *parts)
    page.end_page(tag("p", f"Made by ucdiag {__version__}."))


def show_catalogue(entries: Sequence[Entry], problems: Sequence[ProblemEntry], screen: Screen, *, listed: bool) -> None:
    """The catalogue: a table of codes, or all about one."""
    if listed:
        _write_page(screen.stream, "The codes of ucdiag", *_code_lists(entries, problems))
        return
    for entry in entries:
        _write_page(screen.stream, f"{entry.code}: {entry.title}", _entry_section(entry))
    for problem in problems:
        _write_page(screen.stream, f"{problem.code}: {problem.title}", _problem_section(problem))


def _code_lists(entries: Sequence[Entry], problems: Sequence[ProblemEntry]) -> list[Markup]:
    parts = []
    for step in STEPS:
        rows = [(entry.code, entry.title, _LEVELS[entry.level]) for entry in entries if entry.step is step]
        if rows:
            head = f"Step {step.number} ({step_name(step)})"
            parts.append(tag("section", tag("h2", head), sortable_table(("Code", "What it says", "Level"), rows, head)))
    if problems:
        named = [(problem.code, problem.title) for problem in problems]
        head = "Problems: what could not be tested, or has to be known of a report"
        parts.append(tag("section", tag("h2", head), sortable_table(("Code", "What it says"), named, "Problems")))
    return parts


def _entry_section(entry: Entry) -> Markup:
    where = f"{_LEVELS[entry.level].capitalize()} at step {entry.step.number} ({step_name(entry.step)})"
    parts = [tag("p", where, class_="quiet"), tag("h2", "What it means"), tag("p", entry.meaning)]
    if entry.causes:
        parts.append(tag("h2", "Likely causes, the likeliest first"))
        parts.append(tag("ol", *(tag("li", cause) for cause in entry.causes), class_="facts"))
    parts.append(tag("h2", advice_head(entry.level)))
    usual = usual_values(entry.step)
    commands = commands_for(entry.step, entry.commands, usual)
    parts.append(advice_part(Fix(text=fill_text(entry.fix, usual), commands=commands, who=entry.who)))
    if entry.sources:
        parts.append(tag("h2", "Sources"))
        parts.append(tag("ul", *(tag("li", source) for source in entry.sources), class_="facts"))
    return tag("section", *parts)


def _problem_section(problem: ProblemEntry) -> Markup:
    return tag(
        "section",
        tag("h2", "What it means"),
        tag("p", problem.meaning),
        tag("h2", "What to do"),
        tag("p", problem.fix),
    )


def show_machine(machine: Machine, summary: str, screen: Screen) -> None:
    """What this machine can do."""
    checks = [] if screen.quiet else list(map(_check_section, machine.checks))
    system = tag("p", f"Python {machine.python}, {machine.system}", class_="quiet")
    _write_page(screen.stream, summary, system, *checks)


def _check_section(check: Check) -> Markup:
    head = tag("h2", f"{check.check}: ", tag("span", check.status, class_="lead"))
    parts = [head, tag("p", check.summary)]
    if check.fix is not None:
        parts.append(tag("p", check.fix))
    for command in check.commands:
        parts.append(tag("p", f"{_PURPOSES[command.purpose]}{remedy_aside(command)}:", class_="where"))
        parts.append(command_box(command.text))
    return tag("section", *parts, class_=_MARKS[check.status])


def show_scenarios(results: Sequence[ScenarioResult], stream: TextIO) -> None:
    """The lab's scenarios."""
    rows = [(result.name, result.title, _expected_verdict(result)) for result in results]
    title = "The scenarios of ucdiag's lab"
    _write_page(stream, title, tag("section", sortable_table(("Scenario", "What is wrong", "Verdict"), rows, title)))


def show_trials(results: Sequence[ScenarioResult], stream: TextIO) -> None:
    """What the runs of all scenarios gave."""
    good = sum(bool(result.as_expected) for result in results)
    rows = [
        (result.name, _expected_verdict(result), _given_result(result), _seconds_text(result)) for result in results
    ]
    heads = ("Scenario", "Verdict expected", "Verdict given", "Seconds")
    title = f"{good} of {len(results)} scenarios gave the expected verdict and no other finding."
    _write_page(stream, title, tag("section", sortable_table(heads, rows, "The runs of all scenarios")))


def _expected_verdict(result: ScenarioResult) -> Markup:
    step = f" at {step_name(result.expected.step)}" if result.expected.step is not None else ""
    return joined_markup([f"{VERDICTS[result.expected.status]}{step} ", result.expected.code or ""])


def _given_result(result: ScenarioResult) -> Markup:
    if result.as_expected:
        return joined_markup(["as expected"])
    return joined_markup(["NOT as expected: ", ", ".join(result.differences or ())])


def _seconds_text(result: ScenarioResult) -> str:
    return f"{result.seconds:.1f}" if result.seconds is not None else ""
