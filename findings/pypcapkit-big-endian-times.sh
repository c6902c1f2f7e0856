#!/usr/bin/env bash
# pypcapkit 1.4.1.post2 reads the times of big-endian pcap files as if they were little-endian.
#
# Expected: the magic number tells the byte order of all the file's numbers, those of each packet's header included
# (draft-ietf-opsawg-pcap, sections 4 and 5). The packet below was caught in November 2025.
# Seen: the file's header and the lengths are understood, the packet is found; its time is in November 2063.
# Who meets it: whoever reads captures of a big-endian device (a switch, a gateway) next to those of a PC.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-deps \
    pypcapkit==1.4.1.post2 aenum==3.1.17 chardet==7.7.0 dictdumper==0.8.4.post6 tbtrim==0.3.1 \
    python-dateutil==4.0.0 six==1.17.0 typing-extensions==4.16.0 || {
    echo "could not install the packages" >&2
    exit 2
}
run() { venv/bin/python -; }

expected=$(
    cat <<'TEXT'
little ['1764327600.25']
big ['2961191654.55']
TEXT
)
seen=$(
    run <<'PY'
import logging
import struct

frame = bytes.fromhex("0004f2aabbcc020000000001") + b"\x88\xb5" + bytes(46)
for name, order in (("little", "<"), ("big", ">")):
    with open(name, "wb") as file:
        file.write(struct.pack(order + "IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 262144, 1))
        file.write(struct.pack(order + "IIII", 1764327600, 250000, len(frame), len(frame)) + frame)

from pcapkit import extract

logging.disable()
for name in ("little", "big"):
    found = extract(fin=name, nofile=True, extension=False)
    print(name, [f"{one.info.time_epoch:.2f}" for one in found.frame])
PY
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
