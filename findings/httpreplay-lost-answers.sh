#!/usr/bin/env bash
# httpreplay-ng 0.4.2 loses answers that end with the connection, that were asked for ahead, or that follow 100.
#
# Expected: an answer without a length lasts until the connection ends (RFC 9112, section 6.3); requests may be sent
# before the answers to earlier ones came (section 9.3.2); after 100 the final answer follows (RFC 9110, section 15.2).
# tshark 4.0.17 shows all of them in the captures below.
# Seen: of the first, the body is empty; of the second, the second exchange is gone; of the third, the status is 100 and
# the body of the request empty. No error is raised.
# Who meets it: whoever looks in a capture for what an update server answered.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-deps \
    httpreplay-ng==0.4.2 dpkt==1.9.8 tlslite-ng==0.8.2 ecdsa==0.19.2 six==1.17.0 brotli==1.2.1 || {
    echo "could not install the packages" >&2
    exit 2
}
run() { venv/bin/python -; }

expected=$(
    cat <<'TEXT'
with length [('/a', '', '200', b'A')]
until the end [('/a', '', '200', '')]
asked ahead [('/a', '', '200', b'A')]
after 100 [('/c', b'', '100', b'')]
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
POST = b"POST /c HTTP/1.1\r\nHost: pool01.contoso.com\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\n"
GO_ON = b"HTTP/1.1 100 Continue\r\n\r\n"
capture("with length", ("client", GET % b"a"), ("server", OK + b"A"))
capture("until the end", ("client", GET % b"a"), ("server", b"HTTP/1.1 200 OK\r\n\r\nA"))
capture("asked ahead", ("client", GET % b"a" + GET % b"b"), ("server", OK + b"A" + OK + b"B"))
capture("after 100", ("client", POST), ("server", GO_ON), ("client", b"text"), ("server", OK + b"C"))

import logging

from httpreplay.cut import http_handler
from httpreplay.reader import PcapReader
from httpreplay.smegma import TCPPacketStreamer

logging.disable()
for name in ("with length", "until the end", "asked ahead", "after 100"):
    with open(name, "rb") as file:
        reader = PcapReader(file)
        reader.tcp = TCPPacketStreamer(reader, {"generic": http_handler})
        exchanges = [(asked, said) for _, _, kind, asked, said in reader.process() if kind == "http"]
        print(name, [(asked.uri, asked.body, said.status, said.body) for asked, said in exchanges])
PY
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
