"""The table of speed: makes every file from a seed, checks the verdict of every phone, and prints ratios of one run.

The processor time is that of a whole process tree. The programs run in turn, so that all of them meet the same noise of
the machine, and the least time of each counts; a machine with nothing else to do gives the best figures::

    python -m tests.bench.table              # all rows; some ten minutes, 3 GB of temporary files
    python -m tests.bench.table boot storm   # these rows
    python -m tests.bench.table --quick      # files of a tenth of the size: whether it works, not how fast it is
    python -m tests.bench.table --keep DIR   # the files stay there, and are used again
"""

import argparse
import compileall
import importlib.util
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import ucdiag
from tests.bench.capture import (
    MIB,
    PORTS,
    Expected,
    Measured,
    measure,
    ours,
    tcpdump,
    together,
    tshark,
    wrong_verdicts,
)
from tests.bench.storms import make_boot, make_dhcp_storm, make_dns_mirror, make_side_by_side
from tests.bench.traffic import make

Maker = Callable[[Path, int], Sequence[Expected]]
# The file, its packed form and the program that unpacks it.
_PACKERS = {"gz": "gzip", "zst": "zstd", "xz": "xz"}


@dataclass
class Row:
    """One line of the table. ``most`` are the targets: times tcpdump, part of tshark, each of processor time."""

    name: str
    make: Maker
    most: float
    of_tshark: float | None = None
    packed: str | None = None
    wall: float | None = None
    suffix: str = "pcap"


@dataclass
class Times:
    """Of one file: what each program took."""

    ucdiag: Measured = field(default_factory=Measured)
    tcpdump: Measured = field(default_factory=Measured)
    tshark: Measured = field(default_factory=Measured)


