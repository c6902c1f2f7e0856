#!/usr/bin/env bash
# fpcap 0.2.0 gives as timestamp_microseconds whatever units a pcapng interface counts in.
#
# Expected: its README calls timestamp_microseconds "Capture timestamp (microseconds)", so all three packets below, of
# the same quarter of a second, have 250000. if_tsresol says what the file counts (draft-ietf-opsawg-pcapng, section
# 4.2, option 9): 9 is nanoseconds, as dumpcap writes it, 3 milliseconds.
# Seen: 250000000 and 250: the fraction in the file's own units. Nanosecond pcap files are converted.
# Who meets it: whoever adds seconds and microseconds; a packet of a capture of Wireshark is up to 1000 seconds late.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-deps \
    fpcap==0.2.0 || {
    echo "could not install the packages" >&2
    exit 2
}
run() { venv/bin/python -; }

expected=$(
    cat <<'TEXT'
milliseconds [(1764327600, 250)]
microseconds [(1764327600, 250000)]
nanoseconds [(1764327600, 250000000)]
pcap [(1764327600, 250000)]
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

import fpcap

for name, digits in (("milliseconds", 3), ("microseconds", 6), ("nanoseconds", 9)):
    resolution = struct.pack("<HHB3x", 9, 1, digits) + bytes(4)
    with open(name, "wb") as file:
        file.write(section() + interface(resolution) + packet(frame, 176432760025 * 10 ** (digits - 2)))
    print(name, [(one.timestamp_seconds, one.timestamp_microseconds) for one in fpcap.PacketReader(name)])
with open("pcap", "wb") as file:
    file.write(struct.pack("<IHHiIII", 0xA1B23C4D, 2, 4, 0, 0, 262144, 1))
    file.write(struct.pack("<IIII", 1764327600, 250_000_000, len(frame), len(frame)) + frame)
print("pcap", [(one.timestamp_seconds, one.timestamp_microseconds) for one in fpcap.PacketReader("pcap")])
PY
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
