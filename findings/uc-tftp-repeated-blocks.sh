#!/usr/bin/env bash
# uc-tftp 0.0.1 writes a block twice that came twice, and no octet that is not text.
#
# Expected: RFC 1350, section 2: a sender that misses an acknowledgement repeats its block; who receives it knows it by
# its number. Section 1: the mode octet is for "raw 8 bit bytes"; the blocks are parts of 512 octets of a file.
# Seen: a repeated block is acknowledged and handed on as the next part of the file. The mode is read and not looked at:
# each block is decoded as UTF-8 by itself, so that the first octets that are none, or a letter of two octets at the
# seam of two blocks, end the upload with an error; the iterator gives text as well.
# Who meets it: whoever has a phone, switch or gateway upload its log or settings to it: over a link that loses packets
# the file gets longer, and a binary one does not arrive.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-deps \
    uc-tftp==0.0.1 || {
    echo "could not install uc-tftp==0.0.1" >&2
    exit 2
}
run() { unshare -rn venv/bin/python -; }

expected=$(
    cat <<'TEXT'
one.txt: 612 octets
repeated.txt: 1124 octets
letters.txt: 512 octets
seam.txt: UnicodeDecodeError: 'utf-8' codec can't decode byte 0xc3 in position 511: unexpected end of data
firmware.cab: UnicodeDecodeError: 'utf-8' codec can't decode byte 0x80 in position 8: invalid start byte
TEXT
)
seen=$(
    run <<'PY'
import os
import socket
import struct
import subprocess
import threading

from uc_tftp import TFTPReceiver

subprocess.run(["ip", "link", "set", "lo", "up"], check=True)


def upload(name, blocks):
    receiver = TFTPReceiver("127.0.0.1", timeout=2)
    client = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    client.settimeout(2)

    def send():
        for packet in [b"\0\2" + name.encode() + b"\0octet\0", *(struct.pack(">HH", 3, n) + b for n, b in blocks)]:
            client.sendto(packet, ("127.0.0.1", 69))
            client.recv(600)

    sender = threading.Thread(target=send)
    sender.start()
    try:
        receiver.recvto(os.getcwd())
        seen = f"{os.path.getsize(name)} octets"
    except Exception as error:
        seen = f"{type(error).__name__}: {error}"
    receiver.sock.close()
    client.close()
    print(f"{name}: {seen}")


upload("one.txt", [(1, b"a" * 512), (2, b"b" * 100)])
upload("repeated.txt", [(1, b"a" * 512), (1, b"a" * 512), (2, b"b" * 100)])
upload("letters.txt", [(1, "ü".encode() * 256), (2, b"")])
upload("seam.txt", [(1, b"a" + "ü".encode() * 255 + "ü".encode()[:1]), (2, "ü".encode()[1:])])
upload("firmware.cab", [(1, b"MSCF\0\0\0\0\x80\xff")])
PY
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
