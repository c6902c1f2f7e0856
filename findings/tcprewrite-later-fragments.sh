#!/usr/bin/env bash
# tcprewrite 4.4.3 (Debian 12) changes data in the later fragments of datagrams when it changes port numbers.
#
# Expected: only the first fragment of a datagram begins with the header of UDP or TCP; in the others the data goes on
# there (RFC 791, section 2.3). tcprewrite(1): --portmap rewrites TCP/UDP ports.
# Seen: what stands at the beginning of a later fragment is taken for ports, changed if a number fits, and two more
# octets are changed as if they were the checksum. With all ports mapped, each later fragment is changed. No warning is
# given.
# Who meets it: whoever plays a capture again with other ports, in which large answers of SIP or DNS over UDP came in
# fragments: they arrive damaged.
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
first given:   13 c4 13 c4 05 dc 00 00 53 49 50 2f
first written: 13 ce 13 ce 05 dc 00 00 53 49 50 2f
later given:   00 01 02 03 04 05 06 07 08 09 0a 0b
later written: 00 09 02 03 04 05 05 ff 08 09 0a 0b
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


def fragment(at, more, data):
    ip = struct.pack(">BBHHHBBH", 0x45, 0, 20 + len(data), 7, at // 8 | more << 13, 64, 17, 0) + PHONE + SERVER
    return bytes.fromhex("020000000005020000000081" "0800") + ip[:10] + checksum(ip) + ip[12:] + data


def rewritten(frame, *options):
    head = struct.pack("<IHHIIII4I", 0xA1B2C3D4, 2, 4, 0, 0, 262144, 1, 1796000000, 0, len(frame), len(frame))
    Path("in.pcap").write_bytes(head + frame)
    command = "usr/bin/tcprewrite", "-i", "in.pcap", "-o", "out.pcap", *options
    subprocess.run(command, check=True, capture_output=True)
    return Path("out.pcap").read_bytes()[40:]


first = fragment(0, 1, struct.pack(">HHHH", 5060, 5060, 1500, 0) + b"SIP/2.0 200 OK with words that go on")
later = fragment(1480, 0, b"\0\1\2\3\4\5\6\7\x08\t\n\x0b more of it")
for name, frame in (("first", first), ("later", later)):
    out = rewritten(frame, "--portmap=5060:5070,1:9")
    print(name, "given:  ", frame[34:46].hex(" "))
    print(name, "written:", out[34:46].hex(" "))
PY
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
