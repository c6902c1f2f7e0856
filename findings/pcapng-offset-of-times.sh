#!/usr/bin/env bash
# scapy 2.8.0 and python-pcapng 2.1.1 give wrong times to a pcapng file whose interface has the option if_tsoffset.
#
# Expected: the reader adds the option's seconds to the time of each packet of that interface
# (draft-ietf-opsawg-pcapng, section 4.2, option 14), as libpcap does. The packet below was caught at 1764327600.25.
# Seen: both readers leave the option out and place the packet at 0.25, a quarter of a second into 1970.
# Who meets it: whoever compares the times of such a capture with a log or with a second capture.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-deps \
    scapy==2.8.0 python-pcapng==2.1.1 || {
    echo "could not install the packages" >&2
    exit 2
}
run() { venv/bin/python -; }

expected=$(
    cat <<'TEXT'
scapy [0.25]
python-pcapng [0.25]
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

offset = struct.pack("<HHq", 14, 8, 1764327600) + bytes(4)
with open("offset.pcapng", "wb") as file:
    file.write(section() + interface(offset) + packet(frame, 250000))

from scapy.utils import PcapNgReader

print("scapy", [float(one.time) for one in PcapNgReader("offset.pcapng")])

from pcapng import FileScanner

with open("offset.pcapng", "rb") as file:
    print("python-pcapng", [one.timestamp for one in FileScanner(file) if hasattr(one, "timestamp")])
PY
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
