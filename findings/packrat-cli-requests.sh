#!/usr/bin/env bash
# packrat-cli 1.1.3 counts no HTTP request without a body, and calls a server of 51 phones a port scanner.
#
# Expected: RFC 9110, section 9.3.1: a GET is a request, and has no content as a rule. The tool lists the "top hosts
# visited", and its README says that it counts HTTP packet by packet, and detects port scans: one host that tries many
# ports of others.
# Seen: it takes for HTTP only segments in which scapy leaves data over behind the head. A GET, a HEAD and a 304 are
# plain TCP, and their host is not counted; a POST is. As a scan it counts the ports to which a host sends anything: a
# server's answers go to a port of each client, so the server is reported once 51 phones have asked it.
# Who meets it: whoever wants to see from a capture at a switch which update server phones ask.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-deps \
    packrat-cli==1.1.3 scapy==2.8.0 rich==15.0.0 || {
    echo "could not install the packages" >&2
    exit 2
}
run() { venv/bin/python -; }

expected=$(
    cat <<'TEXT'
GET: 1 TCP; hosts none
HEAD: 1 TCP; hosts none
POST: 1 HTTP; hosts updates.example.com
304: 1 TCP; hosts none
200 with content: 1 HTTP; hosts none
50 phones ask a server: nothing
51 phones ask a server: Port Scan, 192.0.2.1 contacted 51 unique ports
TEXT
)
seen=$(
    run <<'PY'
import struct

from packrat.core.analyzer import analyze
from packrat.core.parser import parse_pcap
from packrat.detection.ddos import detect

SERVER = 1


def frame(source, target, ports, flags, data=b""):
    tcp = struct.pack(">HHIIBBHHH", *ports, 1, 1, 0x50, flags, 8192, 0, 0) + data
    head = struct.pack(">BBHHHBBH", 0x45, 0, 20 + len(tcp), 1, 0, 64, 6, 0)
    ip = head + bytes([192, 0, 2, source, 192, 0, 2, target]) + tcp
    return bytes.fromhex("00005e00530100005e005302") + b"\x08\x00" + ip


def read(frames):
    with open("capture.pcap", "wb") as file:
        file.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 262144, 1))
        for number, octets in enumerate(frames):
            file.write(struct.pack("<IIII", 1796032800 + number, 0, len(octets), len(octets)) + octets)
    packets, error = parse_pcap("capture.pcap", skip_dns=True)
    assert not error
    return packets


def show(what, octets):
    ports = (80, 50000) if octets.startswith(b"HTTP") else (50000, 80)
    result = analyze(read([frame(7, SERVER, ports, 0x18, octets)]), skip_dns=True)
    counts = ", ".join(f"{count} {name}" for name, count in result["protocol_counts"].items())
    print(f"{what}: {counts}; hosts {', '.join(host for host, _ in result['http']['top_hosts']) or 'none'}")


HOST = b" /file HTTP/1.1\r\nHost: updates.example.com\r\n"
show("GET", b"GET" + HOST + b"\r\n")
show("HEAD", b"HEAD" + HOST + b"\r\n")
show("POST", b"POST" + HOST + b"Content-Length: 2\r\n\r\nhi")
show("304", b"HTTP/1.1 304 Not Modified\r\n\r\n")
show("200 with content", b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi")
for count in 50, 51:
    frames = []
    for phone in range(10, 10 + count):
        frames.append(frame(phone, SERVER, (50000 + phone, 443), 0x02))
        frames.append(frame(SERVER, phone, (443, 50000 + phone), 0x12))
    found = [f"{each['type']}, {each['detail']}" for each in detect(read(frames))]
    print(f"{count} phones ask a server: {', '.join(found) or 'nothing'}")
PY
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
