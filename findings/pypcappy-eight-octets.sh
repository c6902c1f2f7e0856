#!/usr/bin/env bash
# pypcappy 0.0.7 cuts the first eight octets off each packet of a pcapng file.
#
# Expected: pcapng (draft-ietf-opsawg-pcapng), section 4.3: behind the head of an Enhanced Packet Block come the
# interface, two halves of the time, the captured length and the original length, then as many octets of the packet as
# were captured, and padding.
# Seen: the length is read where the packet begins, from the receiver's hardware address, and the packet eight octets
# behind that. What is given is the rest of the block, with its padding and its options; no error is raised.
# Who meets it: whoever reads with it what Wireshark or dumpcap wrote.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install -q --no-deps \
    pypcappy==0.0.7 >&2 || {
    echo "could not install the packages" >&2
    exit 2
}
run() { venv/bin/python -; }

expected=$(
    cat <<'TEXT'
no options: sent 46 octets from 0004f2aa, given 40 octets from 7e000001
epb_flags: sent 46 octets from 0004f2aa, given 52 octets from 7e000001
TEXT
)
seen=$(
    run <<'PY'
import struct

from pypcappy import PcapNgFile


def block(kind, data):
    size = struct.pack("<I", len(data) + 12)
    return struct.pack("<I", kind) + size + data + size


section = block(0x0A0D0D0A, struct.pack("<IHHq", 0x1A2B3C4D, 1, 0, -1))
interface = block(1, struct.pack("<HHI", 1, 0, 0))
frame = bytes.fromhex("0004f2aabbcc 001d7e000001 0800") + bytes(range(0x45, 0x65))  # 46 octets
flags = struct.pack("<HHI", 2, 4, 1) + bytes(4)  # the option epb_flags: inbound
for title, options in (("no options", b""), ("epb_flags", flags)):
    head = struct.pack("<IIIII", 0, 0, 0, len(frame), len(frame))
    with open("phone.pcapng", "wb") as file:
        file.write(section + interface + block(6, head + frame + bytes(2) + options))
    with PcapNgFile("phone.pcapng") as capture:
        (packet,) = capture.packets
    sent, given = (f"{len(data)} octets from {data[:4].hex()}" for data in (frame, packet.data))
    print(f"{title}: sent {sent}, given {given}")
PY
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
