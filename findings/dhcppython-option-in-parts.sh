#!/usr/bin/env bash
# dhcppython 0.1.4 keeps only the last part of a DHCP option that a server sent in parts.
#
# Expected: the values of all instances of an option are joined in the order in which they came (RFC 2131, section 4.1;
# RFC 3396, sections 5 and 7).
# Seen: of option 15 in two parts, "voice." and "contoso.com", the domain is said to be "contoso.com": a good name, and
# another domain than the server gave.
# Who meets it: whoever tests what a DHCP server hands out; the wrong domain is where the update server is looked for.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-deps \
    dhcppython==0.1.4 || {
    echo "could not install the packages" >&2
    exit 2
}
run() { venv/bin/python -; }

expected=$(
    cat <<'TEXT'
contoso.com
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

from dhcppython.packet import DHCPPacket

parts = option(53, b"\5") + option(15, b"voice.") + option(51, bytes([0, 0, 14, 16])) + option(15, b"contoso.com")
print(DHCPPacket.from_bytes(message(parts + b"\xff")).options.as_dict()["domain_name"])
PY
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
