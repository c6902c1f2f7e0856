"""Chooses mutants by a seed, has them judged by the fast tests that execute their lines, and reports who survived."""

import ast
import json
import os
import queue
import random
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import chain, zip_longest
from pathlib import Path
from typing import IO, Any

from tests.mutate import coverage_map, groups
from tests.mutate.coverage_map import CoverageMap
from tests.mutate.operators import KINDS, Mutant, is_change, mutants

# The tests of the first stage: so many of the fastest, from not more than so many files (collecting takes time, too).
FIRST_TESTS = 40
FIRST_FILES = 3


def sample(sources: Mapping[str, bytes], seed: int, count: int, salt: str = "") -> list[Mutant]:
    """``count`` mutants of these files, each kind as often as the others. The same seed gives the same ones."""
    pools: dict[str, list[Mutant]] = {kind: [] for kind in KINDS}
    for path in sorted(sources):
        for mutant in mutants(path, sources[path]):
            pools[mutant.kind].append(mutant)
    random_ = random.Random(f"{seed} {salt}")
    for pool in pools.values():
        random_.shuffle(pool)
    chosen: list[Mutant] = []
    while len(chosen) < count and any(pools.values()):
        mutant = pools[random_.choice([kind for kind in KINDS if pools[kind]])].pop()
        if is_change(mutant, sources[mutant.path]):
            chosen.append(mutant)
    return chosen


def read_equivalents(path: Path) -> dict[str, str]:
    """The changes that change nothing: key and reason of each. Raises `groups.MissingError` if a line has no reason."""
    found = {}
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if line.strip() and not line.startswith("#"):
            key, _, reason = line.partition(" ")
            if len(key) != 12 or not reason.strip():
                raise groups.MissingError(f"{path.name}, line {number}: a key of 12 digits and a reason are needed")
            found[key] = reason.strip()
    return found


def stale(equivalents: Iterable[str], sources: Mapping[str, bytes]) -> set[str]:
    """Keys that no change to these files has any more."""
    keys = {mutant.key(source) for path, source in sources.items() for mutant in mutants(path, source)}
    return set(equivalents) - keys


def importers(sources: Mapping[str, bytes]) -> dict[str, list[str]]:
    """For each file those that import it."""
    by_module = {path.removesuffix(".py").removesuffix("/__init__").replace("/", "."): path for path in sources}
    found: dict[str, set[str]] = defaultdict(set)
    for path, source in sources.items():
        for node in ast.walk(ast.parse(source)):
            names = []
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom):
                names = [str(node.module), *(f"{node.module}.{alias.name}" for alias in node.names)]
            for name in names:
                if name in by_module:
                    found[by_module[name]].add(path)
    return {path: sorted(those - {path}) for path, those in found.items()}


def own_tests(path: str) -> str:
    """Where the tests of the package of this file are: those of ``ucdiag/wire/dns/message.py`` in ``tests/wire/``."""
    return f"{groups.TESTS[0]}/{path.split('/')[1]}/"


def stages(known: CoverageMap, tests: Sequence[int], budget: float, own: str = "") -> tuple[list[list[str]], int]:
    """The tests to run, in two stages, and how many there are: the first ones, as long as ``budget`` seconds last.

    Half of the budget is for the tests of the package itself, which begin with ``own``: they were written for its
    details, while those of others that only pass through it are many and often faster.
    """
    kept: set[int] = set()
    total = 0.0
    mine = {test for test in tests if own and known.tests[test].startswith(own)}
    for some, most in ((mine, budget / 2), (set(tests), budget)):
        for test in tests:
            if test in some and test not in kept:
                if kept and total + known.seconds[test] > most:
                    continue
                total += known.seconds[test]
                kept.add(test)
    ordered = [test for test in tests if test in kept]
    first: list[int] = []
    files: set[str] = set()
    for test in ordered:
        file = known.tests[test].split("::")[0]
        if len(first) < FIRST_TESTS and (file in files or len(files) < FIRST_FILES):
            files.add(file)
            first.append(test)
    early = set(first)
    rest = [test for test in ordered if test not in early]
    return [[known.tests[test] for test in part] for part in (first, rest) if part], len(kept)


