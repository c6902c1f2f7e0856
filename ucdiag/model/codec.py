"""The lossless JSON form of the model's dataclasses.

``to_json`` gives plain dicts, lists, strings and numbers; ``from_json`` gives the dataclass back.
Fields that hold times (microseconds since the epoch) become RFC 3339 text in UTC.
"""

import dataclasses
import types
import typing
from datetime import UTC, datetime, timedelta
from enum import Enum
from functools import cache
from typing import Any, TypeVar

from ucdiag.model.observations import KINDS, Observation
from ucdiag.model.report import StepResult

T = TypeVar("T")

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
TIMES = frozenset(
    {"time", "end", "obtained", "expires", "started", "finished", "not_before", "not_after", "last_time"}
)
_MICROSECOND = timedelta(microseconds=1)
_LOWEST = (datetime.min.replace(tzinfo=UTC) - _EPOCH) // _MICROSECOND
_HIGHEST = (datetime.max.replace(tzinfo=UTC) - _EPOCH) // _MICROSECOND


def format_time(time: int) -> str:
    """Microseconds since the epoch as RFC 3339; a time outside the years 1 to 9999 is clamped to them."""
    moment = _EPOCH + timedelta(microseconds=min(max(time, _LOWEST), _HIGHEST))
    return moment.strftime("%Y").rjust(4, "0") + moment.strftime("-%m-%dT%H:%M:%S.%fZ")


def parse_time(text: str) -> int:
    """RFC 3339 text to microseconds since the epoch. Raises ValueError for any other text."""
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError(f"{text!r} has no time zone")
    return (moment - _EPOCH) // _MICROSECOND


def to_json(value: Any) -> Any:
    """A dataclass of the model (or a tuple, enum, number, text) as what ``json.dumps`` takes."""
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, tuple):
        return [to_json(item) for item in value]
    if not dataclasses.is_dataclass(value) or isinstance(value, type):
        return value
    found: dict[str, Any] = {}
    if isinstance(value, Observation):
        found["kind"] = value.kind
    if isinstance(value, StepResult):
        found["number"] = value.number
    for name in _names(type(value)):
        item = getattr(value, name)
        found[name] = format_time(item) if name in TIMES and item is not None else to_json(item)
    return found


def from_json(cls: type[T], data: Any) -> T:
    """The dataclass ``cls`` from its JSON form. Raises ValueError where the data does not fit."""
    try:
        built = _build(cls, data, "")
    except (KeyError, TypeError, AttributeError, OverflowError) as error:
        raise ValueError(f"not a {cls.__name__}: {error}") from error
    return typing.cast(T, built)


def observation_from_json(data: Any) -> Observation:
    """The observation of whatever kind the data names. Raises ValueError for an unknown kind."""
    return from_json(Observation, data)


@cache
def _names(cls: type) -> tuple[str, ...]:
    return tuple(each.name for each in dataclasses.fields(cls))


@cache
def _hints(cls: type) -> dict[str, Any]:
    return typing.get_type_hints(cls)


def _build(hint: Any, data: Any, name: str) -> Any:
    origin = typing.get_origin(hint)
    if origin in (types.UnionType, typing.Union):
        if data is None:
            return None
        return _build(next(arg for arg in typing.get_args(hint) if arg is not type(None)), data, name)
    if origin is tuple:
        if not isinstance(data, list):
            raise ValueError(f"{name} is not a list")
        return tuple(_build(typing.get_args(hint)[0], item, name) for item in data)
    if hint is Observation:
        if not isinstance(data, dict) or data.get("kind") not in KINDS:
            raise ValueError("not an observation of a known kind")
        hint = KINDS[data["kind"]]
    if dataclasses.is_dataclass(hint):
        if not isinstance(data, dict):
            raise ValueError(f"{name or hint} is not an object")
        hints = _hints(typing.cast(type, hint))
        return typing.cast(Any, hint)(
            **{each: _build(hints[each], data[each], each) for each in _names(typing.cast(type, hint)) if each in data}
        )
    if isinstance(hint, type) and issubclass(hint, Enum):
        return hint(data)
    if name in TIMES:
        return parse_time(data)
    if hint is float and isinstance(data, int) and not isinstance(data, bool):
        return float(data)
    if not isinstance(data, hint) or (hint is int and isinstance(data, bool)):
        raise ValueError(f"{name} is {data!r}, not of type {hint.__name__}")
    return data
