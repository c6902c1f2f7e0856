"""What each scenario is, as text: every field that differs from its class's default, names unlike the usual site's.

``python -m tests.lab.scenario_texts`` writes ``scenarios.txt`` anew; read the difference before you commit it.
"""

from collections.abc import Iterator, Mapping
from dataclasses import MISSING, fields, is_dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from tests.recorded_texts import read_texts, write_texts
from ucdiag.lab import scenario as parts
from ucdiag.lab.scenarios import SCENARIOS
from ucdiag.lab.scenarios.base import NAMES

FILE = Path(__file__).with_name("scenarios.txt")
_WIDE = 100
_LONG = 600

# The defaults themselves.
WHOLE = (
    parts.Answer(),
    parts.Nameserver(),
    parts.Reply(),
    parts.Rule(),
    parts.Update(),
    parts.Store(),
    parts.TlsSetting(),
    parts.Web(),
    parts.Host(),
    parts.Check(),
    parts.Expect(status="whole"),
    parts.LEASE,
    NAMES,
)


def _parts(value: Any, whole: bool) -> Iterator[tuple[str, Any]]:
    """The fields of a dataclass that say something; with ``whole`` all."""
    for field in fields(value):
        given = getattr(value, field.name)
        usual = field.default if field.default_factory is MISSING else field.default_factory()
        if whole or usual is MISSING or given != usual:
            yield f"{field.name}=", given


def _entries(value: Mapping[Any, Any]) -> Iterator[tuple[str, Any]]:
    """Of a nameserver's names only the changed ones, and those that are gone."""
    usual = NAMES if len(value.keys() & NAMES.keys()) > len(NAMES) / 2 and value is not NAMES else {}
    if usual:
        yield "usual names: ", len(value.keys() & usual.keys())
    for name, part in value.items():
        if usual.get(name) != part:
            yield f"{name!r}: ", part
    for name in sorted(usual.keys() - value.keys()):
        yield "without ", name


def described(value: Any, indent: str = "", whole: bool = False) -> str:
    """On one line where it fits, else a line for each part."""
    if is_dataclass(value) and not isinstance(value, type):
        head, inside, tail = f"{type(value).__name__}(", list(_parts(value, whole)), ")"
    elif isinstance(value, Mapping):
        head, inside, tail = "{", list(_entries(value)), "}"
    elif isinstance(value, tuple):
        head, inside, tail = "(", [("", part) for part in value], ")"
    elif isinstance(value, bytes) and len(value) > _LONG:
        return f"{value[:60]!r}... {len(value)} bytes, SHA-256 {sha256(value).hexdigest()[:16]}"
    else:
        return repr(value)
    deeper = f"{indent}  "
    made = [f"{name}{described(part, deeper)}" for name, part in inside]
    line = head + ", ".join(made) + tail
    if len(indent) + len(line) <= _WIDE and "\n" not in line:
        return line
    return head + "".join(f"\n{deeper}{part}" for part in made) + tail


TEXTS = {
    "defaults": "\n".join(described(value, whole=True) for value in WHOLE),
    **{name: described(scenario) for name, scenario in SCENARIOS.items()},
}


def recorded() -> dict[str, str]:
    """The texts by their heads."""
    return read_texts(FILE)


def write() -> None:
    """Record what the scenarios are now."""
    write_texts(FILE, TEXTS)


if __name__ == "__main__":
    write()
