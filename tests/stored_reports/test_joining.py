"""A phone of which both the wire and the server's logs tell: step by step the one that says more."""

from dataclasses import replace

import pytest

from tests.views.reports import broken_phone, whole_phone
from ucdiag.model.report import Finding, Identity, PhoneReport, Verdict
from ucdiag.model.steps import Step, StepStatus, VerdictStatus
from ucdiag.stored_reports.wire_and_log import Coverage, join_wire_and_logs

COVERAGE = Coverage(0, 0)
OK, FAILED = StepStatus.OK, StepStatus.FAILED
NOT_SEEN, NOT_TESTED, NOT_REACHED = StepStatus.NOT_SEEN, StepStatus.NOT_TESTED, StepStatus.NOT_REACHED


def phone(status: StepStatus, summary: str) -> PhoneReport:
    """One with this status and sentence in every step."""
    made = tuple(replace(result, status=status, summary=summary) for result in whole_phone().steps)
    return replace(whole_phone(), steps=made)


@pytest.mark.parametrize(
    ("wire", "logs", "of_logs"),
    [
        (OK, OK, False),
        (OK, FAILED, True),
        (FAILED, FAILED, False),
        (FAILED, OK, False),
        (NOT_SEEN, OK, True),
        (NOT_TESTED, OK, True),
        (NOT_REACHED, OK, True),
        (NOT_SEEN, NOT_TESTED, False),
        (NOT_REACHED, NOT_SEEN, False),
        (OK, NOT_SEEN, False),
        (NOT_SEEN, FAILED, True),
    ],
)
def test_the_result_that_says_more(wire: StepStatus, logs: StepStatus, of_logs: bool) -> None:
    both, _ = join_wire_and_logs(phone(wire, "The wire says."), phone(logs, "It was so."), COVERAGE)
    for result in both.steps:
        late = result.step.number >= Step.REQUEST.number
        said = "The server's log: It was so." if of_logs and late else "The wire says."
        assert (result.summary, result.status) == (said, logs if of_logs and late else wire)


@pytest.mark.parametrize(
    ("wire", "logs", "expected"),
    [
        ("whole", "broken", "broken"),
        ("broken", "whole", "broken"),
        ("unknown", "broken", "broken"),
        ("whole", "unknown", "whole"),
        ("unknown", "whole", "unknown"),
        ("whole", "whole", "whole"),
    ],
)
def test_the_worse_verdict(wire: str, logs: str, expected: str) -> None:
    def judged(status: str) -> PhoneReport:
        code = "http-not-found" if status == "broken" else None
        step = Step.REQUEST if status == "broken" else None
        verdict = Verdict(status=VerdictStatus(status), step=step, code=code, summary=status)
        return replace(whole_phone(), verdict=verdict)

    both, _ = join_wire_and_logs(judged(wire), judged(logs), COVERAGE)
    assert both.verdict.summary == expected


def test_what_the_wire_does_not_know_of_the_phone() -> None:
    wire = replace(whole_phone(), phone=Identity(mac="00:04:f2:aa:bb:cc", ip="10.0.0.7", model="CX600"))
    known = Identity(mac="x", ip="y", domain="z", serial="S", vendor="V", model="CX700", firmware="F")
    both, _ = join_wire_and_logs(wire, replace(whole_phone(), phone=known), COVERAGE)
    assert both.phone == Identity(
        mac="00:04:f2:aa:bb:cc", ip="10.0.0.7", model="CX600", serial="S", vendor="V", firmware="F"
    )


def test_findings_of_both_the_verdicts_first_and_each_once() -> None:
    (finding, *_) = broken_phone().findings
    other: Finding = replace(finding, code="http-not-found")
    third: Finding = replace(finding, code="http-server-error")
    wire = replace(whole_phone(), findings=(other, finding), observations=())
    logs = replace(broken_phone(), findings=(other, third))
    both, _ = join_wire_and_logs(wire, logs, COVERAGE)
    assert [one.code for one in both.findings] == [finding.code, "http-not-found", "http-server-error"]
    assert both.verdict == logs.verdict
    assert both.observations == logs.observations
