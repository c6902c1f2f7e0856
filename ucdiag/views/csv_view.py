"""The report as CSV (RFC 4180, UTF-8 without a mark): a row for the run, each phone, finding and problem.

A spreadsheet takes a cell that begins with ``=``, ``+``, ``-`` or ``@`` for a formula, and so does one that splits at
semicolons with what follows one: an apostrophe stands before it. Control characters are visible escapes.
"""

import csv
import io
import os
import sys
from collections.abc import Iterable, Sequence
from typing import Any

from ucdiag.model.patterns import pattern
from ucdiag.model.report import Finding, PhoneReport, Problem, Report, Verdict
from ucdiag.model.times import format_time
from ucdiag.model.visible_text import visible
from ucdiag.views import ReadyReport
from ucdiag.views.at_end import AtEnd
from ucdiag.views.inventory import InventoryPhone, inventory_phone
from ucdiag.views.output_target import Screen

# Of the run, of the phone, and of what the row is about.
_RUN = ("row", "command", "source", "started")
_WHO = ("mac", "ip", "domain", "serial", "vendor", "model", "firmware")
_WHAT = ("status", "level", "step", "code", "summary", "evidence", "frame", "fix", "who")
COLUMNS = (*_RUN, *_WHO, *_WHAT, "site")
# ASCII's, and the wide ones that some spreadsheets take for them.
_FORMULA = pattern(r"(^|;)(\s*)(?=[=+\-@\uff1d\uff0b\uff0d\uff20])")


def cell_text(value: object) -> str:
    """A value as the text of a cell that no spreadsheet computes."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    return _FORMULA.sub(r"\1'\2", visible(str(value)))


class _Rows(AtEnd):
    def write_row(self, values: Sequence[object]) -> None:
        # Standard output on Windows makes CR LF of each LF by itself.
        end = "\n" if os.name == "nt" and self._screen.stream is sys.stdout else "\r\n"
        line = io.StringIO(newline="")
        csv.writer(line, lineterminator=end).writerow(map(cell_text, values))
        self.write_text(line.getvalue())


class CsvView(_Rows):
    """``-f csv``. Where reports come one by one, the row of the run is behind them."""

    takes_brief = True

    def __init__(self, screen: Screen) -> None:
        super().__init__(screen)
        self.streaming = False
        self._headed = False

    def _write_head(self) -> None:
        if not self._headed:
            self._headed = True
            self.write_row(COLUMNS)

    def stream_reports(self, reports: Iterable[ReadyReport]) -> None:
        """The rows of reports as they come."""
        if self._screen.quiet:
            return
        self._write_head()
        for ready in reports:
            for phone in ready.report.phones:
                self._write_phone(ready.report, phone)

    def end(self, report: Report) -> None:
        self._write_head()
        self._write_values(report, "run", _verdict_values(report.verdict))
        if self._screen.quiet:
            return
        for phone in () if self.streaming else report.phones:
            self._write_phone(report, phone)
        for problem in report.problems:
            self._write_values(report, "problem", _problem_values(problem))

    def _write_phone(self, report: Report, phone: PhoneReport) -> None:
        who = {name: getattr(phone.phone, name) for name in (*_WHO, "site")}
        self._write_values(report, "phone", who | _verdict_values(phone.verdict))
        for finding in phone.findings:
            self._write_values(report, "finding", who | _finding_values(finding))

    def _write_values(self, report: Report, row: str, values: dict[str, Any]) -> None:
        run = (row, report.command, report.source.name, format_time(report.started))
        values = dict(zip(_RUN, run, strict=True)) | values
        self.write_row([values.get(column) for column in COLUMNS])


def _verdict_values(verdict: Verdict) -> dict[str, Any]:
    step = verdict.step.value if verdict.step is not None else None
    return {"status": verdict.status.value, "step": step, "code": verdict.code, "summary": verdict.summary}


def _finding_values(finding: Finding) -> dict[str, Any]:
    seen = finding.evidence[0] if finding.evidence else None
    return {
        "level": finding.level.value,
        "step": finding.step.value,
        "code": finding.code,
        "summary": finding.summary,
        "evidence": seen.text if seen is not None else None,
        "frame": seen.frame if seen is not None else None,
        "fix": finding.fix.text,
        "who": finding.fix.who.value,
    }


def _problem_values(problem: Problem) -> dict[str, Any]:
    return {"code": problem.code, "summary": problem.text}


class InventoryCsvView(_Rows):
    """``capture --phones -f csv``."""

    def end(self, report: Report) -> None:
        names = list(InventoryPhone.__annotations__)
        self.write_row(names)
        for phone in report.phones:
            made = inventory_phone(phone)
            times = {
                name: format_time(getattr(made, name))
                for name in ("last_check", "next_due")
                if getattr(made, name) is not None
            }
            self.write_row([times.get(name, getattr(made, name)) for name in names])
