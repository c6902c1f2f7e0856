#!/usr/bin/env bash
# pcap-anonymize 0.3.0 gives all packets of a capture the time of its own run.
#
# Expected: its text says that it anonymizes MAC addresses and the application's layer. Times are part of a packet's
# record, not of those (draft-ietf-opsawg-pcap, section 5), and two packets that are 7 seconds apart stay so.
# Seen: each packet is built anew from its bytes, which have no time, so it gets the current one. The pauses of minutes
# between a phone's attempts become milliseconds. A packet of which 96 of 342 octets were kept becomes a whole one of
# 278 octets, the rest filled with zeros. No warning is given.
# Who meets it: whoever sends an anonymized capture to somebody who is to find out what waited for what.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-deps \
    pcap-anonymize==0.3.0 scapy==2.6.1 || {
    echo "could not install the packages" >&2
    exit 2
}
run() { venv/bin/python -; }

expected=$(
    cat <<'TEXT'
in.pcap 1764327600 96 of 342 octets, IP length 328
in.pcap 1764327607 96 of 342 octets, IP length 328
out.pcap now 278 of 278 octets, IP length 264
out.pcap now 278 of 278 octets, IP length 264
TEXT
)
seen=$(
    run <<'PY'
import logging
import struct
import time

logging.disable()
from pcap_anonymize import anonymize_pcap

ip = struct.pack("!BBHHHBBH", 0x45, 0, 328, 1, 0, 64, 17, 0) + bytes([0, 0, 0, 0, 255, 255, 255, 255])
frame = bytes.fromhex("ffffffffffff0004f2aabbcc0800") + ip + struct.pack("!4H", 68, 67, 308, 0) + bytes(54)
with open("in.pcap", "wb") as file:
    file.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 96, 1))
    for at in (1764327600, 1764327607):
        file.write(struct.pack("<4I", at, 250000, len(frame), 342) + frame)

began = int(time.time())
anonymize_pcap("in.pcap", "out.pcap")
for name in ("in.pcap", "out.pcap"):
    data, offset = open(name, "rb").read(), 24
    while offset < len(data):
        seconds, _, kept, size = struct.unpack_from("<4I", data, offset)
        when = "now" if began <= seconds <= time.time() else seconds
        print(name, when, f"{kept} of {size} octets, IP length", *struct.unpack_from("!H", data, offset + 16 + 16))
        offset += 16 + kept
PY
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
