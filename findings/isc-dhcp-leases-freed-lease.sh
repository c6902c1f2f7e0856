#!/usr/bin/env bash
# isc-dhcp-leases 0.10.0 lists a lease as current that the server has freed since.
#
# Expected: dhcpd appends to its lease file, and of several entries for one address the last is the one that counts
# (dhcpd.leases(5)). get_current() is documented to give the leases that are active and valid.
# Seen: the older entry, "active" and not yet expired, is listed although a later one of the same address says "free"
# (the phone released it). Two phones are listed with one address when it passed from one to the other.
# Who meets it: whoever looks up which phone has which address before asking why it gets no update.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-deps \
    isc-dhcp-leases==0.10.0 six==1.17.0 || {
    echo "could not install the packages" >&2
    exit 2
}
run() { venv/bin/python -; }

expected=$(
    cat <<'TEXT'
[('00:04:f2:00:00:01', '192.0.2.7', 'active')]
[('00:04:f2:00:00:01', '192.0.2.7', 'active'), ('00:04:f2:00:00:02', '192.0.2.7', 'active')]
TEXT
)
seen=$(
    run <<'PY'
from isc_dhcp_leases import IscDhcpLeases

ENTRY = """lease 192.0.2.7 {{
  starts 5 2025/11/28 11:00:00;
  ends 5 2100/01/01 00:00:00;
  binding state {state};
  hardware ethernet {mac};
}}
"""


def current(*entries):
    with open("dhcpd.leases", "w") as file:
        file.writelines(ENTRY.format(state=state, mac=mac) for state, mac in entries)
    found = IscDhcpLeases("dhcpd.leases").get_current()
    return sorted((mac, lease.ip, lease.binding_state) for mac, lease in found.items())


print(current(("active", "00:04:f2:00:00:01"), ("free", "00:04:f2:00:00:01")))
print(current(("active", "00:04:f2:00:00:01"), ("active", "00:04:f2:00:00:02")))
PY
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
