#!/usr/bin/env bash
# os-ken 4.2.2 moves about one packet in ninety by a microsecond when it copies a pcap file, and forgets cut octets.
#
# Expected: a packet's time is seconds and microseconds, each a whole number, and its original length stays although it
# was cut (draft-ietf-opsawg-pcap, section 5; pcap-savefile(5)). A copy of what was read is as the source.
# Seen: its writer cuts a fraction that is a little too small: 249 microseconds become 248. The original length is that
# of the octets in the file.
# Who meets it: whoever records or splits captures with it and compares them with others, or measures delays.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-deps \
    os-ken==4.2.2 pbr==7.1.3 || {
    echo "could not install the packages" >&2
    exit 2
}
run() { venv/bin/python -; }

expected=$(
    cat <<'TEXT'
13 of 1000 have moved: 249 -> 248, 251 -> 250, 489 -> 488, 493 -> 492, 498 -> 497, 502 -> 501, 507 -> 506, 511 -> 510
lengths in the file and before: 4 of 60 -> 4 of 4
TEXT
)
seen=$(
    run <<'PY'
import io
import struct

from os_ken.lib.pcaplib import Reader, Writer

HEAD = struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 96, 1)


class Kept(io.BytesIO):
    def close(self):
        """Keep the text when the writer closes the file."""


def packet(number):
    return struct.pack("<IIII", 1764327600, number, 4, 60) + b"abcd"


source = HEAD + b"".join(packet(number) for number in range(1000))
copy = Kept()
writer = Writer(copy, snaplen=96)
for seconds, data in Reader(io.BytesIO(source)):
    writer.write_pkt(data, seconds)
headers = [struct.unpack_from("<IIII", copy.getvalue(), len(HEAD) + 20 * number) for number in range(1000)]
moved = [f"{number} -> {header[1]}" for number, header in enumerate(headers) if header[1] != number]
print(f"{len(moved)} of 1000 have moved:", ", ".join(moved[:8]))
print("lengths in the file and before: 4 of 60 -> {} of {}".format(*headers[0][2:]))
PY
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
