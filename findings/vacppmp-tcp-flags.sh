#!/usr/bin/env bash
# vacppmp 0.1.0 takes each SYN for a CWR and each RST for an ECE, so no connection is opened or refused in a capture.
#
# Expected: RFC 9293, section 3.1: from the lowest bit on, the control bits are FIN, SYN, RST, PSH, ACK, URG, ECE, CWR.
# Seen: they are read the other way round, but for ACK: a SYN is CWR, SYN and ACK are CWRACK, FIN and ACK are NSACK, a
# RST is ECE, and data with a push are URGACK. So are the flags that its JSON and its page count. No error is raised.
# Who meets it: whoever looks with it whether the update server refused the phones' connections.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-deps \
    vacppmp==0.1.0 || {
    echo "could not install the packages" >&2
    exit 2
}
run() { venv/bin/python -; }

expected=$(
    cat <<'TEXT'
SYN is read as CWR
SYN, ACK is read as CWRACK
ACK is read as ACK
PSH, ACK is read as URGACK
FIN, ACK is read as NSACK
RST is read as ECE
counted: {'CWR': 1, 'CWRACK': 1, 'ACK': 1, 'URGACK': 1, 'NSACK': 1, 'ECE': 1}
TEXT
)
seen=$(
    run <<'PY'
import struct

from vacppmp.pcap import open_capture
from vacppmp.stats import build_report

PHONE, POOL = bytes([192, 0, 2, 7]), bytes([192, 0, 2, 85])
FLAGS = {"SYN": 0x02, "SYN, ACK": 0x12, "ACK": 0x10, "PSH, ACK": 0x18, "FIN, ACK": 0x11, "RST": 0x04}


def frame(flags):
    tcp = struct.pack("!HHIIBBHHH", 50000, 80, 1, 1, 0x50, flags, 8192, 0, 0)
    ip = struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(tcp), 1, 0, 64, 6, 0) + PHONE + POOL
    return bytes(6) + bytes.fromhex("0004f2000007") + b"\x08\x00" + ip + tcp


with open("phone.pcap", "wb") as file:
    file.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 1))
    for second, flags in enumerate(FLAGS.values()):
        file.write(struct.pack("<IIII", 1795600000 + second, 0, 54, 54) + frame(flags))
capture = open_capture("phone.pcap")
for name, packet in zip(FLAGS, capture.packets, strict=True):
    print(name, "is read as", packet.frame.tcp_flags)
print("counted:", dict(build_report(capture).flags))
PY
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
