"""What the JSON form of the model takes for each type of field, and what it says of anything else, as text.

``python -m tests.model.forms`` writes ``forms.txt`` anew; read the difference before you commit it.
"""

import dataclasses
import typing
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from tests.masking.records import CLASSES, least
from tests.recorded_texts import read_texts, write_cases
from ucdiag.model.codec import _build_value, _shown, fields_of, from_json, shape_of, to_json
from ucdiag.model.observations import KINDS, Observation
from ucdiag.model.report import Report, StepResult

FILE = Path(__file__).with_name("forms.txt")
VALUES: tuple[Any, ...] = (
    None,
    True,
    0,
    -7,
    1.5,
    "",
    "x",
    "A",
    "ok",
    "whole",
    "dns",
    "dns-no-answer",
    "2026-01-31T09:00:00.5Z",
    "2026-01-31T09:00:00",
    [],
    ["x"],
    [7],
    [None],
    {},
    {"kind": "lookup"},
    {"kind": "x"},
    {"time": "2026-01-31T09:00:00Z", "kind": "lookup"},
)


def said(call: Callable[..., Any], *arguments: Any) -> str:
    try:
        return repr(call(*arguments))[:160]
    except (ValueError, TypeError, KeyError, AttributeError, OverflowError) as error:
        return f"{type(error).__name__}: {error}"[:200]


def types() -> dict[str, Callable[[], str]]:
    """Each type that a field has, with the first field that has it; times are text."""
    found: dict[str, tuple[Any, str]] = {}
    for cls in (*CLASSES, Report, StepResult):
        hints = typing.get_type_hints(cls)
        for field in dataclasses.fields(cls):
            time = " of a time" if field.name in ("time", "times", "last") else ""
            text = f"{hints[field.name]}{time}".replace("typing.", "")
            found.setdefault(f"{text[:90]}, first {field.name}", (hints[field.name], field.name))
    seen: set[str] = set()
    result = {}
    for name, (hint, field_name) in found.items():
        text = name.rpartition(", first ")[0]
        if text not in seen:
            seen.add(text)
            result[name] = lambda hint=hint, field_name=field_name: of_type(hint, field_name)
    return result


def of_type(hint: Any, name: str) -> str:
    """What is made of each value; values of which the same comes stand together."""
    made: dict[str, list[str]] = {}
    for value in VALUES:
        result = (
            said(_build_value, hint, value, name).replace(_shown(value), "VALUE")
            if value
            else said(_build_value, hint, value, name)
        )
        made.setdefault(result, []).append(repr(value))
    return "\n".join(f"{result}\n  <- {' | '.join(those)}" for result, those in made.items())


def shapes() -> str:
    """How each class is written."""
    lines = []
    for cls in (*CLASSES, Report, StepResult):
        shape = shape_of(cls)
        lines.append(f"{cls.__name__}: {' '.join(shape.names)}; times {shape.times}, {shape.lists}, {shape.deep}")
    return "\n".join(lines)


def there_and_back() -> str:
    """Of each kind of fact the least one, written, read, and read with less."""
    lines = []
    for kind, cls in KINDS.items():
        fact = least(cls, time=1_500_000)
        data = to_json(fact)
        again = from_json(Observation, data)
        lines.append(f"{kind}: {data['time']} {again == fact} {fields_of(fact)['time']} {type(again).__name__}")
        for name in data:
            less = {key: value for key, value in data.items() if key != name}
            result = said(partial(from_json, Observation), less)
            if "Error" in result:
                lines.append(f"  without {name}: {result}")
        lines.append(f"  with more: {from_json(Observation, {**data, 'more': 1}) == fact}")
    for value in VALUES:
        lines.append(f"{value!r}: {said(from_json, Report, value)}")
    return "\n".join(lines)


CASES: dict[str, Callable[[], str]] = {**types(), "shapes": shapes, "there and back": there_and_back}


def recorded() -> dict[str, str]:
    """The texts by their heads."""
    return read_texts(FILE)


if __name__ == "__main__":
    write_cases(FILE, CASES)
