#!/usr/bin/env bash
# tcpslice 1.5 (Debian 12) begins a slice at the first packet of a file that counts in nanoseconds.
#
# Expected: tcpslice(1): the packets whose times fall within the range are copied, and a time with a plus is counted
# from the first packet; -R prints the times of the first and last packets as seconds and a fraction. libpcap reads
# files of both kinds (its pcap-savefile(5): the magic number says which).
# Seen: the first packet's nanoseconds are taken for microseconds, so it seems to be up to 1000 seconds later: after
# half a second, 500. Each slice that begins before that has all packets from the first one on. -R prints 40 millionths
# behind the second for 40 thousand-millionths. No error is raised.
# Who meets it: whoever cuts from a long capture the minutes in which a phone asked; dumpcap and tcpdump count in
# nanoseconds on demand, and some devices always do.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
apt-get download -qq \
    tcpslice=1.5-1 libpcap0.8=1.10.3-1 libnids1.21=1.26-2 libnet1=1.1.6+dfsg-3.2 libosip2-15=5.3.0-2.1 \
    libglib2.0-0=2.74.6-2+deb12u9 >&2 || {
    echo "could not download the packages" >&2
    exit 2
}
for package in ./*.deb; do dpkg -x "$package" .; done
export LD_LIBRARY_PATH=$PWD/usr/lib/x86_64-linux-gnu
run() { python3 - usr/bin/tcpslice; }

expected=$(
    cat <<'TEXT'
microseconds: 1796000000.500000 to 1796000599.500000
+10 +5: from 10 to 15
+100 +5: from 100 to 105
+400 +5: from 400 to 405
+550 +5: from 550 to 555
nanoseconds: 1796000000.500000 to 1796000599.500000040
+10 +5: from 0 to 15
+100 +5: from 0 to 105
+400 +5: from 0 to 405
+550 +5: from 550 to 555
TEXT
)
seen=$(
    run <<'PY'
import struct
import subprocess
import sys
from pathlib import Path

PACKET = bytes.fromhex("0004f20000070004f200000188b5") + bytes(46)
FIRST, SECONDS = 1796000000, 600
KINDS = {"microseconds": (0xA1B2C3D4, 500000, 0), "nanoseconds": (0xA1B23C4D, 500000000, 40)}


def sliced(*arguments: str) -> str:
    return subprocess.run((sys.argv[1], *arguments), check=True, capture_output=True, text=True).stdout


for kind, (magic, fraction, last) in KINDS.items():
    packets = [
        struct.pack("<4I", FIRST + each, fraction + (last if each == SECONDS - 1 else 0), 60, 60) + PACKET
        for each in range(SECONDS)
    ]
    Path("in.pcap").write_bytes(struct.pack("<IHHiIII", magic, 2, 4, 0, 0, 65535, 1) + b"".join(packets))
    print(f"{kind}: {' to '.join(sliced('-R', 'in.pcap').split()[1:])}")
    for start in ("+10", "+100", "+400", "+550"):
        sliced("-w", "out.pcap", start, "+5", "in.pcap")
        copy = Path("out.pcap").read_bytes()[24:]
        times = [struct.unpack_from("<I", copy, each)[0] - FIRST for each in range(0, len(copy), 76)]
        print(f"{start} +5: from {times[0]} to {times[-1]}")
PY
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
