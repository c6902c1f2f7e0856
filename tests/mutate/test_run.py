"""Choosing mutants and tests, judging, and the figures."""

import re
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from types import SimpleNamespace

import pytest

from tests.mutate import collect, coverage_map, groups
from tests.mutate.coverage_map import CoverageMap
from tests.mutate.operators import KINDS, Mutant, mutants
from tests.mutate.run import (
    Judged,
    Plan,
    below,
    importers,
    interleave,
    percent,
    read_equivalents,
    sample,
    show_figures,
    stages,
    stale,
)

CODE = b"""
def f(a, b):
    if a < 1 and b:
        g(a, key="dns-no-answer")
        return "No answer came."
    else:
        h(b + 2)
    return b
"""


def test_a_seed_gives_the_same_sample() -> None:
    assert sample({"f.py": CODE}, 1, 10) == sample({"f.py": CODE}, 1, 10)


@pytest.mark.parametrize(("seed", "salt"), [(2, ""), (1, "other")])
def test_another_seed_or_group_gives_another_sample(seed: int, salt: str) -> None:
    assert sample({"f.py": CODE}, 1, 10) != sample({"f.py": CODE}, seed, 10, salt)


def test_a_larger_sample_begins_with_the_smaller_one() -> None:
    assert sample({"f.py": CODE}, 1, 12)[:5] == sample({"f.py": CODE}, 1, 5)


def test_a_sample_has_nothing_twice_and_ends_with_the_code() -> None:
    chosen = sample({"f.py": CODE}, 1, 1000)
    assert len(chosen) == len({one.name for one in chosen})
    assert {one.kind for one in chosen} == set(KINDS)


def test_groups_take_turns() -> None:
    one, other = sample({"f.py": CODE}, 1, 2), sample({"f.py": CODE}, 2, 1)
    assert list(interleave({"a": one, "b": other})) == [("a", one[0]), ("b", other[0]), ("a", one[1])]


# Groups


def tree(root: Path, *names: str) -> Path:
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text("a = 1\n")
    return root


NEEDED = [f"{name}/x.py" for name in (*groups.NOT_FAST, *(path for group in groups.GROUPS for path in group.paths))]


def test_the_table_fits_this_project() -> None:
    found = groups.files(Path(__file__).resolve().parent.parent.parent)
    assert all(found.values())


def test_each_file_is_in_the_first_group_that_names_it(tmp_path: Path) -> None:
    table = (groups.Group("a", ("ucdiag/a",), 90), groups.Group("rest", ("ucdiag",), 85))
    root = tree(tmp_path, *NEEDED, "ucdiag/a/b/c.py", "ucdiag/d.py")
    found = groups.files(root, ("ucdiag/a", "ucdiag/d.py"), table)
    assert found == {"a": ["ucdiag/a/b/c.py"], "rest": ["ucdiag/d.py"]}


def test_a_package_that_was_moved_is_an_error(tmp_path: Path) -> None:
    table = (groups.Group("a", ("ucdiag/moved",), 90),)
    with pytest.raises(groups.MissingError, match="ucdiag/moved"):
        groups.check(tree(tmp_path, *NEEDED), table)


def test_a_folder_of_tests_that_was_moved_is_an_error(tmp_path: Path) -> None:
    root = tree(tmp_path, *(name for name in NEEDED if not name.startswith("tests/site")))
    with pytest.raises(groups.MissingError, match="tests/site"):
        groups.check(root)


@pytest.mark.parametrize("path", ["ucdiag/nowhere", "tests"])
def test_a_path_without_code_of_the_program_is_an_error(path: str, tmp_path: Path) -> None:
    with pytest.raises(groups.MissingError, match=path):
        groups.files(tree(tmp_path, *NEEDED), (path,))


def test_slow_tests_are_not_chosen(tmp_path: Path) -> None:
    root = tree(tmp_path, *NEEDED, "tests/site/test_a.py", "tests/wire/test_b.py", "tests/wire/helper.py")
    assert groups.fast_tests(root) == ["tests/wire/test_b.py"]


