"""How fast and how small ``ucdiag capture -r FILE --json`` is, beside tcpdump and tshark on the same files.

Makes its captures from a seed in a temporary folder, checks that every phone gets the expected verdict, runs the
programs in turn (so that all of them meet the same noise of the machine), and prints ratios of the best times::

    python -m tests.bench.capture            # everything; some minutes, 5 GB of temporary files
    python -m tests.bench.capture --quick    # the same on files a tenth of the size
    python -m tests.bench.capture --gate     # what CI holds: imports, growth, and a loose bound on the time
    python -m tests.bench.capture --memory   # what CI holds of the memory: far too many phones, and a week
"""

import argparse
import compileall
import contextlib
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import ucdiag
from tests.bench.large_site import make_site
from tests.bench.traffic import Expected, make, make_crowd
from tests.bench.week import make_week

PORTS = "port 53 or port 67 or port 68 or port 80 or port 443"
TSHARK_FIELDS = (
    "frame.number",
    "ip.src",
    "ip.dst",
    "dns.qry.name",
    "dns.a",
    "dns.flags.rcode",
    "http.request.method",
    "http.request.uri",
    "http.response.code",
    "dhcp.option.domain_name",
    "dhcp.hw.mac_addr",
)
MIB = 1024  # in the kibibytes that the kernel counts
PEAK = 40
GROWTH = 4
NEVER = ("scapy", "requests", "urllib3", "dns", "rich", "cryptography", "numpy", "asyncio", "unittest")


@dataclass
class Measured:
    """Seconds of wall time and processor time of each run, and the largest peak of memory in KiB.

    Where a second process takes part, the peak is that of both.
    """

    wall: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)
    peak: int = 0


# A child's peak of memory begins with that of the process that starts it, so a small one has to.
_STARTER = """
import os, subprocess, sys, time
began = time.perf_counter()
with open(sys.argv[1], "wb") as output:
    process = subprocess.Popen(sys.argv[2:], stdout=output, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
process.returncode = os.waitstatus_to_exitcode(status)
print(process.returncode, time.perf_counter() - began, usage.ru_utime + usage.ru_stime, usage.ru_maxrss)
"""


def measure(command: Sequence[str], into: Measured, allowed: Sequence[int] = (0,)) -> bytes:
    """Runs one process to its end, its output kept in a file so that a full pipe cannot slow it."""
    with tempfile.NamedTemporaryFile(prefix="ucdiag-bench-") as output:
        start = [sys.executable, "-I", "-S", "-c", _STARTER, output.name, *command]
        done = subprocess.run(start, capture_output=True, text=True, check=True, timeout=1800)
        code, wall, cpu, peak = done.stdout.split()
        into.wall.append(float(wall))
        into.cpu.append(float(cpu))
        into.peak = max(into.peak, int(peak))
        if int(code) not in allowed:
            raise SystemExit(f"{' '.join(command)} ended with {code}")
        return Path(output.name).read_bytes()


def together(command: Sequence[str]) -> int:
    """The most memory, in KiB, that a command and the processes that it starts have at one time.

    What they share is shared out among them (PSS); of a single process its peak (``Measured.peak``) tells more.
    """
    most = 0
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        while process.poll() is None:
            with contextlib.suppress(OSError):
                children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
                if children:
                    most = max(most, sum(_share(int(child)) for child in (process.pid, *children)))
    return most


