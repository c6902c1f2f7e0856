#!/usr/bin/env bash
# pktcap 0.1.3 finds nothing in a pcap file that says how long its frames' check sequences are.
#
# Expected: the link type is the lower 16 bits of its field; the upper bits may say that frames end with a check
# sequence, bit 26, and of how many 16-bit units, bits 28 to 31 (draft-ietf-opsawg-pcap, section 4).
# Seen: only the upper four bits are left out, so Ethernet, 1, becomes link type 67108865. No dissector is registered
# for it: the datagram is not among those read, frames have no layers, and no error is raised.
# Who meets it: whoever reads captures of network cards and taps that keep the check sequence.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-deps \
    pktcap==0.1.3 netimps==0.4.2 || {
    echo "could not install the packages" >&2
    exit 2
}
run() { venv/bin/python -; }

expected=$(
    cat <<'TEXT'
plain [(1, 3)] [b'text']
with check sequences [(67108865, 0)] []
TEXT
)
seen=$(
    run <<'PY'
import struct

udp = struct.pack(">4H", 68, 67, 12, 0) + b"text"
ip = struct.pack(">BBHHHBBH", 0x45, 0, 20 + len(udp), 1, 0, 64, 17, 0xF6C3) + bytes([192, 0, 2, 7, 192, 0, 2, 1])
frame = bytes.fromhex("0004f2aabbcc020000000001") + b"\x08\x00" + ip + udp + bytes(14)

import pktcap

for name, link_type, check in (("plain", 1, b""), ("with check sequences", 0x24000001, b"\1\2\3\4")):
    data = frame + check
    with open(name, "wb") as file:
        file.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 262144, link_type))
        file.write(struct.pack("<IIII", 1764327600, 0, len(data), len(data)) + data)
    frames = [(one.frame.linktype, len(one.layers)) for one in pktcap.read_dissected(name)]
    print(name, frames, [one.payload for one in pktcap.read_datagrams(name)])
PY
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
