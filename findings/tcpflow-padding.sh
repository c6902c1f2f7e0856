#!/usr/bin/env bash
# tcpflow 1.6.1 (Debian 12) writes the octets with which short frames are padded into the files of what was sent.
#
# Expected: RFC 894: a frame is filled up to 60 octets, and this padding is no part of the datagram; the total length of
# the datagram (RFC 791, section 3.1) tells where it ends. tcpflow(1) stores the data of each TCP connection.
# Seen: a frame without data adds six zeros to the file of its side. A short piece that comes late sets zeros upon what
# followed it and was there: of "firstlost.second", "s" is a zero. A server that has not said anything has a file of six
# octets.
# Who meets it: whoever gives on what a phone uploaded, from a capture in which the frames were padded, as they are
# where they were received.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
apt-get download -qq \
    tcpflow-nox=1.6.1-2+b1 libhttp-parser2.9=2.9.4-5 libpcap0.8=1.10.3-1 >&2 || {
    echo "could not download the packages" >&2
    exit 2
}
for package in ./*.deb; do dpkg -x "$package" .; done
run() { LD_LIBRARY_PATH=$PWD/usr/lib/x86_64-linux-gnu python3 -; }

expected=$(
    cat <<'TEXT'
in order:
    010.000.000.005.00080-010.000.000.071.50000 b'\x00\x00\x00\x00\x00\x00'
    010.000.000.071.50000-010.000.000.005.00080 b'uploaded\x00\x00\x00\x00\x00\x00'
one late:
    010.000.000.071.50000-010.000.000.005.00080 b'firstlost.\x00econd'
TEXT
)
seen=$(
    run <<'PY'
import struct
import subprocess
from pathlib import Path

PHONE, SERVER = bytes([10, 0, 0, 71]), bytes([10, 0, 0, 5])
SYN, FIN, ACK = 2, 17, 16


def frame(source, target, sequence, flags, data=b""):
    ports = (50000, 80) if source == PHONE else (80, 50000)
    tcp = struct.pack(">HHIIBBHHH", *ports, sequence, 1, 0x50, flags, 65535, 0, 0) + data
    ip = struct.pack(">BBHHHBBH", 0x45, 0, 20 + len(tcp), 1, 0, 64, 6, 0) + source + target
    return (bytes.fromhex("020000000005020000000071" "0800") + ip + tcp).ljust(60, b"\0")


def flows(name, *frames):
    data = struct.pack("<IHHIIII", 0xA1B2C3D4, 2, 4, 0, 0, 262144, 1)
    for number, one in enumerate(frames):
        data += struct.pack("<4I", 1796000000 + number, 0, len(one), len(one)) + one
    Path("in.pcap").write_bytes(data)
    subprocess.run(("usr/bin/tcpflow", "-r", "in.pcap", "-o", name), check=True, capture_output=True)
    print(f"{name}:")
    for path in sorted(Path(name).glob("0*")):
        print("   ", path.name, path.read_bytes())


flows(
    "in order",
    frame(PHONE, SERVER, 999, SYN),
    frame(SERVER, PHONE, 4999, SYN | ACK),
    frame(PHONE, SERVER, 1000, ACK, b"uploaded"),
    frame(PHONE, SERVER, 1008, FIN | ACK),
    frame(SERVER, PHONE, 5000, FIN | ACK),
)
flows(
    "one late",
    frame(PHONE, SERVER, 999, SYN),
    frame(PHONE, SERVER, 1000, ACK, b"first"),
    frame(PHONE, SERVER, 1010, ACK, b"second"),
    frame(PHONE, SERVER, 1005, ACK, b"lost."),
)
PY
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
