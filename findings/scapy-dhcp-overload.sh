#!/usr/bin/env bash
# scapy 2.8.0 does not read DHCP options that a server put in the file field and announced by option 52.
#
# Expected: where option 52 is 1, the file field holds options, read after those of the options field (RFC 2131,
# section 4.1; RFC 2132, section 9.3). So the domain below is contoso.com and the resolver 192.0.2.1.
# Seen: option 52 is shown, the options that it announces are not; they are bytes of BOOTP's file. No layer or warning
# says that there are more, so the lease looks as if it had neither domain nor resolver.
# Who meets it: whoever searches captures for leases without a domain, where the server has many options to hand out.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-deps \
    scapy==2.8.0 || {
    echo "could not install the packages" >&2
    exit 2
}
run() { venv/bin/python -; }

expected=$(
    cat <<'TEXT'
[('message-type', 5), ('dhcp-option-overload', 1), 'end']
True
TEXT
)
seen=$(
    run <<'PY'
import struct


def option(code, value):
    return bytes([code, len(value)]) + value


def message(options, file=b""):
    head = struct.pack(">4BIHH", 2, 1, 6, 0, 1, 0, 0) + bytes(4) + bytes([192, 0, 2, 7]) + bytes(8)
    client = bytes.fromhex("0004f2aabbcc") + bytes(10)
    return head + client + bytes(64) + file.ljust(128, b"\0") + b"\x63\x82\x53\x63" + options

from scapy.layers.dhcp import BOOTP, DHCP

hidden = option(15, b"contoso.com") + option(6, bytes([192, 0, 2, 1])) + b"\xff"
packet = BOOTP(message(option(53, b"\5") + option(52, b"\1") + b"\xff", hidden))
print(packet[DHCP].options)
print(packet.file.rstrip(b"\0") == hidden)
PY
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
