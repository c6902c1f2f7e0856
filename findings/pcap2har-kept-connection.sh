#!/usr/bin/env bash
# pcap2har 0.1.2 makes one exchange of all that came over an HTTP/1.1 connection.
#
# Expected: a connection persists, and carries a request and its answer after the other (RFC 9112, section 9.3).
# NTLM signs in a connection, so its three exchanges always share one.
# Seen: one entry, with the last request and status and all the bodies joined. No error is raised. With a connection
# for each exchange, all are there. Tried with tshark 4.0.17 of Debian 12.
# Who meets it: whoever looks in a capture for what an update server answered, and in which order.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-deps \
    pcap2har==0.1.2 pyshark==0.6 lxml==6.1.3 termcolor==3.3.0 packaging==26.4 appdirs==1.4.4 \
    brotli==1.2.1 click==8.5.1 tqdm==4.70.1 || {
    echo "could not install the packages" >&2
    exit 2
}
if ! command -v tshark >/dev/null; then
    echo "needs tshark (on Debian: apt-get install tshark)" >&2
    exit 2
fi
run() { venv/bin/python -; }

expected=$(
    cat <<'TEXT'
one.pcap [('http://pool01.contoso.com/a', 200, b'A')]
two.pcap [('http://pool01.contoso.com/b', 200, b'AB')]
TEXT
)
seen=$(
    run <<'PY'
import struct

CLIENT, SERVER = bytes([192, 0, 2, 7]), bytes([192, 0, 2, 1])


def segment(source, target, ports, flags, at, seen, data):
    tcp = struct.pack(">HHIIBBHHH", *ports, at, seen, 0x50, flags, 65535, 0, 0) + data
    ip = struct.pack(">BBHHHBBH", 0x45, 0, 20 + len(tcp), 1, 0x4000, 64, 6, 0) + source + target
    return bytes.fromhex("0004f2aabbcc020000000001") + b"\x08\x00" + ip + tcp


def capture(name, *said):
    at = {"client": 1000, "server": 5000}
    packets = []

    def send(who, flags, data=b"", further=0):
        ends, ports = ((CLIENT, SERVER), (50000, 80)) if who == "client" else ((SERVER, CLIENT), (80, 50000))
        other = at["server" if who == "client" else "client"]
        packets.append(segment(*ends, ports, flags, at[who], other if flags & 16 else 0, data))
        at[who] += len(data) + further

    send("client", 2, further=1)
    send("server", 18, further=1)
    send("client", 16)
    for who, data in said:
        send(who, 24, data)
        send("server" if who == "client" else "client", 16)
    send("server", 17, further=1)
    send("client", 17, further=1)
    send("server", 16)
    with open(name, "wb") as file:
        file.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 262144, 1))
        for number, data in enumerate(packets):
            file.write(struct.pack("<IIII", 1764327600, number * 10000, len(data), len(data)) + data)


GET = b"GET /%b HTTP/1.1\r\nHost: pool01.contoso.com\r\n\r\n"
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n"
NO = b"HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: NTLM\r\nContent-Length: 1\r\n\r\n"
capture("one.pcap", ("client", GET % b"a"), ("server", OK + b"A"))
capture("two.pcap", ("client", GET % b"a"), ("server", NO + b"A"), ("client", GET % b"b"), ("server", OK + b"B"))

import base64
import json
import subprocess

for name in ("one.pcap", "two.pcap"):
    subprocess.run(["venv/bin/pcap2har", name, "-o", "found.har"], check=True, capture_output=True)
    with open("found.har") as file:
        entries = json.load(file)["log"]["entries"]
    print(
        name,
        [
            (each["request"]["url"], each["response"]["status"], base64.b64decode(each["response"]["content"]["text"]))
            for each in entries
        ],
    )
PY
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
