"""Whether ``ucdiag capture -i`` keeps up, beside tcpdump: root only, on a wire in a network namespace of its own.

Sends a made-up site's packets at a given rate, and compares the number sent, the number that the program's kernel
filter passed, what the kernel dropped, and every phone's verdict. Then the rate is raised until each sniffer loses::

    python -m tests.bench.live            # 100,000 a second of which 4 % are phones'; 20,000 a second all phones'
    python -m tests.bench.live --quick    # a tenth of the packets

Nothing leaves the machine. What it starts ends with it.
"""

import argparse
import json
import os
import re
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from tests.bench.capture import PORTS, wrong_verdicts
from tests.bench.traffic import Expected, make

SNIFFERS = ("ring", "scapy")
RATES = (20_000, 40_000, 80_000, 160_000, 320_000)
_AFTER = 7.0  # seconds that the capture goes on, so that what is missing counts


def frames(path: Path) -> list[bytes]:
    """The packets of a little-endian pcap file."""
    data = path.read_bytes()
    found, at = [], 24
    while at < len(data):
        size = struct.unpack_from("<8xI", data, at)[0]
        found.append(data[at + 16 : at + 16 + size])
        at += 16 + size
    return found


def send(packets: Sequence[bytes], rate: int) -> float:
    """Puts the packets on the wire, at most ``rate`` a second; the rate reached."""
    with socket.socket(socket.AF_PACKET, socket.SOCK_RAW) as out:
        out.bind(("bench1", 0))
        put = out.send
        began = time.perf_counter()
        for at in range(0, len(packets), 64):
            early = began + at / rate - time.perf_counter()
            if early > 0:
                time.sleep(early)
            for packet in packets[at : at + 64]:
                put(packet)
        return len(packets) / (time.perf_counter() - began)


def listening(count: int) -> None:
    """Waits until so many packet sockets are bound."""
    end = time.monotonic() + 20
    while time.monotonic() < end:
        lines = Path("/proc/net/packet").read_text().splitlines()[1:]
        if sum(line.split()[3] == "0003" for line in lines) >= count:
            time.sleep(0.2)
            return
        time.sleep(0.05)
    raise SystemExit("the capture did not begin")


def ours(packets: Sequence[bytes], rate: int, expected: Sequence[Expected], sniffer: str) -> tuple[list[str], float]:
    """What was wrong, and the rate that was reached."""
    command = [sys.executable, "-m", "ucdiag", "capture", "-i", "bench0", "-Z", "root", "--json", "--sniffer", sniffer]
    with tempfile.TemporaryFile() as output:
        process = subprocess.Popen(command, stdout=output)
        try:
            listening(1)
            reached = send(packets, rate)
            time.sleep(_AFTER)
            process.send_signal(signal.SIGINT)
            _, _, usage = os.wait4(process.pid, 0)
            process.returncode = 0
        finally:
            if process.returncode is None:
                process.kill()
                process.wait()
        output.seek(0)
        text = output.read()
    report = json.loads(text)
    lost = [problem["text"] for problem in report["problems"] if problem["code"] == "packets-lost"]
    wrong = wrong_verdicts(text, expected)
    cpu = usage.ru_utime + usage.ru_stime
    print(
        f"  {sniffer + ':':8} {reached:,.0f} a second, {report['source']['packets']:,} of {len(packets):,} passed, "
        f"{'; '.join(lost) or 'none dropped'}; {len(wrong)} of {len(expected)} verdicts wrong; {cpu:.2f} s of processor"
    )
    return [*lost, *wrong], reached


def begins_to_lose(packets: Sequence[bytes], expected: Sequence[Expected], sniffer: str) -> str:
    """Between which two rates that sniffer begins to lose packets."""
    kept = 0.0
    for rate in RATES:
        missed, reached = ours(packets, rate, expected, sniffer)
        if missed:
            return f"{sniffer} keeps {kept:,.0f} a second and loses at {reached:,.0f}"
        if reached < rate * 0.8:
            return f"{sniffer} keeps {reached:,.0f} a second, which is all that this machine can send"
        kept = reached
    return f"{sniffer} keeps {kept:,.0f} a second"


def tcpdumps(packets: Sequence[bytes], rate: int) -> None:
    command = ["tcpdump", "-i", "bench0", "-Z", "root", "-B", "32768", "-w", "/dev/null"]
    command.append(f"({PORTS}) or (vlan and ({PORTS}))")
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    try:
        listening(1)
        reached = send(packets, rate)
        time.sleep(1)
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=20)
    finally:
        if process.returncode is None:
            process.kill()
            process.wait()
    counts = re.findall(r"(\d+) packets (captured|dropped by kernel)", said)
    print(f"  tcpdump: {reached:,.0f} a second, " + ", ".join(f"{int(count):,} {what}" for count, what in counts))


def inside(quick: bool) -> int:
    """The benchmark itself, in a network namespace of its own."""
    for words in (
        "ip link add bench0 type veth peer name bench1",
        "ip link set bench0 arp off up",
        "ip link set bench1 arp off up",
    ):
        subprocess.run(words.split(), check=True)
    missed, found = [], []
    part = 10 if quick else 1
    with tempfile.TemporaryDirectory(prefix="ucdiag-bench-") as folder:
        path = Path(folder) / "sent.pcap"
        for name, rate, settings in (
            ("100,000 a second, 4 % of phones", 100_000, {"packets": 1_000_000 // part, "size": 1_000_000 // part}),
            ("20,000 a second, all of phones", 20_000, {"packets": 0, "phones": 200 // part, "broken": 0}),
        ):
            _, expected = make(path, **settings)  # type: ignore[arg-type]
            packets = frames(path)
            print(name)
            missed += ours(packets, rate, expected, "ring")[0]
            # It promises nothing: what it loses, it says.
            ours(packets, rate, expected, "scapy")
            tcpdumps(packets, rate)
            found += [
                f"{name.partition(', ')[2]}: {begins_to_lose(packets, expected, sniffer)}" for sniffer in SNIFFERS
            ]
            del packets
    for line in found:
        print(line)
    for line in missed:
        print(f"MISSED: {line}")
    return 1 if missed else 0


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="a tenth of the packets")
    parser.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.inside:
        return inside(given.quick)
    if os.geteuid() != 0:
        raise SystemExit("this needs root: it makes a network namespace")
    again = [sys.executable, "-m", "tests.bench.live", "--inside", *(["--quick"] if given.quick else [])]
    return subprocess.run(["unshare", "--net", "--", *again]).returncode


if __name__ == "__main__":
    sys.exit(main())
