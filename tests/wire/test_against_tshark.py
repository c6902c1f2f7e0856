"""What is read out of a capture of real servers and clients is what tshark reads out of it.

nginx, dnsmasq, an OpenSSL server, curl, dig and tcpdump run in a network namespace of their own, which has loopback
alone and goes with its last process.
"""

import json
import os
import struct
import subprocess
import sys
from collections import Counter
from pathlib import Path
from random import Random
from typing import Any

import pytest

from tests.real import need

pytestmark = pytest.mark.site

SCRIPT = r"""
set -eu
cd "$1"
ip link set lo up mtu 1500
ip link set lo gso_max_size 1500 2> /dev/null || true
nginx -p "$PWD" -c nginx.conf & nginx=$!
dnsmasq --no-daemon --conf-file=dnsmasq.conf --user=root > dnsmasq.log 2>&1 & dns=$!
openssl s_server -quiet -accept 443 -cert cert.pem -key key.pem -tls1_2 -www > s_server.log 2>&1 & tls=$!
trap 'kill $nginx $dns $tls $dump 2>/dev/null; wait' EXIT
dump=
rm -f tcpdump.log capture.pcap
for try in $(seq 100); do
    if curl -s -o /dev/null -m 1 http://127.0.0.1/ &&
        dig +time=1 +tries=1 @127.0.0.1 one.example.test > /dev/null &&
        curl -sk -o /dev/null -m 1 https://127.0.0.1/; then break; fi
    sleep 0.1
done
tcpdump -i lo -B 32768 -U -w capture.pcap $2 2> tcpdump.log & dump=$!
until grep -q listening tcpdump.log; do sleep 0.1; done
get="curl -s -o /dev/null -m 20"
$get http://127.0.0.1/small http://127.0.0.1/small http://127.0.0.1/missing || true
$get -I http://127.0.0.1/small http://127.0.0.1/small
$get -0 http://127.0.0.1/small
$get --compressed http://127.0.0.1/page http://127.0.0.1/small
$get -r 10-99 http://127.0.0.1/large
$get http://127.0.0.1/large http://127.0.0.1/small
$get -d @page -H Expect: http://127.0.0.1/RequestHandler/ucdevice.upx
$get -d @page -H 'Expect: 100-continue' http://127.0.0.1/RequestHandler/ucdevice.upx
$get -T - http://127.0.0.1/upload < page
$get -d '' http://127.0.0.1/nothing http://127.0.0.1/redirect
$get -H 'If-Modified-Since: Fri, 01 Jan 2100 00:00:00 GMT' http://127.0.0.1/small
$get -X OPTIONS 'http://127.0.0.1/odd?a=b&c=%20d' || true
one='GET /small HTTP/1.1\r\nHost: a\r\n\r\n' two='GET /page HTTP/1.1\r\nHost: b\r\n\r\n'
printf "$one${two}GET /small HTTP/1.0\r\n\r\n" |
    python3 -c 'import socket, sys
s = socket.create_connection(("127.0.0.1", 80)); s.sendall(sys.stdin.buffer.read())
while s.recv(65536): pass'
python3 -c 'import socket, time
s = socket.create_connection(("127.0.0.1", 80))
for each in (b"GET /slow HTTP", b"/1.1\r\nHos", b"t: slow\r\nConnection: close\r\n\r", b"\n"):
    s.sendall(each); time.sleep(0.05)
while s.recv(65536): pass'
$get http://127.0.0.1:81/ || true
$get -k https://127.0.0.1/ https://127.0.0.1/
$get https://127.0.0.1/ || true
ask="dig +time=2 +tries=1 @127.0.0.1"
for each in "one.example.test" "one.example.test AAAA" "alias.example.test" "none.example.test" "-x 192.0.2.1" \
    "_sip._tcp.example.test SRV" "example.test MX" "example.test TXT" "one.example.test +tcp" \
    "many.example.test +noedns" \
    "ONE.Example.Test" "elsewhere.invalid"; do
    $ask $each > /dev/null || true
done
sleep 1
kill -INT $dump
wait $dump || true
"""

NGINX = """
user root; daemon off; pid nginx.pid; error_log error.log; worker_processes 1;
events { worker_connections 64; }
http {
    access_log off; keepalive_timeout 60; if_modified_since before; client_body_temp_path body; proxy_temp_path proxy;
    fastcgi_temp_path fastcgi; uwsgi_temp_path uwsgi; scgi_temp_path scgi;
    gzip on; gzip_types text/xml; gzip_min_length 1; default_type text/xml;
    server {
        listen 80; root .;
        location /RequestHandler/ { proxy_pass http://127.0.0.1:8080; proxy_http_version 1.1; }
        location /upload { proxy_pass http://127.0.0.1:8080; }
        location /nothing { return 204; }
        location /redirect { return 302 http://elsewhere.invalid/; }
    }
    server { listen 8080; location / { return 200 "<answer/>"; } }
}
"""

