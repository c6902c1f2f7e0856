#!/usr/bin/env bash
# os-ken 4.2.2 finds nothing in an LLDP frame in which one TLV is of a type that is not given out yet.
#
# Expected: IEEE 802.1AB-2009, section 9.2.7.7, and its LLDP-MIB (lldpStatsRxPortTLVsUnrecognizedTotal,
# lldpRemUnknownTLVTable): a TLV of a reserved type, 9 to 126, may be from a later version. It is counted and kept as
# unknown, and the rest of the frame is read.
# Seen: for such a frame there is None instead of chassis, port and name. With a TLV of an organisation (type 127) that
# it does not know either, the frame is read. No error is raised.
# Who meets it: whoever finds with it at which switch port a phone hangs.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-deps \
    os-ken==4.2.2 netaddr==1.3.0 oslo.config==10.7.0 packaging==26.4 pbr==7.1.3 rfc3986==2.0.0 stevedore==5.10.0 || {
    echo "could not install the packages" >&2
    exit 2
}
run() { venv/bin/python -; }

expected=$(
    cat <<'TEXT'
only the basic ones: ['ChassisID', 'PortID', 'TTL', 'SystemName', 'End']
one of type 127: ['ChassisID', 'PortID', 'TTL', 'SystemName', 'OrganizationallySpecific', 'End']
one of type 9: None
one of type 126: None
TEXT
)
seen=$(
    run <<'PY'
import struct

from os_ken.lib.packet.lldp import lldp


def tlv(kind, value):
    return struct.pack(">H", kind << 9 | len(value)) + value


BASIC = (1, b"\x04\x02\x00\x00\xaa\xbb\x01"), (2, b"\x05Gi1/0/7"), (3, b"\x00\x78"), (5, b"switch-1")
END = tlv(0, b"")
for title, further in (
    ("only the basic ones", b""),
    ("one of type 127", tlv(127, b"\x00\x12\xbb\x02\x01\x40\x8c\x00")),
    ("one of type 9", tlv(9, b"\x00")),
    ("one of type 126", tlv(126, b"\x00")),
):
    frame, _, _ = lldp.parser(b"".join(tlv(*each) for each in BASIC) + further + END)
    print(f"{title}:", frame and [type(each).__name__ for each in frame.tlvs])
PY
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
