#!/usr/bin/env bash
# packetreader 1.1.0 prints 5 milliseconds after the second as half a second.
#
# Expected: a packet's time is seconds and microseconds (draft-ietf-opsawg-pcap, section 5), so 5000 microseconds are
# .005000; the README shows "Epoch Time: 1448157839.796592 seconds".
# Seen: the microseconds are printed without the zeros in front. Nine of ten times have none there and look right. Of
# the packets below, the second came 0.595 seconds after the first and seems to have come 1.095 after it; the third
# came 5 milliseconds later and has the same number.
# Who meets it: whoever reads from this how long a phone waited for an answer.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-deps \
    packetreader==1.1.0 || {
    echo "could not install the packages" >&2
    exit 2
}
run() { venv/bin/python -; }

expected=$(
    cat <<'TEXT'
[1] Epoch Time: 1764327600.405000 seconds
[1] Epoch Time: 1764327601.50 seconds
[1] Epoch Time: 1764327601.5000 seconds
TEXT
)
seen=$(
    run <<'PY'
import struct

tcp = struct.pack(">HHIIBBHHH", 50000, 443, 1, 0, 0x50, 2, 8192, 0, 0)
ip = struct.pack(">BBHHHBBH", 0x45, 0, 40, 1, 0, 64, 6, 0) + bytes([192, 0, 2, 7, 192, 0, 2, 1])
frame = bytes.fromhex("0004f2aabbcc020000000001") + b"\x08\x00" + ip + tcp + bytes(6)
with open("capture.pcap", "wb") as file:
    file.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 262144, 1))
    for seconds, microseconds in ((1764327600, 405_000), (1764327601, 50), (1764327601, 5_000)):
        file.write(struct.pack("<IIII", seconds, microseconds, len(frame), len(frame)) + frame)

import PacketReader

for packet in PacketReader.read_pcap("capture.pcap"):
    print(str(packet).splitlines()[1])
PY
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
