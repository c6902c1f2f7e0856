"""What two runs of one program may differ in, taken out; and what is left that differs."""

import difflib
import json
import re
from collections.abc import Iterator
from typing import Any

MOST = 8
# Always: the version, and when the report was made.
VERSION = {"ucdiag"}
WALL_CLOCK = {"started", "finished"}
# With live servers also: when and for how long, and the ports that the system chose.
LIVE = {
    "time",
    "last_time",
    "seconds",
    "first_byte_seconds",
    "obtained",
    "expires",
    "client_port",
    "server_port",
    "not_before",
    "not_after",
}
_TIME = r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d+)?)?(Z| ?UTC|[+-]\d\d:\d\d)?"
_TEXTS = tuple(
    (re.compile(pattern), new)
    for pattern, new in (
        (_TIME, "TIME"),
        (r"\b\d{4}-\d\d-\d\d\b", "DATE"),
        (r"\b\d\d:\d\d:\d\d(\.\d+)?\b", "CLOCK"),
        (r"\b\d+(\.\d+)? ?(µs|us|ms|s|min|seconds?|minutes?)(?![\w-])", "DURATION"),
        # Text may be wrapped between the word and the number.
        (r"(\bports?|:|-p|-Port)\s*\b(?:[1-6]\d{4}|[2-9]\d{3})\b", r"\1 PORT"),
        (r"\bucdiag-[0-9a-f]{4,}\b", "RANDOM-NAME"),
        (r"\b[0-9a-f]{64}\b", "HASH"),
        (r"/tmp/[\w./-]+", "PATH"),
    )
)


def text(said: str, live: bool) -> str:
    """Text as it may be compared. ``live``: it comes from servers that ran just now."""
    if not live:
        return said
    for pattern, new in _TEXTS:
        said = pattern.sub(new, said)
    # Columns are as wide as what stood in them.
    return re.sub(r" {2,}", "  ", said)


def data(value: Any, live: bool, key: str = "") -> Any:
    """JSON as it may be compared: what differs from run to run is a word in angle brackets, if it is there at all."""
    if value is not None and (key in VERSION | WALL_CLOCK or (live and key in LIVE)):
        return f"<{key}>"
    if isinstance(value, dict):
        return {name: data(part, live, name) for name, part in value.items()}
    if isinstance(value, list):
        return [data(part, live) for part in value]
    if isinstance(value, str):
        return text(value, live)
    return value


def read(said: str) -> Any:
    """A JSON document, or a list of one document a line, or None if it is neither."""
    try:
        return json.loads(said)
    except ValueError:
        pass
    try:
        return [json.loads(line) for line in said.splitlines()]
    except ValueError:
        return None


def output(said: str, live: bool) -> Any:
    """An output in the form to compare: data if it is JSON, else lines of text."""
    found = read(said) if said.lstrip()[:1] in {"{", "["} else None
    return text(said, live).splitlines() if found is None else data(found, live)


def differences(old: Any, new: Any, place: str = "") -> Iterator[str]:
    """A short line for each place that differs."""
    if isinstance(old, dict) and isinstance(new, dict):
        if list(old) != list(new) and set(old) == set(new):
            yield f"{place}: the order of the keys: {', '.join(old)} -> {', '.join(new)}"
        for name in dict.fromkeys([*old, *new]):
            if name not in new:
                yield f"{place}.{name}: gone, was {_short(old[name])}"
            elif name not in old:
                yield f"{place}.{name}: new, {_short(new[name])}"
            else:
                yield from differences(old[name], new[name], f"{place}.{name}")
    elif isinstance(old, list) and isinstance(new, list):
        if all(isinstance(part, str) for part in [*old, *new]):
            if old != new:
                yield from (f"{place} {line[:160]}" for line in _diff(old, new))
            return
        if len(old) != len(new):
            yield f"{place}: {len(old)} -> {len(new)} entries"
        for number, (left, right) in enumerate(zip(old, new, strict=False)):
            yield from differences(left, right, f"{place}[{number}]")
    elif old != new or type(old) is not type(new):
        yield f"{place}: {_short(old)} -> {_short(new)}"


def _diff(old: list[str], new: list[str]) -> Iterator[str]:
    lines = difflib.unified_diff(old, new, lineterm="", n=0)
    return (line for number, line in enumerate(lines) if number > 1 and not line.startswith("@@"))


def _short(value: Any) -> str:
    said = json.dumps(value, ensure_ascii=False)
    return said if len(said) <= 120 else said[:117] + "..."
