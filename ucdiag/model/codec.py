"""The lossless JSON form of the model's dataclasses.

``to_json`` gives plain dicts, lists, strings and numbers; ``from_json`` gives the dataclass back.
Fields that hold times (microseconds since the epoch) become RFC 3339 text in UTC.
"""

import dataclasses
import types
import typing
from collections.abc import Callable
from enum import Enum
from functools import cache
from operator import attrgetter
from typing import Any, TypeVar

from ucdiag.model.fast_dataclass import field_names, record
from ucdiag.model.observations import KINDS, Observation
from ucdiag.model.report import StepResult
from ucdiag.model.times import format_time, parse_time
from ucdiag.model.visible_text import quoted
from ucdiag.model.vocabulary import FindingCode, ProblemCode

T = TypeVar("T")

TIMES = frozenset(
    {"time", "end", "obtained", "expires", "started", "finished", "not_before", "not_after", "last_time"}
    | {"last", "next_due", "last_check", "times"}
)


def to_json(value: Any) -> Any:
    """A dataclass of the model (or a tuple, enum, number, text) as what ``json.dumps`` takes."""
    kind = type(value)
    if kind in _PLAIN:
        return value
    if isinstance(value, Enum):
        return value.value
    if kind is tuple:
        return [item if type(item) in _PLAIN else to_json(item) for item in value]
    if not dataclasses.is_dataclass(kind):
        return value
    data = fields_of(value)
    shape = shape_of(kind)
    for name in shape.lists:
        data[name] = list(data[name])
    for name in shape.deep:
        data[name] = to_json(data[name])
    return data


def fields_of(value: Any) -> dict[str, Any]:
    """What is written of one dataclass of the model: its fields, times as text, all else as it is.

    As ``default`` of ``json.dumps``, which takes tuples and enums itself, it leads to the same text as ``to_json``, and
    is faster. Raises TypeError for what is no dataclass.
    """
    kind: type = type(value)
    shape = shape_of(kind)
    data = dict(zip(shape.names, shape.get(value), strict=True))
    for name in shape.times:
        time = data[name]
        if time is not None:
            data[name] = format_time(time) if type(time) is int else list(map(format_time, time))
    return data


def from_json(cls: type[T], data: Any) -> T:
    """The dataclass ``cls`` from its JSON form. Raises ValueError where the data does not fit.

    Keys that it does not have are left out, and codes that are not known are taken as they are: both come with newer
    versions of ucdiag. Any other word must be one of its closed set.
    """
    try:
        built = _build_value(cls, data, "")
    except (KeyError, TypeError, AttributeError, OverflowError) as error:
        raise ValueError(f"not a {cls.__name__}: {error}") from error
    return typing.cast(T, built)


_PLAIN = frozenset({str, int, float, bool, type(None)})
# Sets of words that grow within a version of the schema, which asks for text alone: a report of a newer ucdiag may
# hold others.
_CODES = (FindingCode, ProblemCode)
_LISTS = (tuple[str, ...], tuple[int, ...])


@record(frozen=True)
class _Shape:
    """How a dataclass is written: the ``names`` of what is written of it, of these the ``times``, the ``lists`` of
    numbers or text, and what else cannot be taken as it is (``deep``)."""

    names: tuple[str, ...]
    get: Callable[[Any], tuple[Any, ...]]
    times: tuple[str, ...]
    lists: tuple[str, ...]
    deep: tuple[str, ...]


@cache
def shape_of(cls: type) -> _Shape:
    fields = field_names(cls)
    hints = _type_hints(cls)
    lists = tuple(name for name in fields if hints[name] in _LISTS and name not in TIMES)
    # What can only be a number, text or nothing is taken as it is.
    deep = tuple(name for name in fields if name not in lists and name not in TIMES and not _is_plain(hints[name]))
    first = ("number",) if cls is StepResult else ("kind",) if issubclass(cls, Observation) else ()
    names = (*first, *fields)
    get = attrgetter(*names) if len(names) > 1 else (lambda value: (getattr(value, names[0]),))
    return _Shape(names=names, get=get, times=tuple(name for name in fields if name in TIMES), lists=lists, deep=deep)


