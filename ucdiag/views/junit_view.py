"""The report as JUnit XML for a CI server: one ``<testsuites>``, in it a ``<testsuite>`` for each phone, a case a step.

Readers lose cases of suites inside suites, and take a lone ``<testsuite>`` for something else: one level, always.
"""

from xml.sax.saxutils import escape, quoteattr

from ucdiag.model.report import PhoneReport, Report, StepResult, Verdict
from ucdiag.model.steps import StepStatus, VerdictStatus
from ucdiag.model.times import format_time
from ucdiag.model.visible_text import visible
from ucdiag.model.vocabulary import Seconds
from ucdiag.views.at_end import AtEnd
from ucdiag.views.phone_names import phone_name

_SKIPPED = (StepStatus.NOT_NEEDED, StepStatus.NOT_SEEN, StepStatus.NOT_TESTED, StepStatus.NOT_REACHED)

# What became of a case (empty: it passed), its element, and how long it took.
Case = tuple[str, str, Seconds | None]


class JunitView(AtEnd):
    """``-f junit``."""

    def end(self, report: Report) -> None:
        self.write_text('<?xml version="1.0" encoding="utf-8"?>\n<testsuites name="ucdiag">\n')
        if not self._screen.quiet:
            for phone in report.phones:
                self._write_phone(report, phone)
        # A run that is not whole must not look whole, whatever its phones say.
        self._write_suite(report, "run", [_verdict_case(report), *_problem_cases(report)])
        self.write_text("</testsuites>\n")

    def _write_phone(self, report: Report, phone: PhoneReport) -> None:
        name = phone_name(phone, report)
        cases = [_step_case(step, phone, f"{report.command}.{name}") for step in phone.steps]
        self._write_suite(report, name, cases)

    def _write_suite(self, report: Report, name: str, cases: list[Case]) -> None:
        kinds = [kind for kind, _, _ in cases]
        counts = " ".join(f'{plural}="{kinds.count(kind)}"' for kind, plural in _COUNTED.items())
        seconds = sum(case for _, _, case in cases if case is not None and _is_number(case))
        self.write_text(
            f'  <testsuite name={_attribute_value(name)} tests="{len(cases)}" {counts} time="{seconds:.6f}" '
            f'timestamp="{format_time(report.started)[:19]}">\n'
        )
        for _, text, _ in cases:
            self.write_text(text)
        self.write_text("  </testsuite>\n")


_COUNTED = {"failure": "failures", "error": "errors", "skipped": "skipped"}


def _attribute_value(text: str) -> str:
    return quoteattr(visible(text))


def _is_number(seconds: Seconds) -> bool:
    return 0 <= seconds < float("inf")


def _test_case(
    where: str, name: str, said: str, *, kind: str = "", code: str = "", seconds: Seconds | None = None
) -> Case:
    time = f' time="{seconds:.6f}"' if seconds is not None and _is_number(seconds) else ""
    head = f"    <testcase classname={_attribute_value(f'ucdiag.{where}')} name={_attribute_value(name)}{time}"
    if not kind:
        inner = f"><system-out>{_element_text(said)}</system-out></testcase>\n" if said else "/>\n"
        return kind, head + inner, seconds
    type_ = f" type={_attribute_value(code)}" if code and kind != "skipped" else ""
    return kind, f"{head}><{kind}{type_} message={_attribute_value(said)}/></testcase>\n", seconds


def _element_text(text: str) -> str:
    return escape(visible(text))


def _step_case(step: StepResult, phone: PhoneReport, where: str) -> Case:
    verdict = phone.verdict
    decides = step.step is verdict.step
    kind, code, said = "", "", step.summary
    if step.status is StepStatus.FAILED:
        kind = "failure"
        found = next((finding.code for finding in phone.findings if finding.step is step.step), "")
        code = verdict.code or found if decides else found
    elif decides and verdict.status is VerdictStatus.UNKNOWN:
        kind, code, said = "error", verdict.code or "unknown", verdict.summary
    elif step.status in _SKIPPED:
        kind = "skipped"
    return _test_case(where, f"{step.number} {step.step.value}", said, kind=kind, code=code, seconds=step.seconds)


def _verdict_case(report: Report) -> Case:
    verdict: Verdict = report.verdict
    kind = {VerdictStatus.WHOLE: "", VerdictStatus.BROKEN: "failure", VerdictStatus.UNKNOWN: "error"}[verdict.status]
    code = verdict.code or verdict.status.value
    return _test_case(f"{report.command}.run", "verdict", verdict.summary, kind=kind, code=code)


def _problem_cases(report: Report) -> list[Case]:
    where = f"{report.command}.run"
    return [_test_case(where, f"problem {problem.code}", problem.text, kind="skipped") for problem in report.problems]