def _share(process: int) -> int:
    with contextlib.suppress(OSError):
        for line in Path(f"/proc/{process}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1])
    return 0


def ours(path: Path) -> list[str]:
    return [sys.executable, "-m", "ucdiag", "capture", "-r", str(path), "--json"]


def tcpdump(path: Path) -> list[str]:
    """As root it would give the null device to its own user (findings/tcpdump-gives-device-away.sh)."""
    return ["tcpdump", "-Z", "root", "-r", str(path), "-w", "/dev/null", PORTS]


def tshark(path: Path) -> list[str]:
    fields = [part for name in TSHARK_FIELDS for part in ("-e", name)]
    return ["tshark", "-n", "-r", str(path), "-Y", "dns or http or dhcp", "-T", "fields", *fields]


def wrong_verdicts(output: bytes, expected: Sequence[Expected]) -> list[str]:
    """Where the report does not say what it has to, a line each."""
    found = {phone["phone"]["mac"]: phone["verdict"] for phone in json.loads(output)["phones"]}
    wrong = [
        f"{fact.mac}: expected {fact.status} {fact.code}, got {found.get(fact.mac)}"
        for fact in expected
        if (found.get(fact.mac, {}).get("status"), found.get(fact.mac, {}).get("code")) != (fact.status, fact.code)
    ]
    known = {fact.mac for fact in expected}
    return wrong + [f"{mac}: is no phone" for mac in found if mac not in known]


def compare(
    name: str, path: Path, expected: Sequence[Expected], runs: int, shark_runs: int, dump: bool = True
) -> tuple[Measured, float, float]:
    """Runs the programs in turn; ours, and the ratios to tcpdump and of tshark to ours (0 where not run)."""
    mine, its, sharks = Measured(), Measured(), Measured()
    for turn in range(runs):
        if dump:
            measure(tcpdump(path), its)
        output = measure(ours(path), mine, (0, 1))
        if turn == 0 and (wrong := wrong_verdicts(output, expected)):
            raise SystemExit(f"{name}: wrong verdicts:\n  " + "\n  ".join(wrong[:20]))
        if turn < shark_runs:
            measure(tshark(path), sharks)
    mine.peak = max(mine.peak, together(ours(path)))
    slower = min(mine.wall) / min(its.wall) if its.wall else 0.0
    faster = min(sharks.wall) / min(mine.wall) if sharks.wall else 0.0
    line = f"{name:<18} {min(mine.wall):7.3f} s {mine.peak / MIB:6.1f} MiB"
    if its.wall:
        line += f"   tcpdump {min(its.wall):6.3f} s: {slower:5.2f} times"
    if sharks.wall:
        line += f"   tshark {min(sharks.wall):7.2f} s {sharks.peak / MIB:5.0f} MiB: {faster:5.1f} times faster"
    print(line, flush=True)
    return mine, slower, faster


def crowds(folder: Path) -> list[Measured]:
    """The memory that captures of far too many phones take: what is kept of all of them is bounded."""
    found = []
    path = folder / "crowd.pcap"
    for phones, rounds in ((4000, 12), (40_000, 1)):
        make_crowd(path, phones, rounds)
        mine = Measured()
        measure(ours(path), mine, (0, 1, 3))
        print(f"{phones:,} phones x {rounds:<4} {min(mine.wall):7.3f} s {mine.peak / MIB:6.1f} MiB", flush=True)
        found.append(mine)
        path.unlink()
    return found


def week(folder: Path) -> Measured:
    """The memory that a week of 50 phones takes, each with a check a day and much else."""
    path, mine = folder / "week.pcap", Measured()
    _, expected = make_week(path)
    report = json.loads(measure(ours(path), mine, (0,)))
    print(f"a week, 50 phones  {min(mine.wall):7.3f} s {mine.peak / MIB:6.1f} MiB", flush=True)
    counts = {phone["phone"]["mac"]: phone["checks"]["count"] for phone in report["phones"]}
    if counts != {phone.mac: phone.checks for phone in expected}:
        raise SystemExit(f"a week: wrong numbers of checks: {counts}")
    path.unlink()
    return mine


def large_site(folder: Path, phones: int) -> list[Measured]:
    """A site of so many phones, 100 of them broken, in five formats at once, each of which has every phone."""
    path, mine = folder / "site.pcap", Measured()
    _, expected = make_site(path, phones=phones, broken=100)
    files = {name: folder / f"report.{name}" for name in ("text", "html", "json", "csv", "ndjson")}
    words = [word for name, file in files.items() for word in ("-f", name, "-o", str(file))]
    measure([sys.executable, "-m", "ucdiag", "capture", "-r", str(path), *words], mine, (1,))
    print(f"{phones:,} phones in five formats  {min(mine.wall):7.1f} s {mine.peak / MIB:6.1f} MiB", flush=True)
    wrong = []
    if phones <= 5000:
        wrong = wrong_verdicts(files["json"].read_bytes(), expected)
    broken = sum(phone.status == "broken" for phone in expected)
    with files["ndjson"].open() as lines:
        found = [json.loads(line)["phones"][0]["verdict"]["status"] for line in lines]
    if (len(found), found.count("broken")) != (phones, broken):
        wrong.append(f"ndjson has {len(found):,} phones, {found.count('broken'):,} of them broken")
    for name in ("text", "html", "csv"):
        with files[name].open() as lines:
            macs = {mac for line in lines for mac in re.findall("00:04:f2:[0-9a-f:]{8}", line)}
        if len(macs) != phones:
            wrong.append(f"{name} has {len(macs):,} phones")
    if wrong:
        raise SystemExit(f"{phones:,} phones: wrong:\n  " + "\n  ".join(wrong[:20]))
    for file in (path, *files.values()):
        file.unlink()
    return [mine]


def imported(path: Path) -> set[str]:
    """The top-level modules that reading this capture imports."""
    # The program leaves with os._exit once its exit handlers have run, so nothing behind its call is reached.
    code = (
        "import atexit, sys\n"
        "said = lambda: print(*sorted({name.partition('.')[0] for name in sys.modules}), file=sys.stderr)\n"
        "atexit.register(said); sys.argv = ['ucdiag', 'capture', '-r', sys.argv[1], '--json']\n"
        "from ucdiag.program import main; main()"
    )
    done = subprocess.run([sys.executable, "-c", code, str(path)], capture_output=True, text=True)
    if done.returncode not in (0, 1) or "ucdiag" not in done.stderr.split():
        raise SystemExit(f"the capture was not read (exit {done.returncode}): {done.stderr}")
    return set(done.stderr.split())


def everything(folder: Path, scale: int, runs: int) -> list[str]:
    """Makes and measures one file after the other; what misses its target, as lines."""
    missed = []
    size = 1_000_000 if scale == 1 else 100_000
    many = 1_000_000 // scale
    for kind in ("pcap", "pcapng"):
        path = folder / f"mixed.{kind}"
        _, expected = make(path, packets=many, size=size, pcapng=kind == "pcapng")
        _, slower, faster = compare(f"{many:,} {kind}", path, expected, runs, 1)
        missed += _bound(f"{many:,} {kind}", slower, 2.5, faster, 25)
        path.unlink()
    path = folder / "phones.pcap"
    _, expected = make(path, packets=0, phones=400 // scale, broken=0)
    phones, slower, faster = compare(f"{400 // scale} phones", path, expected, runs, 1)
    missed += _bound("phones only", slower, 3.0, faster, 25)
    path.unlink()
    path = folder / "small.pcap"
    _, expected = make(path, packets=100_000, size=100_000)
    small, _, faster = compare("100,000", path, expected, runs, 1)
    missed += _bound("100,000", 0, 1, faster, 10)
    path.unlink()
    path = folder / "large.pcap"
    _, expected = make(path, packets=3_000_000 // scale, size=size)
    large, _, _ = compare(f"{3_000_000 // scale:,}", path, expected, 1, 0, dump=False)
    path.unlink()
    site = large_site(folder, 50_000 // scale)
    return missed + _memory([phones, small, large, *crowds(folder), week(folder), *site]) + _growth(small, large)


def memory_gate(folder: Path) -> list[str]:
    """What CI holds of the captures whose memory is bounded, however long they are. Their time is held to nothing."""
    return _memory([*crowds(folder), week(folder)])


def gate(folder: Path) -> list[str]:
    """What CI holds beside ``memory_gate``."""
    missed = []
    path = folder / "gate.pcap"
    _, expected = make(path, packets=300_000, size=200_000)
    found = imported(path) & set(NEVER)
    if found:
        missed.append(f"reading a capture imports {', '.join(sorted(found))}")
    middle, slower, _ = compare("300,000", path, expected, 5, 0)
    if slower > 4.0 * 2:
        # A start of the interpreter is a large part of so short a run; the bound on the long run is 4.
        missed.append(f"300,000 packets took {slower:.1f} times as long as tcpdump")
    path.unlink()
    _, expected = make(path, packets=1_000_000)
    large, slower, _ = compare("1,000,000", path, expected, 5, 0)
    if slower > 4.0:
        missed.append(f"1,000,000 packets took {slower:.1f} times as long as tcpdump: more than 4")
    path.unlink()
    _, expected = make(path, packets=100_000, size=100_000)
    small, _, _ = compare("100,000", path, expected, 1, 0, dump=False)
    path.unlink()
    _, expected = make(path, packets=0, phones=400, broken=0)
    phones, _, _ = compare("400 phones", path, expected, 1, 0, dump=False)
    path.unlink()
    return missed + _memory([middle, large, small, phones]) + _growth(small, large)


def _bound(name: str, slower: float, most: float, faster: float, least: float) -> list[str]:
    missed = []
    if slower > most:
        missed.append(f"{name}: {slower:.2f} times tcpdump, more than {most}")
    if faster and faster < least:
        missed.append(f"{name}: {faster:.1f} times faster than tshark, less than {least}")
    return missed


def _memory(runs: Sequence[Measured]) -> list[str]:
    peak = max(run.peak for run in runs) / MIB
    print(f"memory: peak {peak:.1f} MiB (at most {PEAK})")
    return [f"peak memory {peak:.1f} MiB, more than {PEAK}"] if peak > PEAK else []


def _growth(small: Measured, large: Measured) -> list[str]:
    growth = (large.peak - small.peak) / MIB
    print(f"memory: growth {growth:.1f} MiB (at most {GROWTH})")
    return [f"memory grew by {growth:.1f} MiB, more than {GROWTH}"] if growth > GROWTH else []


def main() -> int:
    # An installed program is always compiled; a checkout only once something may write the bytecode beside it.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    compileall.compile_dir(str(Path(ucdiag.__file__).parent), quiet=2)
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="files of a tenth of the size")
    parser.add_argument("--gate", action="store_true", help="what CI holds; exit code 1 when it is missed")
    parser.add_argument("--memory", action="store_true", help="what CI holds of the memory of many phones; likewise")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that the temporary files go
    parser.add_argument("--runs", type=int, default=7, help="how often each program is run")
    given = parser.parse_args()
    needed = () if given.memory else ("tcpdump",) if given.gate else ("tcpdump", "tshark")
    for program in needed:
        if shutil.which(program) is None:
            raise SystemExit(f"{program} is not installed")
    work: Callable[[Path], list[str]] = memory_gate if given.memory else gate
    if not (given.memory or given.gate):
        work = lambda folder: everything(folder, 10 if given.quick else 1, given.runs)  # noqa: E731
    with tempfile.TemporaryDirectory(prefix="ucdiag-bench-") as folder:
        missed = work(Path(folder))
    if given.quick:
        # The targets are for the large files: of small ones the start of the interpreter is the larger part.
        missed = [line for line in missed if "memory" in line]
    for line in missed:
        print(f"MISSED: {line}")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
