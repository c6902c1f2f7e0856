#!/usr/bin/env bash
# stun 1.1.0 gives another address than that in the answer of a STUN server, and its own server one that nobody reads.
#
# Expected: RFC 5389, section 15.2: X-Port is the port by exclusive or with the most significant 16 bits of the magic
# cookie, X-Address the address with the magic cookie, both in the order of the network. Servers that follow it may
# give XOR-MAPPED-ADDRESS alone. RFC 5769, section 2.2, has an example.
# Seen: the octets of the cookie are taken from the last to the first. What it reads and what it writes fit together,
# and nothing else: the client takes 192.0.2.1 of the example for 163.182.180.98, and the server writes it so.
# Who meets it: who looks with it for a phone's address outside: it finds one that is not there.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-deps \
    stun==1.1.0 udp==2.3.3 startrek==2.3.3 smallib==1.2.0 || {
    echo "could not install the packages" >&2
    exit 2
}
run() { venv/bin/python -; }

expected=$(
    cat <<'TEXT'
the example of RFC 5769: 0001a147e112a643
192.0.2.1:32853 in MAPPED-ADDRESS is read as 192.0.2.1:32853
192.0.2.1:32853 in XOR-MAPPED-ADDRESS is read as 163.182.180.98:45926
   and written as 0001927482a41020 instead of 0001a147e112a643
198.51.100.20:3478 in XOR-MAPPED-ADDRESS is read as 165.133.210.119:16037
   and written as 00011fb784977635 instead of 00012c84e721c056
TEXT
)
seen=$(
    run <<'PY'
import struct

from stun.protocol import MappedAddressValue, TransactionID, XorMappedAddressValue
from stun.protocol.attributes import AttributeLength

COOKIE = 0x2112A442
NUMBER = TransactionID(data=bytes.fromhex("2112a442b7e7a701bc34d686fa87dfae"))


def masked(ip: str, port: int) -> bytes:
    octets = bytes(int(part) ^ key for part, key in zip(ip.split("."), struct.pack("!I", COOKIE)))
    return struct.pack("!BBH", 0, 1, port ^ COOKIE >> 16) + octets


print("the example of RFC 5769:", masked("192.0.2.1", 32853).hex())
plain = bytes.fromhex("00018055c0000201")
read = MappedAddressValue.parse(data=plain, length=AttributeLength.new(value=8))
print(f"192.0.2.1:32853 in MAPPED-ADDRESS is read as {read.ip}:{read.port}")
for ip, port in (("192.0.2.1", 32853), ("198.51.100.20", 3478)):
    answer = MappedAddressValue(data=masked(ip, port), ip=ip, port=port, family=1)
    plain = XorMappedAddressValue.xor(data=answer, factor=NUMBER)
    read = XorMappedAddressValue.parse(data=plain, length=AttributeLength.new(value=plain.size))
    print(f"{ip}:{port} in XOR-MAPPED-ADDRESS is read as {read.ip}:{read.port}")
    value = MappedAddressValue.new_ipv4(ip=ip, port=port)
    written = XorMappedAddressValue.xor(data=value, factor=NUMBER).get_bytes()
    print(f"   and written as {written.hex()} instead of {masked(ip, port).hex()}")
PY
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
