#!/usr/bin/env bash
# migrate-to-systemd-networkd 2.1 leaves out the name servers, and makes a user class of the client identifier.
#
# Expected: interfaces(5): under dhcp, "client" is the client identifier; fields of a line are divided by white space;
# "source" includes other files; "up" is run as "post-up" is. resolvconf(8): dns-nameservers and dns-search are the
# servers and domains of an interface; systemd.network(5) has DNS= and Domains= for these. Its UserClass= is option 77,
# and its ClientIdentifier= takes no text, so a word of warning would be due.
# Seen: no server and no domain is in what it writes, so the machine finds no name after the change. A server that gave
# an address by the identifier gets a user class, and gives another one. Included files, and commands of "up", are left
# out, and after a tab no word is known. Nothing is said of any of it.
# Who meets it: whoever moves a host beside the telephones, or a router for them, from ifupdown to networkd with it.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-deps \
    migrate-to-systemd-networkd==2.1 click==8.5.1 || {
    echo "could not install the packages" >&2
    exit 2
}
run() { venv/bin/python -; }

expected=$(
    cat <<'TEXT'
eth0.network
[Match]; Name = eth0
[Network]; DHCP = ipv4
[DHCPv4]; VendorClassIdentifier = MS-UC-Client; UserClass = phone-gate
eth1.network
[Match]; Name = eth1
[Address]; Address = 192.0.2.1/24
[Network]; Gateway = 192.0.2.254
[Route]; Destination = 203.0.113.0/24; Gateway = 192.0.2.253
eth2.network
[Match]; Name = eth2
TEXT
)
seen=$(
    run <<'PY'
import os
import pathlib
import subprocess

INTERFACES = """\
auto eth0
iface eth0 inet dhcp
    client phone-gate
    vendor MS-UC-Client

auto eth1
iface eth1 inet static
    address 192.0.2.1/24
    gateway 192.0.2.254
    dns-nameservers 192.0.2.53 192.0.2.54
    dns-search contoso.com
    up ip route add 198.51.100.0/24 via 192.0.2.253
    post-up ip route add 203.0.113.0/24 via 192.0.2.253

iface eth2 inet static
    address\t192.0.2.129/25

source more
"""
pathlib.Path("interfaces").write_text(INTERFACES)
pathlib.Path("more").write_text("iface eth3 inet dhcp\n")
os.mkdir("network")
done = subprocess.run(
    ["venv/bin/ifupdown-to-systemd-networkd", "--interfaces", "interfaces", "--tables", "none", "--output", "network"]
    + ["--systemd-version", "252"],
    input="y\n" * 9, capture_output=True, text=True, check=True,
)
for file in sorted(pathlib.Path("network").iterdir()):
    print(file.name)
    for section in file.read_text().strip().split("\n\n"):
        print(*(line for line in section.splitlines() if line[0] != "#"), sep="; ")
PY
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
