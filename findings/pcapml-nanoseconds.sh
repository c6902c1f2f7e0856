#!/usr/bin/env bash
# pcapml 0.1.0 gives packets of a capture that counts nanoseconds other times, some hundred nanoseconds off.
#
# Expected: a packet's time is a whole number of the interface's units (draft-ietf-opsawg-pcapng, section 4.3;
# if_tsresol 9 is nanoseconds), and the package's own text calls ts_nanos free of loss for nanoseconds.
# Seen: the number goes through a float of 53 bits and comes back as a multiple of 256. Of three packets 100
# nanoseconds apart, two have the same time. Times in microseconds are right.
# Who meets it: whoever orders the packets of two taps by time, or measures a switch, in a DataFrame of this package.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-deps \
    pcapml==0.1.0 pandas==3.1.1 numpy==2.4.6 python-dateutil==4.0.0 || {
    echo "could not install the packages" >&2
    exit 2
}
run() { venv/bin/python -; }

expected=$(
    cat <<'TEXT'
2025-11-28T11:00:00.123456768+00:00
2025-11-28T11:00:00.123456768+00:00
2025-11-28T11:00:00.123457024+00:00
TEXT
)
seen=$(
    run <<'PY'
import struct

from pcapml import read_pcapml


def block(kind, body):
    body += bytes(-len(body) % 4)
    size = struct.pack("<I", len(body) + 12)
    return struct.pack("<I", kind) + size + body + size


section = block(0x0A0D0D0A, struct.pack("<IHHq", 0x1A2B3C4D, 1, 0, -1))
interface = block(1, struct.pack("<HHIHHB3xI", 1, 0, 262144, 9, 1, 9, 0))
frame = bytes.fromhex("0004f2aabbcc020000000001") + b"\x88\xb5" + bytes(46)
with open("nanoseconds.pcapng", "wb") as file:
    file.write(section + interface)
    for time in range(1764327600_123456500, 1764327600_123456800, 100):
        head = struct.pack("<5I", 0, time >> 32, time & 0xFFFFFFFF, len(frame), len(frame))
        file.write(block(6, head + frame))
for time in read_pcapml("nanoseconds.pcapng")["timestamp"]:
    print(time.isoformat())
PY
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
