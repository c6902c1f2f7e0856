"""The report as one JSON object, in ASCII, written in one piece at the end."""

import json
import math
from dataclasses import replace
from typing import Any, TextIO

from ucdiag.model.codec import fields_of, to_json
from ucdiag.model.fast_dataclass import record
from ucdiag.model.report import Identity, PhoneReport, Report, Verdict
from ucdiag.model.steps import Step, VerdictStatus
from ucdiag.model.vocabulary import VerdictCode
from ucdiag.views.output_target import Screen


@record(frozen=True, slots=True, kw_only=True)
class Written(PhoneReport):
    """A report of which no more is here than its verdict and its JSON form."""

    text: str
    known: bool

    @property
    def learnt(self) -> bool:
        return self.known


_WrittenParts = tuple[str, str, str | None, VerdictCode | None, str, bool]


def written(report: PhoneReport) -> _WrittenParts:
    """What is needed of a report to write it (see ``Written``), as text and numbers."""
    verdict = report.verdict
    step = verdict.step.value if verdict.step is not None else None
    return _text(report, None), verdict.status.value, step, verdict.code, verdict.summary, report.learnt


def as_written(parts: _WrittenParts) -> Written:
    """What ``written`` made, as a report again."""
    text, status, step, code, summary, known = parts
    verdict = Verdict(
        status=VerdictStatus(status), step=Step(step) if step is not None else None, code=code, summary=summary
    )
    return Written(phone=Identity(), verdict=verdict, steps=(), text=text, known=known)


def write_json(value: Any, stream: TextIO, *, indent: int | None = None) -> None:
    """A dataclass of the model as one JSON object and a newline. A number that JSON has no form for is null."""
    if indent is None and isinstance(value, Report) and len(value.phones) > 1:
        # One phone at a time: a report of hundreds would be in memory three times over.
        before, after = _text(replace(value, phones=()), None).split('"phones": []', 1)
        stream.write(before + '"phones": [')
        for number, phone in enumerate(value.phones):
            stream.write((", " if number else "") + _text(phone, None))
        stream.write("]" + after + "\n")
    else:
        stream.write(_text(value, indent) + "\n")
    stream.flush()


def _text(value: Any, indent: int | None) -> str:
    if isinstance(value, Written):
        return value.text
    try:
        return json.dumps(value, allow_nan=False, indent=indent, default=fields_of)
    except ValueError:
        return json.dumps(_finite(to_json(value)), allow_nan=False, indent=indent)


def _finite(data: Any) -> Any:
    if isinstance(data, dict):
        return {key: _finite(value) for key, value in data.items()}
    if isinstance(data, list):
        return [_finite(value) for value in data]
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
        write_json(report, self._screen.stream, indent=2 if self._screen.terminal else None)

    def close(self) -> None:
        """Nothing to mend."""
