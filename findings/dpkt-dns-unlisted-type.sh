#!/usr/bin/env bash
# dpkt 1.9.8 refuses a whole DNS message when one record in it has a type that dpkt does not list.
#
# Expected: a record of an unknown type is data of the length that it states (RFC 3597, section 3); the others are
# read. RRSIG (46) stands beside each address in a signed zone, DNAME (39) before the alias that it makes, HTTPS (65)
# is what browsers ask for.
# Seen: UnpackError for the message; the address record is not to be had.
# Who meets it: whoever looks in a capture for the address that a phone was given, where the zone is signed.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-deps \
    dpkt==1.9.8 || {
    echo "could not install the packages" >&2
    exit 2
}
run() { venv/bin/python -; }

expected=$(
    cat <<'TEXT'
none ['c0000209']
DNAME RR type 39 is not supported
RRSIG RR type 46 is not supported
HTTPS RR type 65 is not supported
TEXT
)
seen=$(
    run <<'PY'
import struct


def name(text):
    return b"".join(bytes([len(label)]) + label.encode() for label in text.split(".")) + b"\0"


def record(kind, data):
    return b"\xc0\x0c" + struct.pack(">HHIH", kind, 1, 60, len(data)) + data


question = name("ucupdates-r2.contoso.com") + struct.pack(">HH", 1, 1)


def answer(*records):
    return struct.pack(">6H", 1, 0x8180, 1, len(records), 0, 0) + question + b"".join(records)

import dpkt

address = record(1, bytes([192, 0, 2, 9]))
target = name("ucupdates-r2.example.com")
others = {
    "none": b"",
    "DNAME": record(39, target),
    "RRSIG": record(46, bytes(18) + name("contoso.com") + bytes(64)),
    "HTTPS": record(65, struct.pack(">H", 1) + b"\0"),
}
for kind, other in others.items():
    message = answer(address, other) if other else answer(address)
    try:
        print(kind, [one.ip.hex() for one in dpkt.dns.DNS(message).an if one.type == 1])
    except dpkt.UnpackError as error:
        print(kind, error)
PY
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
