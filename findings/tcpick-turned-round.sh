#!/usr/bin/env bash
# tcpick 0.2.1 (Debian 12) takes files from a capture without segments that came behind their successors.
#
# Expected: RFC 9293, section 3.4: octets have numbers, and are put in order by them; those that came already are
# dropped. tcpick(8): "-wR: the preferred option: data will be written without any changes", -wRC "only the client".
# Seen: of two segments whose order was turned round on the way the later one is left out, in most of the cases below;
# its octets are missing in the middle, and nothing is said. A segment that waits for another and comes a second time is
# written twice. In order, or sent again at once, all is right. The file "clnt" has what the server sent, and "serv"
# what the client sent.
# Who meets it: whoever takes a download out of a capture where one packet overtook another: it does not match its hash.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
apt-get download -qq \
    tcpick=0.2.1-10 libpcap0.8=1.10.3-1 >&2 || {
    echo "could not download the packages" >&2
    exit 2
}
for package in ./*.deb; do dpkg -x "$package" .; done
run() { LD_LIBRARY_PATH=$PWD/usr/lib/x86_64-linux-gnu python3 -; }

expected=$(
    cat <<'TEXT'
in order:
  tcpick__10.0.0.5_http.clnt.dat: b'HTTP/1.0 200 OK\r\n\r\n-one--two-'
  tcpick__10.0.0.5_http.serv.dat: b'GET /phones HTTP/1.0\r\n\r\n'
sent again:
  tcpick__10.0.0.5_http.clnt.dat: b'HTTP/1.0 200 OK\r\n\r\n-one--two-'
  tcpick__10.0.0.5_http.serv.dat: b'GET /phones HTTP/1.0\r\n\r\n'
turned round:
  tcpick__10.0.0.5_http.clnt.dat: b'HTTP/1.0 200 OK\r\n\r\n-two-'
  tcpick__10.0.0.5_http.serv.dat: b'GET /phones HTTP/1.0\r\n\r\n'
turned round, the first of three:
  tcpick__10.0.0.5_http.clnt.dat: b'HTTP/1.0 200 OK\r\n\r\n-two--six-'
  tcpick__10.0.0.5_http.serv.dat: b'GET /phones HTTP/1.0\r\n\r\n'
turned round, the last of three:
  tcpick__10.0.0.5_http.clnt.dat: b'HTTP/1.0 200 OK\r\n\r\n-one--two--six-'
  tcpick__10.0.0.5_http.serv.dat: b'GET /phones HTTP/1.0\r\n\r\n'
turned round, sent again:
  tcpick__10.0.0.5_http.clnt.dat: b'HTTP/1.0 200 OK\r\n\r\n-two--two-'
  tcpick__10.0.0.5_http.serv.dat: b'GET /phones HTTP/1.0\r\n\r\n'
TEXT
)
seen=$(
    run <<'PY'
import glob
import os
import struct
import subprocess

PHONE, SERVER = bytes([10, 0, 0, 71]), bytes([10, 0, 0, 5])
REQUEST = b"GET /phones HTTP/1.0\r\n\r\n"
PARTS = b"HTTP/1.0 200 OK\r\n\r\n", b"-one-", b"-two-", b"-six-"


def checksum(data):
    data += bytes(len(data) % 2)
    total = sum(struct.unpack(f">{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def frame(out, number, acknowledged, flags, data=b""):
    ports = (50000, 80) if out else (80, 50000)
    ends = (PHONE + SERVER) if out else (SERVER + PHONE)
    tcp = struct.pack(">HHIIBBHHH", *ports, number, acknowledged, 0x50, flags, 65535, 0, 0) + data
    tcp = tcp[:16] + struct.pack(">H", checksum(ends + struct.pack(">HH", 6, len(tcp)) + tcp)) + tcp[18:]
    ip = struct.pack(">BBHHHBBH", 0x45, 0, 20 + len(tcp), 1, 0, 64, 6, 0) + ends
    ip = ip[:10] + struct.pack(">H", checksum(ip)) + ip[12:]
    return bytes.fromhex("0011223344550004f2aabbcc0800") + ip + tcp


def conversation(order):
    mine, starts = 101 + len(REQUEST), [501]
    for part in PARTS:
        starts.append(starts[-1] + len(part))
    yield frame(True, 100, 0, 2)
    yield frame(False, 500, 101, 18)
    yield frame(True, 101, 501, 16)
    yield frame(True, 101, 501, 24, REQUEST)
    for place in order:
        yield frame(False, starts[place], mine, 24, PARTS[place])
    end = starts[max(order) + 1]
    yield frame(False, end, mine, 17)
    yield frame(True, mine, end + 1, 17)
    yield frame(False, end + 1, mine + 1, 16)


def show(what, order):
    with open("phones.pcap", "wb") as file:
        file.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 1))
        for place, whole in enumerate(conversation(order)):
            file.write(struct.pack("<IIII", 1764327600, place * 1000, len(whole), len(whole)) + whole)
    silent = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    subprocess.run(["usr/sbin/tcpick", "-r", "phones.pcap", "-wR"], check=True, timeout=60, **silent)
    print(f"{what}:")
    for name in sorted(glob.glob("tcpick*")):
        if name.endswith(".dat"):
            with open(name, "rb") as file:
                print(f"  {name}: {file.read()}")
        os.remove(name)


show("in order", (0, 1, 2))
show("sent again", (0, 1, 1, 2))
show("turned round", (0, 2, 1))
show("turned round, the first of three", (0, 2, 3, 1))
show("turned round, the last of three", (0, 1, 3, 2))
show("turned round, sent again", (0, 2, 2, 1))
PY
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
