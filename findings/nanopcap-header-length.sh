#!/usr/bin/env bash
# NanoPcap 1.0.4 takes the version of an IPv4 header for its length, and four octets of data for a check sequence.
#
# Expected: RFC 791, section 3.1: the first four bits are the version, the next four the header's length in words of
# 32 bits. A pcap file has Ethernet's check sequence only where the capturing system keeps it, and says so in its
# header's link type field (draft-ietf-opsawg-pcap, section 4).
# Seen: each packet is of version 5, and its header 16 octets long, so the payload begins with the receiver's address.
# Of a frame, the last four octets are always cut off. No error is raised.
# Who meets it: whoever takes from a capture with it what phones said to their server.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-deps \
    NanoPcap==1.0.4 || {
    echo "could not install the packages" >&2
    exit 2
}
run() { venv/bin/python -; }

expected=$(
    cat <<'TEXT'
octets of IP: 38 of which are read: 34
version 5 header of 16 octets
payload: c000 0235c350 00350012 00006120 71756573 74696f6e
it was:  c350 00350012 00006120 71756573 74696f6e
TEXT
)
seen=$(
    run <<'PY'
import io
import struct

from NanoPcap.Parser import PcapParser
from NanoPcap.Protocols.Ethernet import EthernetPacket
from NanoPcap.Protocols.IPv4 import IPv4Packet

WORDS = b"a question"
udp = struct.pack("!HHHH", 50000, 53, 8 + len(WORDS), 0) + WORDS
ENDS = bytes([192, 0, 2, 7, 192, 0, 2, 53])
ip = struct.pack("!BBHHHBBH8s", 0x45, 0, 20 + len(udp), 1, 0, 64, 17, 0, ENDS)
frame = bytes(6) + bytes.fromhex("0004f2000007") + b"\x08\x00" + ip + udp
file = struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 1)
file += struct.pack("<IIII", 1795600000, 0, len(frame), len(frame)) + frame

(_, data), *_ = PcapParser(io.BytesIO(file)).parse()
read = EthernetPacket(data)
print("octets of IP:", len(ip + udp), "of which are read:", len(read.payload()))
packet = IPv4Packet(ip + udp)
print("version", packet.version(), "header of", packet.headerLength(), "octets")
print("payload:", packet.payload().hex(" ", 4))
print("it was: ", udp.hex(" ", 4))
PY
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