@dataclass
class Judged:
    """``outcome``: killed, survived, timed out, or equivalent; ``ran`` of ``could`` tests that may notice it."""

    mutant: Mutant
    group: str
    key: str
    outcome: str
    by: str = ""
    ran: int = 0
    could: int = 0


class Worker:
    """A process with its own copy of the project. Ends with its input."""

    def __init__(self, tree: Path, folder: Path, known: CoverageMap) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.mutate.runner", str(folder)],
            cwd=tree,
            env=coverage_map.environment(tree),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        seconds = dict(zip(known.tests, known.seconds, strict=True))
        self._send({"seconds": seconds, "modules": known.modules})

    @property
    def _pipes(self) -> tuple[IO[str], IO[str]]:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        return self.process.stdin, self.process.stdout

    def _send(self, value: Any) -> None:
        self._pipes[0].write(json.dumps(value) + "\n")
        self._pipes[0].flush()

    def judge(self, mutant: Mutant, parts: Sequence[Sequence[str]]) -> dict[str, Any]:
        order = {"name": mutant.name, "path": mutant.path, "start": mutant.start, "end": mutant.end}
        self._send({**order, "new": mutant.new.decode(), "stages": parts})
        answer: dict[str, Any] = json.loads(self._pipes[1].readline())
        assert answer["name"] == mutant.name
        return answer

    def close(self) -> None:
        self.process.terminate()
        with self.process:
            pass


@dataclass
class Plan:
    """``todo``: mutants with their group, in the order of work; ``results`` is appended to, so that a run resumes."""

    root: Path
    sources: Mapping[str, bytes]
    todo: Sequence[tuple[str, Mutant]]
    equivalents: Mapping[str, str]
    known: CoverageMap
    results: Path
    budget: float
    jobs: int
    until: float
    say: Callable[[str], None] = print

    def run(self) -> list[Judged]:
        done = self._done()
        users = importers(self.sources)
        judged: list[Judged] = []
        waiting: queue.SimpleQueue[tuple[Judged, list[list[str]]]] = queue.SimpleQueue()
        for group, mutant in self.todo:
            one = Judged(mutant, group, mutant.key(self.sources[mutant.path]), "equivalent")
            if one.key in self.equivalents:
                judged.append(one)
                continue
            own = own_tests(mutant.path)
            tests = self.known.covering(mutant, users.get(mutant.path, ()), own)
            parts, one.ran = stages(self.known, tests, self.budget, own)
            one.could = len(tests)
            if mutant.name in done:
                one.outcome, one.by = done[mutant.name]["outcome"], done[mutant.name]["by"]
                judged.append(one)
            elif not parts:
                one.outcome = "survived"
                judged.append(one)
            else:
                waiting.put((one, parts))
        if not waiting.empty():
            judged += self._work(waiting)
        return judged

    def _done(self) -> dict[str, dict[str, Any]]:
        """Earlier answers. Who survived fewer tests than are to run now is tried again."""
        if not self.results.exists():
            return {}
        answers = map(json.loads, self.results.read_text(encoding="utf-8").splitlines())
        return {one["name"]: one for one in answers if one["outcome"] != "survived" or one["budget"] >= self.budget}

    def _check(self, worker: Worker, log: Path) -> None:
        """Without a change the tests must pass there: else all that follows would be "killed"."""
        path = next(iter(self.sources))
        fastest = sorted(range(len(self.known.tests)), key=lambda test: self.known.seconds[test])[:FIRST_TESTS]
        nothing = Mutant(path, "nothing", 0, 0, b"", (1, 1), at_import=True)
        answer = worker.judge(nothing, [[self.known.tests[test] for test in fastest]])
        if answer["outcome"] != "survived" or answer["by"] or answer["unsound"] > len(fastest) / 4:
            raise groups.MissingError(f"the tests do not even pass without a change:\n{log.read_text()[-2000:]}")

    def _work(self, waiting: "queue.SimpleQueue[tuple[Judged, list[list[str]]]]") -> list[Judged]:
        judged: list[Judged] = []
        lock = threading.Lock()
        count = waiting.qsize()
        stop = threading.Event()
        names = coverage_map.project_files(self.root)

        def note(one: Judged, answer: Mapping[str, Any], out: IO[str]) -> None:
            one.outcome, one.by = answer["outcome"], answer["by"]
            with lock:
                judged.append(one)
                out.write(json.dumps({**answer, "budget": self.budget}) + "\n")
                out.flush()
                place = f"{one.mutant.path}:{one.mutant.lines[0]}"
                self.say(f"{len(judged)}/{count} {one.outcome}: {one.mutant.kind}, {place}")

        def work(folder: Path, out: IO[str]) -> None:
            coverage_map.copy_tree(self.root, names, folder / "tree")
            worker = Worker(folder / "tree", folder / "work", self.known)
            try:
                self._check(worker, folder / "work" / "log")
                while time.monotonic() < self.until and not stop.is_set():
                    try:
                        one, parts = waiting.get_nowait()
                    except queue.Empty:
                        return
                    note(one, worker.judge(one.mutant, parts), out)
            finally:
                stop.set()
                worker.close()

        with (
            tempfile.TemporaryDirectory(prefix="mutants-") as folder,
            self.results.open("a", encoding="utf-8") as out,
            ThreadPoolExecutor(self.jobs) as pool,
        ):
            running = [pool.submit(work, Path(folder, str(number)), out) for number in range(min(self.jobs, count))]
            try:
                for future in running:
                    future.result()
            finally:
                stop.set()
        return judged


