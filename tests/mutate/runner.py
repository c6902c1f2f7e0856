"""Judges mutants one after another in its own copy of the project: ``python -m tests.mutate.runner FOLDER``.

Started by `tests.mutate.run` inside the copy. Reads a JSON object a line: first what is known of the tests, then
mutants; answers each mutant with a line. Imports what the tests import except the project, and forks for each mutant.
"""

import contextlib
import importlib
import json
import os
import resource
import signal
import sys
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tests.mutate import groups

# A change can make any loop endless, or let it collect without end. Seconds; the machine may be busy with other work.
LEAST_SECONDS = 40
TIMES_SLOWER = 30
START_SECONDS = 120
MEMORY = 6 << 30
NO_START = "no test could start"
NOTHING_RAN = "none of the tests is there"
OPTIONS = ("-x", "-q", "-p", "no:cacheprovider", "-m", groups.MARKS, "-W", "ignore::pytest.PytestAssertRewriteWarning")


class Chosen:
    """The plugin of pytest: runs the chosen tests in the order of the choice, each with a limit of time."""

    def __init__(self, chosen: Sequence[str], seconds: Mapping[str, float], result: Path) -> None:
        self.order = {name: number for number, name in enumerate(chosen)}
        self.functions = {name.split("[")[0] for name in chosen}
        self.seconds = seconds
        self.result = result

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        items[:] = sorted(filter(self._is_wanted, items), key=lambda item: self.order.get(item.nodeid, 0))

    def _is_wanted(self, item: pytest.Item) -> bool:
        # A change to a table gives the tests made from the table other names.
        is_new = item.nodeid not in self.seconds and item.nodeid.split("[")[0] in self.functions
        return item.nodeid in self.order or is_new

    def pytest_runtest_logstart(self, nodeid: str) -> None:
        signal.setitimer(signal.ITIMER_REAL, max(LEAST_SECONDS, TIMES_SLOWER * self.seconds.get(nodeid, 0)))

    def pytest_runtest_logfinish(self, nodeid: str) -> None:
        signal.setitimer(signal.ITIMER_REAL, START_SECONDS)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed:
            self.result.write_text(report.nodeid, encoding="utf-8")


def preload(modules: Sequence[str]) -> None:
    """What need not be imported again for each mutant."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for name in modules:
            with contextlib.suppress(Exception):
                importlib.import_module(name)


def run(chosen: Sequence[str], seconds: Mapping[str, float], folder: Path) -> tuple[str, str]:
    """Runs these tests in a child: ("killed", by which test), ("timed out", "") or ("survived", "")."""
    result = folder / "result"
    result.unlink(missing_ok=True)
    child = os.fork()
    if child == 0:
        code = 70
        try:
            code = _child(chosen, seconds, folder, result)
        finally:
            os._exit(code)
    _, status = os.waitpid(child, 0)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(child, signal.SIGKILL)
    if os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGALRM:
        return "timed out", ""
    if status == 0:
        return "survived", ""
    if status == pytest.ExitCode.NO_TESTS_COLLECTED << 8:
        return "survived", NOTHING_RAN
    by = result.read_text(encoding="utf-8") if result.exists() else NO_START
    return "killed", by


def _child(chosen: Sequence[str], seconds: Mapping[str, float], folder: Path, result: Path) -> int:
    os.setsid()
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.setitimer(signal.ITIMER_REAL, START_SECONDS)
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    log = os.open(folder / "log", os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    nothing = os.open(os.devnull, os.O_RDONLY)
    for old, new in ((nothing, 0), (log, 1), (log, 2)):
        os.dup2(old, new)
    sys.stdin = open(0, closefd=False)  # noqa: SIM115
    files = list(dict.fromkeys(name.split("::")[0] for name in chosen))
    words = [*OPTIONS, f"--basetemp={folder}/tmp", *files]
    return int(pytest.main(words, [Chosen(chosen, seconds, result)]))


@dataclass
class Judge:
    """``sound`` are tests that were seen to pass alone without a change; the ``unsound`` do not, and are left out."""

    seconds: Mapping[str, float]
    folder: Path
    sound: set[str] = field(default_factory=set)
    unsound: set[str] = field(default_factory=set)

    def judge(self, order: Mapping[str, Any]) -> dict[str, Any]:
        """Writes the changed file, runs the stages of tests until one notices, and puts the file back."""
        path = Path(order["path"])
        source = path.read_bytes()
        changed = source[: order["start"]] + order["new"].encode() + source[order["end"] :]
        while True:
            path.write_bytes(changed)
            try:
                outcome, by = self._stages(order["stages"])
            finally:
                path.write_bytes(source)
            if self._is_sound(by):
                return {"name": order["name"], "outcome": outcome, "by": by, "unsound": len(self.unsound)}

    def _stages(self, stages: Sequence[Sequence[str]]) -> tuple[str, str]:
        for stage in stages:
            chosen = [test for test in stage if test not in self.unsound]
            if chosen:
                outcome, by = run(chosen, self.seconds, self.folder)
                if outcome != "survived" or by:
                    return outcome, by
        return "survived", ""

    def _is_sound(self, test: str) -> bool:
        """A test may need what another one left behind: then it fails alone, whatever the code does."""
        if test not in self.seconds or test in self.sound:
            return True
        passes = run([test], self.seconds, self.folder) == ("survived", "")
        (self.sound if passes else self.unsound).add(test)
        return passes


def main() -> None:
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    known = json.loads(sys.stdin.readline())
    preload(known["modules"])
    judge = Judge(known["seconds"], folder)
    for line in sys.stdin:
        print(json.dumps(judge.judge(json.loads(line))), flush=True)


if __name__ == "__main__":
    main()
