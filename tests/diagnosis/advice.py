"""The catalogue as text: every sentence, command and source of every code, a line each.

``python -m tests.diagnosis.reports`` writes ``advice.txt`` anew; read the difference before you commit it.
"""

from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path

from ucdiag.diagnosis.catalogue import CATALOGUE
from ucdiag.diagnosis.catalogue.entry import Entry
from ucdiag.diagnosis.catalogue.problems import PROBLEMS
from ucdiag.diagnosis.firmware_generations import GENERATIONS, Generation

FILE = Path(__file__).with_name("advice.txt")
_MARK = "=== "


def _lines(entry: Entry) -> Iterator[str]:
    yield f"{entry.level.value} of {entry.step.value}, found by {entry.where}"
    yield f"title: {entry.title}"
    yield f"meaning: {entry.meaning}"
    yield from (f"cause: {cause}" for cause in entry.causes)
    yield f"fix ({entry.who.value}): {entry.fix}"
    yield from (f"  {command}" for command in entry.commands)
    for variant in entry.variants:
        yield f"{variant.name} ({variant.who.value}): {variant.fix}"
        yield from (f"  {command}" for command in variant.commands)
    yield from (f"source: {source}" for source in entry.sources)
    yield from (f"supersedes: {code}" for code in entry.supersedes)


def _generation(generation: Generation) -> str:
    return "\n".join(
        f"{name}: {value!r}"
        for name, value in ((field.name, getattr(generation, field.name)) for field in fields(generation))
    )


ADVICE: dict[str, str] = {
    **{entry.code: "\n".join(_lines(entry)) for entry in CATALOGUE.values()},
    **{
        f"problem {problem.code}": f"title: {problem.title}\nmeaning: {problem.meaning}\nfix: {problem.fix}"
        for problem in PROBLEMS.values()
    },
    **{f"firmware {generation.pattern}": _generation(generation) for generation in GENERATIONS},
}


def all_advice() -> str:
    """The text of the file."""
    return "\n".join(f"{_MARK}{code}\n{text}\n" for code, text in ADVICE.items())


def recorded() -> dict[str, str]:
    """The text of each code in the file."""
    parts = FILE.read_text(encoding="utf-8").removeprefix(_MARK).split(f"\n{_MARK}")
    return {code: text.rstrip("\n") for code, _, text in (part.partition("\n") for part in parts)}
