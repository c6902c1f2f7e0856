#!/usr/bin/env bash
# snmpwalk-parser 1.0.1 drops each MAC address of a switch's table, and takes the last part of an address for an
# index.
#
# Expected: snmpwalk of Net-SNMP prints octets that are no text as "Hex-STRING: 00 04 F2 00 00 07", and a value's unit
# behind the value (snmpcmd(1), -OU). A table's index may be of several numbers, such as an IP address (RFC 2578,
# section 7.7).
# Seen: the lines with hexadecimal octets are nowhere. A value with a unit is 0. An index 192.0.2.7 is 7, and what
# stands before it becomes part of the column's name, so each network is a table of its own. The status of an
# interface is not given. No error is raised.
# Who meets it: whoever looks with it for the port of a phone by its MAC address.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-deps \
    snmpwalk-parser==1.0.1 || {
    echo "could not install the packages" >&2
    exit 2
}
run() { venv/bin/python -; }

expected=$(
    cat <<'TEXT'
lines: 7 read: 6
iso.3.6.1.2.1.17.4.3.1.2.0.4.242.0.0 at 7 is 7
ipAdEntIfIndex.192.0.2 at 7 is 7
ipAdEntIfIndex.198.51.100 at 7 is 8
hrMemorySize at 0 is 0
tables: ['ipAdEntIfIndex.192.0.2', 'ipAdEntIfIndex.198.51.100']
interfaces: [{'index': '7', 'description': 'port 7'}]
TEXT
)
seen=$(
    run <<'PY'
from snmpwalk_parser.core import SNMPParser

WALK = """\
iso.3.6.1.2.1.2.2.1.6.7 = Hex-STRING: 00 04 F2 00 00 07
iso.3.6.1.2.1.17.4.3.1.2.0.4.242.0.0.7 = INTEGER: 7
IP-MIB::ipAdEntIfIndex.192.0.2.7 = INTEGER: 7
IP-MIB::ipAdEntIfIndex.198.51.100.7 = INTEGER: 8
HOST-RESOURCES-MIB::hrMemorySize.0 = INTEGER: 65536 KBytes
IF-MIB::ifDescr.7 = STRING: port 7
IF-MIB::ifOperStatus.7 = INTEGER: up(1)
"""
parser = SNMPParser()
entries = parser.parse_snmpwalk_output(WALK)
print("lines:", len(WALK.splitlines()), "read:", len(entries))
for entry in entries[:4]:
    print(entry.key, "at", entry.index, "is", entry.value)
print("tables:", sorted(key for key in parser.group_by_table(entries) if key.startswith("ipAd")))
print("interfaces:", parser.get_interface_info(entries))
PY
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
