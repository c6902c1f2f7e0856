#!/usr/bin/env bash
# ptftpd 1.3 refuses each upload without options, and on Linux each download with one, or as text.
#
# Expected: RFC 1350, section 4: a WRQ is acknowledged with block number 0, and the data begin with block 1. RFC 2347:
# an option that a server does not take is left out of its answer, and what was not asked for must not be in it. Nearly
# each client asks for tsize or blksize. The README names both RFCs, and 2348, 2349 and 7440.
# Seen: after a WRQ without options it waits for block 0: block 1 is an "Illegal TFTP operation", and an empty file
# stays. To a RRQ with any option it asks the system for net.inet.udp.maxdgram, which macOS and BSD have: "Server
# error". So it is where netascii is asked for, as it looks for line ends as text in octets. An OACK has a windowsize of
# its own.
# Who meets it: whoever serves a phone's or gateway's firmware with it, or has a device upload its log.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-deps \
    ptftpd==1.3 || {
    echo "could not install ptftpd==1.3" >&2
    exit 2
}
run() { venv/bin/python -; }

expected=$(
    cat <<'TEXT'
download: DATA 1 b'firmware 1\n'
download, its size: ERROR 0 b'Server error.\x00'
download, blocks of 1468: ERROR 0 b'Server error.\x00'
download as text: ERROR 0 b'Server error.\x00'
upload: ACK 0, ERROR 4 b'Illegal TFTP operation.\x00'
upload, blocks of 1468: OACK b'blksize\x001468\x00windowsize\x001\x00', ACK 1
{'a.txt': 11, 'b.txt': 0, 'c.txt': 3}
TEXT
)
seen=$(
    run <<'PY'
import os
import socket
import struct
import sys
import threading
import types

# The server asks netifaces for the address of its interface only; that package has to be compiled.
sys.modules["netifaces"] = types.SimpleNamespace(
    AF_INET=2, interfaces=lambda: ["lo"], ifaddresses=lambda _: {2: [{"addr": "127.0.0.1", "netmask": "255.0.0.0"}]}
)
from ptftplib.tftpserver import TFTPServer

os.mkdir("files")
with open("files/a.txt", "w") as file:
    file.write("firmware 1\n")
server = TFTPServer("lo", os.path.abspath("files"), port=0)
threading.Thread(target=server.server.serve_forever, daemon=True).start()


def show(name, *packets):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
        client.settimeout(2)
        seen = []
        for packet in packets:
            client.sendto(packet, server.server.server_address)
            code, number = struct.unpack(">HH", (answer := client.recv(2048))[:4])
            kinds = {3: f"DATA {number} {answer[4:]}", 4: f"ACK {number}", 5: f"ERROR {number} {answer[4:]}"}
            seen.append(kinds.get(code, f"OACK {answer[2:]}"))
    print(f"{name}: {', '.join(seen)}")


def ask(code, name, *texts):
    return struct.pack(">H", code) + b"".join(text.encode() + b"\0" for text in [name, *texts])


data = struct.pack(">HH", 3, 1) + b"log"
show("download", ask(1, "a.txt", "octet"))
show("download, its size", ask(1, "a.txt", "octet", "tsize", "0"))
show("download, blocks of 1468", ask(1, "a.txt", "octet", "blksize", "1468"))
show("download as text", ask(1, "a.txt", "netascii"))
show("upload", ask(2, "b.txt", "octet"), data)
show("upload, blocks of 1468", ask(2, "c.txt", "octet", "blksize", "1468"), data)
print({name: os.path.getsize(f'files/{name}') for name in sorted(os.listdir('files'))})
PY
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
