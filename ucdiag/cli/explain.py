"""``ucdiag explain``: the catalogue of findings and of problems."""

import string

import click

from ucdiag.cli.options import command as ucdiag_command
from ucdiag.cli.options import general_view_options
from ucdiag.cli.output import Output
from ucdiag.cli.runner import ViewOptions, need_other_than_report
from ucdiag.diagnosis.catalogue import CATALOGUE, nearest_codes
from ucdiag.diagnosis.catalogue.entry import Entry
from ucdiag.diagnosis.catalogue.problems import PROBLEMS, ProblemEntry
from ucdiag.model.steps import STEPS
from ucdiag.model.visible_text import quoted
from ucdiag.runtime.privileges import program_calls
from ucdiag.views import FORMATS
from ucdiag.views.explain_view import Explanation, show_explanation
from ucdiag.views.output_target import screen_of

_ENTRIES, _PROBLEMS = tuple(CATALOGUE.values()), tuple(PROBLEMS.values())
# A report prints "[dns-legacy-only]", and what is pasted from a sentence ends with its comma or stop.
_AROUND = string.whitespace + string.punctuation.replace("-", "") + "\u2018\u2019\u201c\u201d\u00ab\u00bb\u2026"


@ucdiag_command("explain")
@click.argument("code", required=False)
@general_view_options
def command(code: str | None, view: ViewOptions) -> int:
    """Explain a code that a report prints: what it means, likely causes, what to change, who can do it.

    CODE is a finding's code (dns-legacy-only) or a problem's (no-privilege), the beginning of one, or a step (dns, or
    2). Without it all are listed.
    """
    need_other_than_report(view)
    entries, problems = _entries_for(code) if code is not None else (_ENTRIES, _PROBLEMS)
    with Output(view.output, prose=FORMATS[view.format].prose, force=view.force) as output:
        screen = screen_of(output.stream, color=view.color, verbose=view.verbose, quiet=view.quiet, calls=program_calls)
        listed = code is None or len(entries) + len(problems) > 1
        explanation = Explanation(entries=entries, problems=problems)
        output.write(lambda: show_explanation(explanation, view.format, screen, listed=listed))
        output.keep()
    return 0


def _entries_for(code: str) -> tuple[tuple[Entry, ...], tuple[ProblemEntry, ...]]:
    """The entries that the word matches. Raises UsageError if there are none."""
    wanted = code.strip(_AROUND).lower().replace("_", "-")
    if wanted in CATALOGUE:
        return (CATALOGUE[wanted],), ()
    if wanted in PROBLEMS:
        return (), (PROBLEMS[wanted],)
    steps = {name: step for step in STEPS for name in (step.value, str(step.number))}
    if wanted in steps:
        return tuple(entry for entry in _ENTRIES if entry.step == steps[wanted]), ()
    entries = tuple(entry for entry in _ENTRIES if wanted and entry.code.startswith(wanted))
    problems = tuple(problem for problem in _PROBLEMS if wanted and problem.code.startswith(wanted))
    if not entries and not problems:
        near = ", ".join(nearest_codes(wanted, [*CATALOGUE, *PROBLEMS]))
        hint = f"the nearest are {near}" if near else "'ucdiag explain' lists them all"
        raise click.UsageError(f"there is no code {quoted(code[:200])}: {hint}", click.get_current_context())
    return entries, problems