def _is_plain(hint: Any) -> bool:
    """Whether a value of this type is written as it is: text (also one of a closed set), a number, or nothing."""
    if typing.get_origin(hint) is typing.Literal:
        return True
    args = typing.get_args(hint)
    return all(map(_is_plain, args)) if args and typing.get_origin(hint) is not tuple else hint in _PLAIN


@cache
def _type_hints(cls: type) -> dict[str, Any]:
    return typing.get_type_hints(cls)


def _build_value(hint: Any, data: Any, name: str) -> Any:
    """What ``data`` is in the type ``hint``; ``name`` is the field's. Raises ValueError where it does not fit."""
    return _value_builder(hint, name)(data)


@cache
def _value_builder(hint: Any, name: str) -> Callable[[Any], Any]:
    """What builds values of the type ``hint`` of the field ``name``: the type is looked at once."""
    origin = typing.get_origin(hint)
    if origin in (types.UnionType, typing.Union):
        return _union_builder(hint, name)
    if origin is typing.Literal:
        return _word_builder((hint,), name)
    if origin is tuple:
        item = _value_builder(typing.get_args(hint)[0], name)
        return lambda data: _build_tuple(item, data, name)
    if hint is Observation:
        return lambda data: _build_observation(data, name)
    if dataclasses.is_dataclass(hint):
        return lambda data: _build_dataclass(typing.cast(type, hint), data, name)
    if isinstance(hint, type) and issubclass(hint, Enum):
        return hint
    return lambda data: _build_plain(hint, data, name)


def _union_builder(hint: Any, name: str) -> Callable[[Any], Any]:
    """One type or nothing, or words of several closed sets."""
    members = tuple(member for member in typing.get_args(hint) if member is not type(None))
    if len(members) == 1:
        only = _value_builder(members[0], name)
        return lambda data: None if data is None else only(data)
    words = _word_builder(members, name)
    return lambda data: None if data is None else words(data)


def _build_tuple(item: Callable[[Any], Any], data: Any, name: str) -> tuple[Any, ...]:
    if not isinstance(data, list):
        raise ValueError(f"{name} is not a list")
    return tuple(map(item, data))


def _word_builder(sets: tuple[Any, ...], name: str) -> Callable[[Any], str]:
    """A word of one of these closed sets. Codes may also be those of a newer version."""
    known = frozenset(word for words in sets for word in typing.get_args(words))
    grows = all(words in _CODES for words in sets)

    def build(data: Any) -> str:
        if isinstance(data, str) and (grows or data in known):
            return data
        raise ValueError(f"{name} is {_shown(data)}, which is none of its words")

    return build


def _shown(data: Any) -> str:
    """A value as a sentence shows it: a text in quotes, any other as JSON has it."""
    if isinstance(data, str):
        return quoted(data)
    import json  # for an error alone

    return json.dumps(data)


def _build_observation(data: Any, name: str) -> Any:
    if not isinstance(data, dict):
        raise ValueError(f"{name or 'Observation'} is not an object")
    if data.get("kind") not in KINDS:
        raise ValueError("not an observation of a known kind")
    return _build_dataclass(KINDS[data["kind"]], data, name)


def _build_dataclass(cls: type, data: Any, name: str) -> Any:
    if not isinstance(data, dict):
        raise ValueError(f"{name or cls.__name__} is not an object")
    missing = [field for field in _needed_fields(cls) if field not in data]
    if missing:
        raise ValueError(f"{name or 'it'} lacks {', '.join(missing)}")
    return cls(**{field: build(data[field]) for field, build in _field_builders(cls) if field in data})


@cache
def _needed_fields(cls: type) -> tuple[str, ...]:
    """The fields that have no default."""
    unset = dataclasses.MISSING
    return tuple(
        field.name
        for field in dataclasses.fields(cls)
        if field.init and field.default is unset and field.default_factory is unset
    )


@cache
def _field_builders(cls: type) -> tuple[tuple[str, Callable[[Any], Any]], ...]:
    hints = _type_hints(cls)
    return tuple((field, _value_builder(hints[field], field)) for field in field_names(cls))


def _build_plain(hint: type, data: Any, name: str) -> Any:
    if name in TIMES:
        return parse_time(data)
    if hint is float and isinstance(data, int) and not isinstance(data, bool):
        return float(data)
    if not isinstance(data, hint) or (hint is int and isinstance(data, bool)):
        raise ValueError(f"{name} is {_shown(data)}, not of type {hint.__name__}")
    return data
