"""Tests in batches, for the workers of pytest-xdist: messages about a test cost more than most tests themselves.

Each test is set up, run and put away as always. What failed or was skipped is reported by itself, under its own name.
Of those that passed one report counts all. Where a worker dies, its batch is named and ends there; the traceback before
that names the test. A plugin of pytest: tests/conftest.py registers it.
"""

from collections.abc import Sequence
from itertools import groupby
from typing import Any

import pytest
from _pytest.runner import runtestprotocol

SIZE = 16
# Waited for, or with rules of its own for warnings, which pytest applies to what a worker was given as one test.
_ALONE = ("slow", "filterwarnings")


class Batch(pytest.Item):
    """Some tests of one file. While one is reported, this has its name: a worker reports of nothing else."""

    def __init__(self, *, tests: Sequence[pytest.Item], **node: Any) -> None:
        super().__init__(**node)
        self.tests = tests
        self.reported: str | None = None

    @property
    def nodeid(self) -> str:
        return self.reported or self._nodeid

    def reportinfo(self) -> tuple[Any, int | None, str]:
        return self.tests[0].reportinfo()

    def runtest(self) -> None:
        raise NotImplementedError("its tests are run by run()")


def pytest_configure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):
        config.pluginmanager.register(Counts(config))


@pytest.hookimpl(tryfirst=True)
def pytest_collection_finish(session: pytest.Session) -> None:
    # A group is named in the name of each of its tests.
    if not are_reported_alone(session.config) and not session.config.getvalue("loadgroup"):
        cache = getattr(session.config, "cache", None)
        failed = cache.get("cache/lastfailed", {}) if cache is not None else {}
        session.items[:] = in_batches(session.items, set(failed))


def pytest_runtest_protocol(item: pytest.Item, nextitem: pytest.Item | None) -> bool | None:
    if are_reported_alone(item.config):
        return None
    item.ihook.pytest_runtest_logstart(nodeid=item.nodeid, location=item.location)
    run(item, nextitem)
    item.ihook.pytest_runtest_logfinish(nodeid=item.nodeid, location=item.location)
    return True


def are_reported_alone(config: pytest.Config) -> bool:
    """Whether somebody wants to see each test, or this process is not a worker of pytest-xdist."""
    option = config.option
    names_passed = set("pPA") & set(option.reportchars or "")
    asked = option.durations is not None or option.xmlpath or option.verbose > 0 or names_passed
    return not hasattr(config, "workerinput") or bool(asked)


def in_batches(tests: list[pytest.Item], failed: set[str], size: int = SIZE) -> list[pytest.Item]:
    """The same tests in the same order, at most ``size`` of a file in a batch.

    :param failed: node IDs of tests that failed in the run before. Pytest has to hear by name that they passed.
    """

    def alone(test: pytest.Item) -> bool:
        return test.nodeid in failed or any(test.get_closest_marker(mark) for mark in _ALONE)

    found: list[pytest.Item] = []
    for (_, are_alone), group in groupby(tests, key=lambda test: (test.path, alone(test))):
        some = list(group)
        if are_alone:
            found += some
        else:
            found += [_batch(some[start : start + size]) for start in range(0, len(some), size)]
    return found


def _batch(tests: list[pytest.Item]) -> pytest.Item:
    first = tests[0]
    if len(tests) == 1:
        return first
    parent = first.getparent(pytest.File) or first.session
    name = f"{first.nodeid.removeprefix(parent.nodeid + '::')} and {len(tests) - 1} more"
    return Batch.from_parent(parent, name=name, tests=tests)  # type: ignore[no-any-return]


def run(item: pytest.Item, nextitem: pytest.Item | None) -> None:
    """Run a test, or those of a batch one after the other; stop where the session does."""
    tests = item.tests if isinstance(item, Batch) else [item]
    after = nextitem.tests[0] if isinstance(nextitem, Batch) else nextitem
    reported: set[str] = set()
    passed: list[pytest.TestReport] = []
    for test, following in zip(tests, [*tests[1:], after], strict=True):
        for report in runtestprotocol(test, log=False, nextitem=following):
            if report.when == "call" and report.passed and not hasattr(report, "wasxfail"):
                passed.append(report)
            elif report.when == "call" or not report.passed:
                _report_result(item, report, reported)
        if item.session.shouldfail or item.session.shouldstop:
            break
    if passed:
        passed[-1].same_of_others = len(passed) - 1
        _report_result(item, passed[-1], reported)


def _report_result(item: pytest.Item, report: pytest.TestReport, reported: set[str]) -> None:
    report.is_another = bool(reported) and report.nodeid not in reported
    reported.add(report.nodeid)
    if isinstance(item, Batch):
        item.reported = report.nodeid
    item.ihook.pytest_runtest_logreport(report=report)
    if isinstance(item, Batch):
        item.reported = None


class Counts:
    """Of the process that collects the reports: how many tests there are and passed."""

    def __init__(self, config: pytest.Config) -> None:
        self._config = config
        self._session: pytest.Session | None = None

    def pytest_sessionstart(self, session: pytest.Session) -> None:
        self._session = session

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        # The count in per cent is that of batches; another report makes one more of them.
        if self._session is not None and getattr(report, "is_another", False):
            self._session.testscollected += 1
        terminal = self._config.pluginmanager.get_plugin("terminalreporter")
        if terminal is not None and getattr(report, "same_of_others", 0):
            terminal.stats.setdefault("passed", []).extend([report] * report.same_of_others)
