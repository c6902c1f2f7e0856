#!/usr/bin/env bash
# dpkt 1.9.8 reads all packets of a pcapng file with the time resolution of the first interface.
#
# Expected: if_tsresol belongs to one interface, and a packet's time counts in the units of its own
# (draft-ietf-opsawg-pcapng, sections 4.2 and 4.3). Two interfaces with nanoseconds and microseconds are common where
# dumpcap listens on a card and on a tunnel at once.
# Seen: the second packet, caught one second after the first, is placed in January 1970; the other way round it is
# placed tens of thousands of years ahead. No error, no warning.
# Who meets it: whoever judges from a capture of several interfaces what was answered and how late.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-deps \
    dpkt==1.9.8 || {
    echo "could not install the packages" >&2
    exit 2
}
run() { venv/bin/python -; }

expected=$(
    cat <<'TEXT'
[1764327600.0, 1764327.601]
[1764327600.0, 1764327601000.0]
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

import io

import dpkt

nanoseconds = struct.pack("<HHB3x", 9, 1, 9) + bytes(4)
first = packet(frame, 1764327600 * 10**9, 0)
second = packet(frame, 1764327601 * 10**6, 1)
for file in (
    section() + interface(nanoseconds) + interface() + first + second,
    section() + interface() + interface(nanoseconds) + packet(frame, 1764327600 * 10**6, 0)
    + packet(frame, 1764327601 * 10**9, 1),
):
    print([stamp for stamp, _ in dpkt.pcapng.Reader(io.BytesIO(file))])
PY
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
