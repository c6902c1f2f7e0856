#!/usr/bin/env bash
# cidr-bottle 1.5.3 (PyPI) goes on listing the networks that were deleted.
#
# Expected: its README: deleting an edge node removes it completely; children() gives the defined children.
# Seen: the list is kept from one call to the next. Inserting marks it as old, deleting does not: what was deleted stays
# in the list until anything is inserted. Inserting marks the bottle it was called on only: any other (as the one of the
# README's example) never hears of what the root gets. Looking up in the root is right. No error is raised.
# Who meets it: whoever compares a routing table with what has been allotted, again and again.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-deps \
    cidr-bottle==1.5.3 cidr-man==1.5.4 || {
    echo "could not install the packages" >&2
    exit 2
}
run() { venv/bin/python -; }

expected=$(
    cat <<'TEXT'
at first: ['192.0.2.0/24', '192.0.2.128/25', '203.0.113.0/24']
the part: ['192.0.2.0/24', '192.0.2.128/25']
without 203.0.113.0/24: ['192.0.2.0/24', '192.0.2.128/25', '203.0.113.0/24']
found for 203.0.113.9: 0.0.0.0/0
with 192.0.2.64/26: ['192.0.2.0/24', '192.0.2.64/26', '192.0.2.128/25']
the part: ['192.0.2.0/24', '192.0.2.128/25']
the part, got anew: ['192.0.2.0/24', '192.0.2.128/25']
found for 192.0.2.65: 192.0.2.64/26
TEXT
)
seen=$(
    run <<'PY'
from cidr_bottle import Bottle

root = Bottle()
for network in ("192.0.2.0/24", "192.0.2.128/25", "203.0.113.0/24"):
    root.insert(network, value=network)
part = root["192.0.2.0/24"]
print("at first:", [str(child) for child in root.children()])
print("the part:", [str(child) for child in part.children()])
root.delete("203.0.113.0/24")
print("without 203.0.113.0/24:", [str(child) for child in root.children()])
print("found for 203.0.113.9:", root["203.0.113.9/32"])
root.insert("192.0.2.64/26", value="new")
print("with 192.0.2.64/26:", [str(child) for child in root.children()])
print("the part:", [str(child) for child in part.children()])
print("the part, got anew:", [str(child) for child in root["192.0.2.0/24"].children()])
print("found for 192.0.2.65:", root["192.0.2.65/32"])
PY
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
