#!/usr/bin/env bash
# impacket 0.13.1 cannot read any CDP frame that says something.
#
# Expected: a CDP frame is version, time to live, checksum and then fields of type, length and value (Cisco, "Cisco
# Discovery Protocol"; as tcpdump and Wireshark print it). 0x0001 is the device, 0x000b the duplex, 0x000e the VLAN for
# phones.
# Seen: a TypeError for each kind of field, whether the package has a name for it or not. Only a frame without fields is
# read.
# Who meets it: whoever wants to know from a capture in which VLAN a switch puts the phones.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-deps \
    impacket==0.13.1 || {
    echo "could not install the packages" >&2
    exit 2
}
run() { venv/bin/python -; }

expected=$(
    cat <<'TEXT'
no field: version 2, 180 seconds, 0 fields
device: TypeError: '<' not supported between instances of 'int' and 'NoneType'
port: TypeError: '<' not supported between instances of 'int' and 'NoneType'
duplex: TypeError: '<' not supported between instances of 'int' and 'NoneType'
VLAN for phones: TypeError: '<' not supported between instances of 'int' and 'NoneType'
TEXT
)
seen=$(
    run <<'PY'
import struct

from impacket.cdp import CDP


def field(kind, value):
    return struct.pack(">HH", kind, 4 + len(value)) + value


for title, fields in (
    ("no field", b""),
    ("device", field(0x0001, b"switch-1")),
    ("port", field(0x0003, b"GigabitEthernet0/7")),
    ("duplex", field(0x000B, b"\x01")),
    ("VLAN for phones", field(0x000E, b"\x01\x00\x14")),
):
    try:
        read = CDP(b"\x02\xb4\x00\x00" + fields)
        print(f"{title}: version {read.get_version()}, {read.get_ttl()} seconds, {len(read.getElements())} fields")
    except TypeError as error:
        print(f"{title}: TypeError: {error}")
PY
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
