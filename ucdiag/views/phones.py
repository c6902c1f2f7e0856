"""The phones of a capture as a table that is updated while it runs: name, seven steps, latest summary.

``PhonesTable.is_due`` says when it is time to look again: at most four times a second, and less often where judging
the phones takes long, so that watching never takes more than a tenth of the time. Phones that are broken come first;
those that do not fit on the screen are counted.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from time import monotonic

from ucdiag.model.report import PhoneReport
from ucdiag.model.steps import STEPS, WORST_FIRST, StepStatus, VerdictStatus
from ucdiag.views.check_lines import checks_short
from ucdiag.views.line_writer import Line, LineWriter, Part
from ucdiag.views.text_width import display_width, fit_text

_SOONEST = 0.25  # seconds
_SHARE = 9  # of the time that a look takes, before the next
_LEAST_ROWS = 3
_ROOM_FOR_CHECKS = 60  # columns behind the steps; where there are fewer, a single check is not spoken of
_STYLES = {VerdictStatus.BROKEN: "bold red", VerdictStatus.UNKNOWN: "", VerdictStatus.WHOLE: "green"}
_WORDS = {VerdictStatus.BROKEN: "broken", VerdictStatus.UNKNOWN: "not known yet", VerdictStatus.WHOLE: "whole"}
_SEEN = frozenset({StepStatus.OK, StepStatus.WARNING, StepStatus.FAILED})

# A mark of one column for each, also in ASCII.
_MARKS = {
    StepStatus.OK: ("✓", "+", "green"),
    StepStatus.WARNING: ("!", "!", "yellow"),
    StepStatus.FAILED: ("✗", "X", "bold red"),
    StepStatus.NOT_NEEDED: ("·", ".", "dim"),
    StepStatus.NOT_SEEN: ("·", ".", "dim"),
    StepStatus.NOT_TESTED: ("·", ".", "dim"),
    StepStatus.NOT_REACHED: (" ", " ", "dim"),
}


def table_lines(
    reports: Sequence[PhoneReport],
    packets: int,
    lost: int,
    width: int,
    height: int,
    unicode: bool = True,
    *,
    quiet: int = 0,
    status: str = "",
) -> list[Line]:
    """The table as lines, at most ``height`` of them (six at least), none wider than ``width`` columns.

    ``quiet`` is the number of phones that are not among ``reports``, since they sent nothing for long. ``status`` is
    the last line.
    """
    if status:
        above = table_lines(reports, packets, lost, width, height - 1, unicode, quiet=quiet)
        return [*above, [(fit_text(status, max(width, 20) - 1, unicode), "dim")]]
    width = max(width, 20) - 1
    counts = Counter(report.verdict.status for report in reports)
    said = [f"{counts[status]:,} {_WORDS[status]}" for status in WORST_FIRST if counts[status]]
    seen = f"{packets:,} packet{'' if packets == 1 else 's'}"
    head = f"{seen}{f', {lost:,} lost' if lost else ''}; "
    phones = len(reports) + quiet
    said += [f"{quiet:,} quiet"] if quiet else []
    head += f"{phones:,} phone{'' if phones == 1 else 's'}{': ' + ', '.join(said) if said else ' yet'}"
    lines: list[Line] = [[(fit_text(head, width, unicode), "bold")]]
    if not reports:
        return lines
    order = sorted(reports, key=lambda report: WORST_FIRST.index(report.verdict.status))
    room = max(height - 4, _LEAST_ROWS)  # the head, the names of the steps, the rest, and the cursor's line
    shown = order[:room]
    most = min(max((width - 16) // 2, 3), 48)
    names = [_phone_label(report) for report in shown]
    if any(display_width(fit_text(name, 100, unicode)) > most for name in names):
        names = [_phone_address(report) for report in shown]
    who = max(display_width(fit_text(name, most, unicode)) for name in names)
    steps = " ".join(str(step.number) for step in STEPS)
    legend = " ".join(f"{step.number} {step.value}" for step in STEPS)
    beside = max(width - who - len(steps) - 4, 0)
    if len(legend) > beside and room > _LEAST_ROWS:
        lines.append([(fit_text(legend, width, unicode), "dim")])
        legend, shown, names = "", shown[: room - 1], names[: room - 1]
    legend = fit_text(legend, beside, unicode)
    lines.append([(f"{'':{who}}  {steps}  {legend}".rstrip(), "dim")])
    lines += [_phone_row(report, name, who, width, unicode) for report, name in zip(shown, names, strict=True)]
    rest = Counter(report.verdict.status for report in order[len(shown) :])
    if rest:
        text = ", ".join(f"{rest[status]:,} {_WORDS[status]}" for status in WORST_FIRST if rest[status])
        lines.append([(fit_text(f"{'…' if unicode else '...'} and {text}", width, unicode), "dim")])
    return lines


def _phone_address(report: PhoneReport) -> str:
    return report.phone.mac or report.phone.ip or "not known"


def _phone_label(report: PhoneReport) -> str:
    return f"{_phone_address(report)} {report.phone.domain or ''}".rstrip()


def _phone_row(report: PhoneReport, name: str, who: int, width: int, unicode: bool) -> Line:
    text = fit_text(name, who, unicode)
    style = _STYLES[report.verdict.status]
    parts: list[Part] = [(text, style), " " * (who - display_width(text) + 2)]
    for step in report.steps:
        mark, ascii_mark, mark_style = _MARKS[step.status]
        parts += [(mark if unicode else ascii_mark, mark_style), " "]
    room = width - who - 2 - 2 * len(report.steps) - 1
    several = report.checks is not None and report.checks.count > 1
    checks = checks_short(report.checks, room * 2 // 3) if several or room >= _ROOM_FOR_CHECKS else ""
    if checks:
        parts += [" ", (checks, "dim")]
        room -= len(checks) + 1
    if room > 0:
        parts += [" ", fit_text(_last_summary(report), room, unicode)]
    return parts


def _last_summary(report: PhoneReport) -> str:
    """The latest summary: of the step that failed, else of the last step seen."""
    failed = next((step for step in report.steps if step.status is StepStatus.FAILED), None)
    if failed is not None:
        return failed.summary
    return next((step.summary for step in reversed(report.steps) if step.status in _SEEN), "")


class PhonesTable:
    """The table on a terminal. On any other writer nothing is ever due and nothing is shown.

    ``now`` is a clock in seconds.
    """

    def __init__(self, writer: LineWriter, now: Callable[[], float] = monotonic) -> None:
        self._now = now
        self._writer = writer
        self._asked = now()
        self._next = self._asked + _SOONEST

    def is_due(self) -> bool:
        """Whether it is time to judge the phones and to call ``update``."""
        if not self._writer.screen.terminal:
            return False
        now = self._now()
        if now < self._next:
            return False
        self._asked = now
        return True

    def update(
        self, reports: Sequence[PhoneReport], packets: int, lost: int = 0, quiet: int = 0, status: str = ""
    ) -> None:
        """Show the phones as they are by now; what passed since ``is_due`` is what a look costs."""
        if not self._writer.screen.terminal:
            return
        columns, rows = self._writer.screen.terminal_size()
        unicode = self._writer.screen.unicode
        self._writer.show_live(table_lines(reports, packets, lost, columns, rows, unicode, quiet=quiet, status=status))
        now = self._now()
        self._next = now + max(_SOONEST, _SHARE * (now - self._asked))

    def close(self) -> None:
        """Take the table away."""
        self._writer.clear_live()
