"""The report for Nagios, Icinga and their like: one line with performance data, and their exit codes.

0 OK, 1 WARNING, 2 CRITICAL, 3 UNKNOWN: not those of the other formats. A value that is not known is left out.
"""

from collections import Counter

from ucdiag.model.report import PhoneReport, Problem, Report
from ucdiag.model.steps import Level, VerdictStatus
from ucdiag.model.visible_text import visible
from ucdiag.views.at_end import AtEnd
from ucdiag.views.output_target import Screen
from ucdiag.views.sanitize import shortened

OK, WARNING, CRITICAL, UNKNOWN = range(4)
WORDS = ("OK", "WARNING", "CRITICAL", "UNKNOWN")
LONGEST = 400
# After these the run is not what it was to be: what they left out may be what is broken.
_CUT_SHORT = ("bug", "interrupted", "output", "report-unreadable", "targets-skipped")


def status_line(status: int, text: str) -> str:
    """The line without performance data. A ``|`` would begin that."""
    return f"UCDIAG {WORDS[status]} - {shortened(visible(text).replace('|', '/'), LONGEST)}"


class NagiosView(AtEnd):
    """``-f nagios``."""

    takes_brief = True

    def __init__(self, screen: Screen) -> None:
        super().__init__(screen)
        self.exit_code = UNKNOWN

    def end(self, report: Report) -> None:
        counts: Counter[VerdictStatus] = Counter()
        warning: str | None = None
        for phone in report.phones:
            counts[phone.verdict.status] += 1
            if warning is None:
                warning = next((finding.code for finding in phone.findings if finding.level is Level.WARNING), None)
        self.exit_code = _exit_status(report, warning)
        code, text = report.verdict.code if self.exit_code != WARNING else warning, report.verdict.summary
        lacking = _stopping_problem(report)
        if lacking is not None and self.exit_code == UNKNOWN and report.verdict.status is VerdictStatus.WHOLE:
            code, text = lacking.code, lacking.text
        text = f"[{code}] {text}" if code else text
        numbers = [f"{status.value}={counts[status]};;;0" for status in VerdictStatus]
        if len(report.phones) == 1 and not self._screen.quiet:
            numbers += _step_seconds(next(iter(report.phones)))
        self.write_text(f"{status_line(self.exit_code, text)} | {' '.join(numbers)}\n")


def _stopping_problem(report: Report) -> Problem | None:
    """The problem that kept the run from its result; None without one."""
    return next((problem for problem in report.problems if problem.code in _CUT_SHORT), None)


def _exit_status(report: Report, warning: str | None) -> int:
    status = report.verdict.status
    if status is VerdictStatus.BROKEN:
        return CRITICAL
    if status is VerdictStatus.UNKNOWN or _stopping_problem(report) is not None:
        return UNKNOWN
    return WARNING if warning is not None else OK


def _step_seconds(phone: PhoneReport) -> list[str]:
    return [
        f"{step.step.value}={step.seconds:.6f}s;;;0"
        for step in phone.steps
        if step.seconds is not None and 0 <= step.seconds < float("inf")
    ]
