#!/usr/bin/env bash
# tcprewrite 4.4.3 (Debian 12) makes frames to a group of those to one host, also of who sends them, over IPv6.
#
# Expected: RFC 2464, section 7: a datagram for an IPv6 group address, one that begins with ff, goes to the Ethernet
# address 33:33 and the last four octets of that address; all others go to the address of a host. IEEE 802.3, section
# 3.2.3: the sender is never a group. tcprewrite(1): --fixcsum forces recalculation of checksums.
# Seen: it is the wrong way round. In each frame between two hosts the target becomes 33:33 and the end of its address,
# and the sender 33:33 and the end of his own; a frame to ff02::fb keeps the target that it had. This happens with
# --fixcsum, --ttl and --portmap.
# Who meets it: whoever plays a capture with IPv6 again: switches drop frames whose sender is a group, and all hosts get
# the others.
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
--fixcsum 2001:db8::81 to 2001:db8::5: 33:33:00:00:00:81 to 33:33:00:00:00:05
--fixcsum fe80::81 to fe80::5: 33:33:00:00:00:81 to 33:33:00:00:00:05
--fixcsum fe80::81 to ff02::fb: 33:33:00:00:00:81 to 02:00:00:00:00:05
--portmap=53:5353 2001:db8::81 to 2001:db8::5: 33:33:00:00:00:81 to 33:33:00:00:00:05
--portmap=53:5353 fe80::81 to fe80::5: 33:33:00:00:00:81 to 33:33:00:00:00:05
--portmap=53:5353 fe80::81 to ff02::fb: 33:33:00:00:00:81 to 02:00:00:00:00:05
TEXT
)
seen=$(
    run <<'PY'
import ipaddress
import struct
import subprocess
from pathlib import Path


def rewritten(*options):
    for source, target in (("2001:db8::81", "2001:db8::5"), ("fe80::81", "fe80::5"), ("fe80::81", "ff02::fb")):
        ends = b"".join(ipaddress.ip_address(end).packed for end in (source, target))
        udp = struct.pack(">HHHH", 5000, 53, 12, 0x1234) + b"ping"
        ip = struct.pack(">IHBB", 6 << 28, 12, 17, 64) + ends
        frame = bytes.fromhex("020000000005020000000081" "86dd") + ip + udp
        size = len(frame), len(frame)
        head = struct.pack("<IHHIIII4I", 0xA1B2C3D4, 2, 4, 0, 0, 262144, 1, 1796000000, 0, *size)
        Path("in.pcap").write_bytes(head + frame)
        command = "usr/bin/tcprewrite", "-i", "in.pcap", "-o", "out.pcap", *options
        subprocess.run(command, check=True, capture_output=True)
        out = Path("out.pcap").read_bytes()[40:]
        print(*options, f"{source} to {target}: {out[6:12].hex(':')} to {out[:6].hex(':')}")


rewritten("--fixcsum")
rewritten("--portmap=53:5353")
PY
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
