#!/usr/bin/env bash
# pydhcp3 0.0.6 shortens a client's hardware address that ends in 00, and answers it with that shorter address.
#
# Expected: as many octets of chaddr as hlen says, six with Ethernet, whatever they are; the answer has the same hlen
# and chaddr, by which the client knows that it is meant (RFC 2131, section 2 and table 3).
# Seen: hlen is not looked at and zeros at the end are dropped: one client in 256 has five octets, and its answer says
# hlen 5. The next server (siaddr) is read and not kept.
# Who meets it: whoever uses it to answer or to list clients.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-deps \
    pydhcp3==0.0.6 pyderive3==0.0.8 pystructs3==0.0.8 typing-extensions==4.16.0 || {
    echo "could not install the packages" >&2
    exit 2
}
run() { venv/bin/python -; }

expected=$(
    cat <<'TEXT'
0004f2aabbcc 0004f2aabbcc 6 0.0.0.0
0004f2aabb00 0004f2aabb 5 0.0.0.0
0004f2aa0000 0004f2aa 4 0.0.0.0
TEXT
)
seen=$(
    run <<'PY'
from pydhcp.v4 import DHCPMessageType, Message, MessageType

for text in ("0004f2aabbcc", "0004f2aabb00", "0004f2aa0000"):
    head = bytes([1, 1, 6, 0, 0, 0, 0, 1]) + bytes(12) + bytes([192, 0, 2, 9]) + bytes(4)
    asked = head + bytes.fromhex(text) + bytes(202) + b"\x63\x82\x53\x63" + b"\x35\x01\x01\xff"
    message = Message.unpack(asked)
    answer = message.reply([DHCPMessageType(MessageType.Offer)]).pack()
    print(text, message.client_hw.hex(), answer[2], message.server_addr)
PY
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
