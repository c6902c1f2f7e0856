#!/usr/bin/env bash
# libpcap 1.10.6 (in the wheel of cypcap 0.6.3) stops at a pcapng section of the other byte order, with a wrong reason.
#
# Expected: pcapng files may be joined with cat, and each section has its own byte order (draft-ietf-opsawg-pcapng,
# sections 3.1 and 4.1: the byte-order magic is there to tell it anew). If a reader cannot, it should say that.
# Seen: the first section is read; then the length of the second section's first block, 28, is read in the first
# section's byte order, and the error names a block of 469762048 bytes, as if the file were damaged.
# Who meets it: whoever joins captures of a switch or phone gateway with a big-endian processor and of a PC, and gives
# the result to tcpdump or any other program on libpcap.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-deps \
    cypcap==0.6.3 || {
    echo "could not install the packages" >&2
    exit 2
}
run() { venv/bin/python -; }

expected=$(
    cat <<'TEXT'
libpcap version 1.10.6
[1764327600.0] pcapng block size 469762048 > maximum 16777216
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

with open("joined.pcapng", "wb") as file:
    file.write(section() + interface() + packet(frame, 1764327600 * 10**6))
    file.write(section(">") + interface(order=">") + packet(frame, 1764327601 * 10**6, order=">"))

import cypcap

print(" ".join(cypcap.lib_version().split()[:3]))
stamps = []
try:
    with cypcap.open_offline("joined.pcapng") as capture:
        for head, _ in capture:
            if head is not None:
                stamps.append(head.ts)
except cypcap.Error as error:
    print(stamps, error.args[1])
PY
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
