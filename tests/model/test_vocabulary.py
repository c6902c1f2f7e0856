"""The closed sets of words are whole: what the program says is in them, and nothing that it never says."""

import ast
import os
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from ucdiag.diagnosis.catalogue import CATALOGUE
from ucdiag.model import codec, vocabulary
from ucdiag.model.codec import from_json, to_json
from ucdiag.model.observations import Connect, Lookup, Observation
from ucdiag.model.report import Finding, Problem, Verdict
from ucdiag.model.steps import VerdictStatus
from ucdiag.model.vocabulary import CommandName, FindingCode, ProblemCode, is_success_status, microseconds, words

ROOT = Path(__file__).parent.parent.parent
PACKAGE = ROOT / "ucdiag"
# The words of each set as they stand in the source: ``Literal`` itself drops the second of two alike.
SETS = {
    node.targets[0].id: [
        constant.value for constant in ast.walk(node.value.slice) if isinstance(constant, ast.Constant)
    ]
    for node in ast.parse(Path(vocabulary.__file__).read_text(encoding="utf-8")).body
    if isinstance(node, ast.Assign) and isinstance(node.value, ast.Subscript) and isinstance(node.targets[0], ast.Name)
}
PROBLEMS = set(words(ProblemCode))


@cache
def sources() -> dict[str, ast.Module]:
    paths = sorted(PACKAGE.rglob("*.py"))
    return {path.relative_to(PACKAGE).as_posix(): ast.parse(path.read_text(encoding="utf-8")) for path in paths}


def texts(node: ast.AST) -> set[str]:
    return {
        constant.value
        for constant in ast.walk(node)
        if isinstance(constant, ast.Constant) and isinstance(constant.value, str)
    }


def codes_of(tree: ast.Module) -> set[str]:
    """The codes that are written out where a ``Problem`` or a ``CannotTest`` is made, also one of two."""
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("Problem", "CannotTest"):
            given = [keyword.value for keyword in node.keywords if keyword.arg == "code"] or node.args[:1]
            for value in given:
                branches = (value.body, value.orelse) if isinstance(value, ast.IfExp) else (value,)
                found |= {one.value for one in branches if isinstance(one, ast.Constant) and isinstance(one.value, str)}
    return found


def test_the_sets_are_found() -> None:
    assert len(SETS) >= 20
    assert SETS["Transport"] == ["udp", "tcp"]
    assert all(set(legal) == set(words(getattr(vocabulary, name))) for name, legal in SETS.items())


@pytest.mark.parametrize("name", SETS)
def test_no_word_stands_twice_in_its_set(name: str) -> None:
    assert sorted(SETS[name]) == sorted(set(SETS[name]))


def test_no_code_is_both_a_finding_and_a_problem() -> None:
    assert PROBLEMS.isdisjoint(words(FindingCode))


def test_the_codes_are_those_of_the_catalogue_in_its_order() -> None:
    assert words(FindingCode) == tuple(CATALOGUE)


def test_the_commands_are_those_of_the_program() -> None:
    from ucdiag.cli.main import COMMANDS

    assert set(words(CommandName)) == {"ucdiag", *COMMANDS}


@pytest.mark.slow
def test_every_code_of_a_problem_is_listed() -> None:
    made = {name: codes_of(tree) for name, tree in sources().items()}
    assert len(set().union(*made.values())) > 30
    assert {name: codes - PROBLEMS for name, codes in made.items() if codes - PROBLEMS} == {}


@pytest.mark.parametrize(
    "text",
    ["Problem(code='no-lease', text='')", "CannotTest('no-lease', '')", "CannotTest('no-lease' if x else y, '')"],
)
def test_the_search_for_codes_finds_one(text: str) -> None:
    assert codes_of(ast.parse(text)) == {"no-lease"}


def test_every_listed_problem_is_one_that_somebody_makes() -> None:
    # Views only look at codes.
    places = [tree for name, tree in sources().items() if not name.startswith(("views", "model"))]
    assert sorted(PROBLEMS - set().union(*map(texts, places))) == []


def test_a_duration_on_the_scale_of_times() -> None:
    assert microseconds(0.25) == 250_000


@pytest.mark.parametrize(
    ("status", "succeeded"), [(None, False), (0, False), (199, False), (200, True), (299, True), (300, False)]
)
def test_which_statuses_are_a_success(status: int | None, succeeded: bool) -> None:
    assert is_success_status(status) is succeeded


MADE = [
    ({"kind": "connect", "server": "10.0.0.1", "port": 80, "outcome": "open"}, "outcome"),
    ({"kind": "connect", "server": "10.0.0.1", "port": 80, "outcome": "open", "purpose": "update"}, "purpose"),
    ({"kind": "lookup", "name": "x", "type": "A", "transport": "tcp"}, "transport"),
    ({"kind": "lookup", "name": "x", "type": "A", "failure": "no_answer"}, "failure"),
]
TIME = "2026-01-31T09:00:00.000000Z"


