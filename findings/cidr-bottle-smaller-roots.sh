#!/usr/bin/env bash
# cidr-bottle 1.5.3 (PyPI) knows one root only, 0.0.0.0/0, though its README has others.
#
# Expected: the README: Bottle("198.51.100.0/24") is a detached root of that network, Bottle("::/0") one for IPv6.
# Seen: the first argument is another one (the left branch), so the README's calls make a root of all IPv4 addresses: an
# address outside is in it. With prefix= the root is the network, but each search counts its steps from the first bit
# and not from the root's: inserting fails. A bottle that was got from the root counts wrongly too: asked for an address
# within it, 10.0.0.0/8 says 0.0.0.0/0, and the root says 10.1.0.0/16. No error is raised but the one shown.
# Who meets it: whoever looks up addresses in one network of many.
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
README's detached root: 0.0.0.0/0 has 203.0.113.0/24: True
README's root for IPv6: 0.0.0.0/0
named: 198.51.100.0/24
inserting 198.51.100.128/25: negative shift count
10.1.2.3/32: root 10.1.0.0/16, 10.0.0.0/8: 0.0.0.0/0
10.2.3.4/32: root 10.2.0.0/16, 10.0.0.0/8: 0.0.0.0/0
10.9.9.9/32: root 10.0.0.0/8, 10.0.0.0/8: 0.0.0.0/0
TEXT
)
seen=$(
    run <<'PY'
from cidr_bottle import Bottle

detached = Bottle("198.51.100.0/24")
print("README's detached root:", detached, "has 203.0.113.0/24:", "203.0.113.0/24" in detached)
print("README's root for IPv6:", Bottle("::/0"))
named = Bottle(prefix="198.51.100.0/24")
print("named:", named)
try:
    named.insert("198.51.100.128/25")
except ValueError as error:
    print("inserting 198.51.100.128/25:", error)
root = Bottle()
for network in ("10.0.0.0/8", "10.1.0.0/16", "10.2.0.0/16"):
    root.insert(network)
part = root["10.0.0.0/8"]
for address in ("10.1.2.3/32", "10.2.3.4/32", "10.9.9.9/32"):
    print(f"{address}: root {root[address]}, {part}: {part[address]}")
PY
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
