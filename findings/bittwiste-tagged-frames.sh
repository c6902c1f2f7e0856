#!/usr/bin/env bash
# bittwiste 2.0 (Debian 12) leaves the addresses of tagged frames as they were, and breaks datagrams in pieces.
#
# Expected: IEEE 802.1Q, clause 9: a tag stands before the type of a frame, which is IPv4 as before. bittwiste(1):
# "-T ip -s old,new" replaces all occurrences in the source address; checksums of TCP and UDP are recalculated, "except
# for the last fragment".
# Seen: in a frame with a tag the address stays, and the frame is counted as written like the others. The first fragment
# of a datagram gets a checksum of its own octets alone, so the datagram is dropped where it is put together.
# Who meets it: whoever replaces addresses in a capture of a voice VLAN before he gives it away.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
apt-get download -qq \
    bittwist=2.0-15 libpcap0.8=1.10.3-1 >&2 || {
    echo "could not download the packages" >&2
    exit 2
}
for package in ./*.deb; do dpkg -x "$package" .; done
run() { LD_LIBRARY_PATH=$PWD/usr/lib/x86_64-linux-gnu python3 -; }

expected=$(
    cat <<'TEXT'
untagged: 10.0.0.71, now 192.0.2.71
VLAN 100: 10.0.0.71, now 10.0.0.71
datagram in two pieces: 10.0.0.71 with a right checksum, now 192.0.2.71 with a wrong checksum
TEXT
)
seen=$(
    run <<'END'
import socket
import struct
import subprocess

PHONE, SERVER = bytes([10, 0, 0, 71]), bytes([10, 0, 0, 5])


def checksum(data):
    data += bytes(len(data) % 2)
    total = sum(struct.unpack(f">{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def frame(data, tag=b"", place=0):
    ip = struct.pack(">BBHHHBBH", 0x45, 0, 20 + len(data), 7, place, 64, 17, 0) + PHONE + SERVER
    ip = ip[:10] + struct.pack(">H", checksum(ip)) + ip[12:]
    return bytes.fromhex("0200000000010004f2aabbcc") + tag + b"\x08\0" + ip + data


def datagram(data):
    udp = struct.pack(">HHHH", 50000, 5060, 8 + len(data), 0) + data
    pseudo = PHONE + SERVER + struct.pack(">HH", 17, len(udp)) + udp
    return udp[:6] + struct.pack(">H", checksum(pseudo)) + udp[8:]


def packets(name):
    with open(name, "rb") as file:
        file.read(24)
        while head := file.read(16):
            data = file.read(struct.unpack("<4I", head)[2])
            yield data[18 if data[12] == 0x81 else 14 :]


def rewritten(name, frames):
    with open("before", "wb") as file:
        file.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 1))
        for data in frames:
            file.write(struct.pack("<IIII", 1764327600, 0, len(data), len(data)) + data)
    command = ["usr/bin/bittwiste", "-I", "before", "-O", "after", "-T", "ip", "-s", "10.0.0.71,192.0.2.71"]
    subprocess.run(command, check=True, capture_output=True)
    said = []
    for file in ("before", "after"):
        pieces = list(packets(file))
        udp = b"".join(piece[20:] for piece in pieces)
        right = checksum(pieces[0][12:20] + struct.pack(">HH", 17, len(udp)) + udp) == 0
        which = f" with a {'right' if right else 'wrong'} checksum" if len(pieces) > 1 else ""
        said.append(socket.inet_ntoa(pieces[0][12:16]) + which)
    print(f"{name}: {', now '.join(said)}")


short, long = datagram(b"OPTIONS sip:pool.contoso.com SIP/2.0\r\n\r\n"), datagram(b"REGISTER " * 200)
rewritten("untagged", [frame(short)])
rewritten("VLAN 100", [frame(short, tag=bytes.fromhex("8100a064"))])
rewritten("datagram in two pieces", [frame(long[:1400], place=0x2000), frame(long[1400:], place=1400 // 8)])
END
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
