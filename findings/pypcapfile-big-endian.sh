#!/usr/bin/env bash
# pypcapfile 0.12.0 finds no packet in a big-endian pcap file, and takes nanoseconds for microseconds.
#
# Expected: the magic number says in which order the octets of all numbers stand, and whether the second time field of a
# packet counts microseconds or nanoseconds; a captured length of 0 is a length as any other (draft-ietf-opsawg-pcap,
# sections 4 and 5).
# Seen: a big-endian file, as a big-endian firewall or router writes it, has no packets, without an error; timestamp_ms
# of half a second is 500000 in a nanosecond file; reading ends before a packet of which nothing was kept.
# Who meets it: whoever counts with it what a phone's switch or firewall captured.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-deps \
    pypcapfile==0.12.0 || {
    echo "could not install the packages" >&2
    exit 2
}
run() { venv/bin/python -; }

expected=$(
    cat <<'TEXT'
little-endian [500.0, 750.0]
big-endian []
nanoseconds [500000.0, 750000.0]
nothing kept [500.0]
TEXT
)
seen=$(
    run <<'PY'
import struct

from pcapfile import savefile


def written(order, magic, packets):
    with open("phone.pcap", "wb") as file:
        file.write(struct.pack(order + "IHHiIII", magic, 2, 4, 0, 0, 65535, 1))
        for fraction, data in packets:
            file.write(struct.pack(order + "IIII", 1764327600, fraction, len(data), 60) + data)


frame = bytes.fromhex("0004f2aabbcc0200000000010800") + bytes(46)
micro, nano = 0xA1B2C3D4, 0xA1B23C4D
for title, order, magic, packets in (
    ("little-endian", "<", micro, [(500000, frame), (750000, frame)]),
    ("big-endian", ">", micro, [(500000, frame), (750000, frame)]),
    ("nanoseconds", "<", nano, [(500000000, frame), (750000000, frame)]),
    ("nothing kept", "<", micro, [(500000, frame), (600000, b""), (750000, frame)]),
):
    written(order, magic, packets)
    with open("phone.pcap", "rb") as file:
        print(title, [packet.timestamp_ms for packet in savefile.load_savefile(file).packets])
PY
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
