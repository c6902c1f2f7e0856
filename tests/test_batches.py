"""A worker of pytest-xdist runs tests in batches; what is reported of each is as without."""

import re
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tests.batches import Batch, are_reported_alone, in_batches

ROOT = Path(__file__).parent.parent
# Twenty that pass, and between them one of each other kind. Each has its fixture set up and put away.
TESTS = """
import pytest

STEPS = []

@pytest.fixture
def made():
    STEPS.append("made")
    yield
    STEPS.append("away")

@pytest.fixture
def does_not_go():
    yield
    raise OSError("it stays")

@pytest.mark.parametrize("number", range(20))
def test_passes(made, number):
    assert STEPS == ["made", "away"] * number + ["made"]

@pytest.mark.parametrize("number", [1, 2, 3])
def test_two_is_wrong(made, number):
    print(f"printed by {number}")
    assert number != 2

@pytest.mark.skip(reason="not here")
def test_is_skipped(): pass

@pytest.mark.xfail(strict=True)
def test_is_expected_to_fail():
    assert False

def test_has_no_such_fixture(no_such_fixture): pass

def test_cannot_be_put_away(does_not_go): pass

def test_is_the_last():
    assert STEPS == ["made", "away"] * 23
"""


USUAL = {"durations": None, "xmlpath": None, "verbose": 0, "reportchars": ""}


def run(folder: Path, *words: str) -> str:
    """What pytest writes."""
    # Its own rules, and not those of this project.
    (folder / "pytest.ini").write_text("[pytest]\n")
    (folder / "test_some.py").write_text(TESTS)
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-p",
        "tests.batches",
        "-p",
        "no:cacheprovider",
        "-q",
        "-ra",
        *words,
        str(folder),
    ]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300)
    return done.stdout + done.stderr


@pytest.fixture(scope="module")
def outputs(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, str]:
    """In batches, and one by one in pytest's own process."""
    folder = tmp_path_factory.mktemp("batches")
    return run(folder, "--numprocesses", "1"), run(folder)


def told(output: str) -> list[str]:
    """The summary: a line for each test that did not pass, and the counts."""
    lines = output.partition("short test summary info")[2].splitlines()[1:]
    return [re.sub(r" in [0-9.]+s.*", "", line) for line in sorted(lines)]


def test_every_test_comes_to_what_it_comes_to_alone(outputs: tuple[str, str]) -> None:
    together, alone = outputs
    assert told(together) == told(alone)
    assert "1 failed, 24 passed, 1 skipped, 1 xfailed, 2 errors" in told(together)


def test_a_failure_has_its_own_name_values_and_output(outputs: tuple[str, str]) -> None:
    together, _ = outputs
    failures = together.partition("= FAILURES =")[2]
    assert "_ test_two_is_wrong[2] _" in failures
    assert "assert 2 != 2" in failures
    assert "printed by 2\n" in failures
    assert "printed by 1" not in together
    assert "printed by 3" not in together


def test_those_that_passed_are_one_report_of_a_batch_and_the_run_ends_at_all(outputs: tuple[str, str]) -> None:
    together, alone = outputs
    assert re.search(r"^\.FsxEE\. +\[100%\]$", together, re.MULTILINE)
    assert re.search(r"^\.{21}F\.sxE\.E\. +\[100%\]$", alone, re.MULTILINE)


def functions(module: pytest.Module, names: Sequence[str]) -> list[pytest.Item]:
    return [pytest.Function.from_parent(module, name=name, callobj=lambda: None) for name in names]


@pytest.fixture
def module(request: pytest.FixtureRequest) -> pytest.Module:
    found = request.node.getparent(pytest.Module)
    assert isinstance(found, pytest.Module)
    return found


def shown(items: list[pytest.Item]) -> list[object]:
    return [[test.name for test in item.tests] if isinstance(item, Batch) else item.name for item in items]


def test_a_batch_has_so_many_tests_in_their_order(module: pytest.Module) -> None:
    tests = functions(module, "abcdefg")
    found = in_batches(tests, set(), size=3)
    assert shown(found) == [["a", "b", "c"], ["d", "e", "f"], "g"]
    assert found[0].nodeid == f"{module.nodeid}::a and 2 more"


def test_what_failed_before_is_for_itself(module: pytest.Module) -> None:
    tests = functions(module, "abcde")
    assert shown(in_batches(tests, {f"{module.nodeid}::c"})) == [["a", "b"], "c", ["d", "e"]]


@pytest.mark.parametrize("mark", [pytest.mark.slow, pytest.mark.filterwarnings("ignore")])
def test_what_takes_long_or_has_rules_for_warnings_is_for_itself(
    module: pytest.Module, mark: pytest.MarkDecorator
) -> None:
    tests = functions(module, "abcd")
    tests[0].add_marker(mark)
    tests[1].add_marker(mark)
    assert shown(in_batches(tests, set())) == ["a", "b", ["c", "d"]]


def test_a_batch_is_of_one_file(module: pytest.Module) -> None:
    other = pytest.Module.from_parent(module.session, path=module.path.with_name("test_in_parts.py"))
    tests = [*functions(module, "ab"), *functions(other, "cd")]
    assert shown(in_batches(tests, set())) == [["a", "b"], ["c", "d"]]


@pytest.mark.parametrize(
    ("options", "alone"),
    [
        ({}, False),
        ({"verbose": -1}, False),
        ({"reportchars": "a"}, False),
        ({"verbose": 1}, True),
        ({"durations": 0}, True),
        ({"xmlpath": "all.xml"}, True),
        ({"reportchars": "A"}, True),
        ({"reportchars": "fp"}, True),
    ],
)
def test_who_asks_for_each_test_gets_each(options: dict[str, object], alone: bool) -> None:
    worker: Any = SimpleNamespace(workerinput={}, option=SimpleNamespace(**USUAL | options))
    assert are_reported_alone(worker) is alone


def test_a_process_that_is_no_worker_has_no_batches() -> None:
    process: Any = SimpleNamespace(option=SimpleNamespace(**USUAL))
    assert are_reported_alone(process)
