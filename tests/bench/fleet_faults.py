"""Thousands of phones at the lab's sites, 3 % at each fault: every verdict right, memory flat, nothing lost or doubled.

    python -m tests.bench.fleet_faults [--phones N] [--jobs N] [--kills N] [--seed N]

Each phone is asked by ``probe --targets`` with a journal. The run is killed so many times at moments of chance, and
started again. What each phone's report must say is what ``probe`` says of one phone at the same site. Fails where a
report is missing, doubled or another, or where ten times the phones take 20 MiB more.
"""

import argparse
import json
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from ucdiag.lab.scenario import POOL
from ucdiag.lab.scenarios import SCENARIOS
from ucdiag.lab.site import RunningSite, start_site

# Of those that lie at the server or behind it: each phone is given its server's address.
FAULTS = (
    "connect-refused",
    "http-closed",
    "http-not-http",
    "http-redirected",
    "http-forbidden",
    "http-not-found",
    "http-server-error",
    "http-auth-required",
    "response-not-xml",
    "response-malformed",
    "response-empty",
    "response-urls-blank",
    "response-url-unusable",
    "no-update-offered",
)
SHARE = 0.03
MORE = 20 << 20  # bytes
_LINE = 6_000  # bytes of a journal for a phone, or more
_FLAT = 1_000  # phones from which on it is asked how memory grows
Said = tuple[str | None, str | None, tuple[str, ...]]  # status, code, findings


class Sites:
    """All sites on loopback, told apart by the address that stands in the URL."""

    def __init__(self, stack: ExitStack, faults: Sequence[str]) -> None:
        names = ("whole", *faults)
        self.sites: dict[str, RunningSite] = {name: stack.enter_context(start_site(SCENARIOS[name])) for name in names}
        self.addresses = {name: f"198.51.100.{10 + number}" for number, name in enumerate(names)}

    def url(self, name: str) -> str:
        """What a phone at the site asks."""
        return f"http://{self.addresses[name]}/RequestHandler/ucdevice.upx"

    def nameserver(self, name: str) -> str:
        """Whom it asks for the host of the file."""
        address, port = self.sites[name].nameservers[0]
        return f"{address}:{port}"

    def routes(self, name: str) -> Iterator[str]:
        """Where the connections of a phone at the site go."""
        routes = self.sites[name].connect_to
        for (meant, port), (real, at) in routes.items():
            if (meant, port) == (POOL, 80):
                yield f"{self.addresses[name]}:{port}:{real}:{at}"
            if name == "whole":  # which has the file, and the outside
                yield f"{meant}:{port}:{real}:{at}"


def said_by(report: dict[str, Any]) -> Said:
    """What a report says of its phone."""
    (phone,) = report["phones"]
    codes = tuple(sorted(finding["code"] for finding in phone["findings"]))
    return phone["verdict"]["status"], phone["verdict"]["code"], codes


def command(*words: str) -> list[str]:
    """A command line of ours."""
    return [sys.executable, "-m", "ucdiag", "probe", "-t", "5", *words]


def truth(sites: Sites, routes: list[str]) -> dict[str, Said]:
    """What the command for one says of each site."""
    found = {}
    for name in sites.sites:
        words = command("--url", sites.url(name), "-n", sites.nameserver(name), *routes, "--json")
        done = subprocess.run(words, capture_output=True, check=False)
        found[name] = said_by(json.loads(done.stdout))
    return found


def names_of(phones: int, sites: Sites) -> list[str]:
    """At which site each phone is, those of one site far apart."""
    faults = [name for name in sites.sites if name != "whole"]
    names = [name for name in faults for _ in range(int(phones * SHARE))]
    names += ["whole"] * (phones - len(names))
    random.Random(phones).shuffle(names)
    return names


def write_targets(file: Path, names: list[str], sites: Sites) -> None:
    """A line for each phone; its serial number says which it is."""
    lines = (
        f"00:04:f2:{n >> 16:02x}:{n >> 8 & 255:02x}:{n & 255:02x},S{n}"
        f",{name},{sites.url(name)},{sites.nameserver(name)}"
        for n, name in enumerate(names)
    )
    file.write_text("\n".join(["mac,serial,site,url,nameservers", *lines]) + "\n")


def peak_of(process: "subprocess.Popen[bytes]") -> int:
    """The most memory so far, in bytes."""
    for line in Path(f"/proc/{process.pid}/status").read_text().splitlines():
        if line.startswith("VmHWM"):
            return int(line.split()[1]) << 10
    return 0


