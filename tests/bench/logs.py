"""How long ``ucdiag logs`` takes for a gigabyte of IIS log beside ``grep -c`` on the same file, and in how much memory.

    python -m tests.bench.logs [--gate] [--bytes N] [--share SHARE] [--gzip]
    python -m tests.bench.logs --truth PHONES DAYS CHECKS OTHERS    # 1000 100 10 30000: a million rows and a gigabyte

The file is made from a seed, with a truth for each phone. ``--gate`` fails where it takes more than 3 times the
processor time of grep, more than 40 MiB, or judges a phone otherwise than the truth says. ``--gzip`` compares a packed
log with ``zgrep``. ``--truth`` holds each check of each phone against what it did (tests/server_logs/log_truth.py).
"""

import argparse
import json
import random
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.bench.capture import Measured, measure
from tests.server_logs.log_samples import FIELDS, HANDLER
from tests.server_logs.log_truth import LogTruth, differences

TIMES, KIB = 3.0, 40 * 1024
_OTHERS = (
    "/owa/service.svc",
    "/autodiscover/autodiscover.xml",
    "/webticket/webticketservice.svc",
    "/abs/handler/C-1.lsabs",
)


def make(path: Path, size: int, share: float, phones: int) -> dict[str, int]:
    """Write the log; the status of each phone's last request by its address."""
    chance = random.Random(5)
    last: dict[str, int] = {}
    written = second = 0
    with path.open("w", encoding="ascii") as file:
        file.write(f"#Software: Microsoft Internet Information Services 8.5\n#Version: 1.0\n{FIELDS}\n")
        while written < size:
            lines = []
            for _ in range(20_000):
                second += chance.random() < 0.2
                day, clock = divmod(second, 86400)
                time = f"2026-11-{1 + day % 28:02} {clock // 3600:02}:{clock // 60 % 60:02}:{clock % 60:02}"
                if chance.random() < share:
                    number = chance.randrange(phones)
                    client = f"10.5.{number // 250}.{1 + number % 250}"
                    last[client] = 500 if number % 30 == 0 else 200
                    lines.append(f"{time} 10.0.0.20 POST {HANDLER} - 80 - {client} OCPhone/1.0 {last[client]} 0 0 12\n")
                else:
                    user, target = chance.randrange(999), chance.choice(_OTHERS)
                    lines.append(
                        f"{time} 10.0.0.20 POST {target} v=2&id={chance.getrandbits(30)} 443 CONTOSO\\user{user} "
                        f"10.7.{user % 250}.9 OC/4.0.7577.4398+(Microsoft+Lync+2010) 200 0 0 {chance.randrange(900)}\n"
                    )
            written += sum(map(len, lines))
            file.writelines(lines)
    return last


def against_truth(phones: int, days: int, checks: int, others: int) -> int:
    """How many checks of how many phones are reported otherwise than they were."""
    with tempfile.TemporaryDirectory() as folder:
        truth = LogTruth(Path(folder), 5, phones=phones, days=days, checks=checks, others=others, offers=0.01)
        size = sum(path.stat().st_size for path in Path(folder).rglob("*") if path.is_file())
        mine = Measured()
        command = [sys.executable, "-m", "ucdiag", "logs", folder, "--json", "-q"]
        report = json.loads(measure(command, mine, allowed=(0, 1, 3)))
    wrong = differences(truth.phones, report, most=150)
    every = sum(map(len, truth.phones.values()))
    print(f"{every:,} checks of {phones:,} phones in {size / 1e6:,.0f} MB of logs: {len(wrong)} differences,")
    print(f"{mine.cpu[0]:.1f} s, {mine.peak:,} KiB", *wrong[:5], *report["problems"], sep="\n")
    return int(bool(wrong))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--gate", action="store_true")
    parser.add_argument("--bytes", type=int, default=1_000_000_000)
    parser.add_argument("--share", type=float, default=0.002, help="of the lines that are a phone's")
    parser.add_argument("--phones", type=int, default=400)
    parser.add_argument("--gzip", action="store_true")
    parser.add_argument("--truth", type=int, nargs=4, metavar=("PHONES", "DAYS", "CHECKS", "OTHERS"))
    wanted = parser.parse_args()
    if wanted.truth:
        return against_truth(*wanted.truth)
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder, "u_ex2611.log")
        truth = make(log, wanted.bytes, wanted.share, wanted.phones)
        if wanted.gzip:
            subprocess.run(["gzip", "-6", str(log)], check=True)
            log = log.with_name(log.name + ".gz")
        ours = [sys.executable, "-m", "ucdiag", "logs", str(log), "--json", "-q"]
        mine, theirs = Measured(), Measured()
        for _ in range(3):
            measure(["zgrep" if wanted.gzip else "grep", "-c", "ucdevice.upx", str(log)], theirs)
            report = json.loads(measure(ours, mine, allowed=(0, 1, 3)))
    ratio, memory = min(mine.cpu) / min(theirs.cpu), mine.peak
    found = {phone["phone"]["ip"]: phone["verdict"]["status"] == "broken" for phone in report["phones"]}
    wrong = [client for client, status in truth.items() if found.get(client) is not (status == 500)]
    print(f"{wanted.bytes / 1e9:g} GB of IIS log, {len(truth)} phones: {ratio:.2f} times grep -c, {memory:,} KiB,")
    print(f"{len(wrong)} phones judged wrongly")
    return int(wanted.gate and (ratio > TIMES or memory > KIB or bool(wrong) or len(found) != len(truth)))


if __name__ == "__main__":
    sys.exit(main())
