"""The catalogue of findings, shown: as text, short, or as one JSON object (``ucdiag/explain.schema.json``)."""

from collections.abc import Callable
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
    """Write it in that format: one entry with all that is known about it, or ``listed``, a line for each.

    Raises KeyError for a format that is not in ``SHOWS``.
    """
    SHOWS[format_](explanation, screen, listed)


def _show_json(explanation: Explanation, screen: Screen, listed: bool) -> None:
    from ucdiag.views.json_view import write_json

    write_json(explanation, screen.stream, indent=2 if screen.terminal else None)


def _show_short(explanation: Explanation, screen: Screen, listed: bool) -> None:
    _show_lines(LineWriter(screen), explanation, listed)


def _show_text(explanation: Explanation, screen: Screen, listed: bool) -> None:
    _show_lines(line_writer_for(screen), explanation, listed)


# A format that is missing here is an error, never text in its place.
SHOWS: dict[str, Callable[[Explanation, Screen, bool], None]] = {
    "text": _show_text,
    "short": _show_short,
    "json": _show_json,
}


def _show_lines(writer: LineWriter, explanation: Explanation, listed: bool) -> None:
    if listed:
        _write_list(writer, explanation.entries)
    else:
        for entry in explanation.entries:
            _write_entry(writer, entry)


def _write_list(writer: LineWriter, entries: tuple[Entry, ...]) -> None:
    longest = max((len(entry.code) for entry in entries), default=0)
    for step in STEPS:
        here = [entry for entry in entries if entry.step is step]
        if not here:
            continue
        writer.line((f"{step.number} {step.value}", "bold"))
        for entry in here:
            mark, style = _LEVELS[entry.level]
            writer.line("  ", (mark, style), f" {entry.code:{longest}}  {entry.title}")
    writer.blank()
    writer.wrapped("E error: breaks the path. W warning. I information. 'ucdiag explain CODE' tells more.")


def _write_entry(writer: LineWriter, entry: Entry) -> None:
    writer.wrapped((entry.code, "bold"), f": {entry.title}")
    origins = " and ".join(words for letter, words in _WHERE.items() if letter in entry.where)
    writer.wrapped(f"{entry.level.value} at step {entry.step.number} ({entry.step.value}), found {origins}")
    writer.blank()
    writer.wrapped(("What it means: ", "bold"), entry.meaning)
    if entry.causes:
        writer.blank()
        writer.line(("Likely causes, the likeliest first:", "bold"))
        for number, cause in enumerate(entry.causes, 1):
            writer.wrapped(cause, first=f"  {number}. ", hang=5)
    writer.blank()
    writer.wrapped(("What to change", "bold"), f" ({entry.who.value}): {fill(entry.fix, {})}")
    for command in entry.commands:
        writer.line("    ", (fill_command(command, {}), "cyan"))
    if entry.sources:
        writer.blank()
        writer.line(("Sources:", "bold"))
        for source in entry.sources:
            writer.wrapped(source, first="  - ", hang=4)
