#!/usr/bin/env bash
# dumpcap of Wireshark 4.0.17 (Debian 12) puts TLS secrets and names into the first file of a ring alone, which goes
# first.
#
# Expected: draft-ietf-opsawg-pcapng: a Decryption Secrets Block (section 4.7) comes before the packets that need it,
# and belongs to its section, as a Name Resolution Block (section 4.5) does; a file begins a section of its own.
# dumpcap(1): -b writes to several files; each of them is to be read alone, since "files" removes the oldest.
# Seen: where dumpcap reads pcapng from a pipe, each new file gets the section header and all interfaces again, but
# neither the secrets nor the names that came before. Once the first file is removed, nothing in the ring can be
# decrypted.
# Who meets it: whoever keeps a ring of files for a phone whose fault comes once a week, and gives the keys with the
# packets.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
apt-get download -qq \
    wireshark-common=4.0.17-0+deb12u3 libwsutil14=4.0.17-0+deb12u3 libpcap0.8=1.10.3-1 \
    libnl-3-200=3.7.0-0.2+b1 libnl-genl-3-200=3.7.0-0.2+b1 >&2 || {
    echo "could not download the packages" >&2
    exit 2
}
for package in ./*.deb; do dpkg -x "$package" .; done
export LD_LIBRARY_PATH=$PWD/usr/lib/x86_64-linux-gnu:$PWD/lib/x86_64-linux-gnu
run() { python3 -; }

expected=$(
    cat <<'TEXT'
sent: section interface secrets names packet packet packet packet packet packet
all.pcapng: section interface secrets names packet packet packet packet packet packet
ring_00001: section interface secrets names packet packet packet packet
ring_00002: section interface packet packet
TEXT
)
seen=$(
    run <<'PY'
import glob
import struct
import subprocess

NAMES = {0x0A0D0D0A: "section", 1: "interface", 4: "names", 6: "packet", 10: "secrets"}


def block(kind, body):
    body += bytes(-len(body) % 4)
    size = struct.pack("<I", len(body) + 12)
    return struct.pack("<I", kind) + size + body + size


def kinds(data):
    at = 0
    while at < len(data):
        kind, size = struct.unpack_from("<II", data, at)
        yield NAMES[kind]
        at += size


def capture(*arguments):
    subprocess.run(["usr/bin/dumpcap", "-q", "-i", "-", *arguments], input=sent, capture_output=True, check=True)


secrets = b"CLIENT_RANDOM " + b"5a" * 32 + b" " + b"a5" * 48 + b"\n"
frame = bytes.fromhex("0004f2aabbcc020000000001") + b"\x88\xb5" + bytes(46)
sent = block(0x0A0D0D0A, struct.pack("<IHHq", 0x1A2B3C4D, 1, 0, -1)) + block(1, struct.pack("<HHI", 1, 0, 262144))
sent += block(10, struct.pack("<II", 0x544C534B, len(secrets)) + secrets)
name = bytes([192, 0, 2, 81]) + b"pool.contoso.com\0"
sent += block(4, struct.pack("<HH", 1, len(name)) + name + bytes(-len(name) % 4 + 4))
for number in range(6):
    time = 1764327600 * 1000000 + number
    sent += block(6, struct.pack("<5I", 0, time >> 32, time & 0xFFFFFFFF, len(frame), len(frame)) + frame)
print("sent:", *kinds(sent))
capture("-w", "all.pcapng")
capture("-w", "ring.pcapng", "-b", "packets:4")
for file in ["all.pcapng", *sorted(glob.glob("ring_*"))]:
    with open(file, "rb") as opened:
        print(f"{file[:10]}:", *kinds(opened.read()))
PY
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
