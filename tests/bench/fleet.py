"""How fast ``probe --targets`` and ``check-dns --targets`` ask, beside what the server allows, requests and dnspython.

    python -m tests.bench.fleet [--gate] [--phones N] [--jobs N] [--seconds S] [--rounds N]

Three ratios: answers a second, of the jobs divided by the time that the server takes; processor time, of that of a
``requests.Session`` for the same POSTs; DNS questions a second, of those of dnspython's resolver in as many threads.
``--gate`` fails below 0.7, above 0.4, or below 1.5. The programs take turns; of the rounds the best speed counts, for
what else the machine does can only lower it, and the sum of the processor time. Beside them stand sockets and epoll
alone, which is what Python can do at most, and wrk and dnsperf where they are installed.
"""

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.fleet.dns_responder import DnsResponder
from tests.fleet.update_server import HOST, UpdateServer

ANSWERS, CPU, QUESTIONS = 0.7, 0.4, 1.5
_POST = """
import sys, threading, requests
url, phones, jobs = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
from ucdiag.model.phone import Phone
from ucdiag.update_service.request import build
from urllib.parse import urlsplit
numbers, answers = iter(range(phones)), []
lock = threading.Lock()
def work():
    with requests.Session() as session:
        while True:
            with lock:
                number = next(numbers, None)
            if number is None:
                return
            phone = Phone(mac=f"00:04:f2:00:{number // 256:02x}:{number % 256:02x}")
            made = build(phone, urlsplit(url).netloc, urlsplit(url).path)
            answers.append(session.post(url, data=made.body, headers=dict(made.headers)).content)
threads = [threading.Thread(target=work) for _ in range(jobs)]
for thread in threads: thread.start()
for thread in threads: thread.join()
sys.exit(len(answers) != phones)
"""
_RAW = """
import select, socket, sys
from urllib.parse import urlsplit
from ucdiag.model.phone import Phone
from ucdiag.update_service.request import build, to_bytes
url, phones, jobs = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
parts = urlsplit(url)
request = to_bytes(build(Phone(), parts.netloc, parts.path))
poll, under_way, sent, done = select.epoll(), {}, 0, 0
while done < phones:
    while sent < phones and len(under_way) < jobs:
        sent += 1
        sock = socket.socket()
        sock.setblocking(False)
        sock.connect_ex((parts.hostname, parts.port))
        poll.register(sock, select.EPOLLOUT)
        under_way[sock.fileno()] = sock
    for handle, event in poll.poll():
        sock = under_way[handle]
        if event & select.EPOLLOUT:
            sock.send(request)
            poll.modify(sock, select.EPOLLIN)
        else:
            assert sock.recv(65536).endswith(b'"0"/>')
            del under_way[handle]
            sock.close()
            done += 1
"""
_WRK = """
wrk.method = "POST"
wrk.body = string.rep("x", 480)
wrk.headers["Content-Type"] = "text/xml"
wrk.headers["Connection"] = "close"
"""
_RESOLVE = """
import sys, threading, dns.resolver
port, names, jobs = int(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
numbers, answers = iter(range(names)), []
lock = threading.Lock()
def work():
    resolver = dns.resolver.Resolver(configure=False)
    resolver.nameservers, resolver.port = ["127.0.0.1"], port
    while True:
        with lock:
            number = next(numbers, None)
        if number is None:
            return
        answers.append(resolver.resolve(f"ucupdates-r2.d{number}.example.", "A", search=False))
threads = [threading.Thread(target=work) for _ in range(jobs)]
for thread in threads: thread.start()
for thread in threads: thread.join()
sys.exit(len(answers) != names)
"""


def measured(words: list[str]) -> tuple[float, float]:
    """Seconds by the clock and of the processor that a program takes."""
    began, before = time.monotonic(), os.times()
    done = subprocess.run(words, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, check=False)
    after = os.times()
    if done.returncode != 0:
        raise SystemExit(done.stderr.decode("utf-8", "replace"))
    cpu = after.children_user + after.children_system - before.children_user - before.children_system
    return time.monotonic() - began, cpu


def spoken(words: list[str], what: str) -> float | None:
    """The number that a program prints behind ``what``; None where it is not installed."""
    if shutil.which(words[0]) is None:
        return None
    done = subprocess.run(words, capture_output=True, check=True)
    found = re.search(rf"{what}: *([0-9.]+)", done.stdout.decode("ascii", "replace"))
    return float(found[1]) if found else None