# The tests for a mutant


KNOWN = CoverageMap(
    tests=["t/a.py::slow", "t/a.py::fast", "t/b.py::other"],
    seconds=[5.0, 0.1, 1.0],
    lines={"f.py": {2: [0, 1], 3: [0]}, "user.py": {9: [2]}},
)


def at(line: int, at_import: bool = False) -> Mutant:
    return Mutant("f.py", "word", 0, 1, b"", (line, line), at_import)


@pytest.mark.parametrize(("line", "expected"), [(2, [1, 0, 2]), (3, [0, 1, 2])])
def test_first_come_tests_that_execute_the_line_the_fastest_first(line: int, expected: list[int]) -> None:
    """A function that runs at import is executed by any test, or by none."""
    assert KNOWN.covering(at(line), ["user.py"]) == expected


def test_what_runs_at_import_is_tried_on_all_that_use_the_file() -> None:
    assert KNOWN.covering(at(4, at_import=True), ["user.py"]) == [1, 2, 0]


def test_what_no_test_executes_is_tried_on_all_that_use_the_file() -> None:
    assert KNOWN.covering(at(4), ["user.py"]) == [1, 2, 0]


def test_what_runs_at_import_is_tried_on_the_tests_of_its_package() -> None:
    assert KNOWN.covering(at(4, at_import=True), [], "t/b.py") == [1, 2, 0]
    assert KNOWN.covering(at(4, at_import=True), [], "t/c.py") == [1, 0]


def test_of_those_that_use_the_file_come_first_who_execute_much_of_it_for_their_time() -> None:
    names = [f"t/{name}.py::x" for name in ("fast", "slow", "none", "one")]
    known = CoverageMap(
        names, [0.2, 1.0, 0.3, 0.3], {"f.py": {2: [0, 1], **{line: [1] for line in range(3, 23)}, 30: [3]}}
    )
    assert known.covering(at(1, at_import=True), [], "t/") == [1, 0, 3, 2]
    assert known.covering(at(40), [], "t/") == [1, 0, 3, 2]
    assert known.covering(at(2), [], "t/") == [0, 1, 3, 2]


def test_the_budget_leaves_out_the_last() -> None:
    assert stages(KNOWN, [1, 2, 0], 2) == ([["t/a.py::fast", "t/b.py::other"]], 2)


def test_one_that_takes_too_long_leaves_room_for_those_behind_it() -> None:
    assert stages(KNOWN, [1, 0, 2], 2) == ([["t/a.py::fast", "t/b.py::other"]], 2)


def test_half_of_the_budget_is_for_the_tests_of_the_package() -> None:
    known = CoverageMap(tests=["t/a.py::x", "t/a.py::y", "t/b.py::z"], seconds=[1.0, 1.5, 2.0])
    assert stages(known, [0, 1, 2], 4)[0] == [["t/a.py::x", "t/a.py::y"]]
    assert stages(known, [0, 1, 2], 4, "t/b.py")[0] == [["t/a.py::x", "t/b.py::z"]]


