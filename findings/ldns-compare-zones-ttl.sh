#!/usr/bin/env bash
# ldnsutils 1.8.3 (Debian 12): ldns-compare-zones finds no change where each record is kept for another time.
#
# Expected: its page: it prints the differences of two zone files, and counts as changed a name with "a difference in
# the amount or content of the records". The TTL is a part of a record (RFC 1035, section 3.2.1).
# Seen: records that differ in their TTL alone are the same, also with -a, and -e ends with 0. The serial number is left
# out, as the page says; with -s it is compared, and the SOA record's own TTL is not.
# Who meets it: whoever lowers the TTLs before a move of the update server, and looks for what changed before a reload.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
apt-get download -qq \
    ldnsutils=1.8.3-1+b1 libldns3=1.8.3-1+b1 >&2 || {
    echo "could not download the packages" >&2
    exit 2
}
for package in ./*.deb; do dpkg -x "$package" .; done
export LD_LIBRARY_PATH=$PWD/usr/lib/x86_64-linux-gnu
run() { python3 -; }

expected=$(
    cat <<'TEXT'
another address: exit code 2
  ~-ucupdates-r2.contoso.com. 86400 IN A 192.0.2.81
  ~+ucupdates-r2.contoso.com. 86400 IN A 192.0.2.82
  +0 -0 ~1
another TTL: exit code 0
  +0 -0 ~0
another TTL and address: exit code 2
  ~-ucupdates-r2.contoso.com. 86400 IN A 192.0.2.81
  ~+ucupdates-r2.contoso.com. 300 IN A 192.0.2.82
  +0 -0 ~1
another TTL, with -s: exit code 0
  +0 -0 ~0
another serial, with -s: exit code 2
  ~-contoso.com. 86400 IN SOA ns.contoso.com. admin.contoso.com. 1 3600 900 604800 300
  ~+contoso.com. 86400 IN SOA ns.contoso.com. admin.contoso.com. 2 3600 900 604800 300
  +0 -0 ~1
TEXT
)
seen=$(
    run <<'PY'
import subprocess

ZONE = """$ORIGIN contoso.com.
$TTL {ttl}
@ SOA ns admin {serial} 3600 900 604800 300
@ NS ns
ns A 192.0.2.1
ucupdates-r2 A {address}
"""


def show(what, *options, **changed):
    for name, values in (("before", {}), ("after", changed)):
        with open(name, "w") as file:
            file.write(ZONE.format(**({"ttl": 86400, "serial": 1, "address": "192.0.2.81"} | values)))
    command = ["usr/bin/ldns-compare-zones", "-a", "-e", *options, "before", "after"]
    result = subprocess.run(command, capture_output=True, text=True)
    lines = [" ".join(line.split()) for line in (result.stdout + result.stderr).splitlines()]
    print(f"{what}: exit code {result.returncode}", *lines, sep="\n  ")


show("another address", address="192.0.2.82")
show("another TTL", ttl=300)
show("another TTL and address", ttl=300, address="192.0.2.82")
show("another TTL, with -s", "-s", ttl=300)
show("another serial, with -s", "-s", serial=2)
PY
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
