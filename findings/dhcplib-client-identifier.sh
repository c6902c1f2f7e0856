#!/usr/bin/env bash
# dhcplib 0.1.1 drops the last octet of a DHCP client identifier of odd length, so phones look alike.
#
# Expected: option 61 is a type octet and any number of octets (RFC 2132, section 9.14). With a hardware address, as
# nearly all clients send it, there are 7 in all.
# Seen: the value is converted to 16-bit numbers, three of them. What is lost is the octet in which the phones below,
# two neighbours of one box, differ. No error, no warning; str() of the message shows the same.
# Who meets it: whoever tells clients apart by what the package gives for client_identifier.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-deps \
    dhcplib==0.1.1 || {
    echo "could not install the packages" >&2
    exit 2
}
run() { venv/bin/python -; }

expected=$(
    cat <<'TEXT'
0004f2aabbcc [256, 1266, 43707] 010004f2aabbcc
0004f2aabbcd [256, 1266, 43707] 010004f2aabbcd
TEXT
)
seen=$(
    run <<'PY'
import struct


def option(code, value):
    return bytes([code, len(value)]) + value


def message(client, options):
    head = struct.pack(">4BIHH", 1, 1, 6, 0, 1, 0, 0) + bytes(16)
    return head + client + bytes(202) + b"\x63\x82\x53\x63" + options + b"\xff"

from dhcplib.packet import DHCPPacket

for text in ("0004f2aabbcc", "0004f2aabbcd"):
    client = bytes.fromhex(text)
    packet = DHCPPacket(data=message(client, option(53, b"\1") + option(61, b"\1" + client)))
    print(text, packet.get_option("client_identifier", convert=True), bytes(packet.get_option(61)).hex())
PY
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
