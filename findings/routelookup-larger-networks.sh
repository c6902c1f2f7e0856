#!/usr/bin/env bash
# routelookup 1.0.3 (PyPI) gives networks that are larger than the one asked about, and IPv6 for all of IPv4.
#
# Expected: "lookup_range" gives the prefixes that are subnets of the one given. Its "PyTricia" is to take the place of
# pytricia, whose children() are the more specific ones: of 10.0.0.0/16 pytricia 1.3.0 gives ['10.0.1.0/24'].
# Seen: the first address of each network is looked at, not its length: each network that begins at the same address is
# a subnet, 10.0.0.0/8 of 10.0.0.0/24 too. The version is not compared, so 0.0.0.0/0 has all of IPv6. "children" looks
# at the version, not at the length. Looking up the longest prefix is right. No error is raised.
# Who meets it: whoever withdraws or counts what is within one network.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-deps \
    routelookup==1.0.3 || {
    echo "could not install the package" >&2
    exit 2
}
run() { venv/bin/python -; }

expected=$(
    cat <<'TEXT'
within 10.0.0.0/24: 10.0.0.0/8, 10.0.0.0/16
within 10.0.0.0/16: 10.0.0.0/8, 10.0.0.0/16, 10.0.1.0/24
within 10.1.0.0/16: 10.1.0.0/16
within 0.0.0.0/0: 10.0.0.0/8, 10.0.0.0/16, 10.0.1.0/24, 10.1.0.0/16, 2001:db8::/32
children of 10.0.0.0/16: ['10.0.0.0/8', '10.0.1.0/24'] its parent: 10.0.0.0/8
longest prefix of 10.0.1.9: 10.0.1.0/24 10.0.1.0/24
TEXT
)
seen=$(
    run <<'PY'
from routelookup.addrmodule.ipaddress import IpaddressAddrHandler
from routelookup.pytricia import PyTricia
from routelookup.routetable import BaseRouteTable

table = BaseRouteTable(IpaddressAddrHandler())
for network in ("10.0.0.0/8", "10.0.0.0/16", "10.0.1.0/24", "10.1.0.0/16", "2001:db8::/32"):
    table[network] = network
for network in ("10.0.0.0/24", "10.0.0.0/16", "10.1.0.0/16", "0.0.0.0/0"):
    print(f"within {network}:", ", ".join(value for _, value in table.lookup_range(network)))
tree = PyTricia()
for network in ("10.0.0.0/8", "10.0.0.0/16", "10.0.1.0/24", "10.1.0.0/16"):
    tree[network] = network
print("children of 10.0.0.0/16:", tree.children("10.0.0.0/16"), "its parent:", tree.parent("10.0.0.0/16"))
print("longest prefix of 10.0.1.9:", table["10.0.1.9"], tree["10.0.1.9"])
PY
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
