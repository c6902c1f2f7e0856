"""Runs tests once and notes which test executes which line: ``python -m tests.mutate.collect FOLDER SHARD FILE...``.

Started by `tests.mutate.coverage_map` in a copy of the project. Leaves ``FOLDER/lines.SHARD`` (coverage data, a context
for each test, also of the processes that a test starts) and ``FOLDER/tests.SHARD`` (JSON: seconds of each passed test).
"""

import functools
import json
import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import coverage
import pytest

from tests.mutate import groups

SUBPROCESSES = """[run]
source = {source}
data_file = {data}
parallel = true
context = ${{PYTEST_CURRENT_TEST-}}
disable_warnings = no-data-collected, module-not-measured
"""


# Python takes so many times as long while the lines are noted (6041 tests of the judge: 56 s instead of 23 s).
TRACED = 2.5


def held_up() -> float:
    """Seconds in which this thread waited for a processor; 0 where the system does not say it."""
    try:
        return int(Path("/proc/thread-self/schedstat").read_text(encoding="ascii").split()[1]) / 1e9
    except (OSError, IndexError, ValueError):
        return 0.0


class Contexts:
    """The plugin of pytest: a context for each test, and what came of it."""

    def __init__(self, measure: coverage.Coverage) -> None:
        self.measure = measure
        self.seconds: dict[str, float] = {}
        self.outcomes: dict[str, set[str]] = {}
        self.modules = 0
        self.caches: list[functools._lru_cache_wrapper[object]] = []

    def _forget(self) -> None:
        """What an earlier test left in a cache would hide that this one needs the function, too."""
        if len(sys.modules) != self.modules:
            self.modules = len(sys.modules)
            there = [module for name, module in list(sys.modules.items()) if name.split(".")[0] == "ucdiag"]
            holders = [*there, *(part for module in there for part in vars(module).values() if isinstance(part, type))]
            self.caches = [
                part
                for holder in holders
                for part in vars(holder).values()
                if isinstance(part, functools._lru_cache_wrapper)
            ]
        for wrapper in self.caches:
            wrapper.cache_clear()

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Iterator[None]:
        self._forget()
        self.measure.switch_context(item.nodeid)
        before, computed = held_up(), time.process_time()
        result = yield
        # Else tests would seem so slow, on a busy machine above all, that few of them were tried on a change.
        lost = held_up() - before + (time.process_time() - computed) * (1 - 1 / TRACED)
        if item.nodeid in self.seconds:
            self.seconds[item.nodeid] = max(0, self.seconds[item.nodeid] - lost)
        self.measure.switch_context("")
        return result

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self.seconds[report.nodeid] = self.seconds.get(report.nodeid, 0) + report.duration
        self.outcomes.setdefault(report.nodeid, set()).add(report.outcome)

    def passed(self) -> dict[str, float]:
        return {test: self.seconds[test] for test, outcomes in self.outcomes.items() if outcomes == {"passed"}}

    def failed(self) -> list[str]:
        return [test for test, outcomes in self.outcomes.items() if "failed" in outcomes]


def modules_of_others() -> list[str]:
    """All that is imported now, except the project and what only this process needs."""
    # hypothesis wants to be imported by its own plugin.
    own = {"ucdiag", "tests", "coverage", "conftest", "hypothesis", "_hypothesis_pytestplugin"}
    return sorted(
        name
        for name, module in sys.modules.items()
        if name.split(".")[0] not in own
        and "pytestplugin" not in name
        and not name.startswith("__")
        and getattr(module, "__spec__", None) is not None
    )


def main() -> None:
    folder, shard, *files = sys.argv[1:]
    source = str(Path.cwd() / "ucdiag")
    data = Path(folder, f"lines.{shard}")
    config = Path(folder, f"config.{shard}")
    config.write_text(SUBPROCESSES.format(source=source, data=data), encoding="utf-8")
    measure = coverage.Coverage(data_file=str(data), source=[source], config_file=False)
    measure.set_option("run:disable_warnings", ["no-data-collected", "module-not-measured", "module-not-imported"])
    os.environ["COVERAGE_PROCESS_START"] = str(config)
    contexts = Contexts(measure)
    measure.start()
    words = ["-q", "-p", "no:cacheprovider", "-m", groups.MARKS, f"--basetemp={folder}/tmp.{shard}", *files]
    code = pytest.main(words, [contexts])
    measure.stop()
    measure.save()
    known = {
        "passed": contexts.passed(),
        "failed": contexts.failed(),
        "code": int(code),
        "modules": modules_of_others(),
    }
    Path(folder, f"tests.{shard}").write_text(json.dumps(known), encoding="utf-8")


if __name__ == "__main__":
    main()
