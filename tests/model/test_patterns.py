"""Regular expressions that are compiled when they are first used."""

import re
from importlib import import_module
from pathlib import Path

import pytest

import ucdiag
from ucdiag.model.patterns import _Uncompiled, pattern

FOLDER = Path(ucdiag.__file__).parent
HOLDERS = sorted(
    ".".join(path.relative_to(FOLDER.parent).with_suffix("").parts)
    for path in FOLDER.rglob("*.py")
    if "import pattern\n" in path.read_text(encoding="utf-8")
)


def test_nothing_is_compiled_before_it_is_used() -> None:
    wrong = pattern("(")
    with pytest.raises(re.error):
        wrong.search("(")


@pytest.mark.parametrize("method", ["search", "match", "fullmatch", "findall", "split"])
def test_it_finds_what_a_compiled_one_finds(method: str) -> None:
    late, compiled = pattern("(B)c?", re.IGNORECASE), re.compile("(B)c?", re.IGNORECASE)
    for text in ("b", "abcb", "x", ""):
        assert str(getattr(late, method)(text)) == str(getattr(compiled, method)(text))


def test_it_is_compiled_once() -> None:
    late = pattern(b"a+")
    assert late.sub(b"x", b"baab") == b"bxb"
    assert late.search is late.search


def test_most_modules_hold_some() -> None:
    assert len(HOLDERS) > 30


@pytest.mark.parametrize("module", HOLDERS)
def test_each_of_the_program_s_can_be_compiled(module: str) -> None:
    held: list[object] = [*vars(import_module(module)).values()]
    held += [item for value in held if isinstance(value, tuple) for item in value]
    held += [item for value in held if isinstance(value, dict) for item in value.values()]
    found = [value for value in held if isinstance(value, _Uncompiled)]
    assert found
    for late in found:
        assert isinstance(late.flags, int)