def run(words: list[str], journal: Path, out: Path, until: int | None) -> tuple[int, int]:
    """The exit code and the most memory of a run, killed once its journal is so large."""
    peak = 0
    with out.open("wb") as file:
        process = subprocess.Popen(words, stdout=file)
        while process.poll() is None:
            time.sleep(0.02)
            try:
                peak = max(peak, peak_of(process))
            except OSError:
                break
            if until is not None and journal.exists() and journal.stat().st_size >= until:
                process.send_signal(signal.SIGKILL)
                break
        return process.wait(), peak


def check(phones: int, jobs: int, kills: int, seed: int, faults: Sequence[str] = FAULTS) -> list[str]:
    """What is wrong, as sentences."""
    wrong: list[str] = []
    chance = random.Random(seed)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        sites = Sites(stack, faults)
        routes = [word for name in sites.sites for route in sites.routes(name) for word in ("--connect-to", route)]
        expected = truth(sites, routes)
        names, targets, journal = names_of(phones, sites), folder / "phones.csv", folder / "journal"
        write_targets(targets, names, sites)
        words = command("--targets", str(targets), "--jobs", str(jobs), "--rate", "0", "--journal", str(journal))
        words += [*routes, "-f", "ndjson"]
        moments = sorted(chance.random() for _ in range(kills))
        shown: list[str] = []
        began, peak = time.monotonic(), 0
        for number, moment in enumerate([*moments, None]):
            out = folder / f"out{number}"
            code, most = run(words, journal, out, None if moment is None else int(moment * phones * _LINE))
            peak = max(peak, most)
            # A line that the kill has torn was not shown.
            lines = [line for line in out.read_bytes().splitlines(keepends=True) if line.endswith(b"\n")]
            shown += [json.loads(line)["phones"][0]["phone"]["serial"] for line in lines]
            if moment is not None and code != -signal.SIGKILL:
                wrong.append(f"the run ended with {code} before it was killed")
        took = time.monotonic() - began
        kept = [json.loads(line) for line in journal.read_text().splitlines()]
        serials = Counter(report["phones"][0]["phone"]["serial"] for report in kept)
        if sorted(serials.elements()) != sorted(f"S{n}" for n in range(phones)):
            wrong.append(f"{len(serials)} of {phones} phones are in the journal, in {serials.total()} lines")
        doubled = [serial for serial, count in Counter(shown).items() if count > 1]
        if doubled or not set(shown) <= set(serials):
            wrong.append(f"shown twice, or not in the journal: {doubled[:5] or sorted(set(shown) - set(serials))[:5]}")
        for report in kept:
            phone = report["phones"][0]["phone"]
            name = names[int(phone["serial"][1:])]
            if phone["site"] != name or said_by(report) != expected[name]:
                wrong.append(f"{phone['serial']} at {name}: {said_by(report)}, not {expected[name]}")
        statuses = Counter(report["phones"][0]["verdict"]["status"] for report in kept)
        print(f"{phones} phones, {len(sites.sites) - 1} faults, {kills} kills: {dict(statuses)}, {len(wrong)} wrong")
        print(f"{took:.1f} s, {phones / took:,.0f} phones a second with the lab, at most {peak / (1 << 20):.0f} MiB")
        if phones < _FLAT:
            return wrong
        few, journal = folder / "few.csv", folder / "few.journal"
        write_targets(few, names[: phones // 10], sites)
        words[words.index(str(targets))], words[words.index(str(folder / "journal"))] = str(few), str(journal)
        _, less = run(words, journal, folder / "out", None)
        print(f"memory: {less / (1 << 20):.0f} MiB for {phones // 10} phones, {peak / (1 << 20):.0f} MiB for {phones}")
        if peak - less > MORE:
            wrong.append(f"ten times the phones take {(peak - less) >> 20} MiB more")
    return wrong


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--phones", type=int, default=10_000)
    parser.add_argument("--jobs", type=int, default=32)
    parser.add_argument("--kills", type=int, default=3)
    parser.add_argument("--seed", type=int, default=17)
    wanted = parser.parse_args()
    wrong = check(wanted.phones, wanted.jobs, wanted.kills, wanted.seed)
    print("\n".join(wrong[:20]))
    return int(bool(wrong))


if __name__ == "__main__":
    raise SystemExit(main())