def mixed(path: Path, scale: int) -> Sequence[Expected]:
    size = 1_000_000 if scale == 1 else 100_000
    return make(path, packets=1_000_000 // scale, size=size, pcapng=path.suffix == ".pcapng")[1]


ROWS = {
    "boot": Row("5,000 phones booting", lambda path, scale: make_boot(path, 5000 // scale), 20, 0.25),
    "storm": Row("DHCP storm, 200,000", lambda path, scale: make_dhcp_storm(path, 200_000 // scale), 25, 0.3),
    "mirror": Row("DNS mirror, 1,000,000", lambda path, scale: make_dns_mirror(path, 1_000_000 // scale), 5),
    "pcap": Row("1,000,000 mixed", mixed, 1.7),
    "pcapng": Row("the same as pcapng", mixed, 1.7, suffix="pcapng"),
    "phones": Row(
        "400 phones x 1 MB", lambda path, scale: make(path, packets=0, phones=400 // scale, broken=0)[1], 3.5, wall=2.3
    ),
    "gz": Row("mixed, .gz", mixed, 0.75, packed="gz"),
    "zst": Row("mixed, .zst", mixed, 0.75, packed="zst"),
    "xz": Row("mixed, .xz", mixed, 1.0, packed="xz"),
}
_BESIDE = 1.3  # a packet of 60,000 conversations, in the cost of one of 1,000


class Files:
    """Makes files in a folder, each once."""

    def __init__(self, folder: Path, scale: int) -> None:
        self._folder, self._scale = folder, scale
        self._expected: dict[str, Sequence[Expected]] = {}

    def get(self, row: Row, key: str) -> tuple[Path, Sequence[Expected]]:
        """The file of a row, and how its verdicts have to read."""
        source = "pcap" if row.packed else key
        path = self._folder / f"{source}.{row.suffix}"
        if source not in self._expected:
            # What to expect comes with the file, so it is made again.
            self._expected[source] = row.make(path, self._scale)
        if not row.packed:
            return path, self._expected[source]
        packed = path.with_name(f"{path.name}.{row.packed}")
        if not packed.exists():
            with packed.open("wb") as target:
                subprocess.run([_PACKERS[row.packed], "-c", *_fast(row.packed), str(path)], stdout=target, check=True)
        return packed, self._expected[source]

    def beside(self, conversations: int) -> tuple[Path, Sequence[Expected]]:
        path = self._folder / f"{conversations}.pcap"
        return path, make_side_by_side(path, 600_000 // self._scale, conversations // self._scale)


def _fast(kind: str) -> list[str]:
    return ["-1"] if kind == "xz" else ["-q"] if kind == "zst" else []


def _lacking(kind: str) -> str | None:
    """What one of the two programs needs for such a file, and this machine does not have."""
    if shutil.which(_PACKERS[kind]) is None:
        return _PACKERS[kind]
    if kind == "zst" and importlib.util.find_spec("zstandard") is None:
        return "zstandard (pip install 'ucdiag[zstd]')"
    return None


def its(row: Row, path: Path) -> list[str]:
    """What tcpdump does with the file, a packed one unpacked by its own program."""
    if row.packed is None:
        return tcpdump(path)
    return ["sh", "-c", f"{_PACKERS[row.packed]} -dc {path} | tcpdump -Z root -r - -w /dev/null '{PORTS}'"]


def run_in_turn(row: Row, path: Path, expected: Sequence[Expected], runs: int, shark: bool) -> Times:
    """Runs the programs in turn. Raises SystemExit where a verdict is wrong."""
    times = Times()
    for turn in range(runs):
        measure(its(row, path), times.tcpdump)
        output = measure(ours(path), times.ucdiag, (0, 1))
        if turn == 0 and (wrong := wrong_verdicts(output, expected)):
            raise SystemExit(f"{row.name}: wrong verdicts:\n  " + "\n  ".join(wrong[:20]))
        if turn == 0 and shark and row.packed is None:
            measure(tshark(path), times.tshark)
    times.ucdiag.peak = max(times.ucdiag.peak, together(ours(path)))
    return times


def show(row: Row, times: Times, phones: int) -> None:
    mine, other = min(times.ucdiag.cpu), min(times.tcpdump.cpu)
    line = f"{row.name:24} {phones:6,} {mine:7.2f} s {times.ucdiag.peak / MIB:5.1f} MiB {other:7.2f} s"
    line += f" {mine / other:7.2f} (<= {row.most:g})"
    if times.tshark.cpu:
        shark = min(times.tshark.cpu)
        line += f"   tshark {shark:6.2f} s: {mine / shark:.3f}"
        line += f" (<= {row.of_tshark:g})" if row.of_tshark is not None else ""
    if row.wall is not None:
        line += f"   wall {min(times.ucdiag.wall) / min(times.tcpdump.wall):.2f} (<= {row.wall:g})"
    print(line, flush=True)


def side_by_side(files: Files, runs: int, packets: int) -> None:
    """What a packet costs beside how many conversations. What a start takes is taken off."""
    few, many, none = Measured(), Measured(), Measured()
    measured = {1000: few, 60_000: many}
    made = {count: files.beside(count) for count in measured}
    for turn in range(runs):
        measure([sys.executable, "-m", "ucdiag", "capture", "--help"], none)
        for count, into in measured.items():
            path, expected = made[count]
            output = measure(ours(path), into, (0, 1))
            if turn == 0 and (wrong := wrong_verdicts(output, expected)):
                raise SystemExit(f"{count} conversations: wrong verdicts: {wrong}")
    start = min(none.cpu)
    costs = [(min(into.cpu) - start) / packets * 1e6 for into in (few, many)]
    print(
        f"60,000 side by side: {costs[1]:.2f} us a packet, {many.peak / MIB:.1f} MiB; 1,000: {costs[0]:.2f} us; "
        f"{costs[1] / costs[0]:.2f} (<= {_BESIDE})",
        flush=True,
    )


def others(names: Sequence[str]) -> None:
    """The rows of the other benchmarks: start-up, and live, which needs root."""
    if "startup" in names:
        subprocess.run([sys.executable, "-m", "tests.bench.startup", "--rounds", "9"], check=False)
    if "latency" in names:
        if os.geteuid():
            print("latency: left out, because it needs root (a network namespace)")
        else:
            subprocess.run([sys.executable, "-m", "tests.bench.latency"], check=False)


def main() -> int:
    # An installed program is always compiled; a checkout only once something may write the bytecode beside it.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    compileall.compile_dir(str(Path(ucdiag.__file__).parent), quiet=2)
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    every = [*ROWS, "beside", "startup", "latency"]
    parser.add_argument("rows", nargs="*", metavar="ROW", help=f"which: {', '.join(every)}")
    parser.add_argument("--quick", action="store_true", help="files of a tenth of the size")
    parser.add_argument("--runs", type=int, default=3, help="how often each program is run")
    parser.add_argument("--keep", metavar="DIR", help="where the files are made, and stay")
    parser.add_argument("--no-tshark", action="store_true", help="leave tshark out, which takes most of the time")
    given = parser.parse_args()
    rows = given.rows or every
    if unknown := set(rows) - set(every):
        raise SystemExit(f"there are no rows {', '.join(sorted(unknown))}")
    shark = not given.no_tshark and shutil.which("tshark") is not None
    scale = 10 if given.quick else 1
    with tempfile.TemporaryDirectory(prefix="ucdiag-bench-") as temporary:
        folder = Path(given.keep or temporary)
        folder.mkdir(exist_ok=True)
        files = Files(folder, scale)
        print(f"{'file':24} phones    ucdiag    memory   tcpdump   ratio (target)")
        for key in [key for key in ROWS if key in rows]:
            row = ROWS[key]
            if row.packed and (lacking := _lacking(row.packed)):
                print(f"{row.name:24} left out: {lacking} is not installed")
                continue
            path, expected = files.get(row, key)
            show(row, run_in_turn(row, path, expected, given.runs, shark), len(expected))
        if "beside" in rows:
            side_by_side(files, given.runs, 600_000 // scale)
    others(rows)
    return 0


if __name__ == "__main__":
    sys.exit(main())
