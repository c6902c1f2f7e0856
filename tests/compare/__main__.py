"""Does another checkout say the same? ``python -m tests.compare OTHER [--captures DIR...]``

Runs ucdiag of this checkout and of OTHER with the same Python, and compares exit codes and outputs: every help text,
explain, every lab scenario, and captures: the ones made by ``tests.bench.traffic`` from seeds, and all files in the
given folders. With live servers, times, durations and random ports do not count. Exit code 1 if anything differs.

Captures of the site's stories need root to make, once: ``pytest tests/site/test_capture.py --basetemp=DIR``, then
``--captures DIR``. The fast tests leave captures in their ``--basetemp``, too.
"""

import argparse
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from tests.bench import traffic
from tests.compare import normal

ROOT = Path(__file__).resolve().parent.parent.parent
CAPTURES = re.compile(r"\.(pcap|pcapng|cap|ntar)(\.(gz|xz|bz2|zst|lz4))?$")
PATIENCE = 180
# Servers and clients that run at once do not always meet in the same order.
LIVE_RUNS = 5


@dataclass(frozen=True)
class Said:
    """What one run said. ``code`` is its exit code, or None if it took too long."""

    code: int | None
    out: Any
    err: Any


@dataclass(frozen=True)
class Job:
    """One command. ``live``: it has servers of its own."""

    words: tuple[str, ...]
    live: bool = False

    @property
    def name(self) -> str:
        return "ucdiag " + " ".join(self.words)


def ask(checkout: Path, words: Sequence[str], live: bool = False) -> Said:
    """Runs ucdiag of this checkout."""
    foreign = re.compile(r"UCDIAG_|PYTHONPATH$|PYTHONWARNINGS$|.*_proxy$|(NO|FORCE)_COLOR$|COLUMNS$", re.IGNORECASE)
    kept = {name: value for name, value in os.environ.items() if not foreign.match(name)}
    ours = {"PYTHONPATH": str(checkout), "PYTHONHASHSEED": "0", "COLUMNS": "120", "TZ": "UTC", "NO_COLOR": "1"}
    # -P: the folder that it runs in holds no other ucdiag.
    command = [sys.executable, "-P", "-m", "ucdiag", *words]
    try:
        done = subprocess.run(
            command, env={**kept, **ours}, stdin=subprocess.DEVNULL, capture_output=True, timeout=PATIENCE
        )
    except subprocess.TimeoutExpired:
        return Said(None, [], [])
    out, err = (
        part.decode("utf-8", "backslashreplace").replace(str(checkout), "CHECKOUT")
        for part in (done.stdout, done.stderr)
    )
    return Said(done.returncode, normal.output(out, live), normal.output(err, live))


def compare(job: Job, old: Path, new: Path) -> list[str]:
    """What differs, in short lines. Of live runs two that agree are enough."""
    olds, news = [ask(old, job.words, job.live)], [ask(new, job.words, job.live)]
    while job.live and len(olds) < LIVE_RUNS and not any(one in news for one in olds):
        olds.append(ask(old, job.words, job.live))
        news.append(ask(new, job.words, job.live))
    if any(one in news for one in olds):
        # Dictionaries are equal in any order; users see the order.
        pairs = ((one, other) for one in olds for other in news if one == other)
        return min((list(_differences(one, other)) for one, other in pairs), key=len)
    return min((list(_differences(one, other)) for one in olds for other in news), key=len)


def _differences(old: Said, new: Said) -> Iterator[str]:
    if old.code != new.code:
        yield f"exit code: {old.code} -> {new.code}"
    yield from normal.differences(old.out, new.out)
    yield from normal.differences(old.err, new.err, "stderr")


def names_of(value: Any, key: str) -> list[str]:
    """Every text under this key, anywhere."""
    if isinstance(value, dict):
        own = [value[key]] if isinstance(value.get(key), str) else []
        return own + [name for part in value.values() for name in names_of(part, key)]
    if isinstance(value, list):
        return [name for part in value for name in names_of(part, key)]
    return []


def commands(said: Said) -> list[str]:
    """The commands that a help text lists."""
    lines = iter(said.out)
    listed = []
    for line in lines:
        if line.startswith("Commands:"):
            break
    for line in lines:
        if not line.strip():
            break
        if re.match(r" {2}\S", line):
            listed.append(line.split()[0])
    return listed


def both(old: Path, new: Path, words: Sequence[str], find: Callable[[Said], list[str]]) -> list[str]:
    """What either of the checkouts lists. Raises SystemExit if one lists nothing: then nothing would be compared."""
    found = [find(ask(checkout, words)) for checkout in (old, new)]
    for checkout, those in zip((old, new), found, strict=True):
        if not those:
            raise SystemExit(f"tests.compare: ucdiag {' '.join(words)} lists nothing in {checkout}")
    return list(dict.fromkeys([*found[0], *found[1]]))


