"""The changes that are made to find out whether the tests notice: each kind, on code where it can be read."""

import textwrap

import pytest

from tests.mutate.operators import KINDS, Mutant, is_change, mutants


def changed(code: str, kind: str) -> list[str]:
    """Every result of this kind of change."""
    source = textwrap.dedent(code).encode()
    found = [mutant for mutant in mutants("file.py", source) if mutant.kind == kind and is_change(mutant, source)]
    return [mutant.apply(source).decode() for mutant in found]


def only(code: str, kind: str = "constant") -> Mutant:
    (mutant,) = (one for one in mutants("file.py", code.encode()) if one.kind == kind)
    return mutant


ONE_LINE = {
    "less": ("compare", "a < b", ["a <= b", "a >= b"]),
    "at least": ("compare", "a >= b", ["a < b", "a > b"]),
    "equal": ("compare", "a == b", ["a != b"]),
    "in": ("compare", "a in b", ["a not in b"]),
    "not in, spread": ("compare", "a not  in b", ["a in b"]),
    "is not": ("compare", "a is not b", ["a is b"]),
    "name with in it": ("compare", "index is b", ["index is not b"]),
    "chain": ("compare", "a < b == c", ["a < b != c", "a <= b == c", "a >= b == c"]),
    "operand with a comparison": ("compare", "(a) == b", ["(a) != b"]),
    "and": ("and-or", "a and b", ["((a) or (b))", "((a))", "((b))"]),
    "or of three": ("and-or", "a or b or c", ["((a) and (b) and (c))", "((a) or (b))", "((a) or (c))", "((b) or (c))"]),
    "one or the other": ("condition", "a if b else c", ["(a)", "(c)"]),
    "filter": ("condition", "[x for x in y if x]", ["[x for x in y if True]", "[x for x in y if not (x)]"]),
    "number": ("constant", "a[1]", ["a[0]", "a[2]"]),
    "nothing below zero": ("constant", "a[0]", ["a[1]"]),
    "float": ("constant", "f(0.5)", ["f(2.0)"]),
    "truth": ("constant", "f(True)", ["f(False)"]),
    "code": ("word", "f('dns-no-answer')", ["f('dns-no-answerx')"]),
    "empty": ("word", "f('')", ["f('x')"]),
    "bytes": ("word", "f(b'POST ')", ["f(b'POST x')"]),
    "sentence": ("sentence", "f('No answer came.')", ['f("x")']),
    "value in a sentence": ("sentence", "f(f'No {a} came.')", ['f("x")', "f(f'No ? came.')"]),
    "plus": ("arithmetic", "a + b", ["a - b"]),
    "shift": ("arithmetic", "a << b", ["a >> b"]),
    "added to": ("arithmetic", "a += b", ["a -= b"]),
    "call": ("statement", "f(1)", ["pass"]),
    "attribute": ("statement", "a.b = c", ["pass"]),
    "raise": ("statement", "raise a", ["pass"]),
    "only argument": ("argument", "f(a=1)", ["f()"]),
    "last argument": ("argument", "f(b, a=1)", ["f(b)"]),
    "first argument": ("argument", "f(a=1, c=2)", ["f(a=1)", "f(c=2)"]),
}


@pytest.mark.parametrize(("kind", "code", "expected"), ONE_LINE.values(), ids=ONE_LINE)
def test_change_of_a_line(kind: str, code: str, expected: list[str]) -> None:
    assert sorted(changed(code, kind)) == expected


BLOCKS = {
    "if": ("branch", "if a:\n    f()\nelse:\n    g()", [
        "if a:\n    f()\nelse:\n    pass", "if a:\n    pass\nelse:\n    g()"]),
    "elif": ("branch", "if a:\n    pass\nelif b:\n    g()", ["if a:\n    pass\nelif b:\n    pass"]),
    "except": ("branch", "try:\n    pass\nexcept E:\n    f()", ["try:\n    pass\nexcept E:\n    raise"]),
    "finally": ("branch", "try:\n    pass\nfinally:\n    f()", ["try:\n    pass\nfinally:\n    pass"]),
    "case": ("branch", "match a:\n    case 1:\n        f()", ["match a:\n    case 1:\n        pass"]),
    "condition": ("condition", "if a:\n    pass", ["if True:\n    pass", "if not (a):\n    pass"]),
    "denied condition": ("condition", "if not a:\n    pass", ["if True:\n    pass", "if a:\n    pass"]),
    "while": ("condition", "while a:\n    pass", ["while False:\n    pass"]),
    "return": ("return", "def f():\n    return a", ["def f():\n    return None"]),
    "return of a bool": ("return", "def f() -> bool:\n    return a", ["def f() -> bool:\n    return not (a)"]),
    "early return": (
        "statement",
        "def f():\n    if a:\n        return\n    return b",
        ["def f():\n    if a:\n        pass\n    return b"],
    ),
    "second value": ("statement", "def f():\n    a = b\n    a = c", [
        "def f():\n    a = b\n    pass", "def f():\n    pass\n    a = c"]),
    "only value": ("statement", "def f():\n    a = b\n    return a", []),
}  # fmt: skip


