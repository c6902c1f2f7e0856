"""How long a live capture takes from the last packet to what is said of it: root only, in a network of its own.

A phone's whole update path is sent over a wire. ``--until-done`` ends by itself; the last fact of ``--facts`` is the
download. The medians, with the start and the end of the program left out::

    python -m tests.bench.latency
"""

import argparse
import contextlib
import json
import os
import select
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from tests.bench.live import frames, listening, send
from tests.bench.traffic import make

_UNTIL_DONE, _FACTS = 0.3, 0.5


@contextlib.contextmanager
def capture(*options: str) -> Iterator["subprocess.Popen[bytes]"]:
    command = [sys.executable, "-m", "ucdiag", "capture", "-i", "bench0", "-Z", "root", *options]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        try:
            listening(1)
            time.sleep(1.5)  # it imports what it may need before it gives up its rights
            yield process
        finally:
            if process.poll() is None:
                process.kill()


def until_done(packets: Sequence[bytes], mac: str) -> float:
    with capture("--mac", mac, "--until-done", "--json") as process:
        send(packets, 2000)
        sent = time.perf_counter()
        output, _ = process.communicate(timeout=60)
        took = time.perf_counter() - sent
    if json.loads(output)["verdict"]["status"] != "whole":
        raise SystemExit("the verdict is wrong")
    return took


def facts(packets: Sequence[bytes]) -> float:
    with capture("--facts") as process:
        assert process.stdout is not None
        send(packets, 2000)
        sent = time.perf_counter()
        said = b""
        while b'"method": "GET"' not in said and time.perf_counter() - sent < 60:
            if select.select([process.stdout], [], [], 1)[0]:
                said += os.read(process.stdout.fileno(), 1 << 16)
        took = time.perf_counter() - sent
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=60)
    if b'"method": "GET"' not in said:
        raise SystemExit("the download was not reported")
    return took


def inside(runs: int) -> int:
    for words in (
        "ip link add bench0 type veth peer name bench1",
        "ip link set bench0 arp off up",
        "ip link set bench1 arp off up",
    ):
        subprocess.run(words.split(), check=True)
    with tempfile.TemporaryDirectory(prefix="ucdiag-bench-") as folder:
        path = Path(folder) / "sent.pcap"
        _, expected = make(path, packets=0, phones=1, broken=0, size=20_000)
        packets = frames(path)
    for name, target, found in (
        (
            "last packet to verdict, --until-done",
            _UNTIL_DONE,
            [until_done(packets, expected[0].mac) for _ in range(runs)],
        ),
        ("last packet to its fact, --facts", _FACTS, [facts(packets) for _ in range(runs)]),
    ):
        print(
            f"{name:40} {statistics.median(found):.2f} s, {min(found):.2f} to {max(found):.2f} (<= {target})",
            flush=True,
        )
    return 0


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=7)
    parser.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.inside:
        return inside(given.runs)
    if os.geteuid() != 0:
        raise SystemExit("this needs root: it makes a network namespace")
    again = [sys.executable, "-m", "tests.bench.latency", "--inside", "--runs", str(given.runs)]
    return subprocess.run(["unshare", "--net", "--", *again]).returncode


if __name__ == "__main__":
    sys.exit(main())
