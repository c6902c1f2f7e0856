#!/usr/bin/env bash
# editcap of Wireshark 4.0.17 (Debian 12) moves packets by 49 days when it writes the older format of Network Monitor.
#
# Expected: editcap(1): -F sets the format of the copy. Network Monitor 1 gives each packet's time in milliseconds since
# the start of the capture, in 32 bits. What that cannot hold, a packet before the first one or one 50 days later, is
# not written, as editcap refuses what other formats cannot hold.
# Seen: editcap ends with 0 and says nothing. The difference is cut to 32 bits: a packet a tenth of a second before the
# first one, as is usual where two cards or processors are read, comes back 49 days later, and the one of day 50 comes
# back on the first day. By Network Monitor 2, of 64 bits and microseconds, all is well.
# Who meets it: whoever hands a capture on to an administrator of Windows, and looks with him for what came first.
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
packets: +0.000 +0.001 +0.007
  editcap -F netmon1 in.pcap netmon1 ended with 0
  editcap -F pcap netmon1 out.pcap ended with 0
  by netmon1: +0.000 +0.001 +0.007
  editcap -F netmon2 in.pcap netmon2 ended with 0
  editcap -F pcap netmon2 out.pcap ended with 0
  by netmon2: +0.000 +0.001 +0.007
packets: +0.500 +0.400 +1.000
  editcap -F netmon1 in.pcap netmon1 ended with 0
  editcap -F pcap netmon1 out.pcap ended with 0
  by netmon1: +0.500 +4294967.696 +1.000
  editcap -F netmon2 in.pcap netmon2 ended with 0
  editcap -F pcap netmon2 out.pcap ended with 0
  by netmon2: +0.500 +0.400 +1.000
packets: +0.000 +4233600.000 +4320000.000
  editcap -F netmon1 in.pcap netmon1 ended with 0
  editcap -F pcap netmon1 out.pcap ended with 0
  by netmon1: +0.000 +4233600.000 +25032.704
  editcap -F netmon2 in.pcap netmon2 ended with 0
  editcap -F pcap netmon2 out.pcap ended with 0
  by netmon2: +0.000 +4233600.000 +4320000.000
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


day = 86400 * 1000
write(0, 1, 7)
copy("netmon1")
copy("netmon2")
write(500, 400, 1000)
copy("netmon1")
copy("netmon2")
write(0, 49 * day, 50 * day)
copy("netmon1")
copy("netmon2")
PY
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
