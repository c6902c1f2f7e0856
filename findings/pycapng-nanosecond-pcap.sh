#!/usr/bin/env bash
# pycapng 0.19.7 (libpcapng) reads the times of nanosecond pcap files as if they counted microseconds.
#
# Expected: the magic number 0xA1B23C4D says that the second half of a packet's time counts nanoseconds
# (draft-ietf-opsawg-pcap, section 4). timestamp_ns is "nanoseconds since the epoch". Both files below hold one packet
# of the same moment, a quarter of a second after the full second.
# Seen: of the nanosecond file the time is 250 seconds late, a plausible time of the same day. No error, no warning.
# Who meets it: whoever compares a capture of tcpdump --time-stamp-precision=nano with a log or with a second capture.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-deps \
    pycapng==0.19.7 || {
    echo "could not install the packages" >&2
    exit 2
}
run() { venv/bin/python -; }

expected=$(
    cat <<'TEXT'
microseconds [1764327600250000000]
nanoseconds [1764327850000000000]
TEXT
)
seen=$(
    run <<'PY'
import struct

frame = bytes.fromhex("0004f2aabbcc020000000001") + b"\x88\xb5" + bytes(46)
for name, magic, fraction in (("microseconds", 0xA1B2C3D4, 250_000), ("nanoseconds", 0xA1B23C4D, 250_000_000)):
    with open(name, "wb") as file:
        file.write(struct.pack("<IHHiIII", magic, 2, 4, 0, 0, 262144, 1))
        file.write(struct.pack("<IIII", 1764327600, fraction, len(frame), len(frame)) + frame)

import pycapng

for name in ("microseconds", "nanoseconds"):
    print(name, [one.timestamp_ns for one in pycapng.read_packets(name)])
PY
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