def jobs_without_servers(old: Path, new: Path) -> Iterator[Job]:
    yield from (Job((word,)) for word in ("--help", "--version", "explain", "lab"))
    yield from (Job((name, "--help")) for name in both(old, new, ["--help"], commands))
    yield from (Job((name, "--json")) for name in ("explain", "lab"))
    codes = both(old, new, ["explain", "--json"], lambda said: names_of(said.out, "code"))
    for code in codes:
        yield Job(("explain", code))
        yield Job(("explain", code, "--json"))


def lab_jobs(old: Path, new: Path) -> Iterator[Job]:
    for name in both(old, new, ["lab", "--json"], lambda said: names_of(said.out, "name")):
        yield Job(("lab", name, "--json"), live=True)
        yield Job(("lab", name), live=True)


def capture_jobs(path: Path) -> Iterator[Job]:
    words = ("capture", "-r", str(path))
    for form in (("--json",), ("--facts",), ("-f", "text", "-v"), ("-f", "short"), ("--all", "--json"), ("--ladder",)):
        yield Job((*words, *form))


def generated(folder: Path) -> Iterator[Path]:
    """Captures from seeds: phones whole and broken, with and without the traffic of others."""
    for number, (packets, pcapng) in enumerate(((0, False), (0, True), (20_000, False), (20_000, True))):
        path = folder / f"traffic-{number}.{'pcapng' if pcapng else 'pcap'}"
        traffic.make(path, packets=packets, phones=15, broken=10, size=100_000, seed=number, pcapng=pcapng)
        yield path
    path = folder / "crowd.pcap"
    traffic.make_crowd(path, 200, 2)
    yield path


def found_captures(folders: Sequence[Path]) -> list[Path]:
    """Every capture in these folders. Raises SystemExit if one has none: it was moved, or not made."""
    found = []
    for folder in folders:
        those = sorted(path.resolve() for path in folder.rglob("*") if CAPTURES.search(path.name) and path.is_file())
        if not those:
            raise SystemExit(f"tests.compare: there is no capture in {folder}")
        found += those
    return found


def check(checkout: Path) -> None:
    """Raises SystemExit if this checkout's ucdiag would not be the one that runs."""
    code = "import ucdiag; print(ucdiag.__file__)"
    done = subprocess.run(
        [sys.executable, "-P", "-c", code],
        env={**os.environ, "PYTHONPATH": str(checkout)},
        capture_output=True,
        text=True,
        check=False,
    )
    if not Path(done.stdout.strip()).is_relative_to(checkout):
        raise SystemExit(f"tests.compare: {checkout} is no checkout of ucdiag")


def options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.compare", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("other", type=Path, metavar="OTHER", help="the checkout to compare with; what it says is OLD")
    parser.add_argument("--captures", type=Path, nargs="+", default=[], metavar="DIR", help="read all captures there")
    parser.add_argument("--jobs", type=int, default=len(os.sched_getaffinity(0)), help="comparisons at once")
    parser.add_argument("--no-lab", action="store_true", help="leave out the lab scenarios")
    parser.add_argument("-k", default="", metavar="WORD", help="only commands with this word in them")
    return parser.parse_args()


def main() -> int:
    given = options()
    old, new = given.other.resolve(), ROOT
    check(old)
    check(new)
    with tempfile.TemporaryDirectory(prefix="compare-") as folder_:
        folder = Path(folder_)
        jobs = list(jobs_without_servers(old, new))
        for path in [*generated(folder), *found_captures(given.captures)]:
            jobs += capture_jobs(path)
        if not given.no_lab:
            jobs += lab_jobs(old, new)
        jobs = [job for job in dict.fromkeys(jobs) if given.k in job.name]
        if not jobs:
            raise SystemExit(f"tests.compare: no command has {given.k!r} in it")
        differing = 0
        with ThreadPoolExecutor(given.jobs) as pool:
            for job, found in zip(jobs, pool.map(lambda job: compare(job, old, new), jobs), strict=True):
                if found:
                    differing += 1
                    print(f"{job.name.replace(str(folder), 'GENERATED')}", flush=True)
                    for line in islice(found, normal.MOST):
                        print(f"    {line}")
                    if len(found) > normal.MOST:
                        print(f"    and {len(found) - normal.MOST} more")
    print(f"{len(jobs)} commands compared, {differing} differ")
    return 1 if differing else 0


if __name__ == "__main__":
    sys.exit(main())
