"""How long a whole command takes, in units of ``python -c pass``: ``python -m tests.bench.startup [--gate]``.

Every round runs each command once, one after the other, so that what else the machine does falls on all alike;
the medians are compared. ``--gate`` ends with exit code 1 when a ratio is over its limit. The servers live
in this process, in threads that sleep unless they are asked; their time is not the command's.
"""

import argparse
import compileall
import os
import socket
import statistics
import struct
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import ucdiag
from tests.bench.traffic import make

DOMAIN = "bench.example"
KNOWN = {f"ucupdates-r2.{DOMAIN}", f"ucupdates.{DOMAIN}"}
# What the shortest program takes that asks the same of the server.
SCRIPT = "import sys, requests; requests.post(sys.argv[1], data=b'<Request/>', timeout=5).raise_for_status()"
ANSWER = b'<?xml version="1.0"?><Response downloads="0"/>'


def dns_answer(query: bytes) -> bytes:
    """192.0.2.10 for A questions about the known names, nothing of another type, NXDOMAIN for all other names."""
    labels, at = [], 12
    while query[at]:
        labels.append(query[at + 1 : at + 1 + query[at]])
        at += 1 + query[at]
    kind = struct.unpack_from("!H", query, at + 1)[0]
    known = b".".join(labels).decode("ascii", "replace").lower() in KNOWN
    answers = b"\xc0\x0c\0\x01\0\x01\0\0\0\x3c\0\x04" + socket.inet_aton("192.0.2.10") if known and kind == 1 else b""
    flags = 0x8180 if known else 0x8183
    header = query[:2] + struct.pack("!HHHHH", flags, 1, 1 if answers else 0, 0, 0)
    return header + query[12 : at + 5] + answers


@contextmanager
def dns_server() -> Iterator[int]:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind(("127.0.0.1", 0))

        def serve() -> None:
            while True:
                query, client = server.recvfrom(4096)
                if not query:
                    return
                server.sendto(dns_answer(query), client)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield server.getsockname()[1]
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as last:
            last.sendto(b"", server.getsockname())
        thread.join(5)


@contextmanager
def http_server() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        stopping = threading.Event()

        def serve() -> None:
            while True:
                client, _ = server.accept()
                with client:
                    if stopping.is_set():
                        return
                    answer_http(client)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield server.getsockname()[1]
        stopping.set()
        socket.create_connection(server.getsockname()).close()
        thread.join(5)


def answer_http(client: socket.socket) -> None:
    """Read one request to its end, and say that there is nothing newer."""
    client.settimeout(10)
    data = b""
    while b"\r\n\r\n" not in data:
        more = client.recv(65536)
        if not more:
            return
        data += more
    head, _, body = data.partition(b"\r\n\r\n")
    length = next(
        (int(line.split(b":")[1]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")), 0
    )
    while len(body) < length:
        more = client.recv(65536)
        if not more:
            return
        body += more
    client.sendall(
        b"HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nConnection: close\r\nContent-Length: %d\r\n\r\n%s"
        % (len(ANSWER), ANSWER)
    )


@contextmanager
def capture_file() -> Iterator[str]:
    """One phone's whole path."""
    with tempfile.TemporaryDirectory(prefix="ucdiag-bench-") as folder:
        path = Path(folder) / "phone.pcap"
        make(path, packets=0, phones=1, broken=0, size=9000)
        yield str(path)


def seconds(command: list[str], expected: int) -> float:
    """The wall time of one run. Raises SystemExit when the command did not do what it should."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("UCDIAG_")}
    begun = time.perf_counter()
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=environment, timeout=120)
    took = time.perf_counter() - begun
    if done.returncode != expected:
        shown = done.stdout.decode("utf-8", "replace")
        sys.exit(f"{' '.join(command)} ended with {done.returncode}, not {expected}:\n{shown}")
    return took


def main() -> int:
    # An installed program is always compiled; a checkout only once something may write the bytecode beside it.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    compileall.compile_dir(str(Path(ucdiag.__file__).parent), quiet=2)
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--gate", action="store_true", help="exit code 1 when a ratio is over its limit")
    options = parser.parse_args()
    python = [sys.executable]
    program = [*python, "-m", "ucdiag"]
    with dns_server() as dns, http_server() as http, capture_file() as capture:
        # name -> (command, exit code, limit)
        table: dict[str, tuple[list[str], int, float | None]] = {
            "python -c pass": ([*python, "-c", "pass"], 0, None),
            "ucdiag --help": ([*program, "--help"], 0, 6),
            "ucdiag explain dns-legacy-only": ([*program, "explain", "dns-legacy-only"], 0, None),
            "ucdiag check-dns": ([*program, "check-dns", "--domain", DOMAIN, "-n", f"127.0.0.1:{dns}"], 0, 15),
            "ucdiag probe": ([*program, "probe", "--address", "127.0.0.1", "--port", str(http)], 0, 18),
            "a script with requests": ([*python, "-c", SCRIPT, f"http://127.0.0.1:{http}/"], 0, None),
            "ucdiag capture, 45 packets": ([*program, "capture", "-r", capture, "-q"], 0, None),
        }
        taken: dict[str, list[float]] = {name: [] for name in table}
        for number in range(options.rounds + 1):
            for name, (command, expected, _) in table.items():
                took = seconds(command, expected)
                if number:  # the first round fills the caches
                    taken[name].append(took)
    unit = statistics.median(taken["python -c pass"])
    over = False
    print(f"{'command':32} {'median':>9} {'ratio':>6} {'limit':>6}")
    for name, (_, _, limit) in table.items():
        median = statistics.median(taken[name])
        over |= limit is not None and median / unit > limit
        print(f"{name:32} {median * 1000:6.1f} ms {median / unit:6.2f} {limit or '':>6}")
    probe, script = statistics.median(taken["ucdiag probe"]), statistics.median(taken["a script with requests"])
    print(f"probe is {probe / script:.2f} times the script (<= 1.3), a capture as above (<= 5)")
    return 1 if over and options.gate else 0


if __name__ == "__main__":
    sys.exit(main())
