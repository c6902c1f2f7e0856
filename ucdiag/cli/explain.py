"""``ucdiag explain``: the catalogue of findings."""

from dataclasses import dataclass

import click

from ucdiag import __version__
from ucdiag.cli.options import command as ucdiag_command
from ucdiag.cli.options import view_options
from ucdiag.cli.output import Output
from ucdiag.cli.run import ViewOptions
from ucdiag.engine.catalogue import CATALOGUE, nearest
from ucdiag.engine.catalogue.entry import FIELDS, Entry
from ucdiag.model.steps import STEPS, Level, Step
from ucdiag.views.paper import Paper, paper_for
from ucdiag.views.screen import screen_of

_LEVELS = {Level.ERROR: ("E", "bold red"), Level.WARNING: ("W", "yellow"), Level.INFORMATION: ("I", "cyan")}
_WHERE = {"A": "by the active commands", "C": "in a capture"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """The JSON form: ``ucdiag/explain.schema.json``."""

    schema: str = "ucdiag.explain/1"
    ucdiag: str = __version__
    entries: tuple[Entry, ...]


@ucdiag_command("explain")
@click.argument("code", required=False)
@view_options
def command(code: str | None, view: ViewOptions) -> int:
    """Explain a finding code: what it means for the phone, likely causes, what to change, who can do it.

    CODE is a finding's code (dns-legacy-only), the beginning of one, or a step (dns). Without it all are listed.
    """
    entries = tuple(CATALOGUE.values()) if code is None else _chosen(code)
    with Output(view.output) as output:
        output.write(lambda: _show(entries, code is None, view, output))
        output.keep()
    return 0


def _chosen(code: str) -> tuple[Entry, ...]:
    wanted = code.strip().lower()
    if wanted in CATALOGUE:
        return (CATALOGUE[wanted],)
    found = tuple(entry for entry in CATALOGUE.values() if wanted and entry.code.startswith(wanted))
    if wanted in {step.value for step in STEPS}:
        found = tuple(entry for entry in CATALOGUE.values() if entry.step == wanted)
    if not found:
        near = ", ".join(nearest(wanted[:200]))
        hint = f"the nearest are {near}" if near else "'ucdiag explain' lists them all"
        raise click.UsageError(f"there is no finding code {code[:200]!r}: {hint}", click.get_current_context())
    return found


def _show(entries: tuple[Entry, ...], everything: bool, view: ViewOptions, output: Output) -> None:
    screen = screen_of(output.stream, color=view.color, verbose=view.verbose, quiet=view.quiet)
    if view.format == "json":
        from ucdiag.views.json_view import write_json

        write_json(Explanation(entries=entries), screen.stream, indent=2 if screen.terminal else None)
        return
    paper = Paper(screen) if view.format == "short" else paper_for(screen)
    if len(entries) == 1 and not everything:
        _one(paper, entries[0])
    else:
        _list(paper, entries)


def _list(paper: Paper, entries: tuple[Entry, ...]) -> None:
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


def _one(paper: Paper, entry: Entry) -> None:
    paper.words((entry.code, "bold"), f": {entry.title}")
    found = " and ".join(words for letter, words in _WHERE.items() if letter in entry.where)
    step = Step(entry.step)
    paper.words(f"{entry.level.value} at step {step.number} ({step.value}), found {found}")
    paper.blank()
    paper.words(("What it means: ", "bold"), entry.meaning)
    if entry.causes:
        paper.blank()
        paper.line(("Likely causes, the likeliest first:", "bold"))
        for number, cause in enumerate(entry.causes, 1):
            paper.words(cause, first=f"  {number}. ", hang=5)
    paper.blank()
    paper.words(("What to change", "bold"), f" ({entry.who.value}): {_filled(entry.fix)}")
    for each in entry.commands:
        paper.line("    ", (_filled(each), "cyan"))
    if entry.sources:
        paper.blank()
        paper.line(("Sources:", "bold"))
        for source in entry.sources:
            paper.words(source, first="  - ", hang=4)


def _filled(text: str) -> str:
    """The placeholders by their telling names; every other brace is the command's own."""
    for name, words in FIELDS.items():
        text = text.replace("{" + name + "}", words)
    return text