def interleave(chosen: Mapping[str, Sequence[Mutant]]) -> Iterator[tuple[str, Mutant]]:
    """One of each group in turn, so that a run that is cut short says something of each."""
    pairs = [[(group, mutant) for mutant in those] for group, those in chosen.items()]
    return (one for one in chain.from_iterable(zip_longest(*pairs)) if one is not None)


def measured(root: Path, cache: Path, jobs: int, say: Callable[[str], None]) -> CoverageMap:
    """The coverage of each test, from ``cache`` or measured now."""
    path = cache / "coverage.json.gz"
    if path.exists():
        return CoverageMap.load(path)
    say("measuring which test executes which line (once for each state of the files) ...")
    with tempfile.TemporaryDirectory(prefix="mutants-") as folder:
        tree = Path(folder, "tree")
        coverage_map.copy_tree(root, coverage_map.project_files(root), tree)
        known = coverage_map.measure(tree, cache / "measuring", jobs)
    known.save(path)
    shutil.rmtree(cache / "measuring", ignore_errors=True)
    return known


def percent(outcomes: Mapping[str, int]) -> float:
    """Of those that are not equivalent. An endless loop is noticed, too."""
    noticed = outcomes["killed"] + outcomes["timed out"]
    counted = noticed + outcomes["survived"]
    return 100 * noticed / counted if counted else 100.0


def show_survivors(judged: Iterable[Judged], sources: Mapping[str, bytes]) -> Iterator[str]:
    for one in judged:
        if one.outcome == "survived":
            tests = f"{one.ran} of {one.could} tests that may notice it ran" if one.could else "no test executes it"
            yield f"\n{one.key} {one.group}, {one.mutant.kind}: {tests}"
            yield one.mutant.diff(sources[one.mutant.path])


def show_figures(judged: Sequence[Judged]) -> Iterator[str]:
    words = ("killed", "timed out", "survived", "equivalent")
    yield f"{'':12}" + "".join(f"{word:>12}" for word in words) + f"{'noticed':>12}{'wanted':>10}"
    for group in groups.GROUPS:
        outcomes = Counter(one.outcome for one in judged if one.group == group.name)
        if outcomes:
            counts = "".join(f"{outcomes[word]:>12}" for word in words)
            yield f"{group.name:12}{counts}{percent(outcomes):>10.1f} %{group.bound:>8} %"


def below(judged: Sequence[Judged]) -> list[str]:
    """The groups that miss their bound."""
    result = []
    for group in groups.GROUPS:
        outcomes = Counter(one.outcome for one in judged if one.group == group.name)
        if outcomes and percent(outcomes) < group.bound:
            result.append(group.name)
    return result


def default_jobs() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
