#!/usr/bin/env bash
# editcap of Wireshark 4.0.17 (Debian 12) moves packets to an earlier time when it writes a file that counts in powers
# of two.
#
# Expected: if_tsresol with the highest bit set counts parts of a second that are powers of two
# (draft-ietf-opsawg-pcapng, section 4.2, option 9). A file that is copied without any change of times has the same
# times; the copy says that it counts so, too.
# Seen: times go through nanoseconds, cut off twice. Of parts of 1/1024 second, an odd number is half a nanosecond less
# than it was, so it becomes the number before it: a millisecond earlier. Two packets a millisecond apart have the same
# time. No warning is given.
# Who meets it: whoever cuts or joins such captures and compares two points of the network by their times.
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
run() { python3 -; }

expected=$(
    cat <<'TEXT'
before 0 1 2 3 512 513 514 1023
after  0 0 2 2 512 512 514 1022
TEXT
)
seen=$(
    run <<'END'
import os
import struct
import subprocess


def block(kind, body):
    body += bytes(-len(body) % 4)
    size = struct.pack("<I", len(body) + 12)
    return struct.pack("<I", kind) + size + body + size


def times(name):
    with open(name, "rb") as file:
        data = file.read()
    at, found = 0, []
    while at < len(data):
        kind, size = struct.unpack_from("<II", data, at)
        if kind == 6:
            high, low = struct.unpack_from("<II", data, at + 12)
            found.append((high << 32 | low) - (1764327600 << 10))
        at += size
    return found


section = block(0x0A0D0D0A, struct.pack("<IHHq", 0x1A2B3C4D, 1, 0, -1))
interface = block(1, struct.pack("<HHIHHB3xI", 1, 0, 262144, 9, 1, 0x80 | 10, 0))
frame = bytes.fromhex("0004f2aabbcc020000000001") + b"\x88\xb5" + bytes(46)
with open("in.pcapng", "wb") as file:
    file.write(section + interface)
    for part in (0, 1, 2, 3, 512, 513, 514, 1023):
        time = (1764327600 << 10) + part
        file.write(block(6, struct.pack("<5I", 0, time >> 32, time & 0xFFFFFFFF, len(frame), len(frame)) + frame))
os.environ["LD_LIBRARY_PATH"] = os.path.abspath("usr/lib/x86_64-linux-gnu")
subprocess.run(["usr/bin/editcap", "in.pcapng", "out.pcapng"], check=True)
print("before", *times("in.pcapng"))
print("after ", *times("out.pcapng"))
END
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
