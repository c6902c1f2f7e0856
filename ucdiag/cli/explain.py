"""``ucdiag explain``: the catalogue of findings."""

import click

from ucdiag.cli.options import command as ucdiag_command
from ucdiag.cli.options import view_options
from ucdiag.cli.output import Output
from ucdiag.cli.runner import ViewOptions
from ucdiag.diagnosis.catalogue import CATALOGUE, nearest
from ucdiag.diagnosis.catalogue.entry import Entry
from ucdiag.model.steps import STEPS
from ucdiag.views.explain_view import Explanation, show
from ucdiag.views.output_target import screen_of


@ucdiag_command("explain")
@click.argument("code", required=False)
@view_options
def command(code: str | None, view: ViewOptions) -> int:
    """Explain a finding code: what it means for the phone, likely causes, what to change, who can do it.

    CODE is a finding's code (dns-legacy-only), the beginning of one, or a step (dns, or 2). Without it all are listed.
    """
    entries = tuple(CATALOGUE.values()) if code is None else _entries_for(code)
    with Output(view.output) as output:
        screen = screen_of(output.stream, color=view.color, verbose=view.verbose, quiet=view.quiet)
        listed = code is None or len(entries) > 1
        output.write(lambda: show(Explanation(entries=entries), view.format, screen, listed=listed))
        output.keep()
    return 0


def _entries_for(code: str) -> tuple[Entry, ...]:
    wanted = code.strip().lower()
    if wanted in CATALOGUE:
        return (CATALOGUE[wanted],)
    entries = tuple(entry for entry in CATALOGUE.values() if wanted and entry.code.startswith(wanted))
    steps = {name: step for step in STEPS for name in (step.value, str(step.number))}
    if wanted in steps:
        entries = tuple(entry for entry in CATALOGUE.values() if entry.step == steps[wanted])
    if not entries:
        near = ", ".join(nearest(wanted[:200]))
        hint = f"the nearest are {near}" if near else "'ucdiag explain' lists them all"
        raise click.UsageError(f"there is no finding code {code[:200]!r}: {hint}", click.get_current_context())
    return entries
