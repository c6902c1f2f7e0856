#!/usr/bin/env bash
# gcab 1.5 (Debian 12) makes a cabinet from which cabextract gets nothing, if the file in it has 2 GiB.
#
# Expected: a folder of a cabinet has up to 65535 blocks of up to 32768 octets (MS-CAB, section 2.2, cCFData, and
# section 2.4), so at most 2147450880. gcab(1) gives no limit; a packer that cannot write a file says so and ends with
# an error.
# Seen: the number of blocks is cut to 16 bits. gcab ends with 0, and lists the file in its full size. cabextract 1.9
# finds one block of 65537 and ends with an error; gcab itself reads on behind the number, and sees nothing wrong.
# Who meets it: whoever packs a long capture, and removes it when the packer has said that all went well.
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
3276800 octets: gcab -cz: 0 []
blocks: 100
gcab -tv: 0 ['capture']
cabextract -t: 0 ['All done, no errors.']
2147516416 octets: gcab -cz: 0 []
blocks: 1
gcab -tv: 0 ['capture']
cabextract -t: 1 ['All done, errors in processing 1 file(s)']
TEXT
)
seen=$(
    run <<'PY'
import struct
import subprocess


def run(*command):
    done = subprocess.run(command, capture_output=True, text=True)
    lines = [*done.stdout.splitlines(), *done.stderr.splitlines()]
    return f"{command[0][8:]} {command[1]}: {done.returncode} {lines[-1:]}"


for blocks in (100, 65537):
    with open("capture", "wb") as file:
        file.truncate(blocks * 32768)
    print(blocks * 32768, "octets:", run("usr/bin/gcab", "-cz", "some.cab", "capture"))
    with open("some.cab", "rb") as file:
        print("blocks:", struct.unpack_from("<H", file.read(64), 40)[0])
    print(run("usr/bin/gcab", "-tv", "some.cab"))
    print(run("usr/bin/cabextract", "-t", "some.cab"))
PY
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
