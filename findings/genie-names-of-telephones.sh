#!/usr/bin/env bash
# genie.libs.parser 26.9 (pyATS) leaves phones out of a switch's neighbours, and puts blanks behind names.
#
# Expected: IEEE 802.1AB, sections 8.5.6 and 8.5.7: a neighbour's system name and description are texts of any
# characters, and it need not send them. It may have an address of each family. Each line of the tables of "show lldp
# neighbors" and "show cdp neighbors" is a neighbour; the last line counts them.
# Seen: for LLDP, a line without a name is left out; the others' names keep the blanks up to the next column. For CDP,
# a line whose name has a blank is left out. Neither raises an error, and the count stays what it was. In the detail,
# the IPv6 address takes the place of the IPv4 address, and the description of a device that is no Cisco's is empty.
# Who meets it: whoever tests with pyATS that the phones of a floor are there: "Polycom CX700" is such a name.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-deps \
    genie.libs.parser==26.9 genie.libs.sdk==26.9 genie==26.9 pyats==26.9 pyats.aereport==26.9 pyats.async==26.9 \
    pyats.connections==26.9 pyats.datastructures==26.9 pyats.easypy==26.9 pyats.log==26.9 pyats.reporter==26.9 \
    pyats.results==26.9 pyats.tcl==26.9 pyats.topology==26.9 pyats.utils==26.9 unicon==26.9 unicon.plugins==26.9 \
    GitPython==3.2.1 Jinja2==3.1.6 MarkupSafe==3.0.4 PyYAML==6.0.4 certifi==2026.10.19.post1 cffi==2.1.1 \
    chardet==4.0.0 charset-normalizer==3.5.3 cryptography==50.0.2 dill==0.4.1 distro==1.9.0 gitdb==4.0.12 idna==3.20 \
    packaging==26.4 prettytable==3.18.0 psutil==7.2.2 requests==2.34.2 setuptools==79.0.1 smmap==5.0.3 \
    urllib3==2.8.0 pycparser==3.12 wcwidth==0.9.4 || {
    echo "could not install the packages" >&2
    exit 2
}
run() { venv/bin/python - 2>&1; }

expected=$(
    cat <<'TEXT'
LLDP, 3 in all: 'Polycom CX700       ', 'switch2             '
CDP, 2 in all: 'SEP0004F2AABBCC'
detail, IPv4 alone: address '192.0.2.10', description ''
detail, IPv4 and IPv6: address '2001:DB8::10', description ''
TEXT
)
seen=$(
    run <<'PY'
from unittest.mock import Mock

from genie.libs.parser.iosxe.show_cdp import ShowCdpNeighbors
from genie.libs.parser.iosxe.show_lldp import ShowLldpNeighbors, ShowLldpNeighborsDetail

LLDP = """\
Device ID           Local Intf     Hold-time  Capability      Port ID
Polycom CX700       Gi1/0/1        180        T               0004f2aabbcc
                    Gi1/0/2        180        T               0004f2aabbcd
switch2             Gi1/0/3        120        B,R             Gi1/0/48

Total entries displayed: 3
"""
CDP = """\
Device ID        Local Intrfce     Holdtme    Capability  Platform  Port ID
Polycom CX700    Gig 1/0/1         142              H P   CX700     Port 1
SEP0004F2AABBCC  Gig 1/0/2         142            H P M   CX700     Port 1

Total cdp entries displayed : 2
"""
DETAIL = """\
------------------------------------------------
Local Intf: Gi1/0/1
Chassis id: 0004.f2aa.bbcc
Port id: 0004F2AABBCC:P1
Port Description - not advertised
System Name: Polycom CX700

System Description:
UCPhone 4.0.7577.4525

Time remaining: 100 seconds
System Capabilities: T
Enabled Capabilities: T
Management Addresses:
    IP: 192.0.2.10
    IPV6: 2001:DB8::10
Auto Negotiation - supported, enabled
Physical media capabilities:
    100baseTX(FD)
Media Attachment Unit type: 16
Vlan ID: 100


Total entries displayed: 1
"""


def parse(kind: type, text: str) -> dict:
    return kind(device=Mock()).parse(output=text)


found = parse(ShowLldpNeighbors, LLDP)
ports = [port for interface in found["interfaces"].values() for port in interface["port_id"].values()]
names = [repr(name) for port in ports for name in port["neighbors"]]
print(f"LLDP, {found['total_entries']} in all: {', '.join(names)}")
found = parse(ShowCdpNeighbors, CDP)["cdp"]
names = [repr(neighbour["device_id"]) for neighbour in found["index"].values()]
print(f"CDP, {found['total_entries']} in all: {', '.join(names)}")
for kind, text in (("IPv4 alone", DETAIL.replace("    IPV6: 2001:DB8::10\n", "")), ("IPv4 and IPv6", DETAIL)):
    ports = parse(ShowLldpNeighborsDetail, text)["interfaces"]["GigabitEthernet1/0/1"]["port_id"]
    phone = ports["0004F2AABBCC:P1"]["neighbors"]["Polycom CX700"]
    address, description = phone["management_address"], phone["system_description"]
    print(f"detail, {kind}: address {address!r}, description {description!r}")
PY
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
