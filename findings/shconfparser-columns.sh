#!/usr/bin/env bash
# shconfparser 3.1.1 gives a port the speed -1000, and drops VLANs that have no port.
#
# Expected: IOS sets Duplex and Speed of "show interfaces status" to the right, so "a-full a-1000" begins before its
# headings. A line of "show vlan brief" ends behind the status where no port is in that VLAN, and a VLAN may have a name
# with dashes.
# Seen: a column is cut at its heading's first letter: duplex "a-full a", speed "-1000". A line that ends before the
# last heading (its reader takes off blanks) is taken for the first half of the next one, and lost. So is each line with
# "---" in it. No error is raised.
# Who meets it: whoever looks with it for ports with a wrong duplex, or for the voice VLAN of a new switch.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-deps \
    shconfparser==3.1.1 || {
    echo "could not install the package" >&2
    exit 2
}
run() { venv/bin/python -; }

expected=$(
    cat <<'TEXT'
Gi1/0/1 duplex a-full a speed -1000
Gi1/0/2 duplex a-half speed a-100
Gi1/0/3 duplex auto speed auto
1 default active Gi1/0/3, Gi1/0/4
30 DATA active Gi1/0/1, Gi1/0/2
TEXT
)
seen=$(
    run <<'PY'
import logging

from shconfparser.parser import Parser

logging.disable(logging.CRITICAL)
STATUS = """
Port      Name               Status       Vlan       Duplex  Speed Type
Gi1/0/1   phone              connected    20         a-full a-1000 10/100/1000BaseTX
Gi1/0/2                      connected    20         a-half  a-100 10/100/1000BaseTX
Gi1/0/3                      notconnect   1            auto   auto 10/100/1000BaseTX
"""
VLANS = """
VLAN Name                             Status    Ports
---- -------------------------------- --------- -------------------------------
1    default                          active    Gi1/0/3, Gi1/0/4
20   VOICE                            active
30   DATA                             active    Gi1/0/1, Gi1/0/2
40   ---SPARE---                      active    Gi1/0/9
"""
for row in Parser().parse_table(STATUS.strip().splitlines(), STATUS.split()[:7]):
    print(row["Port"], "duplex", row["Duplex"], "speed", row["Speed"])
for row in Parser().parse_table(VLANS.strip().splitlines(), VLANS.split()[:4]):
    print(*row.values())
PY
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
