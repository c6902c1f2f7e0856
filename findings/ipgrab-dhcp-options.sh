#!/usr/bin/env bash
# ipgrab 0.9.10 (Debian 12) takes the data of a DHCP option that it does not know for further options.
#
# Expected: RFC 2132, section 2: each option but 0 and 255 has a length, so that a reader can pass one that it does not
# know. RFC 2131, section 2: the broadcast bit is the highest of the flags, and xid is a number in network order.
# Seen: the length of an option 42 (time servers) is printed, and its data are read as options: the address 10.0.0.9 is
# an option 10 of length 0, a pad, and LPR servers in whose place the domain was, which is lost. The
# identifier and the flags are printed in the order of this machine. No error is raised.
# Who meets it: whoever reads with it what a DHCP server gave to phones, which are given option 42.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
apt-get download -qq \
    ipgrab=0.9.10-4 libpcap0.8=1.10.3-1 >&2 || {
    echo "could not download the packages" >&2
    exit 2
}
for package in ./*.deb; do dpkg -x "$package" .; done
run() { LD_LIBRARY_PATH=$PWD/usr/lib/x86_64-linux-gnu python3 -; }

expected=$(
    cat <<'TEXT'
without option 42: 0x07000000 0x0080, options 53 15 255, domain contoso.com
with option 42: 0x07000000 0x0080, options 53 42 10 0 9 255, domain none
TEXT
)
seen=$(
    run <<'END'
import re
import struct
import subprocess

CASES = {
    "without option 42": b"",
    "with option 42": b"\x2a\4" + bytes([10, 0, 0, 9]),
}


def checksum(data):
    total = sum(struct.unpack(f">{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def frame(option):
    dhcp = struct.pack(">BBBBIHH16s", 2, 1, 6, 0, 7, 0, 0x8000, bytes(4) + bytes([10, 0, 0, 71]) + bytes(8))
    dhcp += bytes.fromhex("0004f2aabbcc") + bytes(202) + bytes.fromhex("63825363")
    dhcp += b"\x35\1\2" + option + b"\x0f\x0bcontoso.com" + b"\xff"
    udp = struct.pack(">HHHH", 67, 68, 8 + len(dhcp), 0) + dhcp
    ip = struct.pack(">BBHHHBBH", 0x45, 0, 20 + len(udp), 1, 0, 64, 17, 0) + bytes([10, 0, 0, 5]) + b"\xff" * 4
    ip = ip[:10] + struct.pack(">H", checksum(ip)) + ip[12:]
    return b"\xff" * 6 + bytes.fromhex("0200000000010800") + ip + udp


for case, option in CASES.items():
    data = frame(option)
    with open("dhcp.pcap", "wb") as file:
        file.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 1))
        file.write(struct.pack("<IIII", 1764327600, 0, len(data), len(data)) + data)
    text = subprocess.run(["usr/sbin/ipgrab", "-r", "dhcp.pcap"], check=True, capture_output=True, text=True).stdout
    xid, flags = (re.search(rf"^{name}:\s+(.*)$", text, re.MULTILINE)[1] for name in ("Transaction ID", "Flags"))
    options = re.findall(r"^Option:\s+(\d+)", text, re.MULTILINE)
    domain = re.search(r"Domain name:\s+(.*)", text)
    print(f"{case}: {xid} {flags}, options {' '.join(options)}, domain {domain[1] if domain else 'none'}")
END
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
