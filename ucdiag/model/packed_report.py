"""A report's conclusions as plain values, which ``json`` takes: ``pickle`` calls a function for each enum."""

from functools import lru_cache
from typing import Any

from ucdiag.model.fast_dataclass import field_names, field_values
from ucdiag.model.report import Command, Evidence, Finding, Fix, Identity, PhoneReport, Verdict
from ucdiag.model.steps import Level, Step, VerdictStatus, Who

#: Who it is, its verdict, and its findings.
PackedReport = tuple[tuple[Any, ...], tuple[Any, ...], tuple[tuple[Any, ...], ...]]


_IDENTITY = field_names(Identity)
_identity, _command, _evidence = field_values(Identity), field_values(Command), field_values(Evidence)
_COMMAND = field_names(Command)
_STATUS = {status.value: status for status in VerdictStatus}
_STEP: dict[str | None, Step | None] = {None: None, **{step.value: step for step in Step}}
_LEVEL = {level.value: level for level in Level}


def pack_brief(report: PhoneReport) -> PackedReport:
    """``report.brief`` as plain values."""
    verdict = report.verdict
    step = verdict.step.value if verdict.step is not None else None
    findings = tuple(
        (
            found.code,
            found.level.value,
            found.step.value,
            found.summary,
            (found.fix.text, tuple(map(_command, found.fix.commands)), found.fix.who.value),
            tuple(map(_evidence, found.evidence)),
        )
        for found in report.findings
    )
    return _identity(report.phone), (verdict.status.value, step, verdict.code, verdict.summary), findings


def unpack_brief(packed: PackedReport) -> PhoneReport:
    """What ``pack_brief`` packed, also with lists for tuples."""
    phone, (status, step, code, summary), findings = packed
    return PhoneReport(
        phone=Identity(**dict(zip(_IDENTITY, phone, strict=True))),
        verdict=Verdict(status=_STATUS[status], step=_STEP[step], code=code, summary=summary),
        steps=(),
        findings=tuple(map(_unpack_finding, findings)),
    )


def _unpack_finding(packed: tuple[Any, ...]) -> Finding:
    code, level, step, summary, fix, evidence = packed
    found, (text, commands, who) = _STEP[step], fix
    assert found is not None
    return Finding(
        code=code,
        level=_LEVEL[level],
        step=found,
        summary=summary,
        fix=_unpack_fix(text, tuple(map(tuple, commands)), who),
        evidence=tuple(Evidence(text=text, time=time, frame=frame) for text, time, frame in evidence),
    )


@lru_cache(maxsize=128)  # the phones of a site get the same advice
def _unpack_fix(text: str, commands: tuple[tuple[Any, ...], ...], who: str) -> Fix:
    made = (Command(**dict(zip(_COMMAND, command, strict=True))) for command in commands)
    return Fix(text=text, commands=tuple(made), who=Who(who))
