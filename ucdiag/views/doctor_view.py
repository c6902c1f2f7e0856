"""Shows the checks of ``ucdiag doctor``: as text, short, or as one JSON object (``ucdiag/doctor.schema.json``)."""

from collections.abc import Callable

from ucdiag.model.machine import Check, CheckStatus, Machine, RemedyPurpose
from ucdiag.model.steps import StepStatus
from ucdiag.views.choose_writer import line_writer_for
from ucdiag.views.line_writer import LineWriter
from ucdiag.views.output_target import Screen
from ucdiag.views.words import remedy_aside

_MARKS: dict[CheckStatus, StepStatus] = {
    "ok": StepStatus.OK,
    "warning": StepStatus.WARNING,
    "failed": StepStatus.FAILED,
    "unknown": StepStatus.NOT_SEEN,
}
_HEADS: dict[RemedyPurpose, str] = {"check": "Check", "change": "Change", "instead": "Instead"}


def summary_of(machine: Machine) -> str:
    """The conclusion, as one sentence."""
    failed = ", ".join(check.check for check in machine.failed_checks)
    if failed:
        return f"Not everything can be tested from this machine: {failed}."
    return "Everything that ucdiag does can be done on this machine."


def show_machine_checks(machine: Machine, format_: str, screen: Screen) -> None:
    """Write it in that format. Raises KeyError for a format that is not in ``SHOWS``."""
    SHOWS[format_](machine, screen)


def _show_json(machine: Machine, screen: Screen) -> None:
    from ucdiag.views.json_view import show_json

    show_json(machine, screen)


def _show_short(machine: Machine, screen: Screen) -> None:
    writer = LineWriter(screen)
    for check in machine.checks if not screen.quiet else ():
        writer.write_line(f"{check.check} {check.status}: {check.summary}")
    writer.write_line(summary_of(machine))


def _show_text(machine: Machine, screen: Screen) -> None:
    writer = line_writer_for(screen)
    if not screen.quiet:
        writer.write_line(f"ucdiag {machine.ucdiag}, Python {machine.python}, {machine.system}")
        writer.write_blank()
        width = max(len(check.check) for check in machine.checks)
        for check in machine.checks:
            _show_check(writer, check, width, verbose=bool(screen.verbose))
        writer.write_blank()
    writer.write_wrapped(summary_of(machine))


def _show_check(writer: LineWriter, check: Check, width: int, *, verbose: bool) -> None:
    mark = writer.status_mark(_MARKS[check.status])
    hang = len(mark[0]) + width + 2
    writer.write_wrapped(mark, f" {check.check.ljust(width)} ", check.summary, hang=hang)
    if check.status == "ok" and not verbose:
        return
    if check.fix is not None:
        writer.write_wrapped(check.fix, first=" " * hang, hang=hang)
    head = ""
    for command in check.commands:
        before, head = head, _HEADS[command.purpose] + remedy_aside(command)
        if head != before:
            writer.write_wrapped(f"{head}:", first="    ", hang=6)
        # Alone in its line, so that it can be copied whole.
        writer.write_line("      ", (command.text, "cyan"))


def _show_html(machine: Machine, screen: Screen) -> None:
    from ucdiag.views.html.shows import show_machine

    show_machine(machine, summary_of(machine), screen)


# A format that is missing here is an error, never text in its place.
SHOWS: dict[str, Callable[[Machine, Screen], None]] = {
    "text": _show_text,
    "short": _show_short,
    "json": _show_json,
    "html": _show_html,
}
