#!/usr/bin/env bash
# munin-plugins-extra 2.0.73 (Debian 12): its dhcpd3 counts addresses that dhcpd does not give, and misses others.
#
# Expected: dhcpd.conf(5): "#" begins a comment; "range" may have the flag dynamic-bootp, and one address alone is a
# range of one. The plugin's page: env.warning and env.critical are the parts of a network at which it warns.
# Seen: a range in a comment counts, a range with the flag or of one address does not, and a network of such ranges has
# no limit at all. The settings are read, and 0.9 and 0.95 are used whatever they say.
# Who meets it: whoever wants to be warned before the phones run out of addresses.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
apt-get download -qq \
    munin-plugins-extra=2.0.73-1 libnet-netmask-perl=2.0002-2 libnet-ip-perl=1.26-3 \
    libhttp-date-perl=6.05-2 libtimedate-perl=2.3300-2 >&2 || {
    echo "could not download the packages" >&2
    exit 2
}
for package in ./*.deb; do dpkg -x "$package" .; done
export PERL5LIB=$PWD/usr/share/perl5
run() { python3 -; }

expected=$(
    cat <<'TEXT'
20 addresses: max 20, warning 18, critical 19
20 addresses, 40 in a comment: max 60, warning 54, critical 57
20 addresses, one more: max 20, warning 18, critical 19
20 addresses for BOOTP, too: no limit
20 addresses, warn at 0.5, critical at 0.6: max 20, warning 18, critical 19
TEXT
)
seen=$(
    run <<'PY'
import os
import subprocess
from pathlib import Path

Path("dhcpd.leases").write_text("")


def show(what, line, **settings):
    Path("dhcpd.conf").write_text(f"subnet 192.0.2.0 netmask 255.255.255.0 {{\n  {line}\n}}\n")
    environment = os.environ | {"configfile": "dhcpd.conf", "leasefile": "dhcpd.leases"} | settings
    command = ["perl", "usr/share/munin/plugins/dhcpd3", "config"]
    result = subprocess.run(command, capture_output=True, text=True, check=True, env=environment)
    values = [line.split(".")[-1] for line in result.stdout.splitlines() if line.startswith("192_0_2_0__24.")]
    limits = [value for value in values if value.split()[0] in ("max", "warning", "critical")]
    print(f"{what}: {', '.join(limits) or 'no limit'}")


RANGE = "range 192.0.2.50 192.0.2.69;"
show("20 addresses", RANGE)
show("20 addresses, 40 in a comment", f"{RANGE}\n  # range 192.0.2.70 192.0.2.109;")
show("20 addresses, one more", f"{RANGE}\n  range 192.0.2.99;")
show("20 addresses for BOOTP, too", "range dynamic-bootp 192.0.2.50 192.0.2.69;")
show("20 addresses, warn at 0.5, critical at 0.6", RANGE, warning="0.5", critical="0.6")
PY
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
