#!/usr/bin/env bash
# ifconfig-parser 0.0.5 gives no global IPv6 address of an interface, in the newer and in the older form of output.
#
# Expected: ifconfig of net-tools, whose output it reads, has a line for each address: "inet6 2001:db8::7 prefixlen 64
# scopeid 0x0<global>" in the newer form, "inet6 addr: 2001:db8::7/64 Scope:Global" in the older one.
# Seen: it knows the scopes link and host alone. An interface with a global address has only its link-local one, and
# none at all where that is its only one. No error is raised.
# Who meets it: whoever looks with it under which address a server can be reached.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-deps \
    ifconfig-parser==0.0.5 || {
    echo "could not install the packages" >&2
    exit 2
}
run() { venv/bin/python -; }

expected=$(
    cat <<'TEXT'
newer: 00:04:f2:00:00:07 192.0.2.7 fe80::204:f2ff:fe00:7
newer, global alone: 00:04:f2:00:00:07 192.0.2.7 None
newer, link alone: 00:04:f2:00:00:07 192.0.2.7 fe80::204:f2ff:fe00:7
older: 00:04:f2:00:00:07 192.0.2.7 fe80::204:f2ff:fe00:7
older, global alone: 00:04:f2:00:00:07 192.0.2.7 None
older, link alone: 00:04:f2:00:00:07 192.0.2.7 fe80::204:f2ff:fe00:7
TEXT
)
seen=$(
    run <<'PY'
from ifconfigparser import IfconfigParser

NEWER = """eth0: flags=4163<UP,BROADCAST,RUNNING,MULTICAST>  mtu 1500
        inet 192.0.2.7  netmask 255.255.255.0  broadcast 192.0.2.255
        inet6 2001:db8::7  prefixlen 64  scopeid 0x0<global>
        inet6 fe80::204:f2ff:fe00:7  prefixlen 64  scopeid 0x20<link>
        ether 00:04:f2:00:00:07  txqueuelen 1000  (Ethernet)
"""
OLDER = """eth0      Link encap:Ethernet  HWaddr 00:04:f2:00:00:07
          inet addr:192.0.2.7  Bcast:192.0.2.255  Mask:255.255.255.0
          inet6 addr: 2001:db8::7/64 Scope:Global
          inet6 addr: fe80::204:f2ff:fe00:7/64 Scope:Link
          UP BROADCAST RUNNING MULTICAST  MTU:1500  Metric:1
"""


def show(what, text):
    eth0 = IfconfigParser(text).get_interface("eth0")
    print(f"{what}: {eth0.mac_addr} {eth0.ipv4_addr} {eth0.ipv6_addr}")


for name, text in (("newer", NEWER), ("older", OLDER)):
    show(name, text)
    show(f"{name}, global alone", "".join(each for each in text.splitlines(True) if "fe80" not in each))
    show(f"{name}, link alone", "".join(each for each in text.splitlines(True) if "2001" not in each))
PY
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
