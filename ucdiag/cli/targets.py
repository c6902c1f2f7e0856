"""The formats of a report and their files: combines ``-f`` and ``-o``."""

import os
from collections.abc import Sequence
from typing import NamedTuple

from ucdiag.model.visible_text import quoted
from ucdiag.views import FORMATS, SUFFIXES

STANDARD_OUTPUT = "-"


class Target(NamedTuple):
    """A format and the name of its file; ``None`` for standard output."""

    format: str = "text"
    output: str | None = None


def format_by_suffix(name: str) -> str | None:
    """The format that a file's name asks for."""
    return SUFFIXES.get(os.path.splitext(name)[1].lower())  # noqa: PTH122 - pathlib is slow to import


def targets_of(formats: Sequence[str], outputs: Sequence[str]) -> tuple[Target, ...]:
    """What the options ask for, in their order. Formats that are named beat suffixes. Raises ValueError."""
    outputs = outputs or (STANDARD_OUTPUT,)
    if len(outputs) == 1:
        formats = tuple(dict.fromkeys(formats))
    if not formats:
        pairs = [(format_by_suffix(name) or "text", name) for name in outputs]
    elif len(formats) == len(outputs):
        pairs = list(zip(formats, outputs, strict=True))
    elif len(outputs) == 1:
        pairs = [(format_, _with_suffix(outputs[0], format_, formats)) for format_ in formats]
    else:
        count = f"{len(formats)} format{'s' if len(formats) > 1 else ''}"
        raise ValueError(
            f"{count} for {len(outputs)} files: give one -f for each -o, or no -f at all, and the suffixes decide"
        )
    return tuple(Target(format_, name if name != STANDARD_OUTPUT else None) for format_, name in pairs)


def _with_suffix(name: str, format_: str, formats: Sequence[str]) -> str:
    """One of several files whose common name is given."""
    given = " ".join(f"-f {kind}" for kind in formats)
    if name == STANDARD_OUTPUT:
        made = ", ".join(f"NAME.{FORMATS[kind].suffix}" for kind in formats)
        raise ValueError(f"{given} need files: give -o NAME for {made}, or one -o for each -f")
    if os.path.exists(name) and not os.path.isfile(name):  # noqa: PTH110, PTH113 - see above
        raise ValueError(f"{given} need files, and {quoted(name)} is none: give the beginning of their names with -o")
    stem = os.path.splitext(name)[0] if format_by_suffix(name) is not None else name  # noqa: PTH122
    return f"{stem}.{FORMATS[format_].suffix}"
