#!/usr/bin/env bash
# gcab 1.5 (Debian 12) packs 4 of 65540 files, and says nothing.
#
# Expected: the number of a cabinet's files has 16 bits (MS-CAB, section 2.1, cFiles), so 65535 fit. gcab(1) gives no
# limit; a packer that cannot write a file says so and ends with an error.
# Seen: the number is cut to 16 bits: 65536 files less. All entries are written behind the header, but by its number
# only the first 4 are there. gcab ends with 0, and neither cabextract nor gcab itself sees anything wrong in the
# cabinet.
# Who meets it: whoever packs the logs of many phones, one file each, for support.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
apt-get download -qq \
    gcab=1.5-1 libgcab-1.0-0=1.5-1 cabextract=1.9-3 libmspack0=0.11-1 >&2 || {
    echo "could not download the packages" >&2
    exit 2
}
for package in ./*.deb; do dpkg -x "$package" .; done
export LD_LIBRARY_PATH=$PWD/usr/lib/x86_64-linux-gnu
run() { python3 -; }

expected=$(
    cat <<'TEXT'
65535 files: gcab 0 '', 65535 entries, number 65535
gcab lists 65535 and cabextract says: All done, no errors.
65540 files: gcab 0 '', 65540 entries, number 4
gcab lists 4 and cabextract says: All done, no errors.
TEXT
)
seen=$(
    run <<'PY'
import struct
import subprocess
from pathlib import Path

Path("many").mkdir()
names = [f"many/{number:05d}" for number in range(65540)]
for name in names:
    Path(name).touch()
for count in (65535, 65540):
    packed = subprocess.run(("usr/bin/gcab", "-c", "many.cab", *names[:count]), capture_output=True, text=True)
    data = Path("many.cab").read_bytes()
    entries, number = data.count(b"\0many/") + data.count(b"\0many\\"), struct.unpack_from("<H", data, 28)[0]
    print(f"{count} files: gcab {packed.returncode} {packed.stderr!r}, {entries} entries, number {number}")
    listed = subprocess.run(("usr/bin/gcab", "-t", "many.cab"), capture_output=True, text=True, check=True).stdout
    tested = subprocess.run(("usr/bin/cabextract", "-t", "many.cab"), capture_output=True, text=True, check=True).stdout
    print("gcab lists", len(listed.splitlines()), "and cabextract says:", tested.splitlines()[-1])
PY
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
