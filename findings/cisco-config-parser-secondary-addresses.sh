#!/usr/bin/env bash
# cisco-config-parser 3.0.0 (PyPI) gives a secondary address for an interface's own, and loses the latter.
#
# Expected: its README has an address with mask and subnet, and a secondary address with its own. IOS writes the
# secondary addresses of an interface before the primary one.
# Seen: the first line with an address is the primary one's, also if it ends in "secondary". The secondary address is
# the same again. The interface's own address, and all but the first secondary one, are in the lines only; what it lists
# of subnets has the wrong one. With the primary address first, both are right. No error is raised.
# Who meets it: whoever lists gateways and subnets of switches.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-deps \
    cisco-config-parser==3.0.0 || {
    echo "could not install the package" >&2
    exit 2
}
run() { venv/bin/python -; }

expected=$(
    cat <<'TEXT'
as IOS writes: 192.0.2.129 in 192.0.2.128/26, secondary 192.0.2.129 in 192.0.2.128/26
as IOS writes, subnets: {'Vlan10': '192.0.2.128/26'}
the other way: 192.0.2.1 in 192.0.2.0/25, secondary 192.0.2.129 in 192.0.2.128/26
the other way, subnets: {'Vlan10': '192.0.2.0/25'}
TEXT
)
seen=$(
    run <<'PY'
from cisco_config_parser import ConfigParser

OWN = " ip address 192.0.2.1 255.255.255.128"
OTHERS = [
    " ip address 192.0.2.129 255.255.255.192 secondary",
    " ip address 192.0.2.193 255.255.255.192 secondary",
]
for title, addresses in (("as IOS writes", [*OTHERS, OWN]), ("the other way", [OWN, *OTHERS])):
    lines = ["hostname sw1", "!", "interface Vlan10", " description users", *addresses, "!", "end", ""]
    parser = ConfigParser("\n".join(lines), platform="IOS")
    for interface in parser.get_l3_interfaces():
        print(f"{title}: {interface.ip_address} in {interface.subnet},", end=" ")
        print(f"secondary {interface.sec_ip_address} in {interface.sec_subnet}")
    print(f"{title}, subnets:", parser.get_subnet_and_usage())
PY
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
