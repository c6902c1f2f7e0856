#!/usr/bin/env bash
# py3tftp 1.3.0 takes NETASCII for octet, does not see BLKSIZE, and confirms a timeout of 3 as 3.0.
#
# Expected: RFC 1350, section 5: the mode may be written in any mix of capital and small letters; netascii is text whose
# lines end with CR LF. RFC 2347, "Packet Formats": the name of an option is compared without case. RFC 2349, "Timeout
# Interval Option": the value that the server confirms is the client's, a whole number of seconds.
# Seen: only "netascii" in small letters gets CR LF, and only "blksize" in small letters a block of that size. No error
# is sent. A client that asked for 3 is told 3.0.
# Who meets it: whoever serves with it configuration to phones and gateways, some of which write these words in
# capitals.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-deps \
    py3tftp==1.3.0 || {
    echo "could not install the packages" >&2
    exit 2
}
run() { venv/bin/python -; }

expected=$(
    cat <<'TEXT'
octet b'lines\nof\ntext\n'
OCTET b'lines\nof\ntext\n'
netascii b'lines\r\nof\r\ntext\r\n'
NETASCII b'lines\nof\ntext\n'
NetAscii b'lines\nof\ntext\n'
blksize 800 ['blksize', '800'] 800 octets
BLKSIZE 800 [] 512 octets
timeout 3 ['timeout', '3.0'] 512 octets
TEXT
)
seen=$(
    run <<'PY'
import asyncio
import os
import socket
import struct

from py3tftp.protocols import TFTPServerProtocol

with open("phone.cfg", "wb") as file:
    file.write(b"lines\nof\ntext\n")
with open("CPE.nbt", "wb") as file:
    file.write(bytes(1000))


def get(port, name, mode, *option):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
        client.settimeout(10)
        words = [name.encode(), mode.encode(), *(word.encode() for word in option)]
        client.sendto(b"\0\1" + b"".join(word + b"\0" for word in words), ("127.0.0.1", port))
        packet, server = client.recvfrom(65535)
        confirmed = packet[2:].split(b"\0")[:2] if packet[:2] == b"\0\6" else []
        if confirmed:
            client.sendto(b"\0\4\0\0", server)
            packet, server = client.recvfrom(65535)
        client.sendto(b"\0\5\0\0\0", server)
        data = packet[4:]
        return f"{' '.join(option)} {[word.decode() for word in confirmed]} {len(data)} octets".lstrip(), data


async def main():
    loop = asyncio.get_running_loop()
    timeouts = {b"ack_timeout": 0.5, b"conn_timeout": 3.0}
    transport, _ = await loop.create_datagram_endpoint(
        lambda: TFTPServerProtocol("127.0.0.1", loop, timeouts), local_addr=("127.0.0.1", 0)
    )
    port = transport.get_extra_info("sockname")[1]
    for mode in ("octet", "OCTET", "netascii", "NETASCII", "NetAscii"):
        print(mode, (await asyncio.to_thread(get, port, "phone.cfg", mode))[1])
    for option in (("blksize", "800"), ("BLKSIZE", "800"), ("timeout", "3")):
        print((await asyncio.to_thread(get, port, "CPE.nbt", "octet", *option))[0])
    transport.close()


asyncio.run(main())
PY
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
