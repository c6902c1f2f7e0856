"""Looks for bytes that break a parser, by the code that they reach (atheris, https://github.com/google/atheris).

What breaks one is kept in a file. Moved to ``tests/fuzz/crashes/TARGET`` it is a test for good::

    python -m tests.fuzz.with_atheris                      # all parsers in turn, for 60 seconds
    python -m tests.fuzz.with_atheris --seconds 600 answer dns
    python -m tests.fuzz.with_atheris --runs 4000          # as continuous integration: the same in each run
"""

import argparse
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
_LONGEST = 10  # seconds for one input
_LARGEST = 2048  # MiB that a process may take, most of them atheris' own


def main(arguments: Sequence[str] | None = None) -> int:
    from tests.fuzz.targets import TARGETS

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("targets", nargs="*", metavar="TARGET", help=f"of these: {', '.join(TARGETS)} (all)")
    parser.add_argument("--seconds", type=int, default=60, help="for all together; with --runs at most so many")
    parser.add_argument("--runs", type=int, default=-1, help="inputs, whatever the time")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--kept", type=Path, default=Path(tempfile.gettempdir()), help="where to put what breaks one")
    given = parser.parse_args(arguments)
    for name in given.targets:
        if name not in TARGETS:
            parser.error(f"no target {name!r}: {', '.join(TARGETS)}")
    done = look(given.targets or list(TARGETS), given.seconds, given.runs, given.seed, given.kept)
    lines = done.stderr.splitlines()
    if done.returncode == 0:
        print(next((line for line in reversed(lines) if line.startswith("Done")), "no word of libFuzzer"))
        return 0
    print(done.stdout[-4000:], done.stderr[-4000:], sep="\n")
    for path in sorted(given.kept.glob("ucdiag-fuzz-*")):
        name, data = parted(given.targets or list(TARGETS), path.read_bytes())
        path.with_name(f"{name}-{path.name}").write_bytes(data)
        print(f"kept for {name}: {path.with_name(f'{name}-{path.name}')}")
    return 1


def parted(names: Sequence[str], data: bytes) -> tuple[str, bytes]:
    """The parser that an input is for, by its first byte, and the rest."""
    return names[data[0] % len(names)], data[1:]


def look(names: list[str], seconds: int, runs: int, seed: int, kept: Path) -> subprocess.CompletedProcess[str]:
    """Looks in a process of its own, for libFuzzer ends the one that it runs in."""
    # A process counts the memory of the one that started it as its own peak, and a worker of pytest has much of it.
    between = [sys.executable, "-I", "-S", "-c", "import subprocess, sys; sys.exit(subprocess.call(sys.argv[1:]))"]
    command = [*between, sys.executable, "-m", "tests.fuzz.with_atheris", "--one", ",".join(names)]
    bounds = [f"-max_total_time={seconds}", f"-runs={runs}", f"-seed={seed}"]
    bounds += [f"-timeout={_LONGEST}", f"-rss_limit_mb={_LARGEST}", "-max_len=16384", "-len_control=0"]
    with tempfile.TemporaryDirectory(prefix="ucdiag-fuzz-") as folder:
        return subprocess.run(
            [*command, *bounds, f"-artifact_prefix={kept}/ucdiag-fuzz-"],
            cwd=ROOT,
            # The same in each run: no other order of sets. What a parser leaves behind goes with the folder.
            env={**os.environ, "PYTHONHASHSEED": "0", "TMPDIR": folder},
            capture_output=True,
            text=True,
            errors="replace",
            timeout=seconds + 600,
            check=False,
        )


def _one(names: list[str], options: Sequence[str]) -> None:
    """In the process of its own. Does not return."""
    import atheris

    with atheris.instrument_imports(include=["ucdiag"]):
        from tests.fuzz.targets import TARGETS
    from tests.fuzz.seeds import crashes

    corpus = Path(tempfile.mkdtemp(prefix="ucdiag-corpus-"))
    for place, name in enumerate(names):
        for number, data in enumerate([*TARGETS[name].seeds(), *crashes(name)]):
            (corpus / f"{place:03}-{number}").write_bytes(bytes([place]) + data)

    def feed(data: bytes) -> None:
        if data:
            name, rest = parted(names, data)
            TARGETS[name].feed(rest)

    atheris.Setup([sys.argv[0], *options, str(corpus)], feed)
    atheris.Fuzz()


if __name__ == "__main__":
    if sys.argv[1:2] == ["--one"]:
        _one(sys.argv[2].split(","), sys.argv[3:])
    sys.exit(main())
