#!/usr/bin/env bash
# netports 1.2.1 (PyPI) takes a port of a breakout cable and a subinterface for the same interface.
#
# Expected: Ethernet1/2/3 is the third part of the port 1/2, Ethernet1/2.3 its subinterface. "Intf" keeps the separators
# (and gives them as "delimiters"), and writes each name as it was.
# Seen: what is compared and hashed are the numbers without the separators. The two are equal, a set has one of them, a
# dictionary the first name with the second value. The same goes for Serial0/1:2 (a channel group) and Serial0/1.2, but
# Eth1/2 and Ethernet1/2 are two. No error is raised.
# Who meets it: whoever keeps by interface what two outputs say.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-deps \
    netports==1.2.1 vhelpers==0.8.0 tomli==2.5.0 packaging==26.4 pydantic==2.14.4 pydantic_core==2.50.5 \
    annotated-types==0.8.0 typing-inspection==0.4.5 typing_extensions==4.16.0 || {
    echo "could not install the packages" >&2
    exit 2
}
run() { venv/bin/python -; }

expected=$(
    cat <<'TEXT'
Ethernet1/2/3 and Ethernet1/2.3: equal True, in a set 1, separators ('/', '/', '', '', '') and ('/', '.', '', '', '')
Serial0/1:2 and Serial0/1.2: equal True, in a set 1, separators ('/', ':', '', '', '') and ('/', '.', '', '', '')
FastEthernet0/1 and FastEthernet0.1: equal True, in a set 1, separators ('/', '', '', '', '') and ('.', '', '', '', '')
Ethernet1/2 and Eth1/2: equal False, in a set 2, separators ('/', '', '', '', '') and ('/', '', '', '', '')
{'Ethernet1/2/3': '198.51.100.1'}
TEXT
)
seen=$(
    run <<'PY'
from netports import Intf

for one, other in (
    ("Ethernet1/2/3", "Ethernet1/2.3"),
    ("Serial0/1:2", "Serial0/1.2"),
    ("FastEthernet0/1", "FastEthernet0.1"),
    ("Ethernet1/2", "Eth1/2"),
):
    a, b = Intf(one), Intf(other)
    print(f"{a} and {b}: equal {a == b}, in a set {len({a, b})}, separators {a.delimiters} and {b.delimiters}")
addresses = {}
for name, address in (("Ethernet1/2/3", "192.0.2.1"), ("Ethernet1/2.3", "198.51.100.1")):
    addresses[Intf(name)] = address
print({str(name): address for name, address in addresses.items()})
PY
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
