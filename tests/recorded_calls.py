"""What small parts answer to one call each, as text: a value, or the error that came of it with all that it says."""

import ctypes
import hashlib
import re
from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any

import pytest

_LONG = 700
Call = Callable[[pytest.MonkeyPatch], Any]


def raising(error: BaseException) -> Callable[..., Any]:
    """A function that raises this, whatever it is called with."""

    def fail(*_: object, **__: object) -> Any:
        raise error

    return fail


def answering(value: Any) -> Callable[..., Any]:
    """A function that returns this, whatever it is called with."""
    return lambda *_, **__: value


def replacing(call: Callable[[], Any], module: Any, **values: Any) -> Call:
    """The call while these names of the module have other values; ``__`` stands for a dot."""

    def examine(patch: pytest.MonkeyPatch) -> Any:
        for name, value in values.items():
            *path, last = name.split("__") if not name.startswith("_") else [name]
            holder = module
            for part in path:
                holder = getattr(holder, part)
            patch.setattr(holder, last, value)
        return call()

    return examine


class Noted:
    """Notes each call of these names, and answers: with a value, by raising an error, or by what a function says.

    What it has no answer for is what ``real`` has.
    """

    def __init__(self, real: Any = None, **answers: Any) -> None:
        self.notes: list[Any] = []
        self._real, self._answers = real, answers

    def __getattr__(self, name: str) -> Any:
        if name not in self._answers:
            return getattr(self._real, name)
        answer = self._answers[name]

        def call(*words: Any, **named: Any) -> Any:
            self.notes.append((name, *map(_plain, words), *sorted(named.items())))
            if isinstance(answer, BaseException):
                raise answer
            return answer(*words, **named) if callable(answer) else answer

        return call


def _plain(word: Any) -> Any:
    """What is in an array of C."""
    if isinstance(word, ctypes.Array):
        word = bytes(word)
    return word.hex() if isinstance(word, bytes) else word


def made(call: Call) -> str:
    """What comes of the call, without addresses in memory."""
    with pytest.MonkeyPatch.context() as patch:
        try:
            text = shown(call(patch))
        except Exception as error:  # noqa: BLE001 - whatever it is, it is recorded
            text = "raises " + _error(error)
    text = re.sub(r" at 0x[0-9a-f]+", "", text).replace(str(Path.cwd()), "HERE")
    return "\n".join(map(_cut, text.splitlines()))


def _cut(line: str) -> str:
    """Of a long line the beginning, and what stands for the rest."""
    if len(line) <= _LONG:
        return line
    return f"{line[:_LONG]}... {len(line)} characters, {hashlib.sha256(line.encode()).hexdigest()[:16]}"


def _error(error: BaseException) -> str:
    more = "".join(f" [{name}={value!r}]" for name, value in sorted(vars(error).items()) if not name.startswith("_"))
    cause = f" from {type(error.__cause__).__name__}" if error.__cause__ else ""
    return f"{type(error).__name__}: {error}{more}{cause}"


def shown(value: Any, indent: str = "") -> str:
    """A value, a line for each part of it where that is more than a few words."""
    if isinstance(value, str) and "\n" in value:
        return "\n".join(f"{indent}| {line}" for line in value.splitlines())
    if isinstance(value, Mapping):
        return "\n".join(f"{indent}{key!r}: {shown(part).strip()}" for key, part in value.items()) or "{}"
    if isinstance(value, (list, tuple)) and type(value) in (list, tuple) and len(repr(value)) > 80:
        return "\n".join(f"{indent}- {shown(part).strip()}" for part in value)
    if is_dataclass(value) and not isinstance(value, type) and len(repr(value)) > 100:
        lines = [f"{indent}{type(value).__name__}"]
        lines += [f"{indent}  {part.name} = {shown(getattr(value, part.name)).strip()}" for part in fields(value)]
        return "\n".join(lines)
    return indent + repr(value)


def groups(calls: Mapping[str, Any], words: int = 2) -> dict[str, list[str]]:
    """The names by their first words: a test for each group, since the calls themselves take less than a test."""
    found: dict[str, list[str]] = {}
    for name in calls:
        found.setdefault(" ".join(name.split(",")[0].split()[:words]), []).append(name)
    return found