@pytest.mark.parametrize(
    ("held_up", "computed", "seconds"),
    [(3.0, 0.0, 2.0), (0.0, 0.0, 5.0), (6.0, 0.0, 0.0), (0.0, 5.0, 2.0), (1.0, 2.5, 2.5)],
)
def test_neither_a_busy_machine_nor_the_measuring_makes_a_test_slower(
    held_up: float, computed: float, seconds: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock, processor = iter([100.0, 100.0 + held_up]), iter([7.0, 7.0 + computed])
    monkeypatch.setattr(collect, "held_up", lambda: next(clock))
    monkeypatch.setattr(collect, "time", SimpleNamespace(process_time=lambda: next(processor)))
    contexts = collect.Contexts(SimpleNamespace(switch_context=lambda name: None))
    running = contexts.pytest_runtest_protocol(SimpleNamespace(nodeid="test"))
    next(running)
    contexts.seconds["test"] = 5.0
    with pytest.raises(StopIteration):
        running.send(None)
    assert contexts.seconds["test"] == pytest.approx(seconds)


def test_one_test_runs_however_slow_it_is() -> None:
    assert stages(KNOWN, [0], 2) == ([["t/a.py::slow"]], 1)


def test_the_map_can_be_kept(tmp_path: Path) -> None:
    KNOWN.save(tmp_path / "map.gz")
    assert CoverageMap.load(tmp_path / "map.gz") == KNOWN


@pytest.mark.parametrize(
    "line", ["import ucdiag.wire.dns", "from ucdiag.wire import dns", "from ucdiag.wire.dns import name"]
)
def test_who_imports_a_file(line: str) -> None:
    found = importers({"ucdiag/wire/dns.py": b"", "ucdiag/wire/__init__.py": b"", "ucdiag/a.py": line.encode()})
    assert found["ucdiag/wire/dns.py"] == ["ucdiag/a.py"]


# Figures


def judged(outcome: str, count: int = 1) -> list[Judged]:
    return [Judged(at(1), groups.GROUPS[0].name, "", outcome)] * count


def test_equivalent_changes_do_not_count_and_endless_loops_are_noticed() -> None:
    assert percent(Counter({"killed": 2, "timed out": 1, "survived": 1, "equivalent": 9})) == 75


def test_a_group_below_its_bound_is_named() -> None:
    assert below([*judged("killed", 8), *judged("survived", 2)]) == [groups.GROUPS[0].name]


def test_a_group_at_its_bound_is_not_named() -> None:
    assert below([*judged("killed", 9), *judged("survived", 1)]) == []


def test_figures_of_each_group() -> None:
    last = list(show_figures([*judged("killed", 3), *judged("survived")]))[-1]
    assert last.split() == [groups.GROUPS[0].name, "3", "0", "1", "0", "75.0", "%", "90", "%"]


# Changes that change nothing


def test_equivalents_need_a_reason(tmp_path: Path) -> None:
    path = tmp_path / "equivalents.txt"
    path.write_text("# why\n\n0123456789ab it is only speed\n")
    assert read_equivalents(path) == {"0123456789ab": "it is only speed"}
    path.write_text("0123456789ab\n")
    with pytest.raises(groups.MissingError, match="line 1"):
        read_equivalents(path)


def test_an_equivalent_that_is_gone_is_named() -> None:
    there = mutants("f.py", CODE)[0].key(CODE)
    assert stale([there, "0" * 12], {"f.py": CODE}) == {"0" * 12}


# The whole, on a small project


SMALL = {
    "ucdiag/__init__.py": "",
    "ucdiag/a.py": "def small(n):\n    return n < 3\n\n\ndef count(n):\n    while n:\n        n -= 1\n",
    "tests/__init__.py": "",
    "tests/test_a.py": (
        "from ucdiag.a import count, small\n\n\n"
        "def test_small():\n    assert small(2)\n    assert not small(9)\n\n\n"
        "def test_count():\n    assert count(3) is None\n"
    ),
}
OUTCOMES = {b"<=": "survived", b">=": "killed", b"+": "timed out", b"pass": "timed out"}


@pytest.fixture
def small(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with a test that leaves a limit untested, and the tools beside it."""
    for name, text in SMALL.items():
        tree(tmp_path, name)
        (tmp_path / name).write_text(text)
    here = Path(__file__).parent
    for name in ("__init__", "collect", "coverage_map", "groups", "operators", "run", "runner"):
        tree(tmp_path, f"tests/mutate/{name}.py")
        # An endless loop waits for its limit.
        text = (here / f"{name}.py").read_text(encoding="utf-8")
        text, limits = re.subn(r"^(LEAST_SECONDS) = \d+$", r"\1 = 3", text, flags=re.MULTILINE)
        assert limits == (name == "runner")
        (tmp_path / f"tests/mutate/{name}.py").write_text(text, encoding="utf-8")
    subprocess.run(["git", "init", "-q", str(tmp_path)], check=True)
    monkeypatch.setattr(groups, "GROUPS", (groups.Group("all", ("ucdiag",), 90),))
    return tmp_path


def test_mutants_are_judged_by_the_tests_that_execute_them(
    small: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    pytest.importorskip("coverage")
    copy = tmp_path_factory.mktemp("copy")
    coverage_map.copy_tree(small, coverage_map.project_files(small), copy)
    known = coverage_map.measure(copy, tmp_path_factory.mktemp("measuring"), 1)
    assert sorted(known.tests) == ["tests/test_a.py::test_count", "tests/test_a.py::test_small"]
    source = (small / "ucdiag/a.py").read_bytes()
    todo = [("all", one) for one in mutants("ucdiag/a.py", source) if one.new in OUTCOMES]
    said: list[str] = []
    results = small / "results.jsonl"
    plan = Plan(small, {"ucdiag/a.py": source}, todo, {}, known, results, 60, 1, time.monotonic() + 300, said.append)
    found = plan.run()
    assert {one.mutant.new: one.outcome for one in found} == {one.new: OUTCOMES[one.new] for _, one in todo}
    assert {one.mutant.new: one.by for one in found}[b">="] == "tests/test_a.py::test_small"
    assert (small / "ucdiag/a.py").read_bytes() == source
    assert len(said) == len(todo)
    # Again: nothing is run, all is known.
    plan.until = 0
    assert sorted(one.outcome for one in plan.run()) == sorted(one.outcome for one in found)
    # With a larger budget only survivors are tried again.
    plan.budget = 61
    assert "survived" not in {one.outcome for one in plan.run()}
    assert len(plan.run()) == len([one for one in found if one.outcome != "survived"])


def plan_of(root: Path, test: str, seconds: dict[str, float], line: int) -> Plan:
    """The first change of the small code, and these tests; the last one executes its line."""
    (root / "tests/test_a.py").write_text(test)
    names = [f"tests/test_a.py::{name}" for name in seconds]
    known = CoverageMap(names, list(seconds.values()), {"ucdiag/a.py": {line: [len(names) - 1]}})
    source = (root / "ucdiag/a.py").read_bytes()
    todo = [("all", one) for one in mutants("ucdiag/a.py", source) if one.kind == "compare"][:1]
    results = root / "results.jsonl"
    return Plan(root, {"ucdiag/a.py": source}, todo, {}, known, results, 60, 1, time.monotonic() + 300, lambda _: None)


def test_tests_that_fail_without_a_change_are_an_error(small: Path) -> None:
    plan = plan_of(small, "def test_a():\n    assert False\n", {"test_a": 1.0}, 2)
    with pytest.raises(groups.MissingError, match="without a change"):
        plan.run()


def test_tests_that_are_gone_are_an_error(small: Path) -> None:
    plan = plan_of(small, "def test_b():\n    pass\n", {"test_a": 1.0}, 2)
    with pytest.raises(groups.MissingError, match="without a change"):
        plan.run()


NEEDS_ANOTHER = """from ucdiag.a import small

seen = []


def test_first():
    seen.append(1)


def test_second():
    small(2)
    assert seen
"""


def test_a_test_that_fails_alone_anyway_kills_nothing(small: Path) -> None:
    (one,) = plan_of(small, NEEDS_ANOTHER, {"test_first": 1.0, "test_second": 2.0}, 2).run()
    assert (one.outcome, one.could) == ("survived", 1)


def test_a_path_that_does_not_exist_is_one_sentence() -> None:
    root = Path(__file__).resolve().parent.parent.parent
    words = [sys.executable, "-m", "tests.mutate", "ucdiag/nowhere"]
    done = subprocess.run(words, cwd=root, capture_output=True, text=True, check=False, timeout=60)
    assert (done.returncode, done.stderr) == (2, "tests.mutate: ucdiag/nowhere does not exist\n")
