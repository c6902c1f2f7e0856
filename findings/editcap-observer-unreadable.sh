#!/usr/bin/env bash
# editcap of Wireshark 4.0.17 (Debian 12) writes captures for Observer that no program of Wireshark reads.
#
# Expected: editcap(1): -F sets the format of the copy, and "editcap -F" lists observer (Viavi Observer) among those
# that it can write. A copy in a format that the same program reads has the same packets. Where one cannot be written,
# editcap says so and ends with an error, as it does for erf or rf5.
# Seen: editcap ends with 0. Each packet has the time as a part of 12 octets, its header of four counted in; the reader
# wants 8, so it calls the first packet a bad record. No packet comes back.
# Who meets it: whoever hands a capture on to a colleague with an Observer probe, and keeps only the copy.
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
packets: [(0, 0, 60), (0, 1000, 60)]
editcap -F snoop in.pcap snoop ended with 0
editcap -F pcap snoop snoop.pcap ended with 0
packets: [(0, 0, 60), (0, 1000, 60)]
editcap -F netmon2 in.pcap netmon2 ended with 0
editcap -F pcap netmon2 netmon2.pcap ended with 0
packets: [(0, 0, 60), (0, 1000, 60)]
editcap -F observer in.pcap observer ended with 0
editcap -F pcap observer observer.pcap ended with 2
   editcap: The file "observer" appears to be damaged or corrupt.
   (Observer: bad record (time information TLV length 12 != 8))
packets: no file
TEXT
)
seen=$(
    run <<'PY'
import struct
import subprocess

frame = bytes.fromhex("0004f2aabbcc020000000001") + b"\x88\xb5" + bytes(46)


def edit(*arguments):
    done = subprocess.run(["usr/bin/editcap", *arguments], capture_output=True, text=True)
    print("editcap", *arguments, "ended with", done.returncode)
    for line in done.stderr.splitlines():
        print("  ", line)


def packets(name):
    try:
        with open(name, "rb") as file:
            data = file.read()
    except FileNotFoundError:
        return "no file"
    at, seen = 24, []
    while at < len(data):
        seconds, fraction, size, _ = struct.unpack_from("<4I", data, at)
        seen.append((seconds - 1764327600, fraction, size))
        at += 16 + size
    return seen


with open("in.pcap", "wb") as file:
    file.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 262144, 1))
    for fraction in (0, 1000):
        file.write(struct.pack("<4I", 1764327600, fraction, len(frame), len(frame)) + frame)
print("packets:", packets("in.pcap"))
for kind in ("snoop", "netmon2", "observer"):
    edit("-F", kind, "in.pcap", kind)
    edit("-F", "pcap", kind, f"{kind}.pcap")
    print("packets:", packets(f"{kind}.pcap"))
PY
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
