"""A report with masks: every text in it, and no word of a closed set."""

import re
import types
import typing
from collections.abc import Callable, Mapping
from dataclasses import fields, replace
from functools import cache
from typing import TypeVar

from ucdiag.masking.mask import Mask
from ucdiag.masking.scrubber import Scrubber
from ucdiag.model.fast_dataclass import Record
from ucdiag.model.visible_text import visible

R = TypeVar("R", bound=Record)
Text = Callable[[str], str]

# What only its owner can read anyway, and of which any part may be a secret.
_BLANKED = frozenset({"relay_information", "client_id", "profile"})
_MASKED = "(masked)"
_LEFT = frozenset({"schema", "ucdiag"})


class ReportMasker:
    """Masks records of the model. ``names`` are texts, such as names of files, with what takes their place."""

    def __init__(self, mask: Mask, names: Mapping[str, str]) -> None:
        self._scrubber = Scrubber(mask)
        self._names = dict(names)
        self._patterns = [
            (name, visible(name), _where_named(name), instead)
            for name, instead in sorted(names.items(), key=lambda pair: -len(pair[0]))
        ]

    def mask_text(self, text: str) -> str:
        """A text with masks."""
        parts = text.split(", ")
        if all(part in self._names for part in parts):
            return ", ".join(self._names[part] for part in parts)
        for name, shown, pattern, instead in self._patterns:
            if name in text or shown in text:
                text = pattern.sub(lambda _, instead=instead: instead, text)  # type: ignore[misc]
        return self._scrubber.scrub_text(text)

    def mask_record(self, record: R) -> R:
        """A record, and all that is in it, with masks."""
        changed: dict[str, object] = {}
        for name, kind in _maskable_fields(typing.cast(typing.Any, type(record))):
            value = getattr(record, name)
            if value is None or name in _LEFT:
                continue
            fresh = self._masked_field(name, kind, value)
            if fresh != value:
                changed[name] = fresh
        return replace(record, **changed) if changed else record

    def _masked_field(self, name: str, kind: str, value: typing.Any) -> object:
        if kind == "record":
            return self.mask_record(value)
        if kind == "records":
            return tuple(map(self.mask_record, value))
        if name in _BLANKED:
            return _MASKED if kind == "text" else (_MASKED,) * len(value)
        return self.mask_text(value) if kind == "text" else tuple(map(self.mask_text, value))


def _where_named(name: str) -> re.Pattern[str]:
    """Where a text names it: a word such as ``site`` may be any other unless it is quoted, or a capture's."""
    spellings = "|".join(map(re.escape, dict.fromkeys((name, visible(name)))))
    between = f"(?<=['\"])(?:{spellings})(?=['\"])|(?<=capture )(?:{spellings})(?= )"
    if not any(character in name for character in "./\\"):
        return re.compile(between)
    return re.compile(rf"{between}|(?<![\w./\\-])(?:{spellings})(?![\w/\\-])")


@cache
def _maskable_fields(cls: type[Record]) -> tuple[tuple[str, str], ...]:
    """The fields that hold text or records."""
    hints = typing.get_type_hints(cls)
    found = ((field.name, _field_kind(hints[field.name])) for field in fields(cls))
    return tuple((name, kind) for name, kind in found if kind)


def _field_kind(hint: typing.Any) -> str:
    if typing.get_origin(hint) in (types.UnionType, typing.Union):
        members = [member for member in typing.get_args(hint) if member is not type(None)]
        return _field_kind(members[0]) if len(members) == 1 else ""
    if hint is str:
        return "text"
    if typing.get_origin(hint) is tuple:
        inner = _field_kind(typing.get_args(hint)[0])
        return f"{inner}s" if inner in ("text", "record") else ""
    return "record" if isinstance(hint, type) and issubclass(hint, Record) else ""