@pytest.mark.parametrize(("kind", "code", "expected"), BLOCKS.values(), ids=BLOCKS)
def test_change_of_a_block(kind: str, code: str, expected: list[str]) -> None:
    assert sorted(changed(code, kind)) == expected


@pytest.mark.parametrize(
    "code",
    [
        '"""A docstring of 3 words."""',
        "def f(a: 'Literal[1]') -> None:\n    '''Too.'''",
        "Code = Literal['a', 'b']",
        "__all__ = ['a']",
        "if TYPE_CHECKING:\n    import a",
        "T = TypeVar('T', bound='a')",
        "@lru_cache(maxsize=3)\ndef f(): ...",
        "@overload\ndef f(a: int = 3): ...",
        "@record(frozen=True, kw_only=True)\nclass A: ...",
        "def f():\n    raise NotImplementedError",
    ],
)
def test_what_has_no_effect_is_left_alone(code: str) -> None:
    assert mutants("file.py", code.encode()) == []


def test_a_cast_type_is_left_alone_and_its_value_is_not() -> None:
    assert changed("cast('int', f('a'))", "word") == ["cast('int', f('ax'))"]


def test_every_kind_is_found() -> None:
    codes = [*ONE_LINE.values(), *BLOCKS.values()]
    assert {kind for kind, _, expected in codes if expected} == set(KINDS)


def test_text_that_is_no_ascii_does_not_shift_the_change() -> None:
    assert changed("f('é'); a = 'ü' if b < 1 else c", "compare") == [
        "f('é'); a = 'ü' if b <= 1 else c",
        "f('é'); a = 'ü' if b >= 1 else c",
    ]


def test_what_is_no_python_is_no_change() -> None:
    assert not is_change(Mutant("file.py", "word", 0, 1, b"(", (1, 1), True), b"a = 1")


def test_the_same_again_is_no_change() -> None:
    assert not is_change(Mutant("file.py", "word", 4, 5, b"0x1", (1, 1), True), b"a = 1")


def test_a_default_runs_at_import_and_the_body_does_not() -> None:
    found = mutants("file.py", b"def f(a=True):\n    return g(True)\n")
    assert [one.at_import for one in found if one.kind == "constant"] == [True, False]


def test_a_lambda_in_a_table_does_not_run_at_import() -> None:
    assert only("TABLE = {a: lambda: True}").at_import is False


def test_lines_are_those_of_the_change() -> None:
    assert only("def f():\n    g(\n        a,\n        True,\n    )\n").lines == (4, 4)


LINES = "b = c\na = True\nd = e\n"


@pytest.mark.parametrize("before", ["", "import f\n", "import f\n\n\n"])
def test_the_key_does_not_depend_on_the_place(before: str) -> None:
    there = before + LINES.replace(" = ", "  =  ")
    assert only(LINES).key(LINES.encode()) == only(there).key(there.encode())


@pytest.mark.parametrize("change", [("= c", "= x"), ("True", "False"), ("= e", "= x")])
def test_the_key_depends_on_the_line_and_its_neighbours(change: tuple[str, str]) -> None:
    other = LINES.replace(*change)
    assert only(LINES).key(LINES.encode()) != only(other).key(other.encode())


def test_the_key_depends_on_the_change() -> None:
    one, other = (found for found in mutants("file.py", b"a = 1") if found.kind == "constant")
    assert one.key(b"a = 1") != other.key(b"a = 1")


def test_the_diff_shows_the_line() -> None:
    assert only("a = True").diff(b"a = True").splitlines()[-2:] == ["-a = True", "+a = False"]
