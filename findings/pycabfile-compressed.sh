#!/usr/bin/env bash
# pycabfile 1.0.0 gives the compressed octets of a cabinet's files as what the files hold.
#
# Expected: typeCompress of a folder says how its blocks are packed, 1 for MSZIP; a file is found at uoffFolderStart in
# what they unpack to; date and time are in DOS form (Microsoft Cabinet Format, CFFOLDER, CFFILE and CFDATA; [MS-MCI]).
# The package reads a cabinet "with zipfile-like interface".
# Seen: stored files are read well. Of packed ones, read() gives the block itself, from its first octets "CK" on, and
# file_size its length; a second file of the folder has the data of the first; all are from 1980.
# Who meets it: whoever looks with it at the firmware in an update package, or compares a file's version or hash.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-deps \
    pycabfile==1.0.0 || {
    echo "could not install the packages" >&2
    exit 2
}
run() { venv/bin/python -; }

expected=$(
    cat <<'TEXT'
stored CPE.cat 40 b'signature ' (1980, 1, 1)
stored CPE.nbt 40 b'signature ' (1980, 1, 1)
MSZIP CPE.cat 26 b'CK+\xceL\xcfK,)-' (1980, 1, 1)
MSZIP CPE.nbt 26 b'CK+\xceL\xcfK,)-' (1980, 1, 1)
TEXT
)
seen=$(
    run <<'PY'
import struct
import zlib

import pycabfile


def cabinet(kind, files):
    data = b"".join(files.values())
    deflate = zlib.compressobj(9, zlib.DEFLATED, -15)
    block = b"CK" + deflate.compress(data) + deflate.flush() if kind == 1 else data
    entries, offset = b"", 0
    for name, content in files.items():
        date, time = (2025 - 1980) << 9 | 11 << 5 | 28, 10 << 11 | 30 << 5
        entries += struct.pack("<IIHHHH", len(content), offset, 0, date, time, 0x20) + name.encode() + b"\0"
        offset += len(content)
    at = 36 + 8 + len(entries)
    folder = struct.pack("<IHH", at, 1, kind)
    blocks = struct.pack("<IHH", 0, len(block), len(data)) + block
    head = struct.pack("<4sIIIIIBBHHHHH", b"MSCF", 0, at + len(blocks), 0, 44, 0, 3, 1, 1, len(files), 0, 0, 0)
    return head + folder + entries + blocks


files = {"CPE.cat": b"signature " * 4, "CPE.nbt": b"firmware  " * 4}
for kind, title in ((0, "stored"), (1, "MSZIP")):
    with open("update.cab", "wb") as file:
        file.write(cabinet(kind, files))
    read = pycabfile.CabFile("update.cab")
    for info in read.infolist():
        print(title, info.filename, info.file_size, read.read(info.filename)[:10], info.date_time[:3])
PY
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
