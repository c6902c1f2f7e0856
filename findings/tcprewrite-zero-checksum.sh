#!/usr/bin/env bash
# tcprewrite 4.4.3 (Debian 12) makes a datagram with a checksum one without, if that comes out as zero.
#
# Expected: RFC 768: a checksum of UDP that is computed as zero is sent as ffff, since zero says that the sender made
# none. RFC 8200, section 8.1: over IPv6 a node must do so, and a receiver must discard datagrams with zero.
# tcprewrite(1): --fixcsum forces recalculation of IPv4/TCP/UDP header checksums.
# Seen: where ffff stood and was right, 0000 is written, over IPv4 and IPv6. All other checksums are right, so one
# datagram in 65536 is lost when the file is played.
# Who meets it: whoever plays captures of many lookups again, and looks for the few that nobody answers.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
apt-get download -qq \
    tcpreplay=4.4.3-1 libdumbnet1=1.16.3-1 libpcap0.8=1.10.3-1 >&2 || {
    echo "could not download the packages" >&2
    exit 2
}
for package in ./*.deb; do dpkg -x "$package" .; done
export LD_LIBRARY_PATH=$PWD/usr/lib/x86_64-linux-gnu
run() { python3 -; }

expected=$(
    cat <<'TEXT'
IPv4 given ffff written 0000
IPv4 given fffe written fffe
IPv6 given ffff written 0000
IPv6 given fffe written fffe
TEXT
)
seen=$(
    run <<'PY'
import struct
import subprocess
from pathlib import Path

PHONE, SERVER = bytes([192, 0, 2, 81]), bytes([192, 0, 2, 5])


def checksum(data):
    total = sum(struct.unpack(f">{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return struct.pack(">H", ~total & 0xFFFF)


def datagram(version, last):
    source, target = (PHONE, SERVER) if version == 4 else (bytes(15) + b"\x81", bytes(15) + b"\5")
    udp = struct.pack(">HHHH", 5000, 53, 32, 0) + b"AB" * 11 + struct.pack(">H", last)
    ports = source + target + struct.pack(">HH", 17, 32)
    udp = udp[:6] + (checksum(ports + udp).replace(b"\0\0", b"\xff\xff")) + udp[8:]
    if version == 4:
        ip = struct.pack(">BBHHHBBH", 0x45, 0, 52, 7, 0, 64, 17, 0) + source + target
        return bytes.fromhex("020000000005020000000081" "0800") + ip[:10] + checksum(ip) + ip[12:] + udp
    ip = struct.pack(">IHBB", 6 << 28, 32, 17, 64) + source + target
    return bytes.fromhex("020000000005020000000081" "86dd") + ip + udp


def rewritten(frame, *options):
    head = struct.pack("<IHHIIII4I", 0xA1B2C3D4, 2, 4, 0, 0, 262144, 1, 1796000000, 0, len(frame), len(frame))
    Path("in.pcap").write_bytes(head + frame)
    command = "usr/bin/tcprewrite", "-i", "in.pcap", "-o", "out.pcap", *options
    subprocess.run(command, check=True, capture_output=True)
    return Path("out.pcap").read_bytes()[40:]


for version, at in ((4, 40), (6, 60)):
    zero = next(last for last in range(65536) if datagram(version, last)[at : at + 2] == b"\xff\xff")
    for last in (zero, zero + 1):
        frame = datagram(version, last)
        out = rewritten(frame, "--fixcsum")
        print(f"IPv{version} given {frame[at : at + 2].hex()} written {out[at : at + 2].hex()}")
PY
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
