#!/usr/bin/env bash
# libcidr 1.0.1 finds no network for 10.113.0.1 where 10.0.0.0/9 is in its index.
#
# Expected: its description: "longest-prefix-match indexing", faster than pytricia. Of the networks that an address is
# in, lookup() gives the place of that with the longest prefix in the list (RFC 4632, section 5.1).
# Seen: some addresses are in nothing, or in a larger network than the smallest; which ones depends on what else is in
# the index: without 10.128.0.0/9 the first is right. Of lists of three to eight networks in 10.0.0.0/8 and
# 192.0.0.0/8, made at random with prefixes of 8, 9, 10, 16 and 24, one of 25 gave a wrong answer to one question.
# Who meets it: whoever looks up in it in which network, or at which site, a phone is.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-deps \
    libcidr==1.0.1 || {
    echo "could not install the packages" >&2
    exit 2
}
run() { venv/bin/python -; }

expected=$(
    cat <<'TEXT'
10.0.0.0/9 10.0.0.0/10 10.96.0.0/16
  10.113.0.1 is in 10.0.0.0/9, it says 10.0.0.0/9
10.0.0.0/9 10.0.0.0/10 10.96.0.0/16 10.128.0.0/9
  10.113.0.1 is in 10.0.0.0/9, it says nothing
10.0.0.0/8 10.0.0.0/11 10.2.0.0/16 10.16.0.0/16 10.32.2.0/24
  10.1.112.96 is in 10.0.0.0/11, it says 10.0.0.0/8
0.0.0.0/1 128.0.0.0/1 10.0.0.0/8 192.168.0.0/16 172.16.0.0/12
  198.51.100.1 is in 128.0.0.0/1, it says nothing
TEXT
)
seen=$(
    run <<'PY'
import ipaddress

import libcidr


def show(address, *networks):
    index = libcidr.PrefixIndex([libcidr.IPv4Network(network) for network in networks])
    (place,) = index.lookup([libcidr.IPv4Address(address)])
    parsed = [ipaddress.ip_network(network) for network in networks]
    right = max((each for each in parsed if ipaddress.ip_address(address) in each), key=lambda each: each.prefixlen)
    print(f"{' '.join(networks)}\n  {address} is in {right}, it says {networks[place] if place >= 0 else 'nothing'}")


NETWORKS = ["10.0.0.0/9", "10.0.0.0/10", "10.96.0.0/16", "10.128.0.0/9"]
show("10.113.0.1", *NETWORKS[:3])
show("10.113.0.1", *NETWORKS)
show("10.1.112.96", "10.0.0.0/8", "10.0.0.0/11", "10.2.0.0/16", "10.16.0.0/16", "10.32.2.0/24")
show("198.51.100.1", "0.0.0.0/1", "128.0.0.0/1", "10.0.0.0/8", "192.168.0.0/16", "172.16.0.0/12")
PY
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
