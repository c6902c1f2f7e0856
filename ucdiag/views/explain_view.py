"""The catalogue of findings, shown: as text, short, or as one JSON object (``ucdiag/explain.schema.json``)."""

from dataclasses import dataclass

from ucdiag import __version__
from ucdiag.diagnosis.catalogue.entry import Entry, fill, fill_command
from ucdiag.model.steps import STEPS, Level
from ucdiag.views.choose_writer import line_writer_for
from ucdiag.views.line_writer import LineWriter
from ucdiag.views.output_target import Screen

EXPLAIN_SCHEMA = "ucdiag.explain/1"
_LEVELS = {Level.ERROR: ("E", "bold red"), Level.WARNING: ("W", "yellow"), Level.INFORMATION: ("I", "cyan")}
_WHERE = {"A": "by the active commands", "C": "in a capture"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """Entries of the catalogue. In ``fix`` and ``commands``, {words in braces} stand for what a report fills in."""

    schema: str = EXPLAIN_SCHEMA
    ucdiag: str = __version__
    entries: tuple[Entry, ...]


def show(explanation: Explanation, format_: str, screen: Screen, *, listed: bool) -> None:
    """Write it in that format: one entry with all that is known about it, or ``listed``, a line for each."""
    if format_ == "json":
        from ucdiag.views.json_view import write_json

        write_json(explanation, screen.stream, indent=2 if screen.terminal else None)
        return
    paper = LineWriter(screen) if format_ == "short" else line_writer_for(screen)
    if listed:
        _list(paper, explanation.entries)
    else:
        for entry in explanation.entries:
            _one(paper, entry)


def _list(paper: LineWriter, entries: tuple[Entry, ...]) -> None:
    longest = max((len(entry.code) for entry in entries), default=0)
    for step in STEPS:
        here = [entry for entry in entries if entry.step is step]
        if not here:
            continue
        paper.line((f"{step.number} {step.value}", "bold"))
        for entry in here:
            mark, style = _LEVELS[entry.level]
            paper.line("  ", (mark, style), f" {entry.code:{longest}}  {entry.title}")
    paper.blank()
    paper.words("E error: breaks the path. W warning. I information. 'ucdiag explain CODE' tells more.")


def _one(paper: LineWriter, entry: Entry) -> None:
    paper.words((entry.code, "bold"), f": {entry.title}")
    found = " and ".join(words for letter, words in _WHERE.items() if letter in entry.where)
    paper.words(f"{entry.level.value} at step {entry.step.number} ({entry.step.value}), found {found}")
    paper.blank()
    paper.words(("What it means: ", "bold"), entry.meaning)
    if entry.causes:
        paper.blank()
        paper.line(("Likely causes, the likeliest first:", "bold"))
        for number, cause in enumerate(entry.causes, 1):
            paper.words(cause, first=f"  {number}. ", hang=5)
    paper.blank()
    paper.words(("What to change", "bold"), f" ({entry.who.value}): {fill(entry.fix, {})}")
    for each in entry.commands:
        paper.line("    ", (fill_command(each, {}), "cyan"))
    if entry.sources:
        paper.blank()
        paper.line(("Sources:", "bold"))
        for source in entry.sources:
            paper.words(source, first="  - ", hang=4)
