#!/usr/bin/env bash
# btklog 1.0.2 stops in the middle of a line of the log that it writes where a lease never ends.
#
# Expected: dhcpd.leases(5): the end of a lease is a date or "never", which is what a client of BOOTP gets. Its own
# description: it makes the log of who had which address, as a law of Turkey wants, of a dhcpd.leases file.
# Seen: the beginning of that line is written, then an AttributeError ends the program. The file stays in the folder for
# such logs, with the name of a whole one; what follows in the leases is not in it.
# Who meets it: whoever keeps such logs of a server with one such lease.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-deps \
    btklog==1.0.2 dhcp-leases==0.1.6 six==1.17.0 click==8.5.1 || {
    echo "could not install the packages" >&2
    exit 2
}
run() {
    rm -rf logs
    mkdir logs
    sed "s/END/$1/" leases >dhcpd.leases
    TZ=UTC venv/bin/btklog -k dhcpd.leases -h logs 2>&1 | sed -n 's/^\([A-Za-z]*Error\): .*/ended with: \1/p'
    sed 's/  */ /g; s/ $//' logs/*.log
    echo
}

expected=$(
    cat <<'TEXT'
a date:
192.0.2.7 27.11.2026-08:00:00 27.11.2026-16:00:00 00-04-f2-aa-bb-cc
192.0.2.8 27.11.2026-08:00:00 27.11.2026-18:00:00 00-04-f2-aa-bb-cd
192.0.2.9 27.11.2026-08:00:00 27.11.2026-16:00:00 00-04-f2-aa-bb-ce
never:
ended with: AttributeError
192.0.2.7 27.11.2026-08:00:00 27.11.2026-16:00:00 00-04-f2-aa-bb-cc
192.0.2.8 27.11.2026-08:00:00
TEXT
)
cat >leases <<'LEASES'
lease 192.0.2.7 {
  starts 5 2026/11/27 08:00:00;
  ends 5 2026/11/27 16:00:00;
  binding state active;
  hardware ethernet 00:04:f2:aa:bb:cc;
}
lease 192.0.2.8 {
  starts 5 2026/11/27 08:00:00;
  ends END;
  binding state active;
  hardware ethernet 00:04:f2:aa:bb:cd;
}
lease 192.0.2.9 {
  starts 5 2026/11/27 08:00:00;
  ends 5 2026/11/27 16:00:00;
  binding state active;
  hardware ethernet 00:04:f2:aa:bb:ce;
}
LEASES
seen=$(
    echo "a date:"
    run '5 2026\/11\/27 18:00:00' | grep -v '^IP\|^$'
    echo "never:"
    run never | grep -v '^IP\|^$'
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
