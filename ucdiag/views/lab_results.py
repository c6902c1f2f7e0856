"""The scenarios of the lab as one JSON object (``ucdiag/lab.schema.json``): what each must give, and what it gave."""

from dataclasses import dataclass

from ucdiag import __version__
from ucdiag.model.report import Verdict
from ucdiag.model.steps import Step, VerdictStatus
from ucdiag.model.vocabulary import FindingCode, Seconds

LAB_SCHEMA = "ucdiag.lab/1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """The verdict that a scenario must give."""

    status: VerdictStatus
    step: Step | None
    code: FindingCode | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ScenarioResult:
    """One scenario. From ``verdict`` on all is null where it was only listed and not run."""

    name: str
    title: str
    summary: str
    expected: Expected
    expected_findings: tuple[FindingCode, ...]
    verdict: Verdict | None = None
    findings: tuple[FindingCode, ...] | None = None
    as_expected: bool | None = None
    differences: tuple[str, ...] | None = None
    seconds: Seconds | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Trials:
    """What ``ucdiag lab --json`` and ``ucdiag lab --all --json`` print."""

    schema: str = LAB_SCHEMA
    ucdiag: str = __version__
    scenarios: tuple[ScenarioResult, ...]
