#!/usr/bin/env bash
# pcapfix 1.1.7 (Debian 12) calls whole captures corrupt, and makes files of them that say something else.
#
# Expected: the last field of a pcap file's header holds a link type, and may say in its highest bits how long the
# frame check sequences are; 276 is LINKTYPE_LINUX_SLL2, what "tcpdump -i any" writes since libpcap 1.10
# (draft-ietf-opsawg-pcap, section 4, and tcpdump.org's list). A pcapng reader skips blocks of types that it does not
# know; the Decryption Secrets Block is one of the draft's own (draft-ietf-opsawg-pcapng, sections 3.1 and 4.7).
# Seen: "1 Corruption(s) fixed!" Link type 276 becomes 1, Ethernet, so no packet can be read any more; the length of a
# check sequence is gone; so are a capture's TLS keys, and a block of an unlisted type.
# Who meets it: whoever was advised to repair a capture of a phone with it.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
apt-get download -qq \
    pcapfix=1.1.7-2 >&2 || {
    echo "could not download the packages" >&2
    exit 2
}
for package in ./*.deb; do dpkg -x "$package" .; done
run() { python3 -; }

expected=$(
    cat <<'TEXT'
0x71 -> 0x71 Nothing to fix
0x114 -> 0x1 1 Corruption(s) fixed!
0x44000001 -> 0x1 1 Corruption(s) fixed!
0xa0d0d0a 0x1 0x6 -> 0xa0d0d0a 0x1 0x6 Nothing to fix
0xa0d0d0a 0x1 0xa 0xbad 0x6 -> 0xa0d0d0a 0x1 0x6 3 Corruption(s) fixed!
TEXT
)
seen=$(
    run <<'END'
import os
import re
import struct
import subprocess


def block(kind, body):
    body += bytes(-len(body) % 4)
    size = struct.pack("<I", len(body) + 12)
    return struct.pack("<I", kind) + size + body + size


def kinds(data):
    at = 0
    while at < len(data):
        kind, size = struct.unpack_from("<II", data, at)
        yield hex(kind)
        at += size


def repaired(data, kind):
    with open("in." + kind, "wb") as file:
        file.write(data)
    run = subprocess.run(["usr/bin/pcapfix", "in." + kind, "-o", "out." + kind], capture_output=True, text=True)
    fixed = re.search("[0-9]+ Corruption.*|Nothing to fix", run.stdout)[0]
    if not os.path.exists("out." + kind):
        return data, fixed
    with open("out." + kind, "rb") as file:
        found = file.read()
    os.remove("out." + kind)
    return found, fixed


packet = struct.pack(">HHIHBB8s", 0x0800, 0, 2, 1, 0, 6, b"\2\0\0\0\0\1") + bytes(60)
for link in (113, 276, 1 | 4 << 28 | 1 << 26):
    head = struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, link)
    data = head + struct.pack("<IIII", 1764327600, 0, len(packet), len(packet)) + packet
    found, fixed = repaired(data, "pcap")
    print(hex(link), "->", hex(struct.unpack_from("<I", found, 20)[0]), fixed)
key = b"CLIENT_RANDOM " + b"0" * 64 + b" " + b"1" * 96 + b"\n"
frame = bytes.fromhex("0200000000020200000000010800") + bytes(50)
section = block(0x0A0D0D0A, struct.pack("<IHHq", 0x1A2B3C4D, 1, 0, -1)) + block(1, struct.pack("<HHI", 1, 0, 65535))
enhanced = block(6, struct.pack("<5I", 0, 0x64500, 0, len(frame), len(frame)) + frame)
secrets = block(10, struct.pack("<II", 0x544C534B, len(key)) + key)
custom = block(0xBAD, struct.pack("<I", 32473) + b"note")
for data in (section + enhanced, section + secrets + custom + enhanced):
    found, fixed = repaired(data, "pcapng")
    print(*kinds(data), "->", *kinds(found), fixed)
END
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
