#!/usr/bin/env bash
# editcap, mergecap and reordercap of Wireshark 4.0.17 (Debian 12) leave out how many packets a capture has lost.
#
# Expected: a copy of all packets in the same format says what the file says: editcap(1) has options to discard keys and
# comments, so these are kept without them. A pcapng file has at its end how many packets an interface received and
# lost (draft-ietf-opsawg-pcapng, section 4.6), as dumpcap writes, and may have names of addresses (its section 4.5).
# Seen: the counts and the names are in no copy; the comment, the keys and the count in front of a packet are. capinfos
# gives the counts of the file and none of the copy. No warning is given.
# Who meets it: whoever shortens a capture before passing it on: that a phone was not answered in it proves nothing
# where packets were lost, and this can no longer be seen.
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
the file: section interface keys names packet packet counts
editcap: section interface keys packet packet
mergecap: section interface keys packet packet
reordercap: section interface keys packet packet
capinfos in.pcapng: Number of stat entries = 1
capinfos out.pcapng: Number of stat entries = 0
TEXT
)
seen=$(
    run <<'PY'
import struct
import subprocess
from pathlib import Path

KINDS = {0x0A0D0D0A: "section", 1: "interface", 4: "names", 5: "counts", 6: "packet", 10: "keys"}


def padded(data: bytes) -> bytes:
    return data + bytes(-len(data) % 4)


def block(kind: int, body: bytes) -> bytes:
    size = struct.pack("<I", len(padded(body)) + 12)
    return struct.pack("<I", kind) + size + padded(body) + size


def options(*pairs: tuple[int, bytes]) -> bytes:
    return b"".join(struct.pack("<HH", code, len(data)) + padded(data) for code, data in pairs) + bytes(4)


def packet(second: int, *pairs: tuple[int, bytes]) -> bytes:
    frame = bytes.fromhex("0004f20000070004f200000188b5") + bytes(46)
    time = (1796000000 + second) * 1000000
    return block(6, struct.pack("<5I", 0, time >> 32, time & 0xFFFFFFFF, 60, 60) + frame + options(*pairs))


def kinds(path: str) -> str:
    data, at, found = Path(path).read_bytes(), 0, []
    while at < len(data):
        kind, size = struct.unpack_from("<II", data, at)
        found.append(KINDS[kind])
        at += size
    return " ".join(found)


def wireshark(*command: str) -> str:
    path = f"usr/bin/{command[0]}"
    return subprocess.run((path, *command[1:]), check=True, capture_output=True, text=True).stdout


key = f"CLIENT_RANDOM {'ab' * 32} {'cd' * 48}\n".encode()
name = bytes((192, 0, 2, 81)) + b"pool.contoso.com\0"
time = (1796000003 * 1000000) >> 32, (1796000003 * 1000000) & 0xFFFFFFFF
Path("in.pcapng").write_bytes(
    block(0x0A0D0D0A, struct.pack("<IHHq", 0x1A2B3C4D, 1, 0, -1))
    + block(1, struct.pack("<HHI", 1, 0, 65535) + options((2, b"eth0")))
    + block(10, struct.pack("<II", 0x544C534B, len(key)) + key)
    + block(4, struct.pack("<HH", 1, len(name)) + padded(name) + bytes(4))
    + packet(0, (4, struct.pack("<Q", 3)))
    + packet(1, (1, b"the phone asks"))
    + block(5, struct.pack("<3I", 0, *time) + options((4, struct.pack("<Q", 9)), (5, struct.pack("<Q", 7))))
)
print("the file:", kinds("in.pcapng"))
for command in (
    ("editcap", "in.pcapng", "out.pcapng"),
    ("mergecap", "-w", "out.pcapng", "in.pcapng"),
    ("reordercap", "in.pcapng", "out.pcapng"),
):
    wireshark(*command)
    print(f"{command[0]}:", kinds("out.pcapng"))
for path in ("in.pcapng", "out.pcapng"):
    text = wireshark("capinfos", path)
    print(f"capinfos {path}:", *(line.strip() for line in text.splitlines() if "stat entries" in line))
PY
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
