#!/usr/bin/env bash
# dhcptool 2026.9.1.6 sends the sub-options 10 and above of the relay agent's option under another number.
#
# Expected: numbers are decimal, as those of the options are, and "11|192.0.2.1" is the server identifier override,
# sub-option 11 (RFC 5107, section 4); the tool takes an address for it. "10|128" are the relay agent's flags,
# sub-option 10 (RFC 5010, section 3).
# Seen: the two digits are taken for hexadecimal: 11 goes out as 17, and 10 as 16. Numbers below 10 are right.
# Who meets it: whoever tests a DHCP server behind a relay with this tool, and reads in a capture what it sent.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-deps \
    dhcptool==2026.9.1.6 scapy==2.8.0 PyYAML==6.0.4 || {
    echo "could not install the packages" >&2
    exit 2
}
run() { venv/bin/python -; }

expected=$(
    cat <<'TEXT'
sub-option 5 c0000200
sub-option 17 c0000201
sub-option 16 80
TEXT
)
seen=$(
    run <<'PY'
from types import SimpleNamespace

from dhcptool.options import Dhcp4Options
from scapy.layers.dhcp import DHCP

args = SimpleNamespace(options="82=05|192.0.2.0,11|192.0.2.1,10|128", encoding="utf-8", dhcp_server=None)
option = bytes(DHCP(options=Dhcp4Options(args).make_options_list()))
assert option[0] == 82
rest = option[2 : 2 + option[1]]
while rest:
    code, length = rest[0], rest[1]
    print("sub-option", code, rest[2 : 2 + length].hex())
    rest = rest[2 + length :]
PY
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
