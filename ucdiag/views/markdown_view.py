"""The report as Markdown for a ticket (GitHub, GitLab, Jira): headings, tables and commands in blocks.

Text from outside must be no markup there, no mention of a person and no reference to another ticket. Escapes alone do
not prevent that, because trackers look for ``@`` and ``#`` in what is rendered: all but plain words is code.
"""

import re

from ucdiag.model.patterns import pattern
from ucdiag.model.report import Command, Finding, PhoneReport, Report
from ucdiag.model.steps import Step, StepStatus
from ucdiag.model.visible_text import visible
from ucdiag.views.at_end import AtEnd
from ucdiag.views.sanitize import shortened
from ucdiag.views.text_head import phone_word, report_subject
from ucdiag.views.words import (
    SHELLS,
    WHO,
    advice_head,
    identity_text,
    step_name,
    unsaid_problems,
    verdict_lead,
    verdict_text,
)

LONGEST = 1000
_PLAIN = pattern(r"\(?[^\W_]+(?:[-.,/'][^\W_]+)*'?\)?[.,:;!?]?\)?")
# What would begin a list at the head of a line.
_NUMBER = pattern(r"\(?\d+[.)]+[.,:;!?]?\)?")
_STATUS = {
    StepStatus.OK: "ok",
    StepStatus.WARNING: "warning",
    StepStatus.FAILED: "**FAILED**",
    StepStatus.NOT_NEEDED: "not needed",
    StepStatus.NOT_SEEN: "not seen",
    StepStatus.NOT_TESTED: "not tested",
    StepStatus.NOT_REACHED: "not reached",
}
_BLOCKS = {"powershell": "powershell", "cmd": "bat", "sh": "sh"}


def escaped_markdown(text: str, *, in_table: bool = False) -> str:
    """One line of text in which nothing is markup: runs of words that are not plain stand as code."""
    parts: list[str] = []
    odd: list[str] = []
    for word in shortened(visible(text), LONGEST).split(" "):
        first = not parts and not odd
        if _PLAIN.fullmatch(word) and not word.lower().startswith("www.") and not (first and _NUMBER.fullmatch(word)):
            if odd:
                parts.append(_code_span(" ".join(odd)))
                odd = []
            parts.append(word)
        elif word:
            odd.append(word)
    if odd:
        parts.append(_code_span(" ".join(odd)))
    made = " ".join(parts)
    return made.replace("|", "\\|") if in_table else made


def _code_span(text: str) -> str:
    """As code, without the sentence's own comma or stop behind it."""
    mark = text[-1:] if text[-1:] in (",", ".", ":", ";") and text[-2:-1].isalnum() else ""
    text = text.removesuffix(mark)
    fence = "`" * (max(map(len, re.findall("`+", text)), default=0) + 1)
    space = " " if text[:1] == "`" or text[-1:] == "`" else ""
    return f"{fence}{space}{text}{space}{fence}{mark}"


