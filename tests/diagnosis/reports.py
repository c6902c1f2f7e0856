"""What the judge says of each recorded story, as text: verdict, steps, findings with their evidence and commands.

``python -m tests.diagnosis.reports`` writes ``reports.txt`` anew, and ``advice.txt`` (`tests.diagnosis.advice`);
read the difference before you commit it.
"""

from functools import cache
from pathlib import Path

from tests.diagnosis import advice
from tests.diagnosis.beside_stories import BESIDE_TEXTS
from tests.diagnosis.recorded_stories import ACTIVE, CAPTURED
from tests.diagnosis.report_stories import ACTIVE_TEXTS, CAPTURED_TEXTS
from tests.diagnosis.story import Story
from ucdiag.model.report import PhoneReport
from ucdiag.model.steps import Level, StepStatus

FILE = Path(__file__).with_name("reports.txt")
_MARK = "=== "

STORIES: dict[str, Story] = {
    **{f"active: {name}": story for name, (story, _, _) in ACTIVE.items()},
    **{f"active: {name}": story for name, story in ACTIVE_TEXTS.items()},
    **{f"capture: {name}": story for name, (story, _, _) in CAPTURED.items()},
    **{f"capture: {name}": story for name, story in CAPTURED_TEXTS.items()},
    **{f"beside: {name}": story for name, story in BESIDE_TEXTS.items()},
}
_WITH_COMMANDS = frozenset({*ACTIVE_TEXTS, *CAPTURED_TEXTS, *BESIDE_TEXTS})


# Steps that are the same in most stories are left out.
_USUAL = frozenset(
    {
        "1 ok: 10.0.0.1 leased 10.0.0.7, domain contoso.com, resolver 10.0.0.2.",
        "1 not-tested: The domain is contoso.com, from the command line; DHCP was not tested.",
        "2 ok: ucupdates-r2.contoso.com resolves to 10.0.0.20 (asked 10.0.0.2). [0.01 s]",
        "3 ok: 10.0.0.20 accepted the connection to port 80. [0.01 s]",
        "4 not-seen: Plain http: no TLS on this path.",
        "4 not-seen: Not seen: no TLS handshake with the update server.",
        "4 not-tested: Plain http: no TLS on this path.",
        "5 ok: 10.0.0.20 port 80 answered the POST to /RequestHandler/ucdevice.upx with 200.",
        "6 ok: 10.0.0.20 answers as a Device Update Service: nothing newer for this phone.",
    }
)


def report_text(report: PhoneReport, commands: bool) -> str:
    """All that the judge itself says, without the catalogue's sentences. ``*`` stands for the first finding's."""
    first = report.findings[0].summary if report.findings else ""
    verdict = report.verdict
    lines = [f"{verdict.status} {verdict.step or '-'} {verdict.code or '-'}: {_shortened(verdict.summary, first)}"]
    for step in report.steps:
        seconds = "" if step.seconds is None else f" [{step.seconds} s]"
        line = f"{step.number} {step.status}: {_shortened(step.summary, first)}{seconds}"
        if step.status is not StepStatus.NOT_REACHED and line not in _USUAL:
            lines.append(line)
    for finding in report.findings:
        lines.append(f"{finding.level} {finding.step} {finding.code}: {finding.summary}")
        lines += [f"  - {'' if line.frame is None else f'{line.frame}: '}{line.text}" for line in finding.evidence]
        if commands and finding.level is not Level.INFORMATION:
            lines += [f"  {command.purpose}: {command.text}" for command in finding.fix.commands]
    return "\n".join(lines)


def _shortened(text: str, summary: str) -> str:
    if not summary:
        return text
    return text.replace(summary, "*").replace(summary[:1].upper() + summary[1:], "*")


@cache
def judged(name: str) -> PhoneReport:
    """The judgement of a story. Each is judged once, for all files of tests that look at all."""
    return STORIES[name].report()


def text_of(name: str) -> str:
    """What is recorded of one story; with its commands, if it is there for the sentences."""
    return report_text(judged(name), name.partition(": ")[2] in _WITH_COMMANDS)


def all_reports() -> str:
    """The text of the file."""
    return "\n".join(f"{_MARK}{name}\n{text_of(name)}\n" for name in STORIES)


def recorded() -> dict[str, str]:
    """The text of each story in the file."""
    parts = FILE.read_text(encoding="utf-8").removeprefix(_MARK).split(f"\n{_MARK}")
    return {name: text.rstrip("\n") for name, _, text in (part.partition("\n") for part in parts)}


if __name__ == "__main__":
    FILE.write_text(all_reports(), encoding="utf-8")
    advice.FILE.write_text(advice.all_advice(), encoding="utf-8")
