#!/usr/bin/env bash
# cabarchive 0.2.5 takes a cabinet for damaged in whose blocks a program keeps octets of its own, and loses long names.
#
# Expected: [MS-CAB], section 2.1: a cabinet may reserve up to 255 octets in each CFDATA, for an application. Section
# 2.4: csum covers a CFDATA from cbData to the end of ab, so the reserved octets as well. Section 2.3: szName ends with
# a zero octet.
# Seen: the checksum is computed without the reserved octets, so a right one is called invalid unless they are zeros. A
# name of 255 octets is given as an empty one. bsdtar 3.6.2 reads all four, and finds a changed octet; cabextract 1.9
# (libmspack 0.11) calls the third damaged, too.
# Who meets it: whoever reads firmware cabinets with it that a vendor's own tool wrote.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-deps \
    cabarchive==0.2.5 || {
    echo "could not install the packages" >&2
    exit 2
}
run() { venv/bin/python -; }

expected=$(
    cat <<'TEXT'
CPE.nbt reserved b'' {7: b'firmware'}
CPE.nbt reserved b'\x00\x00\x00\x00' {7: b'firmware'}
CPE.nbt reserved b'sign' CorruptionError('Invalid checksum at 48, expected 666f616a, got 8080819')
name of 254 octets {254: b'firmware'}
name of 255 octets {0: b'firmware'}
TEXT
)
seen=$(
    run <<'PY'
import struct

from cabarchive import CabArchive


def checksum(data):
    total = 0
    for at in range(0, len(data), 4):
        total ^= int.from_bytes(data[at : at + 4], "little")
    return total


def cabinet(name, reserved=b"", data=b"firmware"):
    extra = struct.pack("<HBB", 0, 0, len(reserved)) if reserved else b""
    entry = struct.pack("<IIHHHH", len(data), 0, 0, 0x5B7C, 0x53C0, 0x20) + name + b"\0"
    files = 36 + len(extra) + 8
    block = struct.pack("<HH", len(data), len(data)) + reserved + data
    block = struct.pack("<I", checksum(block)) + block
    at = files + len(entry)
    flags = 4 if reserved else 0
    head = struct.pack("<4sIIIIIBBHHHHH", b"MSCF", 0, at + len(block), 0, files, 0, 3, 1, 1, 1, flags, 0, 0)
    return head + extra + struct.pack("<IHH", at, 1, 0) + entry + block


def read(data):
    try:
        return {len(name): file.buf for name, file in CabArchive(data).items()}
    except Exception as error:
        return repr(error)


for reserved in (b"", bytes(4), b"sign"):
    print("CPE.nbt reserved", reserved, read(cabinet(b"CPE.nbt", reserved)))
for length in (254, 255):
    print(f"name of {length} octets", read(cabinet(b"n" * length)))
PY
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
