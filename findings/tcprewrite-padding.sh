#!/usr/bin/env bash
# tcprewrite 4.4.3 (Debian 12) makes data of the octets with which a short frame is padded.
#
# Expected: IEEE 802.3, clause 3, pads frames to 60 octets; RFC 791, section 3.1: the total length says where the
# packet ends. tcprewrite(1) has an option that changes this length, --fixlen, which is not used here.
# Seen: whatever else is asked for, as another hardware address, the total length becomes that of the frame, and the
# checksums are made right for it. An ACK of a phone, whose frame is padded, then carries six octets of zero at the
# place of the next request's first six. A kept frame check sequence becomes data as well.
# Who meets it: whoever replaces the addresses in a capture before he gives it away: a reader meets six zeros where the
# request has "POST /", and has to choose.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
apt-get download -qq \
    tcpreplay=4.4.3-1 libpcap0.8=1.10.3-1 libdumbnet1=1.16.3-1 >&2 || {
    echo "could not download the packages" >&2
    exit 2
}
for package in ./*.deb; do dpkg -x "$package" .; done
run() { LD_LIBRARY_PATH=$PWD/usr/lib/x86_64-linux-gnu python3 -; }

expected=$(
    cat <<'TEXT'
before:
  frame of 60, packet of 40, data b''
  frame of 67, packet of 53, data b'POST / HTTP/1'
  frame of 71, packet of 53, data b'POST / HTTP/1'
--enet-smac:
  frame of 60, packet of 46, data b'\x00\x00\x00\x00\x00\x00'
  frame of 67, packet of 53, data b'POST / HTTP/1'
  frame of 71, packet of 57, data b'POST / HTTP/1*FCS'
--pnat:
  frame of 60, packet of 46, data b'\x00\x00\x00\x00\x00\x00'
  frame of 67, packet of 53, data b'POST / HTTP/1'
  frame of 71, packet of 57, data b'POST / HTTP/1*FCS'
TEXT
)
seen=$(
    run <<'END'
import struct
import subprocess

PHONE, SERVER = bytes([10, 0, 0, 71]), bytes([10, 0, 0, 5])
OPTIONS = {"--enet-smac": "--enet-smac=00:04:f2:00:00:01", "--pnat": "--pnat=10.0.0.0/24:192.0.2.0/24"}


def checksum(data):
    data += bytes(len(data) % 2)
    total = sum(struct.unpack(f">{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def frame(data, behind):
    tcp = struct.pack(">HHIIBBHHH", 50000, 80, 10, 1, 0x50, 24 if data else 16, 65535, 0, 0) + data
    pseudo = PHONE + SERVER + struct.pack(">HH", 6, len(tcp)) + tcp
    tcp = tcp[:16] + struct.pack(">H", checksum(pseudo)) + tcp[18:]
    ip = struct.pack(">BBHHHBBH", 0x45, 0, 20 + len(tcp), 1, 0, 64, 6, 0) + PHONE + SERVER
    ip = ip[:10] + struct.pack(">H", checksum(ip)) + ip[12:]
    return bytes.fromhex("0200000000010004f2aabbcc0800") + ip + tcp + behind


def show(name):
    print(f"{name}:")
    with open(name, "rb") as file:
        file.read(24)
        while head := file.read(16):
            ip = file.read(struct.unpack("<4I", head)[2])[14:]
            (length,) = struct.unpack(">H", ip[2:4])
            print(f"  frame of {14 + len(ip)}, packet of {length}, data {ip[40:length]}")


with open("before", "wb") as file:
    file.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 1))
    for data, behind in ((b"", bytes(6)), (b"POST / HTTP/1", b""), (b"POST / HTTP/1", b"*FCS")):
        whole = frame(data, behind)
        file.write(struct.pack("<IIII", 1764327600, 0, len(whole), len(whole)) + whole)
show("before")
for name, option in OPTIONS.items():
    subprocess.run(["usr/bin/tcprewrite", option, "-i", "before", "-o", name], check=True)
    show(name)
END
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
