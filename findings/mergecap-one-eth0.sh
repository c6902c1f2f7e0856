#!/usr/bin/env bash
# mergecap of Wireshark 4.0.17 (Debian 12) takes eth0 of two machines for one interface, whatever was captured there.
#
# Expected: mergecap(1): by default, interface descriptions are merged only if those of all files match; by -I any,
# duplicates are. draft-ietf-opsawg-pcapng, section 4.2: a description has the addresses of the interface, the filter of
# its capture, and in if_fcslen how many octets of each frame are a check sequence.
# Seen: two descriptions are duplicates whose address, filter and if_fcslen are different. Those of the second file are
# dropped: its frames now belong to the first interface, were captured by the first filter, and end with a check
# sequence that they do not have. By -I none both stay. Addresses are left out always.
# Who meets it: whoever puts together what was captured before and behind a firewall, where each card is eth0.
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
before
  interface: ['eth0', '192.0.2.1.255.255.255.0', 'port 80', '4']
  packet of interface 0
behind
  interface: ['eth0', '10.0.0.1.255.255.255.0', 'tcp', '0']
  packet of interface 0
mergecap -I all: out
  interface: ['eth0', 'port 80', '4']
  packet of interface 0
  packet of interface 0
mergecap -I any: out
  interface: ['eth0', 'port 80', '4']
  packet of interface 0
  packet of interface 0
mergecap -I none: out
  interface: ['eth0', 'port 80', '4']
  interface: ['eth0', 'tcp', '0']
  packet of interface 0
  packet of interface 1
TEXT
)
seen=$(
    run <<'PY'
import struct
import subprocess


def block(kind, body):
    body += bytes(-len(body) % 4)
    size = struct.pack("<I", len(body) + 12)
    return struct.pack("<I", kind) + size + body + size


def write(name, time, **options):
    described = struct.pack("<HHI", 1, 0, 262144)
    for code, value in options.items():
        described += struct.pack("<HH", int(code[1:]), len(value)) + value + bytes(-len(value) % 4)
    section = block(0x0A0D0D0A, struct.pack("<IHHq", 0x1A2B3C4D, 1, 0, -1))
    frame = bytes.fromhex("0004f2aabbcc020000000001") + b"\x88\xb5" + bytes(46)
    packet = struct.pack("<5I", 0, time >> 32, time & 0xFFFFFFFF, len(frame), len(frame)) + frame
    with open(name, "wb") as file:
        file.write(section + block(1, described + bytes(4)) + block(6, packet))


def show(name):
    print(name)
    with open(name, "rb") as file:
        data = file.read()
    at = 0
    while at < len(data):
        kind, size = struct.unpack_from("<II", data, at)
        if kind == 1:
            options, place = [], at + 16
            while place < at + size - 4:
                code, length = struct.unpack_from("<HH", data, place)
                value = data[place + 4 : place + 4 + length]
                if code in (2, 4, 11, 13):
                    options.append(value.decode().strip("\0") if code in (2, 11) else ".".join(map(str, value)))
                place += 4 + length + -length % 4
            print("  interface:", options)
        elif kind == 6:
            print("  packet of interface", struct.unpack_from("<I", data, at + 8)[0])
        at += size


time = 1764327600 * 1000000
mask = bytes([255, 255, 255, 0])
write("before", time, _2=b"eth0", _4=bytes([192, 0, 2, 1]) + mask, _11=b"\0port 80", _13=b"\4")
write("behind", time + 1, _2=b"eth0", _4=bytes([10, 0, 0, 1]) + mask, _11=b"\0tcp", _13=b"\0")
show("before")
show("behind")
for mode in ("all", "any", "none"):
    print("mergecap -I", mode, end=": ")
    subprocess.run(["usr/bin/mergecap", "-I", mode, "-w", "out", "before", "behind"], check=True)
    show("out")
PY
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
