"""The report as one JSON object, in ASCII, written in one piece at the end."""

import json
import math
from dataclasses import replace
from operator import attrgetter
from typing import Any, TextIO

from ucdiag.model.checks import Check, Checks
from ucdiag.model.codec import fields_of, shape_of, to_json
from ucdiag.model.fast_dataclass import record
from ucdiag.model.report import Identity, PhoneReport, Report, Verdict
from ucdiag.model.steps import Step, VerdictStatus
from ucdiag.model.times import format_time
from ucdiag.model.vocabulary import VerdictCode
from ucdiag.views.output_target import Screen


@record(frozen=True, slots=True, kw_only=True)
class Written(PhoneReport):
    """A report that was reduced to its verdict and its JSON text."""

    text: str
    known: bool

    @property
    def learnt(self) -> bool:
        return self.known


_TIME_FIELD = '{"time": "2026-01-02T03:04:05.000006Z"'  # every time is as long
_beside_time = attrgetter(*shape_of(Check).names[1:])

# The status, step, code and sentence of a verdict, as ``marshal`` takes them.
VerdictParts = tuple[str, str | None, VerdictCode | None, str]
WrittenParts = tuple[str, VerdictParts, bool]


def verdict_parts(verdict: Verdict) -> VerdictParts:
    """A verdict as text alone."""
    step = verdict.step.value if verdict.step is not None else None
    return verdict.status.value, step, verdict.code, verdict.summary


def verdict_of(parts: VerdictParts) -> Verdict:
    """The verdict from the result of ``verdict_parts``."""
    status, step, code, summary = parts
    return Verdict(
        status=VerdictStatus(status), step=Step(step) if step is not None else None, code=code, summary=summary
    )


def written_parts(report: PhoneReport) -> WrittenParts:
    """The parts of a report that are needed to write it (see ``Written``), as text and numbers."""
    return json_text(report, None), verdict_parts(report.verdict), report.learnt


def as_written(parts: WrittenParts) -> Written:
    """The ``Written`` report from the result of ``written_parts``."""
    text, verdict, known = parts
    return Written(phone=Identity(), verdict=verdict_of(verdict), steps=(), text=text, known=known)


def write_json(value: Any, stream: TextIO, *, indent: int | None = None) -> None:
    """A dataclass of the model as one JSON object and a newline. A number that JSON has no form for is null."""
    if isinstance(value, Report) and value.phones != ():
        # One phone at a time: a report of hundreds would be in memory three times over.
        before, after = json_text(replace(value, phones=()), indent).split('"phones": []', 1)
        between, end = (", ", "") if indent is None else (",\n" + 2 * indent * " ", "\n" + indent * " ")
        stream.write(before + '"phones": [')
        for number, phone in enumerate(value.phones):
            text = json_text(phone, indent)
            if indent is not None:
                text = text.replace("\n", "\n" + 2 * indent * " ")
            stream.write((between if number else between[1:].lstrip(" ")) + text)
        stream.write(end + "]" + after + "\n")
    else:
        stream.write(json_text(value, indent) + "\n")
    stream.flush()


def show_json(value: Any, screen: Screen) -> None:
    """``write_json``, in several lines where a person reads it."""
    write_json(value, screen.stream, indent=2 if screen.terminal else None)


def json_text(value: Any, indent: int | None = None) -> str:
    """A dataclass of the model as JSON. A number that JSON has no form for is null."""
    if isinstance(value, Written):
        return value.text
    if isinstance(value, PhoneReport) and indent is None and value.checks is not None and value.checks.history:
        return _with_history(value, value.checks)
    try:
        return json.dumps(value, allow_nan=False, indent=indent, default=fields_of)
    except ValueError:
        return json.dumps(_finite_values(to_json(value)), allow_nan=False, indent=indent)


def _with_history(report: PhoneReport, checks: Checks) -> str:
    """The report's JSON with its checks. Parts that several checks share are encoded once."""
    text = json_text(replace(report, checks=replace(checks, history=())))
    before, after = text.split('"history": []', 1)
    shared: dict[tuple[object, ...], str] = {}
    entries = []
    for check in checks.history:
        known = _beside_time(check)
        end = shared.get(known)
        if end is None:
            end = shared[known] = json_text(check)[len(_TIME_FIELD) :]
        entries.append(f'{{"time": "{format_time(check.time)}"{end}')
    return f'{before}"history": [{", ".join(entries)}]{after}'


def _finite_values(data: Any) -> Any:
    if isinstance(data, dict):
        return {key: _finite_values(value) for key, value in data.items()}
    if isinstance(data, list):
        return [_finite_values(value) for value in data]
    return None if isinstance(data, float) and not math.isfinite(data) else data


class JsonView:
    """``-f json``."""

    live = False

    def __init__(self, screen: Screen) -> None:
        self._screen = screen
        # On a terminal the object is indented, and a report that was written before is not.
        self.takes_written = not screen.terminal

    def begin(self, command: str) -> None:
        """Nothing before the end."""

    def progress(self, phone: PhoneReport) -> None:
        """Nothing before the end."""

    def end(self, report: Report) -> None:
        show_json(report, self._screen)

    def close(self) -> None:
        """Nothing to restore."""
