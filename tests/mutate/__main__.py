"""Do the fast tests notice small changes to the code? ``python -m tests.mutate --seed N --sample K [PATH...]``

Chooses K changes at random in each group of packages (`tests.mutate.groups`), makes one at a time in a copy, and runs
the fast tests that may notice it, as long as a budget lasts. Prints the survivors and percentages.
Kept under ``build/mutate`` while no file changes: the lines of each test, and the results, so a run can be resumed.
"""

import argparse
import importlib.util
import math
import sys
import time
from pathlib import Path

from tests.mutate import coverage_map, groups
from tests.mutate.run import (
    Plan,
    below,
    default_jobs,
    interleave,
    measured,
    read_equivalents,
    sample,
    show_figures,
    show_survivors,
    stale,
)

ROOT = Path(__file__).resolve().parent.parent.parent
EQUIVALENTS = Path(__file__).with_name("equivalents.txt")


def options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.mutate", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--seed", type=int, default=1, help="another seed gives other changes (default: 1)")
    parser.add_argument("--sample", type=int, default=25, metavar="K", help="how many of each group (default: 25)")
    parser.add_argument("--minutes", type=float, default=math.inf, help="stop after so long; run again to resume")
    parser.add_argument("--jobs", type=int, default=default_jobs(), help="processes (default: one a processor)")
    parser.add_argument(
        "--budget", type=float, default=60, metavar="SECONDS", help="tests for each change, as measured (default: 60)"
    )
    parser.add_argument("--again", action="store_true", help="forget earlier results of these files")
    parser.add_argument("--survivors", type=Path, metavar="FILE", help="write the survivors there as well")
    parser.add_argument("--gate", action="store_true", help="exit with 1 if a group is below its bound")
    parser.add_argument("path", nargs="*", metavar="PATH", help="change only files there (default: all)")
    return parser.parse_args()


def main() -> int:
    given = options()
    if importlib.util.find_spec("coverage") is None:
        print("tests.mutate: needs coverage.py: pip install coverage", file=sys.stderr)
        return 2
    began = time.monotonic()
    try:
        chosen_files = groups.files(ROOT, tuple(given.path))
        equivalents = read_equivalents(EQUIVALENTS)
    except groups.MissingError as problem:
        print(f"tests.mutate: {problem}", file=sys.stderr)
        return 2
    sources = {str(path.relative_to(ROOT)): path.read_bytes() for path in (ROOT / groups.SOURCE).rglob("*.py")}
    chosen = {
        group: sample({path: sources[path] for path in those}, given.seed, given.sample, group)
        for group, those in chosen_files.items()
    }
    cache = ROOT / "build" / "mutate" / coverage_map.tree_hash(ROOT, coverage_map.project_files(ROOT))
    cache.mkdir(parents=True, exist_ok=True)
    results = cache / "results.jsonl"
    if given.again:
        results.unlink(missing_ok=True)
    try:
        known = measured(ROOT, cache, given.jobs, lambda text: print(text, file=sys.stderr))
    except groups.MissingError as problem:
        print(f"tests.mutate: {problem}", file=sys.stderr)
        return 2
    for test in known.failed:
        print(f"not used, it failed without any change: {test}")
    todo = list(interleave(chosen))
    plan = Plan(
        root=ROOT,
        sources=sources,
        todo=todo,
        equivalents=equivalents,
        known=known,
        results=results,
        budget=given.budget,
        jobs=given.jobs,
        until=began + given.minutes * 60,
        say=lambda text: print(text, file=sys.stderr, flush=True),
    )
    try:
        judged = plan.run()
    except groups.MissingError as problem:
        print(f"tests.mutate: {problem}", file=sys.stderr)
        return 2
    judged.sort(key=lambda one: (one.group, one.mutant.path, one.mutant.start))
    survivors = "\n".join(show_survivors(judged, sources))
    print(survivors)
    if given.survivors:
        given.survivors.write_text(survivors + "\n", encoding="utf-8")
    print(f"\nseed {given.seed}, {len(judged)} of {len(todo)} changes judged, {time.monotonic() - began:.0f} s")
    print("\n".join(show_figures(judged)))
    for key in sorted(stale(equivalents, sources)):
        print(f"{EQUIVALENTS.name}: no change has the key {key} any more: {equivalents[key]}")
    return 1 if given.gate and below(judged) else 0


if __name__ == "__main__":
    sys.exit(main())
