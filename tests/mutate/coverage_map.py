"""Which fast test executes which line: measured in a copy of the project, and kept as long as no file changes."""

import contextlib
import functools
import gzip
import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path

from tests.mutate import groups
from tests.mutate.operators import Mutant

HASH_SEED = "0"
# Parts of the tests for each process, so that no process is long alone with what is left.
SHARDS = 6


def project_files(root: Path) -> list[str]:
    """What git knows or would add; paths from ``root``."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=root,
        capture_output=True,
        check=True,
    )
    return sorted({name for name in os.fsdecode(listed.stdout).split("\0") if name and (root / name).is_file()})


def tree_hash(root: Path, names: Iterable[str]) -> str:
    """Of all that a fast test could depend on: of the files without prose and without these tools."""
    total = hashlib.sha256(sys.version.encode())
    for name in names:
        if not name.endswith(".rst") and not name.startswith(("tests/mutate/", "tests/compare")):
            total.update(name.encode() + b"\0" + hashlib.sha256((root / name).read_bytes()).digest())
    return total.hexdigest()[:16]


def copy_tree(root: Path, names: Iterable[str], into: Path) -> None:
    """A copy to change. Its compiled files are valid for one content, not for one time: two changes in one second."""
    shutil.rmtree(into, ignore_errors=True)
    for name in names:
        target = into / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(root / name, target)
    words = ["-m", "compileall", "-q", "--invalidation-mode", "checked-hash", groups.SOURCE]
    subprocess.run([sys.executable, *words], cwd=into, check=True)


def environment(tree: Path) -> dict[str, str]:
    """Of a run of tests in this tree: nothing random, no other ucdiag, and as many examples as in ``make fast``."""
    ours = {"PYTHONPATH": str(tree), "PYTHONHASHSEED": HASH_SEED, "UCDIAG_HYPOTHESIS": "fast"}
    foreign = {"PYTHONDONTWRITEBYTECODE", "PYTHONPATH", "PYTEST_ADDOPTS"}
    return {**{name: value for name, value in os.environ.items() if name not in foreign}, **ours}


@dataclass
class CoverageMap:
    """``lines``: for each file and line the numbers of tests; ``tests``: their names, ``seconds`` how long they take.

    ``failed`` could not be used; ``modules`` are those of others that the tests import.
    """

    tests: list[str] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)
    lines: dict[str, dict[int, list[int]]] = field(default_factory=dict)
    failed: list[str] = field(default_factory=list)
    modules: list[str] = field(default_factory=list)

    def save(self, path: Path) -> None:
        data = {name: getattr(self, name) for name in ("tests", "seconds", "lines", "failed", "modules")}
        path.parent.mkdir(parents=True, exist_ok=True)
        with gzip.open(path, "wt", encoding="utf-8", compresslevel=1) as out:
            json.dump(data, out)

    @classmethod
    def load(cls, path: Path) -> "CoverageMap":
        with gzip.open(path, "rt", encoding="utf-8") as source:
            data = json.load(source)
        lines = {name: {int(line): found for line, found in there.items()} for name, there in data["lines"].items()}
        return cls(**{**data, "lines": lines})

    @functools.cached_property
    def whole_files(self) -> dict[str, set[int]]:
        return {name: {test for found in there.values() for test in found} for name, there in self.lines.items()}

    def covering(self, mutant: Mutant, importers: Sequence[str] = (), own: str = "") -> list[int]:
        """The tests that may notice the change: those that execute its lines, the fastest first, then all others that
        use the file, or one of its ``importers``, and those of its package, which begin with ``own``.

        The others notice what runs at import, for whatever test that is, and what runs in a process that a test forks,
        which leaves no lines behind. First come those that execute many lines of the file for their time: most tests of
        a package are about its other files.
        """
        there = self.lines.get(mutant.path, {})
        first, last = mutant.lines
        direct: set[int] = set()
        if not mutant.at_import:
            for line in range(first, last + 1):
                direct.update(there.get(line, ()))
        others = {number for number, test in enumerate(self.tests) if own and test.startswith(own)}
        for name in (mutant.path, *importers):
            others |= self.whole_files.get(name, set())
        lines = Counter(chain.from_iterable(there.values()))
        return [
            *sorted(direct, key=lambda test: (self.seconds[test], test)),
            *sorted(others - direct, key=lambda test: (self.seconds[test] / (1 + lines[test]), test)),
        ]


def measure(tree: Path, folder: Path, jobs: int) -> CoverageMap:
    """Runs all fast tests in the copy ``tree`` with their lines noted; those that fail once more, alone."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    files = groups.fast_tests(tree)
    shards = min(len(files), jobs * SHARDS) if jobs > 1 else 1
    with ThreadPoolExecutor(jobs) as pool:
        list(pool.map(lambda shard: _collect(tree, folder, shard, files[shard::shards]), range(shards)))
    failed = [test for path in folder.glob("tests.*") for test in json.loads(path.read_text())["failed"]]
    if failed:
        _collect(tree, folder, shards, failed)
    return read(folder, tree)


def _collect(tree: Path, folder: Path, shard: int, tests: Sequence[str]) -> None:
    words = [sys.executable, "-m", "tests.mutate.collect", str(folder), str(shard), *tests]
    with (folder / f"log.{shard}").open("wb") as log:
        subprocess.run(
            words,
            cwd=tree,
            env=environment(tree),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            check=False,
        )


def read(folder: Path, tree: Path) -> CoverageMap:
    """What `tests.mutate.collect` left there."""
    from coverage import CoverageData

    seconds: dict[str, float] = {}
    failed: set[str] = set()
    modules: set[str] = set()
    for path in sorted(folder.glob("tests.*")):
        known = json.loads(path.read_text(encoding="utf-8"))
        seconds.update(known["passed"])
        failed.update(known["failed"])
        modules.update(known["modules"])
    if not seconds:
        raise groups.MissingError(f"no test passed; see {folder}/log.0")
    result = CoverageMap(list(seconds), list(seconds.values()), {}, sorted(failed - seconds.keys()), sorted(modules))
    numbers = {name: number for number, name in enumerate(result.tests)}
    lines: dict[str, dict[int, set[int]]] = defaultdict(lambda: defaultdict(set))
    for path in sorted(folder.glob("lines.*")):
        data = CoverageData(str(path))
        with contextlib.suppress(Exception):  # of a process that was killed
            data.read()
        for name in data.measured_files():
            # A process that was killed while it wrote leaves rows without a name.
            if name is None or not Path(name).is_relative_to(tree):
                continue
            into = lines[str(Path(name).relative_to(tree))]
            for line, contexts in data.contexts_by_lineno(name).items():
                for context in contexts:
                    # Processes that a test starts have pytest's own word: "NAME (call)".
                    number = numbers.get(context.rsplit(" (", 1)[0], numbers.get(context))
                    if number is not None:
                        into[line].add(number)
    result.lines = {name: {line: sorted(found) for line, found in there.items()} for name, there in lines.items()}
    return result
