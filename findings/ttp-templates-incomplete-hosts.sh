#!/usr/bin/env bash
# ttp-templates 0.6.18 gives an absent host the MAC address in:co:mp:le:te:00.
#
# Expected: Cisco's command reference for "show ip arp": the column of hardware addresses says "Incomplete" of a host
# that did not answer, and the column of interfaces is then empty; at a private VLAN, "pv" and its number follow the
# interface. "show lldp neighbors detail" gives the description of a neighbour on the lines below its title.
# Seen: the word "Incomplete" is written as an address, with zeros for what lacks, and the interface is "Unknown". The
# host in a private VLAN is left out. A neighbour's description is null, whatever it was. No error is raised.
# Who meets it: whoever looks by it which phones are at a router: a host that is gone looks as if it were there.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-deps \
    ttp-templates==0.6.18 ttp==0.10.1 pydantic==2.14.4 pydantic-core==2.50.5 annotated-types==0.8.0 \
    typing-extensions==4.16.0 typing-inspection==0.4.5 || {
    echo "could not install the packages" >&2
    exit 2
}
run() { venv/bin/python -; }

expected=$(
    cat <<'TEXT'
192.0.2.10: 00:04:f2:aa:bb:cc at Vlan100
192.0.2.11: in:co:mp:le:te:00 at Unknown
192.0.2.13: 00:04:f2:aa:bb:ce at Vlan101
Polycom CX700: description None
TEXT
)
seen=$(
    run <<'PY'
from ttp_templates import parse_output

ARP = """\
Protocol  Address          Age (min)  Hardware Addr   Type   Interface
Internet  192.0.2.10             12   0004.f2aa.bbcc  ARPA   Vlan100
Internet  192.0.2.11              0   Incomplete      ARPA
Internet  192.0.2.12              3   0004.f2aa.bbcd  ARPA   Vlan100 pv 101
Internet  192.0.2.13              3   0004.f2aa.bbce  ARPA   Vlan101
"""
LLDP = """\
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
Vlan ID: 100


Total entries displayed: 1
"""


def parse(command: str, text: str) -> list:
    return parse_output(data=text, platform="Cisco_IOS", command=command, structure="flat_list")


for host in parse("show ip arp", ARP):
    print(f"{host['ip']}: {host['mac']} at {host['interface']}")
for phone in parse("show lldp neighbors detail", LLDP):
    print(f"{phone['remote_device']}: description {phone['remote_system_description']}")
PY
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
