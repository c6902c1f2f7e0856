#!/usr/bin/env bash
# editcap of Wireshark 4.0.17 (Debian 12) loses packets that it writes in the newer format of CommView.
#
# Expected: editcap(1): -F sets the format of the copy, and "editcap -F" lists commview-ncf and commview-ncfx (TamoSoft
# CommView) among those that it can write. A copy in a format that the same program reads has the same packets.
# Seen: by commview-ncfx, editcap ends with 0. It writes how long each frame is where the format has how long the frame
# and its header of 20 octets are together. Wireshark's own reader takes 20 octets off that: the first packet loses its
# end, and the second is looked for in the middle of it. By commview-ncf all packets come back.
# Who meets it: whoever hands a capture on to somebody who works with CommView on Windows, and keeps only the copy.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
apt-get download -qq \
    wireshark-common=4.0.17-0+deb12u3 libwiretap13=4.0.17-0+deb12u3 libwsutil14=4.0.17-0+deb12u3 >&2 || {
    echo "could not download the packages" >&2
    exit 2
}
for package in ./*.deb; do dpkg -x "$package" .; done
export LD_LIBRARY_PATH=$PWD/usr/lib/x86_64-linux-gnu
run() { python3 -; }

expected=$(
    cat <<'TEXT'
   File name:           in.pcap
   Number of packets:   3
   Data size:           180 bytes
editcap -F commview-ncf in.pcap commview-ncf ended with 0
   File name:           commview-ncf
   Number of packets:   3
   Data size:           180 bytes
editcap -F commview-ncfx in.pcap commview-ncfx ended with 0
   capinfos: An error occurred after reading 1 packets from "commview-ncfx".
   capinfos: The file "commview-ncfx" appears to be damaged or corrupt.
   (commview: NCFX data length 0 < 20)
TEXT
)
seen=$(
    run <<'PY'
import struct
import subprocess


def edit(*arguments):
    done = subprocess.run(["usr/bin/editcap", *arguments], capture_output=True, text=True)
    print("editcap", *arguments, "ended with", done.returncode)


def info(name):
    done = subprocess.run(["usr/bin/capinfos", "-Mcd", name], capture_output=True, text=True)
    for line in [*done.stdout.splitlines(), *done.stderr.splitlines()]:
        print("  ", line)


with open("in.pcap", "wb") as file:
    file.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 262144, 1))
    for fraction in (0, 1000, 2000):
        frame = bytes.fromhex("0004f2aabbcc020000000001") + b"\x88\xb5" + bytes(46)
        file.write(struct.pack("<4I", 1764327600, fraction, len(frame), len(frame)) + frame)
info("in.pcap")
for kind in ("commview-ncf", "commview-ncfx"):
    edit("-F", kind, "in.pcap", kind)
    info(kind)
PY
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
