#!/usr/bin/env bash
# tcpflow 1.6.1 (Debian 12) takes the priority of a tagged frame for part of the number of its VLAN.
#
# Expected: IEEE 802.1Q, section 9.6: of a tag's 16 bits the highest three are the priority and the next one is the drop
# eligible indicator; the number of the VLAN is the last twelve. tcpflow(1) names a stream's file after its VLAN.
# Seen: a stream in VLAN 100 is named after VLAN 100 at priority 0 only; at the priority of voice signalling, 3, it is
# 24676, at that of voice, 5, it is 41060. Both are larger than any number that a VLAN can have.
# Who meets it: whoever sorts by VLAN what phones said, which tag their frames themselves.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
apt-get download -qq \
    tcpflow-nox=1.6.1-2+b1 libhttp-parser2.9=2.9.4-5 >&2 || {
    echo "could not download the packages" >&2
    exit 2
}
for package in ./*.deb; do dpkg -x "$package" .; done
run() { LD_LIBRARY_PATH=$PWD/usr/lib/x86_64-linux-gnu python3 -; }

expected=$(
    cat <<'TEXT'
priority 0 010.000.000.071.50000-010.000.000.005.00080--100
priority 3 010.000.000.071.50000-010.000.000.005.00080--24676
priority 5 010.000.000.071.50000-010.000.000.005.00080--41060
TEXT
)
seen=$(
    run <<'END'
import os
import struct
import subprocess

PHONE, SERVER = bytes([10, 0, 0, 71]), bytes([10, 0, 0, 5])


def checksum(data):
    total = sum(struct.unpack(f">{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def frame(tag, sequence, flags, data=b""):
    tcp = struct.pack(">HHIIBBHHH", 50000, 80, sequence, 1, 0x50, flags, 65535, 0, 0) + data
    pseudo = PHONE + SERVER + struct.pack(">HH", 6, len(tcp))
    tcp = tcp[:16] + struct.pack(">H", checksum(pseudo + tcp)) + tcp[18:]
    ip = struct.pack(">BBHHHBBH", 0x45, 0, 20 + len(tcp), 1, 0, 64, 6, 0) + PHONE + SERVER
    ip = ip[:10] + struct.pack(">H", checksum(ip)) + ip[12:]
    return bytes.fromhex("0200000000010004f2aabbcc8100") + struct.pack(">HH", tag, 0x0800) + ip + tcp


for priority in (0, 3, 5):
    tag = priority << 13 | 100
    with open("phone.pcap", "wb") as file:
        file.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 1))
        for time, data in enumerate((frame(tag, 9, 2), frame(tag, 10, 24, b"POST / HTTP/1.1 "))):
            file.write(struct.pack("<IIII", 1764327600, time, len(data), len(data)) + data)
    folder = f"streams{priority}"
    os.mkdir(folder)
    subprocess.run(["usr/bin/tcpflow", "-q", "-r", "phone.pcap", "-o", folder], check=True, stdout=subprocess.DEVNULL)
    print("priority", priority, *(name for name in os.listdir(folder) if name != "report.xml"))
END
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
