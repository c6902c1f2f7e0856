#!/usr/bin/env bash
# debian-interfaces-parser 0.0.3 (PyPI) gives an interface's IPv4 stanza the IPv6 address.
#
# Expected: interfaces(5): an interface has a stanza for each address family, "iface eth0 inet static" and "iface eth0
# inet6 static". "hwaddress" is an option of its own.
# Seen: a stanza with inet6 is not seen, but its lines are, and are given to the stanza above: address and netmask
# there are those of IPv6 then. Options are looked for anywhere in a line: hwaddress is an address too, and so is one
# behind "#". What it writes is a file that ifup cannot use. No error is raised.
# Who meets it: whoever changes the DNS servers of a Debian machine by program.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-deps \
    debian_interfaces_parser==0.0.3 || {
    echo "could not install the package" >&2
    exit 2
}
run() { venv/bin/python -; }

expected=$(
    cat <<'TEXT'
IPv4 alone: address '192.0.2.10', netmask '255.255.255.0', gateway '192.0.2.1'
IPv6 as well: address '2001:db8::10', netmask '64', gateway '192.0.2.1'
hwaddress as well: address 'ether 00:00:5e:00:53:01', netmask '255.255.255.0', gateway '192.0.2.1'
a comment as well: address '192.0.2.11 is the spare one', netmask '255.255.255.0', gateway '192.0.2.1'
auto eth0
iface eth0 inet static
  address 2001:db8::10
  netmask 64
  gateway 192.0.2.1
TEXT
)
seen=$(
    run <<'PY'
import pathlib

from debian_interfaces_parser.interfaces import Interfaces

FOUR = """\
auto eth0
iface eth0 inet static
    address 192.0.2.10
    netmask 255.255.255.0
    gateway 192.0.2.1
"""
SIX = """
iface eth0 inet6 static
    address 2001:db8::10
    netmask 64
"""
for title, text in (
    ("IPv4 alone", FOUR),
    ("IPv6 as well", FOUR + SIX),
    ("hwaddress as well", f"{FOUR}    hwaddress ether 00:00:5e:00:53:01\n"),
    ("a comment as well", f"{FOUR}    # address 192.0.2.11 is the spare one\n"),
):
    pathlib.Path("interfaces").write_text(text, encoding="ascii")
    found = Interfaces("interfaces")
    for interface in found.parse_all():
        print(f"{title}: address {interface.address!r}, netmask {interface.netmask!r}, gateway {interface.gateway!r}")
pathlib.Path("interfaces").write_text(FOUR + SIX, encoding="ascii")
found = Interfaces("interfaces")
print(found.dump_all(found.parse_all()).rstrip())
PY
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
