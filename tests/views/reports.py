"""Reports to show: one telling example, and any report at all that the model allows."""

import dataclasses
import functools
import types
import typing
from enum import Enum
from typing import Any

from hypothesis import strategies as st

from ucdiag.model.codec import TIMES
from ucdiag.model.observations import KINDS, Http, Lookup, Observation
from ucdiag.model.report import (
    Command,
    Evidence,
    Finding,
    Fix,
    Identity,
    PhoneReport,
    Problem,
    Report,
    Source,
    StepResult,
    Verdict,
)
from ucdiag.model.steps import STEPS, Level, Step, StepStatus, VerdictStatus, Who
from ucdiag.model.times import parse_time
from ucdiag.views.schema import FIELD_SCHEMAS

START = parse_time("2026-01-31T09:00:00.000000Z")
COMMAND = (
    "Add-DnsServerResourceRecordA -ComputerName dc01.contoso.com -ZoneName contoso.com "
    "-Name ucupdates-r2 -IPv4Address 10.0.0.20"
)

COMMANDS = (
    Command(purpose="check", where="a Windows PC", shell="powershell", text="Resolve-DnsName ucupdates-r2.contoso.com"),
    Command(purpose="change", where="the DNS server", shell="powershell", text=COMMAND, choice="record"),
    Command(purpose="change", where="the DNS server", shell="cmd", text="dnscmd /recordadd", choice="record"),
    Command(purpose="change", where="the DNS server", shell="cmd", text="ipconfig /flushdns"),
    Command(purpose="verify", where="this machine", shell="powershell", text="ucdiag check-dns contoso.com"),
)


def steps(*statuses: StepStatus, **summaries: str) -> tuple[StepResult, ...]:
    """Seven steps: these statuses, then not-reached."""
    filled = [*statuses, *[StepStatus.NOT_REACHED] * (7 - len(statuses))]
    return tuple(
        StepResult(
            step=step,
            status=status,
            summary=summaries.get(step.value, f"what {step.value} says"),
            seconds=0.021 if status is StepStatus.OK else None,
        )
        for step, status in zip(STEPS, filled, strict=True)
    )


def broken_phone(**changes: Any) -> PhoneReport:
    """A phone whose site has the old name only."""
    verdict = Verdict(
        status=VerdictStatus.BROKEN,
        step=Step.DNS,
        code="dns-legacy-only",
        summary="The path breaks at step 2 (dns): only the old name exists.",
    )
    finding = Finding(
        code="dns-legacy-only",
        level=Level.ERROR,
        step=Step.DNS,
        summary="ucupdates-r2.contoso.com does not exist and ucupdates.contoso.com does",
        fix=Fix(text="Create an A record ucupdates-r2.", commands=COMMANDS, who=Who.DNS),
        evidence=(Evidence(text="10.0.0.53 answered NXDOMAIN", time=START, frame=12),),
    )
    whole = PhoneReport(
        phone=Identity(mac="00:04:f2:aa:bb:cc", domain="contoso.com"),
        verdict=verdict,
        steps=steps(StepStatus.OK, StepStatus.FAILED),
        findings=(finding,),
        observations=(
            Lookup(time=START, name="ucupdates-r2.contoso.com", type="A", rcode="NXDOMAIN", server="10.0.0.53"),
            Http(time=START + 1, server="10.0.0.20", port=80, status=200, answer_text="<html>\n\x1b[2Jgone</html>"),
        ),
    )
    return dataclasses.replace(whole, **changes)


def whole_phone() -> PhoneReport:
    """A phone with nothing to complain about."""
    return broken_phone(
        verdict=Verdict(status=VerdictStatus.WHOLE, summary="The path is whole."),
        steps=steps(*[StepStatus.OK] * 7),
        findings=(),
    )


def report(*phones: PhoneReport, problems: tuple[Problem, ...] = (), **changes: Any) -> Report:
    """A report of these phones; by default of ``broken_phone``."""
    phones = phones or (broken_phone(),)
    made = Report(
        ucdiag="0.1.0",
        command="check",
        started=START,
        finished=START + 12_000_000,
        source=Source(kind="active"),
        verdict=phones[0].verdict,
        phones=phones,
        problems=problems,
    )
    return dataclasses.replace(made, **changes)


# Any characters at all, lone surrogates included.
TEXT = st.text(st.characters(exclude_categories=()), max_size=20)
MACS = st.from_regex(r"[0-9a-f]{2}(:[0-9a-f]{2}){5}", fullmatch=True)
# Years 1 to 9999
MOMENTS = st.integers(-62_135_596_800_000_000, 253_402_300_799_999_999)


def values(hint: Any, owner: str, name: str) -> st.SearchStrategy[Any]:
    """Any value for a field, as the schema allows."""
    extra = FIELD_SCHEMAS.get(f"{owner}.{name}", FIELD_SCHEMAS.get(name, {}))
    if "const" in extra:
        return st.just(extra["const"])
    origin = typing.get_origin(hint)
    if origin in (types.UnionType, typing.Union):
        return st.none() | st.one_of(
            *[values(arg, owner, name) for arg in typing.get_args(hint) if arg is not type(None)]
        )
    if origin is typing.Literal:
        return st.sampled_from(typing.get_args(hint))
    if origin is tuple:
        moment = name if name in TIMES else ""
        return st.lists(values(typing.get_args(hint)[0], owner, moment), max_size=3).map(tuple)
    if hint is Observation:
        return st.one_of(*[instances(cls) for cls in KINDS.values()])
    if dataclasses.is_dataclass(hint):
        return instances(typing.cast(type, hint))
    if isinstance(hint, type) and issubclass(hint, Enum):
        return st.sampled_from(hint)
    if name in TIMES:
        return MOMENTS
    if "pattern" in extra:
        return MACS
    simple: dict[Any, st.SearchStrategy[Any]] = {
        str: TEXT,
        bool: st.booleans(),
        int: st.integers(extra.get("minimum"), extra.get("maximum")),
        float: st.floats(extra.get("minimum"), allow_nan=False, allow_infinity=False),
    }
    return simple[hint]


@functools.cache
def instances(cls: type) -> st.SearchStrategy[Any]:
    """Any instance of a dataclass of the model."""
    hints = typing.get_type_hints(cls)
    made = st.builds(
        cls, **{field.name: values(hints[field.name], cls.__name__, field.name) for field in dataclasses.fields(cls)}
    )
    if cls is Verdict:
        return made.filter(
            lambda verdict: verdict.status is not VerdictStatus.BROKEN or (verdict.step and verdict.code)
        )
    if cls is PhoneReport:
        ordered = st.tuples(*[instances(StepResult).map(lambda made, s=step: _of(made, s)) for step in STEPS])
        return st.builds(dataclasses.replace, made, steps=ordered)
    return made


def _of(result: StepResult, step: Step) -> StepResult:
    return dataclasses.replace(result, step=step)


def reports() -> st.SearchStrategy[Report]:
    """Any report."""
    return instances(Report)
