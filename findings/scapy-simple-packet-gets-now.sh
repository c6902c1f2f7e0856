#!/usr/bin/env bash
# scapy 2.8.0 gives the packets of pcapng Simple Packet Blocks the time at which the file is read.
#
# Expected: such a block has no time (draft-ietf-opsawg-pcapng, section 4.4), so none, or a fixed mark of absence such
# as 0, which libpcap gives. A second reading of the same file should give what the first gave.
# Seen: the time is the clock's at the moment of reading; it looks real, and two readings differ.
# Who meets it: whoever sorts packets of several captures by time, or measures how long a phone waited.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-deps \
    scapy==2.8.0 || {
    echo "could not install the packages" >&2
    exit 2
}
run() { venv/bin/python -; }

expected=$(
    cat <<'TEXT'
time is that of reading: True
two readings agree: False
TEXT
)
seen=$(
    run <<'PY'
import struct


def block(kind, body, order="<"):
    body += bytes(-len(body) % 4)
    size = struct.pack(order + "I", len(body) + 12)
    return struct.pack(order + "I", kind) + size + body + size


def section(order="<"):
    return block(0x0A0D0D0A, struct.pack(order + "IHHq", 0x1A2B3C4D, 1, 0, -1), order)


def interface(options=b"", order="<"):
    return block(1, struct.pack(order + "HHI", 1, 0, 262144) + options, order)


def packet(data, stamp, interface=0, order="<"):
    head = struct.pack(order + "5I", interface, stamp >> 32, stamp & 0xFFFFFFFF, len(data), len(data))
    return block(6, head + data, order)


frame = bytes.fromhex("0004f2aabbcc020000000001") + b"\x88\xb5" + bytes(46)

import time

with open("simple.pcapng", "wb") as file:
    file.write(section() + interface() + block(3, struct.pack("<I", len(frame)) + frame))

from scapy.utils import PcapNgReader

before = time.time()
first = next(iter(PcapNgReader("simple.pcapng"))).time
time.sleep(0.1)
second = next(iter(PcapNgReader("simple.pcapng"))).time
print("time is that of reading:", before <= first <= time.time())
print("two readings agree:", first == second)
PY
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
