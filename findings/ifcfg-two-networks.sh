#!/usr/bin/env bash
# ifcfg 0.24 reads no interface at all of a host on which one interface is in two networks.
#
# Expected: an interface may have several IPv4 addresses, each with its own prefix and broadcast address, and "ip
# address" shows a line for each (ip-address(8)). The package has lists for that: inet4, netmasks, broadcasts.
# Seen: from "ip address" the prefix and the broadcast address go into members for one value. A second, other one is an
# error, and also the interfaces before and behind it are gone. With two addresses of one network all is read, but
# netmasks and broadcasts are empty.
# Who meets it: whoever lists what a server that serves two phone networks is connected to.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-deps \
    ifcfg==0.24 || {
    echo "could not install the packages" >&2
    exit 2
}
run() { venv/bin/python -; }

expected=$(
    cat <<'TEXT'
['192.0.2.10', '192.0.2.11'] /24 192.0.2.255 [] []
Tried to add broadcast=198.51.100.127 multiple times to eth0, it was already: 192.0.2.255
TEXT
)
seen=$(
    run <<'PY'
from ifcfg.parser import UnixIPParser

HOST = """1: lo: <LOOPBACK,UP,LOWER_UP> mtu 65536 qdisc noqueue state UNKNOWN group default qlen 1000
    link/loopback 00:00:00:00:00:00 brd 00:00:00:00:00:00
2: eth0: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc fq_codel state UP group default qlen 1000
    link/ether 02:00:00:00:00:01 brd ff:ff:ff:ff:ff:ff
    inet 192.0.2.10/24 brd 192.0.2.255 scope global eth0
       valid_lft forever preferred_lft forever
    inet {second} scope global secondary eth0
       valid_lft forever preferred_lft forever
"""


class Parser(UnixIPParser):
    def alter(self, interfaces):  # without asking DNS for the names of the addresses
        return interfaces


for second in ("192.0.2.11/24 brd 192.0.2.255", "198.51.100.10/25 brd 198.51.100.127"):
    try:
        eth0 = Parser(HOST.format(second=second)).interfaces["eth0"]
        print(eth0["inet4"], eth0["netmask"], eth0["broadcast"], eth0["netmasks"], eth0["broadcasts"])
    except RuntimeError as error:
        print(error)
PY
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
