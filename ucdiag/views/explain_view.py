"""Shows the catalogue: as text, short, or as one JSON object (``ucdiag/explain.schema.json``)."""

from collections.abc import Callable
from dataclasses import dataclass

from ucdiag import __version__
from ucdiag.diagnosis.catalogue.commands import commands_for
from ucdiag.diagnosis.catalogue.entry import Entry, fill_text, usual_values
from ucdiag.diagnosis.catalogue.problems import ProblemEntry
from ucdiag.model.steps import STEPS, Level
from ucdiag.views.advice_text import write_commands
from ucdiag.views.choose_writer import line_writer_for
from ucdiag.views.line_writer import LineWriter
from ucdiag.views.output_target import Screen
from ucdiag.views.words import WHO, advice_head

EXPLAIN_SCHEMA = "ucdiag.explain/1"
_LEVELS = {Level.ERROR: ("E", "bold red"), Level.WARNING: ("W", "yellow"), Level.INFORMATION: ("I", "cyan")}
_WHERE = {"A": "by the active commands", "C": "in a capture"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """Entries of the catalogue. {Words in braces} in ``fix`` and ``commands`` are placeholders that a report fills."""

    schema: str = EXPLAIN_SCHEMA
    ucdiag: str = __version__
    entries: tuple[Entry, ...]
    problems: tuple[ProblemEntry, ...] = ()


def show_explanation(explanation: Explanation, format_: str, screen: Screen, *, listed: bool) -> None:
    """Write it in that format: one entry with all that is known about it, or ``listed``, a line for each.

    Raises KeyError for a format that is not in ``SHOWS``.
    """
    SHOWS[format_](explanation, screen, listed)


def _show_json(explanation: Explanation, screen: Screen, listed: bool) -> None:
    from ucdiag.views.json_view import show_json

    show_json(explanation, screen)


def _show_short(explanation: Explanation, screen: Screen, listed: bool) -> None:
    _show_lines(LineWriter(screen), explanation, listed)


def _show_text(explanation: Explanation, screen: Screen, listed: bool) -> None:
    _show_lines(line_writer_for(screen), explanation, listed)


def _show_html(explanation: Explanation, screen: Screen, listed: bool) -> None:
    from ucdiag.views.html.shows import show_catalogue

    show_catalogue(explanation.entries, explanation.problems, screen, listed=listed)


# A format that is missing here is an error, never text in its place.
SHOWS: dict[str, Callable[[Explanation, Screen, bool], None]] = {
    "text": _show_text,
    "short": _show_short,
    "json": _show_json,
    "html": _show_html,
}


def _show_lines(writer: LineWriter, explanation: Explanation, listed: bool) -> None:
    if listed:
        _write_list(writer, explanation.entries, explanation.problems)
        return
    for entry in explanation.entries:
        _write_entry(writer, entry)
    for problem in explanation.problems:
        _write_problem(writer, problem)


def _write_list(writer: LineWriter, entries: tuple[Entry, ...], problems: tuple[ProblemEntry, ...]) -> None:
    longest = max(map(len, [*(entry.code for entry in entries), *(problem.code for problem in problems)]), default=0)
    for step in STEPS:
        here = [entry for entry in entries if entry.step is step]
        if not here:
            continue
        writer.write_line((f"{step.number} {step.value}", "bold"))
        for entry in here:
            mark, style = _LEVELS[entry.level]
            writer.write_listed((mark, style), f" {entry.code:{longest}}  {entry.title}", first="  ", hang=longest + 6)
    if problems:
        writer.write_line(("problems", "bold"))
    for problem in problems:
        text = f" {problem.code:{longest}}  {problem.title}"
        writer.write_listed(("P", "yellow"), text, first="  ", hang=longest + 6)
    writer.write_blank()
    writer.write_wrapped(
        "E error: breaks the path. W warning. I information. P problem: what could not be tested, or has to be known "
        "of a report. 'ucdiag explain CODE' shows more."
    )


def _write_problem(writer: LineWriter, problem: ProblemEntry) -> None:
    writer.write_wrapped((problem.code, "bold"), f": {problem.title}")
    writer.write_wrapped("problem: what could not be tested, or has to be known of a report")
    writer.write_blank()
    writer.write_wrapped(("What it means: ", "bold"), problem.meaning)
    writer.write_blank()
    writer.write_wrapped(("What to do: ", "bold"), problem.fix)


def _write_entry(writer: LineWriter, entry: Entry) -> None:
    writer.write_wrapped((entry.code, "bold"), f": {entry.title}")
    origins = " and ".join(words for letter, words in _WHERE.items() if letter in entry.where)
    writer.write_wrapped(f"{entry.level.value} at step {entry.step.number} ({entry.step.value}), found {origins}")
    writer.write_blank()
    writer.write_wrapped(("What it means: ", "bold"), entry.meaning)
    if entry.causes:
        writer.write_blank()
        writer.write_line(("Likely causes, the likeliest first:", "bold"))
        for number, cause in enumerate(entry.causes, 1):
            writer.write_wrapped(cause, first=f"  {number}. ", hang=5)
    writer.write_blank()
    usual = usual_values(entry.step)
    writer.write_wrapped((advice_head(entry.level), "bold"), f" ({WHO[entry.who]}): {fill_text(entry.fix, usual)}")
    write_commands(writer, commands_for(entry.step, entry.commands, usual))
    if entry.sources:
        writer.write_blank()
        writer.write_line(("Sources:", "bold"))
        for source in entry.sources:
            writer.write_wrapped(source, first="  - ", hang=4)