def beside(name: str, rate: float | None, unit: str) -> str:
    """What another program reaches, for the line of ours."""
    return f"{name} {rate:,.0f} {unit}" if rate is not None else f"{name} is not installed"


def posts(wanted: argparse.Namespace, asks: list[str]) -> tuple[float, float]:
    """Of the answers that the jobs and the server allow, and of the processor time of requests.Session."""
    count, best, raw_best = str(wanted.phones), 0.0, 0.0
    ours = theirs = raw = 0.0
    with tempfile.TemporaryDirectory() as folder, UpdateServer(seconds=wanted.seconds) as server:
        file, script = Path(folder, "phones.csv"), Path(folder, "post.lua")
        lines = (f"00:04:f2:00:{n // 256:02x}:{n % 256:02x},{server.url}" for n in range(wanted.phones))
        file.write_text("\n".join(["mac,url", *lines]) + "\n")
        script.write_text(_WRK)
        for _ in range(wanted.rounds):
            took, cpu = measured([sys.executable, "-m", "ucdiag", "probe", "--targets", str(file), *asks])
            best, ours = max(best, wanted.phones / took), ours + cpu
            theirs += measured([sys.executable, "-c", _POST, server.url, count, str(wanted.jobs)])[1]
            took, cpu = measured([sys.executable, "-c", _RAW, server.url, count, str(wanted.jobs)])
            raw_best, raw = max(raw_best, wanted.phones / took), raw + cpu
        words = ["wrk", "-t1", f"-c{wanted.jobs}", "-d5s", "-s", str(script), server.url]
        others = beside("wrk", spoken(words, "Requests/sec"), "answers/s")
    answers, cpu = best / (wanted.jobs / wanted.seconds), ours / theirs
    each = 1000 / wanted.phones / wanted.rounds
    print(f"{best:,.0f} answers/s: {answers:.2f} of what {wanted.jobs} jobs and the server allow")
    print(f"  sockets alone {raw_best:,.0f} answers/s; {others}")
    print(f"processor time: {ours * each:.3f} ms a phone, {cpu:.2f} of requests.Session's {theirs * each:.3f} ms")
    print(f"  sockets alone {raw * each:.3f} ms, {raw / theirs:.2f}")
    return answers, cpu


def questions(wanted: argparse.Namespace, asks: list[str]) -> float:
    """Of the questions a second of dnspython's resolver."""
    names, best, theirs = wanted.phones // 5, 0.0, 0.0
    with tempfile.TemporaryDirectory() as folder, DnsResponder() as responder:
        file, data = Path(folder, "domains.txt"), Path(folder, "names.txt")
        file.write_text("".join(f"d{n}.example {HOST}:{responder.port}\n" for n in range(names)))
        data.write_text("".join(f"ucupdates-r2.d{n}.example A\n" for n in range(wanted.phones)))
        for _ in range(wanted.rounds):
            responder.count = 0
            took, _ = measured([sys.executable, "-m", "ucdiag", "check-dns", "--targets", str(file), *asks])
            best = max(best, responder.count / took)
            responder.count = 0
            words = [sys.executable, "-c", _RESOLVE, str(responder.port), str(wanted.phones), str(wanted.jobs)]
            took, _ = measured(words)
            theirs = max(theirs, responder.count / took)
        words = ["dnsperf", "-s", HOST, "-p", str(responder.port), "-d", str(data), "-n", "1", "-q", str(wanted.jobs)]
        others = beside("dnsperf", spoken(words, "Queries per second"), "questions/s")
    print(f"DNS: {best:,.0f} questions/s, {best / theirs:.2f} of dnspython's {theirs:,.0f}; {others}")
    return best / theirs


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--gate", action="store_true")
    parser.add_argument("--phones", type=int, default=5_000)
    parser.add_argument("--jobs", type=int, default=64)
    parser.add_argument("--seconds", type=float, default=0.05)
    parser.add_argument("--rounds", type=int, default=3)
    wanted = parser.parse_args()
    asks = ["--jobs", str(wanted.jobs), "--rate", "0", "-f", "ndjson"]
    answers, cpu = posts(wanted, asks)
    found = questions(wanted, asks)
    return int(wanted.gate and (answers < ANSWERS or cpu > CPU or found < QUESTIONS))


if __name__ == "__main__":
    raise SystemExit(main())
