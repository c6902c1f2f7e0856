#!/usr/bin/env bash
# dtmf-py 0.1.3 begins the next digit while the one before it still sounds, and ends digits of different lengths.
#
# Expected: RFC 4733, section 2.5.1.2: the timestamp of an event is when it began, its duration counts from there, so
# that the next event begins behind both. Section 2.5.1.4: the final packet of an event is sent three times, with the
# same duration. RFC 3550, section 5.1: sequence numbers go from 65535 on to 0; timestamps begin at random.
# Seen: each digit begins 160 units behind the one before, which lasts 1440. Two packets with the end bit are sent, with
# two durations. Of ten packets that are asked for there are nine. Where the sequence number passes 65535, which is so
# for one of some thousand numbers, it ends with an error.
# Who meets it: who dials through a menu with it: a gateway takes "11" for one long 1, or leaves digits out.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-deps \
    dtmf-py==0.1.3 rtp==0.0.4 || {
    echo "could not install the packages" >&2
    exit 2
}
run() { venv/bin/python -; }

expected=$(
    cat <<'TEXT'
18 packets for two digits with 10 each
digit 1 begin: timestamp 1, duration 160, until 161
digit 1 end: timestamp 1, duration 1280, until 1281
digit 1 end: timestamp 1, duration 1440, until 1441
digit 1 begin: timestamp 161, duration 160, until 321
digit 1 end: timestamp 161, duration 1280, until 1441
digit 1 end: timestamp 161, duration 1440, until 1601
from sequence number 65530 on: SequenceNumber must be in range 0-2**16
TEXT
)
seen=$(
    run <<'PY'
import random

import rtp.rtp
from dtmf_py import DTMF
from rtp import RTP

rtp.rtp.randint = random.Random(7).randint  # the same numbers each time
packets = DTMF.make_numbers_packets("11", tone_packets_count=10)
print(f"{len(packets)} packets for two digits with 10 each")
for octets in packets:
    packet = RTP().fromBytes(octets)
    event, flags = packet.payload[0], packet.payload[1]
    duration = int.from_bytes(packet.payload[2:4], "big")
    if packet.marker or flags & 0x80:
        end = "end" if flags & 0x80 else "begin"
        until = packet.timestamp + duration
        print(f"digit {event} {end}: timestamp {packet.timestamp}, duration {duration}, until {until}")
rtp.rtp.randint = lambda first, last: last - 5
try:
    DTMF.make_numbers_packets("1")
except ValueError as error:
    print(f"from sequence number 65530 on: {error}")
PY
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
