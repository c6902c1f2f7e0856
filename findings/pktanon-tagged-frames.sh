#!/usr/bin/env bash
# pktanon of 2016 (Debian 12) fills frames that have a tag with data of the frame before, by the profile of no change.
#
# Expected: its profile-identity.xml leaves each field as it is and cuts the payload. A frame with a tag of IEEE 802.1Q
# keeps its tag and what is behind it, or is cut behind the tag.
# Seen: behind 0x8100 it writes what stood behind the type in the frame before: a question by DNS in VLAN 20 loses its
# tag and type, and gets the addresses and ports of a question of another host, without a tag. The report counts no
# error. Whoever reads the result finds frames of a VLAN 1280, and none of VLAN 20.
# Who meets it: whoever gives away a capture from a port with a voice VLAN.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
apt-get download -qq \
    pktanon=2~git20160407.0.2bde4f2+dfsg-10 libxerces-c3.2=3.2.4+debian-1 libicu72=72.1-3+deb12u1 >&2 || {
    echo "could not download the packages" >&2
    exit 2
}
for package in ./*.deb; do dpkg -x "$package" .; done
export LD_LIBRARY_PATH=$PWD/usr/lib/x86_64-linux-gnu
run() { python3 -; }

expected=$(
    cat <<'TEXT'
['errors in packets: 0']
before: 0800 4500 003f 0001 0000 4011 0000 c000 020a c000 0235 c350 0035 002b 0000 0007 0100
after:  0800 4500 001c 0001 0000 4011 f690 c000 020a c000 0235 c350 0035 0008 b818 0000 0000
before: 8100 0014 0800 4500 003f 0001 0000 4011 0000 c000 0214 c000 0235 c351 0035 002b 0000
after:  8100 4500 001c 0001 0000 4011 f690 c000 020a c000 0235 c350 0035 0008 b818 0000 0000
TEXT
)
seen=$(
    run <<'END'
import socket
import struct
import subprocess

HOSTS = bytes.fromhex("02005e00000202005e000001")


def question(source, port, identifier, tag=b""):
    message = struct.pack(">HHHHHH", identifier, 0x100, 1, 0, 0, 0) + b"\x05phone\x07contoso\x03com\x00\x00\x01\x00\x01"
    datagram = struct.pack(">HHHH", port, 53, 8 + len(message), 0) + message
    header = struct.pack(">BBHHHBBH", 0x45, 0, 20 + len(datagram), 1, 0, 64, 17, 0)
    header += socket.inet_aton(source) + socket.inet_aton("192.0.2.53")
    return HOSTS + tag + b"\x08\x00" + header + datagram


frames = [question("192.0.2.10", 50000, 7), question("192.0.2.20", 50001, 8, bytes.fromhex("81000014"))]
with open("a.pcap", "wb") as file:
    file.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 1))
    for frame in frames:
        file.write(struct.pack("<IIII", 1764500000, 0, len(frame), len(frame)) + frame)
profile = "usr/share/doc/pktanon/examples/profiles/profile-identity.xml"
report = subprocess.run(["usr/bin/pktanon", "-c", profile, "a.pcap", "b.pcap"], capture_output=True, text=True)
print([line.strip() for line in (report.stdout + report.stderr).splitlines() if "errors" in line])
with open("b.pcap", "rb") as file:
    octets = file.read()[24:]
for before in frames:
    length = struct.unpack("<I", octets[8:12])[0]
    print("before:", before[12:46].hex(" ", 2))
    print("after: ", octets[16 : 16 + length][12:46].hex(" ", 2))
    octets = octets[16 + length :]
END
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
