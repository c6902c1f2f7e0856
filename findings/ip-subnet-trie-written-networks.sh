#!/usr/bin/env bash
# IP-Subnet-Trie 1.0 gives 2001:db8:2::7/128 for 2001:db8:20::7/128, and 2001:db8:1:::/48 for 2001:db8:10::/48.
#
# Expected: search() gives the network that was put in, get_parent() and get_children() those around it and in it, in
# the form of RFC 4291, section 2.2: "::" stands for groups that are 0 as a whole, at most once.
# Seen: it writes "::" for the first "0:" of the text, which is often the end of a group: a digit is lost. The
# result is another network, or has three colons or too many groups, which nothing reads. IPv4 is right.
# Who meets it: whoever looks up with it which network or site a phone's address is in.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-deps \
    IP-Subnet-Trie==1.0 \
    protobuf==7.36.2 || {
    echo "could not install the packages" >&2
    exit 2
}
run() { venv/bin/python -; }

expected=$(
    cat <<'TEXT'
2001:db8::/32: 2001:db8::/32 (right)
2001:db8:1:2::/64: 2001:db8:1:2::/64 (right)
2001:db8:20::7/128: 2001:db8:2::7/128 (another network)
2001:db8:0:10::5/128: 2001:db8:::10:0:0:0:5/128 (no network)
2001:db8:10::/48: 2001:db8:1:::/48 (no network)
2001:db8:20:1::/64: 2001:db8:2::1:0:0:0/64 (no network)
fd00:0:0:7::/64: fd0::7:0:0:0/64 (no network)
2001:db8:10:1:2:3:4:5/128: 2001:db8:1::1:2:3:4:5/128 (no network)
2001:db8:1:2:3:40:5:6/128: 2001:db8:1:2:3:4::5:6/128 (no network)
TEXT
)
seen=$(
    run <<'PY'
import ipaddress

from ip_subnet_trie import IPv6SubnetTrie


def judged(text, right):
    try:
        return "right" if ipaddress.ip_network(text) == right else "another network"
    except ValueError:
        return "no network"


for text in (
    "2001:db8::/32",
    "2001:db8:1:2::/64",
    "2001:db8:20::7/128",
    "2001:db8:0:10::5/128",
    "2001:db8:10::/48",
    "2001:db8:20:1::/64",
    "fd00:0:0:7::/64",
    "2001:db8:10:1:2:3:4:5/128",
    "2001:db8:1:2:3:40:5:6/128",
):
    trie = IPv6SubnetTrie()
    trie.insert(text)
    found = trie.search(text)
    print(f"{text}: {found} ({judged(found, ipaddress.ip_network(text))})")
PY
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
