#!/usr/bin/env bash
# dnsmasq-webconf 0.4.0 takes a host's name that begins with a digit for its lease time, and drops it at the next save.
#
# Expected: a host's name may begin with a digit (RFC 1123, section 2.1). dnsmasq(8), --dhcp-host: a lease time is a
# number of seconds, or one with a letter behind it for the unit, so 3rd-floor is a name. In dnsmasq.conf blanks may
# stand around "=". In dnsmasq's file of leases, 0 is a lease that never ends.
# Seen: with a lease time behind it, the name is replaced by it; alone, it is shown as the lease time. When the entry is
# changed, the line is written without the name. A line with blanks is not found, and such a lease ended in 1970.
# Who meets it: whoever changes with it one field of a phone that is called after its room.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-deps \
    dnsmasq-webconf==0.4.0 || {
    echo "could not install the packages" >&2
    exit 2
}
run() { venv/bin/python -; }

expected=$(
    cat <<'TEXT'
192.168.7.81 name lobby time 12h
192.168.7.82 name None time 12h
192.168.7.83 name None time 2nd-floor
dhcp-host=00:04:f2:aa:bb:01, lobby, 192.168.7.81, 12h # moved
dhcp-host=00:04:f2:aa:bb:02, 192.168.7.82, 12h # moved
dhcp-host=00:04:f2:aa:bb:03, 192.168.7.83, 2nd-floor # moved
dhcp-host = 00:04:f2:aa:bb:04,kitchen,192.168.7.84
lobby until 1970-01-01 00:00:00
TEXT
)
seen=$(
    run <<'PY'
import os
import time

os.environ["TZ"] = "UTC"
time.tzset()
from dnsmasq_webconf.config import apply_changes, parse_config, parse_leases

lines = [
    "dhcp-host=00:04:f2:aa:bb:01,lobby,192.168.7.81,12h\n",
    "dhcp-host=00:04:f2:aa:bb:02,3rd-floor,192.168.7.82,12h\n",
    "dhcp-host=00:04:f2:aa:bb:03,2nd-floor,192.168.7.83\n",
    "dhcp-host = 00:04:f2:aa:bb:04,kitchen,192.168.7.84\n",
]
hosts = parse_config(lines)["hosts"]
for host in hosts:
    print(host["addr"], "name", host.get("name"), "time", host.get("lease"))
    host.update(changed=True, comment="moved")
print("".join(apply_changes(lines, hosts)[0]), end="")
for lease in parse_leases(["0 00:04:f2:aa:bb:01 192.168.7.81 lobby *\n"]):
    print(lease["name"], "until", lease["timestamp"])
PY
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
