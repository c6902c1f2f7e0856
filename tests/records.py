"""Writes anew all that is recorded beside the tests: ``python -m tests.records [PACKAGE...]``.

A recorder is a module under ``tests`` that says of itself, in its docstring, that ``python -m`` writes a file anew.
``PACKAGE`` is a folder of ``tests``, such as ``views``. Names the files that are not as before; read their difference.
Exit code 1 if a recorder failed.
"""

import os
import re
import subprocess
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
_SAYS = re.compile(r"``python -m (tests(?:\.\w+)+)`` writes")


def recorders(packages: Sequence[str] = ()) -> list[str]:
    """The modules that record something, by name; of these packages, or of all."""
    found = set()
    for path in (ROOT / "tests").rglob("*.py"):
        name = ".".join(path.relative_to(ROOT).with_suffix("").parts)
        says = _SAYS.search(path.read_text(encoding="utf-8"))
        if says and says[1] == name and (not packages or name.split(".")[1] in packages):
            found.add(name)
    return sorted(found)


def _run(module: str) -> tuple[str, int, str]:
    done = subprocess.run(
        [sys.executable, "-m", module], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    return module, done.returncode, done.stdout


def main(packages: Sequence[str]) -> int:
    chosen = recorders(packages)
    if not chosen:
        print(f"nothing is recorded in {' '.join(packages)}: name a folder of tests", file=sys.stderr)
        return 1
    texts = list((ROOT / "tests").rglob("*.txt"))
    before = {path: path.read_bytes() for path in texts}
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        failed = [(module, output) for module, code, output in pool.map(_run, chosen) if code]
    for module, output in failed:
        print(f"python -m {module} failed:\n{output}", file=sys.stderr)
    for path in sorted((ROOT / "tests").rglob("*.txt")):
        if path.read_bytes() != before.get(path):
            print(f"{path.relative_to(ROOT)} has changed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
