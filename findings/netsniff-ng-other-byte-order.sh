#!/usr/bin/env bash
# netsniff-ng 0.6.8 (Debian 12) makes a capture that nothing reads of one in the other byte order.
#
# Expected: netsniff-ng(8): files of the other byte order are supported, and both usual kinds are compatible with
# tcpdump and Wireshark. In a pcap file all numbers of the file's head and of the packets' are in one order, which the
# first four octets tell (libpcap's pcap-savefile(5)).
# Seen: the copy has the other order but for the kind of link, which is in this machine's: 16777216, which tcpdump and
# tshark refuse. The packets' times and lengths are right. No error is raised; -T does not change it. A copy of a file
# in this machine's order is the same, octet for octet.
# Who meets it: whoever cuts or filters with it what a switch, a firewall or another big-endian machine has captured.
#
# Needs root: netsniff-ng locks its memory.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
apt-get download -qq \
    netsniff-ng=0.6.8-3 libpcap0.8=1.10.3-1 libgeoip1=1.6.12-10 libnl-3-200=3.7.0-0.2+b1 \
    libnl-genl-3-200=3.7.0-0.2+b1 libnl-route-3-200=3.7.0-0.2+b1 >&2 || {
    echo "could not download the packages" >&2
    exit 2
}
for package in ./*.deb; do dpkg -x "$package" .; done
export LD_LIBRARY_PATH=$PWD/usr/lib/x86_64-linux-gnu:$PWD/lib/x86_64-linux-gnu
run() { python3 - usr/sbin/netsniff-ng; }

expected=$(
    cat <<'TEXT'
little, microseconds: 3 packets, the copy is the same
little, nanoseconds: 3 packets, the copy is the same
big, microseconds: 3 packets, link 1 becomes 16777216, all else is the same
big, nanoseconds: 3 packets, link 1 becomes 16777216, all else is the same
big, microseconds, -T 0xa1b2c3d4: 3 packets, link 1 becomes 16777216, all else is the same
TEXT
)
seen=$(
    run <<'PY'
import struct
import subprocess
import sys
from pathlib import Path

PACKET = bytes.fromhex("0004f20000070004f200000188b5") + bytes(46)
KINDS = {"microseconds": 0xA1B2C3D4, "nanoseconds": 0xA1B23C4D}


def show(order: str, kind: str, *options: str) -> None:
    sign = {"little": "<", "big": ">"}[order]
    head = struct.pack(f"{sign}IHHiIII", KINDS[kind], 2, 4, 0, 0, 65535, 1)
    packets = [struct.pack(f"{sign}4I", 1796000000 + each, 500, 60, 60) + PACKET for each in range(3)]
    Path("in.pcap").write_bytes(head + b"".join(packets))
    command = (sys.argv[1], "--in", "in.pcap", "--out", "out.pcap", "--silent", *options)
    text = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    count = next(line.split()[0] for line in text.splitlines() if "outgoing" in line)
    copy = Path("out.pcap").read_bytes()
    if copy == Path("in.pcap").read_bytes():
        what = "the copy is the same"
    else:
        rest = "is the same" if copy[:20] + copy[24:] == head[:20] + b"".join(packets) else "differs"
        what = f"link 1 becomes {struct.unpack(f'{sign}I', copy[20:24])[0]}, all else {rest}"
    print(f"{', '.join((order, kind, ' '.join(options)) if options else (order, kind))}: {count} packets, {what}")


for order in ("little", "big"):
    for kind in KINDS:
        show(order, kind)
show("big", "microseconds", "-T", "0xa1b2c3d4")
PY
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
