"""Records of the model with a text in one field and nothing elsewhere."""

import functools
import types
import typing
from collections.abc import Iterator
from dataclasses import MISSING, fields
from typing import Any

from ucdiag.model.fast_dataclass import Record
from ucdiag.model.observations import KINDS
from ucdiag.model.report import Evidence, Identity, Problem, Source, Verdict

CLASSES: tuple[type[Record], ...] = (*KINDS.values(), Identity, Source, Verdict, Evidence, Problem)


def members(hint: Any) -> tuple[Any, ...]:
    """The alternatives of a union, and of others the hint itself."""
    if isinstance(hint, typing.TypeAliasType if hasattr(typing, "TypeAliasType") else ()):
        return members(hint.__value__)
    if typing.get_origin(hint) in (types.UnionType, typing.Union):
        return tuple(member for part in typing.get_args(hint) for member in members(part))
    return (hint,)


@functools.cache
def _hints(cls: Any) -> dict[str, Any]:
    return typing.get_type_hints(cls)


def _least(hint: Any) -> Any:
    """The simplest value of a kind."""
    kinds = members(hint)
    if type(None) in kinds:
        return None
    kind = kinds[0]
    if typing.get_origin(kind) is typing.Literal:
        return typing.get_args(kind)[0]
    if isinstance(kind, type) and issubclass(kind, Record):
        return least(kind)
    if typing.get_origin(kind) is not None:
        return typing.get_origin(kind)()
    return next(iter(kind)) if hasattr(kind, "__members__") else kind()


def least(cls: Any, **given: Any) -> Any:
    """A record with the simplest value in each field that has no default."""
    hints = _hints(cls)
    needed = (
        field for field in fields(cls) if field.default is MISSING and field.default_factory is MISSING and field.init
    )
    return cls(**{field.name: _least(hints[field.name]) for field in needed if field.name not in given}, **given)


def text_fields(cls: Any) -> Iterator[tuple[str, bool]]:
    """The fields that hold a text, or several."""
    hints = _hints(cls)
    for field in fields(cls):
        if not field.init:
            continue
        kinds = members(hints[field.name])
        if str in kinds:
            yield field.name, False
        elif any(typing.get_origin(kind) is tuple and typing.get_args(kind)[0] is str for kind in kinds):
            yield field.name, True
