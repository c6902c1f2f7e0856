#!/usr/bin/env bash
# editcap of Wireshark 4.0.17 (Debian 12) drops the time of day when it writes a capture for LANalyzer.
#
# Expected: editcap(1): -F sets the format of the copy, and "editcap -F" lists lanalyzer (Novell LANalyzer) among those
# that it can write. The times of packets stay, or it says that they cannot.
# Seen: editcap ends with 0 and says nothing. The file counts from the start of the capture, of which the date alone is
# written: packets of 11:00 come back as packets of midnight. The difference is written in 48 bits without a sign, so
# that the first of three packets that are not in order counts as the start, and the others come back four years later.
# Who meets it: whoever compares such a copy with the log of a server.
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
packets: +0.000 +0.001 +1.500
  editcap -F lanalyzer in.pcap lanalyzer ended with 0
  editcap -F pcap lanalyzer out.pcap ended with 0
  by lanalyzer: -39600.000 -39599.999 -39598.500
packets: +1.500 +0.000 +0.001
  editcap -F lanalyzer in.pcap lanalyzer ended with 0
  editcap -F pcap lanalyzer out.pcap ended with 0
  by lanalyzer: -39600.000 +140697886.855 +140697886.856
  editcap -F snoop in.pcap snoop ended with 0
  editcap -F pcap snoop out.pcap ended with 0
  by snoop: +1.500 +0.000 +0.001
TEXT
)
seen=$(
    run <<'PY'
import struct
import subprocess

frame = bytes.fromhex("0004f2aabbcc020000000001") + b"\x88\xb5" + bytes(46)
start = 1764327600  # 2025-11-28 11:00:00 UTC


def edit(*arguments):
    done = subprocess.run(["usr/bin/editcap", *arguments], capture_output=True, text=True)
    print("  editcap", *arguments, "ended with", done.returncode, *done.stderr.splitlines())


def packets(name):
    with open(name, "rb") as file:
        data = file.read()
    at, seen = 24, []
    while at < len(data):
        seconds, fraction, size, _ = struct.unpack_from("<4I", data, at)
        seen.append(f"{seconds - start + fraction / 1000000:+.3f}")
        at += 16 + size
    return " ".join(seen)


def write(*times):
    with open("in.pcap", "wb") as file:
        file.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 262144, 1))
        for time in times:
            seconds, fraction = divmod(time * 1000, 1000000)
            file.write(struct.pack("<4I", start + seconds, fraction, len(frame), len(frame)) + frame)
    print("packets:", packets("in.pcap"))


def copy(kind):
    edit("-F", kind, "in.pcap", kind)
    edit("-F", "pcap", kind, "out.pcap")
    print(f"  by {kind}: {packets('out.pcap')}")


write(0, 1, 1500)
copy("lanalyzer")
write(1500, 0, 1)
copy("lanalyzer")
copy("snoop")
PY
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
