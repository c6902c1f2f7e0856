"""``docs/codes.rst``: every code that a report prints, from the catalogue."""

import re
import textwrap
from collections.abc import Iterator

from ucdiag.diagnosis.catalogue import CATALOGUE
from ucdiag.diagnosis.catalogue.commands import commands_for
from ucdiag.diagnosis.catalogue.entry import Entry, fill_text, usual_values
from ucdiag.diagnosis.catalogue.problems import PROBLEMS
from ucdiag.model.steps import STEPS
from ucdiag.model.vocabulary import Shell
from ucdiag.views.words import WHO, advice_head

WIDTH = 120
HEAD = """\
The codes
=========

.. Made by ``make docs`` from the catalogue. Do not edit.

Every code that a report of ``ucdiag`` prints, in the order of the path. ``ucdiag explain CODE`` shows the same in a
terminal. Words in ``<angle brackets>`` are what a report fills in from what it saw. An *error* breaks the path.
Under `Problems`_ is what could not be tested, or has to be known of a report.

.. contents::
   :local:
   :depth: 2
"""
_FOUND = {"A": "by the active commands", "C": "in a capture", "AC": "by the active commands and in a capture"}
_GROUPS = {"check": "Check (changes nothing)", "change": "Change", "verify": "Verify"}
_SHELLS: dict[Shell, str] = {"powershell": "PowerShell", "cmd": "Command Prompt", "sh": "a shell"}


def page() -> str:
    """The whole page."""
    return re.sub(r"\n{3,}", "\n\n", "\n".join([HEAD, *_lines()])).rstrip() + "\n"


def _lines() -> Iterator[str]:
    for step in STEPS:
        yield from _title(f"Step {step.number}: {step.value}", "-")
        for entry in CATALOGUE.values():
            if entry.step is step:
                yield from _entry(entry)
    yield from _title("Problems", "-")
    for problem in PROBLEMS.values():
        yield from _title(problem.code, "~")
        yield from _paragraph(f"{problem.title}.")
        yield from _paragraph(problem.meaning)
        yield from _paragraph(problem.fix, "*What to do:* ")


def _entry(entry: Entry) -> Iterator[str]:
    yield from _title(entry.code, "~")
    yield from _paragraph(f"{entry.title}.")
    yield from _paragraph(f"{entry.level.value.capitalize()}, found {_FOUND[entry.where]}.")
    yield from _paragraph(entry.meaning)
    if entry.causes:
        yield from ["Likely causes, the likeliest first:", ""]
        for number, cause in enumerate(entry.causes, 1):
            yield from _paragraph(cause, f"{number}. ", blank=False)
        yield ""
    usual = usual_values(entry.step)
    head = f"*{advice_head(entry.level)}* ({escaped(WHO[entry.who])}): "
    yield from _paragraph(fill_text(entry.fix, usual), head)
    last = None
    for command in commands_for(entry.step, entry.commands, usual):
        head = f"{_GROUPS[command.purpose]}, {command.where}, {_SHELLS.get(command.shell, command.shell)}"
        if head != last:
            yield from ["", f"{escaped(head)}::", ""]
        yield from (f"    {line}" for line in command.text.splitlines())
        last = head
    yield ""
    if entry.sources:
        yield from ["Sources:", ""]
        for source in entry.sources:
            yield from _paragraph(source, "* ", blank=False)
        yield ""


def escaped(text: str) -> str:
    """As reStructuredText that shows the text as it is."""
    return re.sub(r"([*`|_\\])", r"\\\1", text)


def _title(text: str, line: str) -> list[str]:
    return ["", text, line * len(text), ""]


def _paragraph(text: str, first: str = "", *, blank: bool = True) -> Iterator[str]:
    hang = " " * len(first) if re.fullmatch(r"\d+\. |\* ", first) else ""
    yield from textwrap.wrap(
        first + escaped(text), WIDTH, subsequent_indent=hang, break_long_words=False, break_on_hyphens=False
    )
    if blank:
        yield ""
