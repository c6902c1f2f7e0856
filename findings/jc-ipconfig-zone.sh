#!/usr/bin/env bash
# jc 1.26.1 takes the zone of a link-local address in the output of ipconfig for its prefix length.
#
# Expected: what follows % is the zone, on Windows the number of the interface (RFC 4007, section 11); a prefix follows
# a slash. ipconfig /all prints no IPv6 prefix length.
# Seen: prefix_length is 12 where the interface is the twelfth, 4 where it is the fourth. The zone, which is needed to
# reach the address, is no key; for a default gateway it stays in the text.
# Who meets it: whoever reads from a PC in the phones' network what the network handed out.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-deps \
    jc==1.26.1 || {
    echo "could not install the packages" >&2
    exit 2
}
run() { venv/bin/python -; }

expected=$(
    cat <<'TEXT'
[{'address': 'fe80::1', 'prefix_length': 12, 'status': 'Preferred'}] fe80::ff%12
[{'address': 'fe80::1', 'prefix_length': 4, 'status': 'Preferred'}] fe80::ff%4
TEXT
)
seen=$(
    run <<'PY'
import jc

TEXT = """
Windows IP Configuration

   Host Name . . . . . . . . . . . . : PC-1
   Primary Dns Suffix  . . . . . . . : contoso.com

Ethernet adapter Ethernet:

   Connection-specific DNS Suffix  . : voice.contoso.com
   Physical Address. . . . . . . . . : 02-00-00-AA-BB-CC
   DHCP Enabled. . . . . . . . . . . : Yes
   Link-local IPv6 Address . . . . . : fe80::1%ZONE(Preferred)
   IPv4 Address. . . . . . . . . . . : 192.0.2.7(Preferred)
   Subnet Mask . . . . . . . . . . . : 255.255.255.0
   Default Gateway . . . . . . . . . : fe80::ff%ZONE
                                       192.0.2.1
"""
for zone in ("12", "4"):
    adapter = jc.parse("ipconfig", TEXT.replace("ZONE", zone), quiet=True)["adapters"][0]
    print(adapter["link_local_ipv6_addresses"], adapter["default_gateways"][0])
PY
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
