#!/usr/bin/env bash
# rsplitcap 0.1.0 divides the microseconds of a pcap file by a thousand.
#
# Expected: the second field of a packet's header counts microseconds, which the magic number 0xA1B2C3D4 says
# (draft-ietf-opsawg-pcap, sections 4 and 5). ts_usec of rsplitcap's Packet is that number, as it is for pcapng.
# Seen: of the same two packets, 250 milliseconds apart, one file has them 250 microseconds apart; the files that
# rsplitcap writes have the wrong times, too.
# Who meets it: whoever takes one phone's packets out of a large capture, and then measures how long an answer took.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-deps \
    rsplitcap==0.1.0 || {
    echo "could not install the packages" >&2
    exit 2
}
run() { venv/bin/python -; }

expected=$(
    cat <<'TEXT'
in.pcapng [(1764327600, 500000), (1764327600, 750000)]
in.pcap [(1764327600, 500), (1764327600, 750)]
written (1764327600, 500) (1764327600, 750)
TEXT
)
seen=$(
    run <<'PY'
import os
import struct

import rsplitcap


def block(kind, body):
    body += bytes(-len(body) % 4)
    size = struct.pack("<I", len(body) + 12)
    return struct.pack("<I", kind) + size + body + size


def udp(source, destination, *ports):
    addresses = bytes([10, 0, 0, source, 10, 0, 0, destination])
    datagram = struct.pack(">HHHH", *ports, 16, 0) + bytes(8)
    ip = struct.pack(">BBHHHBBH", 0x45, 0, 36, 1, 0, 64, 17, 0) + addresses + datagram
    return bytes.fromhex("0200000000020200000000010800") + ip


second = 1764327600
packets = [(500000, udp(71, 2, 50000, 53)), (750000, udp(2, 71, 53, 50000))]
with open("in.pcap", "wb") as file:
    file.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 1))
    for micros, frame in packets:
        file.write(struct.pack("<IIII", second, micros, len(frame), len(frame)) + frame)
with open("in.pcapng", "wb") as file:
    file.write(block(0x0A0D0D0A, struct.pack("<IHHq", 0x1A2B3C4D, 1, 0, -1)))
    file.write(block(1, struct.pack("<HHI", 1, 0, 65535)))
    for micros, frame in packets:
        high, low = divmod(second * 1000000 + micros, 1 << 32)
        file.write(block(6, struct.pack("<5I", 0, high, low, len(frame), len(frame)) + frame))
for name in ("in.pcapng", "in.pcap"):
    (flow,) = rsplitcap.read_flows(name).flows()
    print(name, [(packet.ts_sec, packet.ts_usec) for packet in flow.packets()])
rsplitcap.split("in.pcap", "out")
(written,) = [os.path.join(folder, name) for folder, _, names in os.walk("out") for name in names]
with open(written, "rb") as file:
    data = file.read()
print("written", struct.unpack_from("<II", data, 24), struct.unpack_from("<II", data, 24 + 16 + 50))
PY
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
