#!/usr/bin/env bash
# fpcap 0.2.0 and pycapng 0.19.7 keep the interfaces of a pcapng file's first section for the second.
#
# Expected: each section describes its interfaces anew, and their numbers count from 0 within it
# (draft-ietf-opsawg-pcapng, sections 4.1 and 4.2). Two files put one behind the other are a valid file of two sections.
# In the first below, interface 0 counts nanoseconds; in the second, microseconds. The packets are one second apart.
# Seen: the second packet's time is taken for nanoseconds, and it is placed in January 1970. No error, no warning.
# Who meets it: whoever joins captures by cat, or reads one that a ring of files was joined into.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-deps \
    fpcap==0.2.0 pycapng==0.19.7 || {
    echo "could not install the packages" >&2
    exit 2
}
run() { venv/bin/python -; }

expected=$(
    cat <<'TEXT'
fpcap second.pcapng [1764327601]
pycapng second.pcapng [1764327601]
fpcap both.pcapng [1764327600, 1764327]
pycapng both.pcapng [1764327600, 1764327]
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

nanoseconds = struct.pack("<HHB3x", 9, 1, 9) + bytes(4)
first = section() + interface(nanoseconds) + packet(frame, 1764327600 * 10**9)
second = section() + interface() + packet(frame, 1764327601 * 10**6)
for name, text in (("second.pcapng", second), ("both.pcapng", first + second)):
    with open(name, "wb") as file:
        file.write(text)

import fpcap
import pycapng

for name in ("second.pcapng", "both.pcapng"):
    print("fpcap", name, [one.timestamp_seconds for one in fpcap.PacketReader(name)])
    print("pycapng", name, [one.timestamp_ns // 10**9 for one in pycapng.read_packets(name)])
PY
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