class MarkdownView(AtEnd):
    """``-f markdown``."""

    takes_brief = True

    def end(self, report: Report) -> None:
        verdict = report.verdict
        phone = next(iter(report.phones), None) if len(report.phones) == 1 else None
        if phone is not None:
            self._write_lines(f"## {verdict_lead(verdict.status, verdict.step)}", "")
        else:
            self._write_lines(f"## {verdict_lead(verdict.status, None)}", "")
        code = f" (`{visible(verdict.code)}`)" if verdict.code else ""
        self._write_lines(f"{escaped_markdown(verdict_text(verdict))}{code}", "")
        self._write_lines(f"- ucdiag {escaped_markdown(report.ucdiag)}, {escaped_markdown(report_subject(report))}")
        if phone is not None and (phone.phone.mac or phone.phone.ip):
            self._write_lines(f"- {phone_word(report, phone.phone)} {escaped_markdown(identity_text(phone.phone))}")
        if self._screen.quiet:
            return
        if phone is not None:
            self._write_phone(phone)
        elif report.phones:
            self._write_sites(report)
            self._write_table(report)
            self._write_causes(report)
        for problem in unsaid_problems(report):
            self._write_lines("", f"Note: {escaped_markdown(problem.text)} (`{visible(problem.code)}`)")

    def _write_lines(self, *lines: str) -> None:
        for line in lines:
            self.write_text(line + "\n")

    def _write_phone(self, phone: PhoneReport) -> None:
        self._write_lines("", "| Step | Status | What was seen |", "| --- | --- | --- |")
        for step in phone.steps:
            said = escaped_markdown(step.summary, in_table=True)
            self._write_lines(f"| {step.number} {step_name(step.step)} | {_STATUS[step.status]} | {said} |")
        for finding in phone.findings:
            self._write_finding(finding)

    def _write_finding(self, finding: Finding) -> None:
        self._write_lines("", f"### {finding.level.value.capitalize()}: `{visible(finding.code)}`", "")
        self._write_lines(escaped_markdown(finding.summary))
        if finding.evidence:
            self._write_lines("")
        for seen in finding.evidence:
            frame = f"frame {seen.frame}: " if seen.frame is not None else ""
            self._write_lines(f"- {frame}{escaped_markdown(seen.text)}")
        if finding.fix.text:
            self._write_lines(
                "", f"**{advice_head(finding.level)}** ({WHO[finding.fix.who]}): {escaped_markdown(finding.fix.text)}"
            )
        for purpose in ("check", "change", "verify"):
            self._write_commands([command for command in finding.fix.commands if command.purpose == purpose])

    def _write_commands(self, commands: list[Command]) -> None:
        chosen: set[str] = set()
        for command in commands:
            instead = " (instead)" if command.choice in chosen else ""
            chosen |= {command.choice} if command.choice else set()
            place = f"{escaped_markdown(command.where)}, {SHELLS[command.shell]}"
            head = f"{command.purpose.capitalize()}{instead}, on {place}:"
            fence = "`" * max(3, max(map(len, re.findall("`+", command.text)), default=0) + 1)
            lines = [visible(line) for line in command.text.split("\n")]
            self._write_lines("", head, "", f"{fence}{_BLOCKS[command.shell]}", *lines, fence)

    def _write_sites(self, report: Report) -> None:
        """Write for several sites what to do first, and how each site and each model stands."""
        from ucdiag.views.many_phones import fixing_changes, group_phones, worst_first

        every = group_phones(report.phones, lambda phone: "")
        if not every.sites:
            return
        self._write_lines("")
        for number, change in enumerate(fixing_changes(every.groups), 1):
            phones = f"{change.count:,} phone{'s' * (change.count > 1)}"
            self._write_lines(
                f"{number}. {phones}: {escaped_markdown(change.text)} ({change.who}, `{visible(change.code)}`)"
            )
        for head, parts in (("Site", every.sites), ("Model", every.models)):
            self._write_lines("", f"| {head} | Phones | Not through |", "| --- | --- | --- |")
            for name, good, count in worst_first(parts):
                self._write_lines(f"| {escaped_markdown(name, in_table=True)} | {count:,} | {count - good:,} |")

    def _write_table(self, report: Report) -> None:
        self._write_lines("", "| Phone | Verdict | Code | What |", "| --- | --- | --- | --- |")
        for phone in report.phones:
            verdict = phone.verdict
            code = f"`{visible(verdict.code)}`" if verdict.code else ""
            who = escaped_markdown(identity_text(phone.phone), in_table=True)
            said = escaped_markdown(verdict_text(verdict), in_table=True)
            self._write_lines(f"| {who} | {verdict_lead(verdict.status, verdict.step)} | {code} | {said} |")

    def _write_causes(self, report: Report) -> None:
        """What to change for each cause, once."""
        shown: set[tuple[Step, str]] = set()
        for phone in report.phones:
            for finding in phone.findings:
                if finding.code == phone.verdict.code and (finding.step, finding.code) not in shown:
                    shown.add((finding.step, finding.code))
                    self._write_finding(finding)
