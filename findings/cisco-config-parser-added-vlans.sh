#!/usr/bin/env bash
# cisco-config-parser 3.0.0 (PyPI) gives the first line only of the VLANs that a trunk takes.
#
# Expected: its README has "allowed_vlans" among what a trunk has. Where the list is long, IOS writes the rest as
# further lines "switchport trunk allowed vlan add ...".
# Seen: the first line that matches is taken. What the further lines add is not among the VLANs, only among the lines of
# the interface. No error is raised.
# Who meets it: whoever looks for trunks that lack a VLAN.
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
GigabitEthernet1/0/1 takes 10,20,30-35,101,103,105,107,109,111,113,115,117
  VLAN 119: False lines: 3
GigabitEthernet1/0/2 takes 10,119
  VLAN 119: True lines: 2
TEXT
)
seen=$(
    run <<'PY'
from cisco_config_parser import ConfigParser

lines = [
    "hostname sw1",
    "!",
    "interface GigabitEthernet1/0/1",
    " switchport trunk allowed vlan 10,20,30-35,101,103,105,107,109,111,113,115,117",
    " switchport trunk allowed vlan add 119,121,200-210",
    " switchport mode trunk",
    "!",
    "interface GigabitEthernet1/0/2",
    " switchport trunk allowed vlan 10,119",
    " switchport mode trunk",
    "!",
    "end",
    "",
]
for trunk in ConfigParser("\n".join(lines), platform="IOS").get_l2_trunk_interfaces():
    print(trunk.name, "takes", trunk.allowed_vlans)
    print("  VLAN 119:", "119" in trunk.allowed_vlans.split(","), "lines:", len(trunk.children))
PY
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
