#!/usr/bin/env bash
# asyncsnmplib 1.0.11 takes a neighbour that is a telephone for a bridge, and a bridge for a telephone.
#
# Expected: RFC 3417, section 8: in a value of BITS, bit 0 is the high-order bit of the first octet. The LLDP-MIB of
# IEEE 802.1AB has lldpRemSysCapEnabled as BITS, with bridge(2), router(4) and telephone(5): a telephone is 04 in
# hexadecimal digits, a bridge 20, a telephone with a port for a computer 24.
# Seen: on_syntax() counts from the low-order bit: 04 is the bridge. Both together look right, as does nothing at all.
# Each other flag has the name of its mirror image: a router that of an access point.
# Who meets it: whoever lets InfraSonar, or a program of its own, find the phones at a switch by SNMP.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-deps \
    asyncsnmplib==1.0.11 pycryptodome==4.4.0 || {
    echo "could not install the packages" >&2
    exit 2
}
# It reads modules that were compiled to JSON; this is the one object of LLDP-MIB, in the form that it wants.
mkdir -p mibs/parsed
cat >mibs/parsed/RFC1213-MIB.json <<'JSON'
{
  "IMPORTS": [],
  "lldpRemSysCapEnabled": {
    "tp": "OBJECT-TYPE",
    "value": ["iso", 0, 8802, 1, 1, 2, 1, 4, 1, 1, 12],
    "syntax": {
      "tp": "BITS",
      "values": {"0": "other", "1": "repeater", "2": "bridge", "3": "wlanAccessPoint", "4": "router", "5": "telephone",
                 "6": "docsisCableDevice", "7": "stationOnly"}
    }
  }
}
JSON
run() { venv/bin/python -; }

expected=$(
    cat <<'TEXT'
00: none
04, telephone: bridge
20, bridge: telephone
24, bridge and telephone: bridge,telephone
08, router: wlanAccessPoint
01, stationOnly: other
TEXT
)
seen=$(
    run <<'PY'
from asyncsnmplib.mib.mib_index import MIB_INDEX
from asyncsnmplib.mib.utils import on_syntax

syntax = MIB_INDEX[1, 0, 8802, 1, 1, 2, 1, 4, 1, 1, 12]["syntax"]
for octet, meaning in (
    ("00", ""),
    ("04", "telephone"),
    ("20", "bridge"),
    ("24", "bridge and telephone"),
    ("08", "router"),
    ("01", "stationOnly"),
):
    print(f"{octet}{', ' * bool(meaning)}{meaning}: {on_syntax(syntax, bytes.fromhex(octet)) or 'none'}")
PY
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
