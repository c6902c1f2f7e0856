"""Problems and verdict only, a line each: for a ticket or a chat, so never wrapped and never coloured."""

from ucdiag.model.report import PhoneReport, Report
from ucdiag.views.line_writer import LineWriter
from ucdiag.views.output_target import Screen
from ucdiag.views.sanitize import shortened
from ucdiag.views.wireshark import display_filter

LONGEST = 500


class ShortView:
    """``-f short``."""

    live = False

    def __init__(self, screen: Screen) -> None:
        self._screen = screen
        self._writer = LineWriter(screen)

    def begin(self, command: str) -> None:
        """Nothing before the end."""

    def progress(self, phone: PhoneReport) -> None:
        """Nothing before the end."""

    def end(self, report: Report) -> None:
        if not self._screen.quiet:
            if report.profile is not None:
                self._writer.write_line(f"profile {report.profile}")
            for phone in report.phones:
                self._write_phone(phone)
            for problem in report.problems:
                self._writer.write_line(f"problem {problem.code}: {shortened(problem.text, LONGEST)}")
        verdict = report.verdict
        place = f" at step {verdict.step.number} {verdict.step.value}" if verdict.step else ""
        code = f" [{verdict.code}]" if verdict.code else ""
        self._writer.write_line(f"{verdict.status.value}{place}{code}: {shortened(verdict.summary, LONGEST)}")

    def close(self) -> None:
        """Nothing to restore."""

    def _write_phone(self, phone: PhoneReport) -> None:
        who = phone.phone.mac or phone.phone.ip or "a phone"
        domain = f" in {phone.phone.domain}" if phone.phone.domain else ""
        for finding in phone.findings:
            line = f"{finding.level.value} {finding.code} ({who}{domain}): {_as_sentence(finding.summary)}"
            if finding.evidence:
                seen = finding.evidence[0]
                frame = f"frame {seen.frame}: " if seen.frame is not None else ""
                line += f" Seen: {frame}{_as_sentence(seen.text)}"
            if finding.fix.text:
                line += f" Fix ({finding.fix.who.value}): {finding.fix.text}"
            self._writer.write_line(line)
            filter_ = display_filter(finding, phone.observations)
            if filter_:
                self._writer.write_line(f"  Wireshark: {filter_}")
            for command in finding.fix.commands:
                self._writer.write_line(f"  {command.purpose}: {command.text}")


def _as_sentence(text: str) -> str:
    text = shortened(text, LONGEST)
    return text if text.endswith((".", "!", "?")) else text + "."
