#!/usr/bin/env bash
# ipgrab 0.9.10 (Debian 12) says "format error" of nearly every DNS message, and never that a name does not exist.
#
# Expected: RFC 1035, section 4.1.1: behind the identifier are QR, 4 bits of opcode, AA, TC and RD in one octet, then
# RA, three bits that are zero and four bits of response code in the next. ipgrab names each of them.
# Seen: the response code is read from the bits in which RD is, so each question of a phone is a "format error", and so
# is each answer. Where the code is 3, NXDOMAIN, the answer is said to be truncated, and the RD of a question is lost.
# No error is raised.
# Who meets it: whoever reads with it what the DNS server said to phones.
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
RD, as a question has it: truncated 0, recursion desired 0, code 1 (format error)
RD, RA, NOERROR: truncated 0, recursion desired 1, code 1 (format error)
RD, RA, NXDOMAIN: truncated 1, recursion desired 1, code 1 (format error)
RD, RA, REFUSED: truncated 0, recursion desired 1, code 1 (format error)
RA, REFUSED: truncated 0, recursion desired 1, code 0 (no error)
TEXT
)
seen=$(
    run <<'END'
import re
import struct
import subprocess

PHONE, SERVER = bytes([10, 0, 0, 71]), bytes([10, 0, 0, 5])
CASES = {
    "RD, as a question has it": 0x0100,
    "RD, RA, NOERROR": 0x8180,
    "RD, RA, NXDOMAIN": 0x8183,
    "RD, RA, REFUSED": 0x8185,
    "RA, REFUSED": 0x8085,
}


def checksum(data):
    total = sum(struct.unpack(f">{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def frame(bits):
    dns = struct.pack(">HHHHHH", 7, bits, 1, 0, 0, 0) + b"\4pool\7contoso\3com\0" + struct.pack(">HH", 1, 1)
    ends = (SERVER + PHONE, 53, 40001) if bits >> 15 else (PHONE + SERVER, 40001, 53)
    udp = struct.pack(">HHHH", *ends[1:], 8 + len(dns), 0) + dns
    ip = struct.pack(">BBHHHBBH", 0x45, 0, 20 + len(udp), 1, 0, 64, 17, 0) + ends[0]
    ip = ip[:10] + struct.pack(">H", checksum(ip)) + ip[12:]
    return bytes.fromhex("0200000000010004f2aabbcc0800") + ip + udp


for case, bits in CASES.items():
    data = frame(bits)
    with open("dns.pcap", "wb") as file:
        file.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 1))
        file.write(struct.pack("<IIII", 1764327600, 0, len(data), len(data)) + data)
    text = subprocess.run(["usr/sbin/ipgrab", "-r", "dns.pcap"], check=True, capture_output=True, text=True).stdout
    said = [
        re.search(rf"^{name}:\s+(.*)$", text, re.MULTILINE)[1]
        for name in ("Flag trunctated", "Flag recursion desired", "Flag return code")
    ]
    print("{}: truncated {}, recursion desired {}, code {}".format(case, *said))
END
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