DNSMASQ = """
no-resolv
no-hosts
port=53
listen-address=127.0.0.1
bind-interfaces
local=/test/
host-record=one.example.test,192.0.2.1
address=/one.example.test/2001:db8::1
cname=alias.example.test,one.example.test
srv-host=_sip._tcp.example.test,one.example.test,5061,0,5
mx-host=example.test,one.example.test,10
txt-record=example.test,"hello world"
host-record=many.example.test,192.0.2.10
host-record=many.example.test,192.0.2.11
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    for program in ("nginx", "dnsmasq", "openssl", "curl", "dig", "tcpdump", "tshark", "unshare", "taskset", "ip"):
        need(program)
    if os.geteuid() != 0:
        pytest.skip("a network namespace needs root")
    path = tmp_path_factory.mktemp("tshark")
    (path / "nginx.conf").write_text(NGINX)
    (path / "dnsmasq.conf").write_text(DNSMASQ)
    (path / "small").write_text("<small/>")
    (path / "slow").write_text("<slow/>")
    (path / "page").write_text("<page>" + "text " * 2000 + "</page>")
    (path / "large").write_bytes(os.urandom(1_000_000))
    make = (
        "openssl req -x509 -newkey rsa:2048 -nodes -keyout key.pem -out cert.pem -days 30 -subj /CN=pool.example.test"
    )
    subprocess.run([*make.split(), "-sha256"], cwd=path, check=True, capture_output=True)
    return path


def capture(folder: Path, options: str = "") -> Path:
    """Plays it all on a loopback of its own; ``options`` are tcpdump's.

    On one processor: with two, loopback's packets are captured in another order than they were sent now and then.
    """
    command = [
        "taskset",
        "--cpu-list",
        str(min(os.sched_getaffinity(0))),
        "unshare",
        "--net",
        "--pid",
        "--fork",
        "--kill-child",
        "bash",
        "-c",
        SCRIPT,
        "play",
        str(folder),
        options,
    ]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr + (folder / "tcpdump.log").read_text()
    return folder / "capture.pcap"


def facts(path: Path, *options: str) -> list[dict[str, Any]]:
    command = [sys.executable, "-m", "ucdiag", "capture", "--facts", "-r", str(path), *options]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=True)
    return [json.loads(line) for line in done.stdout.splitlines()]


def tshark(path: Path, shown: str, *fields: str) -> list[list[list[str]]]:
    """Each frame that ``shown`` selects, as a list of values for each field."""
    # Without the option it hides a response of which one packet was captured a place too late.
    ordered = ("-o", "tcp.reassemble_out_of_order:TRUE")
    command = ["tshark", "-n", *ordered, "-r", str(path), "-Y", shown, "-T", "fields"]
    command += ["-E", "occurrence=a", "-E", "aggregator=|"]
    command += [word for field in fields for word in ("-e", field)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=True)
    return [
        [value.split("|") if value else [] for value in line.split("\t")] for line in done.stdout.splitlines() if line
    ]


def requests_of(path: Path) -> Counter[tuple[Any, ...]]:
    shown = "http.request && tcp.port == 80"
    fields = ("frame.number", "http.request.method", "http.request.uri", "http.host")
    found: Counter[tuple[Any, ...]] = Counter()
    for frame, methods, targets, hosts in tshark(path, shown, *fields):
        hosts += [""] * (len(methods) - len(hosts))
        found.update((int(frame[0]), *request) for request in zip(methods, targets, hosts, strict=True))
    return found


def responses_of(path: Path) -> Counter[tuple[int, int]]:
    found: Counter[tuple[int, int]] = Counter()
    for frame, codes in tshark(path, "http.response && tcp.port == 80", "frame.number", "http.response.code"):
        found.update((int(frame[0]), int(code)) for code in codes if code != "100")
    return found


def of(kind: str, found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [fact for fact in found if fact["kind"] == kind]


def test_every_request_response_question_and_answer(folder: Path) -> None:
    path = capture(folder)
    found = facts(path)
    http = of("http", found)
    ours = Counter(
        (exchange["frame"], exchange["method"], exchange["target"], exchange["host"] or "") for exchange in http
    )
    assert len(http) > 20
    assert ours == requests_of(path)
    assert Counter((exchange["answer_frame"], exchange["status"]) for exchange in http) == responses_of(path)
    assert all(exchange["complete"] and exchange["failure"] is None and not exchange["lost_bytes"] for exchange in http)
    sizes = {
        exchange["target"]: exchange["answer_bytes"]
        for exchange in http
        if exchange["status"] == 200 and exchange["method"] == "GET"
    }
    assert sizes["/small"] == 8
    assert sizes["/large"] == 1_000_000
    uploads = {
        exchange["target"]: exchange["request_bytes"] for exchange in http if exchange["method"] in ("POST", "PUT")
    }
    assert uploads == {"/RequestHandler/ucdevice.upx": 10_013, "/upload": 10_013, "/nothing": 0, "/redirect": 0}

    lookups = of("lookup", found)
    fields = ("frame.number", "dns.qry.name", "dns.flags.response", "dns.flags.rcode", "dns.a", "dns.aaaa", "dns.cname")
    questions, answers = set(), set()
    for frame, name, response, rcode, a, aaaa, cname in tshark(path, "dns && (udp || tcp)", *fields):
        if response[0] in ("0", "False"):
            questions.add((int(frame[0]), name[0]))
        else:
            answers.add((int(frame[0]), name[0].lower(), rcode[0], tuple(sorted(a + aaaa)), tuple(cname)))
    codes = {"NOERROR": "0", "NXDOMAIN": "3", "REFUSED": "5"}
    assert len(lookups) >= 12
    assert {(lookup["frame"], lookup["name"]) for lookup in lookups} == questions
    assert {
        (
            lookup["answer_frame"],
            lookup["name"].lower(),
            codes[lookup["rcode"]],
            tuple(sorted(lookup["addresses"])),
            tuple(lookup["aliases"]),
        )
        for lookup in lookups
        if lookup["type"] not in ("SRV", "MX")
    } == {answer for answer in answers if answer[1] not in ("_sip._tcp.example.test", "example.test")} | {
        answer for answer in answers if answer[1] == "example.test" and not answer[3]
    }
    assert {lookup["transport"] for lookup in lookups} == {"udp", "tcp"}

    hellos = tshark(path, "tls.handshake.type == 1", "frame.number")
    handshakes = of("tls", found)
    assert [handshake["frame"] for handshake in handshakes] == [int(frame[0]) for (frame,) in hellos]
    assert [handshake["outcome"] for handshake in handshakes] == ["complete", "complete", "untrusted"]
    # The second resumes the first one's session.
    assert [[one["subject"] for one in handshake["chain"]] for handshake in handshakes] == [
        ["CN=pool.example.test"],
        [],
        ["CN=pool.example.test"],
    ]

    syns = tshark(path, "tcp.flags.syn == 1 && tcp.flags.ack == 0 && tcp.dstport in {80, 443, 53}", "frame.number")
    connects = of("connect", found)
    assert [connect["frame"] for connect in connects] == [int(frame[0]) for (frame,) in syns]
    assert {connect["outcome"] for connect in connects} == {"open"}
    (refused,) = of("connect", [fact for fact in facts(path, "--port", "81") if fact.get("port") == 81])
    assert refused["outcome"] == "refused"


def records(path: Path) -> tuple[bytes, list[bytes]]:
    """The header of a capture of this machine, and its packets with their headers."""
    data = path.read_bytes()
    found = []
    at = 24
    while at < len(data):
        (size,) = struct.unpack_from("=I", data, at + 8)
        found.append(data[at : at + 16 + size])
        at += 16 + size
    return data[:24], found


@pytest.mark.parametrize("seed", range(5))
def test_packets_that_come_twice_or_swapped_change_no_fact(folder: Path, seed: int) -> None:
    path = folder / "kept.pcap"
    if not path.exists():
        capture(folder).rename(path)
    head, packets = records(path)
    chance = Random(seed)
    # From a TCP packet's capture header on: Ethernet 14, IPv4 20, ports 4, sequence numbers 8, offset 1, flags.
    for at in range(len(packets) - 1):
        one, two = packets[at], packets[at + 1]
        plain = not (one[63] | two[63]) & 0x07
        if one[39] == 6 and one[42:54] == two[42:54] and plain and chance.random() < 0.3:
            packets[at], packets[at + 1] = two, one
    for _ in range(len(packets) // 20):
        at = chance.randrange(len(packets))
        packets.insert(min(len(packets), at + chance.randrange(1, 8)), packets[at])
    wild = folder / "wild.pcap"
    wild.write_bytes(head + b"".join(packets))
    http = of("http", facts(wild))
    assert Counter((exchange["method"], exchange["target"], exchange["status"]) for exchange in http) == EXPECTED
    assert all(exchange["complete"] and exchange["failure"] is None for exchange in http)
    assert not any(exchange["lost_bytes"] for exchange in http)


def test_a_snap_length_leaves_all_that_heads_say(folder: Path) -> None:
    path = capture(folder, "-s 400")
    http = of("http", facts(path))
    assert Counter((exchange["method"], exchange["target"], exchange["status"]) for exchange in http) == EXPECTED
    large = [exchange for exchange in http if exchange["target"] == "/large" and exchange["status"] == 200]
    assert [(exchange["answer_bytes"], exchange["complete"]) for exchange in large] == [(1_000_000, True)]


EXPECTED = Counter(
    {
        ("GET", "/small", 200): 7,
        ("GET", "/small", 304): 1,
        ("GET", "/missing", 404): 1,
        ("HEAD", "/small", 200): 2,
        ("GET", "/page", 200): 2,
        ("GET", "/large", 206): 1,
        ("GET", "/large", 200): 1,
        ("GET", "/slow", 200): 1,
        ("POST", "/RequestHandler/ucdevice.upx", 200): 2,
        ("PUT", "/upload", 200): 1,
        ("POST", "/nothing", 204): 1,
        ("POST", "/redirect", 302): 1,
        ("OPTIONS", "/odd?a=b&c=%20d", 405): 1,
    }
)