@pytest.mark.parametrize(("data", "field"), MADE, ids=[field for _, field in MADE])
def test_a_legal_word_is_read(data: dict[str, Any], field: str) -> None:
    assert getattr(from_json(Observation, {**data, "time": TIME}), field) == data[field]


@pytest.mark.parametrize("wrong", ["opne", "", 1, ["open"]])
@pytest.mark.parametrize(("data", "field"), MADE, ids=[field for _, field in MADE])
def test_an_illegal_word_is_refused(data: dict[str, Any], field: str, wrong: object) -> None:
    with pytest.raises(ValueError, match=f"{field} is .*none of its words"):
        from_json(Observation, {**data, "time": TIME, field: wrong})


@pytest.mark.parametrize("data", ["x", 1, None, []])
def test_what_is_no_object_is_no_observation(data: Any) -> None:
    with pytest.raises(ValueError, match=r"^Observation is not an object$"):
        from_json(Observation, data)


@pytest.mark.parametrize("field", ["purpose", "failure"])
def test_nothing_is_read_where_a_word_may_be_lacking(field: str) -> None:
    data = next(data for data, name in MADE if name == field)
    assert getattr(from_json(Observation, {**data, "time": TIME, field: None}), field) is None


@pytest.mark.parametrize("field", ["outcome", "transport"])
def test_nothing_is_refused_where_a_word_must_be(field: str) -> None:
    data = next(data for data, name in MADE if name == field)
    with pytest.raises(ValueError, match=f"{field} is null"):
        from_json(Observation, {**data, "time": TIME, field: None})


@pytest.mark.parametrize("code", ["dns-r2-missing", "no-lease", None])
def test_a_verdict_s_code_is_a_finding_s_or_a_problem_s(code: Any) -> None:
    verdict = Verdict(status=VerdictStatus.UNKNOWN, code=code, summary="x")
    assert from_json(Verdict, to_json(verdict)) == verdict


@pytest.mark.parametrize(
    ("cls", "data"),
    [
        (Verdict, {"status": "unknown", "summary": "x"}),
        (Finding, {"level": "error", "step": "dns", "summary": "x", "fix": {"text": "x", "who": "dns"}}),
        (Problem, {"text": "x"}),
    ],
    ids=["verdict", "finding", "problem"],
)
class TestCodesGrow:
    """Codes are added within a version of the schema, so a report of a newer ucdiag may have unknown ones."""

    @pytest.mark.parametrize("code", ["dns-r3-missing", "no-leese"])
    def test_a_code_of_a_newer_version_is_read(self, cls: type[Any], data: dict[str, Any], code: str) -> None:
        assert from_json(cls, {**data, "code": code}).code == code

    @pytest.mark.parametrize("code", [7, True, ["bug"], {"bug": 1}])
    def test_what_is_no_text_is_refused(self, cls: type[Any], data: dict[str, Any], code: object) -> None:
        with pytest.raises(ValueError, match=r"code is .*none of its words"):
            from_json(cls, {**data, "code": code})


@pytest.mark.parametrize(("cls", "deep"), [(Connect, ()), (Lookup, ()), (Problem, ()), (Verdict, ("status", "step"))])
def test_words_are_written_as_they_are(cls: type, deep: tuple[str, ...]) -> None:
    # A capture writes facts by the ten thousands: no word may take the way of an enumeration.
    assert codec.shape_of(cls).deep == deep


@pytest.mark.slow
def test_mypy_finds_a_misspelt_word(tmp_path: Path) -> None:
    snippet = tmp_path / "snippet.py"
    snippet.write_text(
        "from ucdiag.model.observations import Connect\n"
        "from ucdiag.model.report import Problem, Verdict\n"
        "from ucdiag.model.steps import VerdictStatus\n"
        "Problem(code='no-lease', text='')\n"
        "Problem(code='no-leese', text='')\n"
        "Verdict(status=VerdictStatus.BROKEN, code='dns-r2-missing', summary='')\n"
        "Verdict(status=VerdictStatus.BROKEN, code='dns-r2-mising', summary='')\n"
        "Connect(time=0, server='', port=1, outcome='refused')\n"
        "Connect(time=0, server='', port=1, outcome='refuse')\n",
        encoding="utf-8",
    )
    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", "--config-file=", f"--cache-dir={tmp_path}", str(snippet)],
        cwd=ROOT,
        env={**os.environ, "MYPYPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    found = [line.split(":")[1] for line in done.stdout.splitlines() if "[arg-type]" in line]
    assert found == ["5", "7", "9"], done.stdout + done.stderr
