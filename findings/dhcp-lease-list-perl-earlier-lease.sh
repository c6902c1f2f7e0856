#!/usr/bin/env bash
# dhcp-lease-list of isc-dhcp-server 4.4.3-P1 (Debian 12) gives the earliest of a client's leases, not the latest.
#
# Expected: dhcpd.leases(5): new declarations are appended, and the last one of a lease is the one that counts. The
# script's own help says that --last prints the last entry for every MAC. Words in quotes are text.
# Seen: of entries that have not ended, and with --last of all, that with the earliest end stays: the address that a
# phone had before it moved. The file is split at each "lease", so the host release-desk has no name.
# Who meets it: whoever asks the DHCP server's own tool which address a phone has now.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
apt-get download -qq \
    isc-dhcp-server=4.4.3-P1-2 >&2 || {
    echo "could not download the packages" >&2
    exit 2
}
for package in ./*.deb; do dpkg -x "$package" .; done
run() { perl usr/sbin/dhcp-lease-list --parsable --lease dhcpd.leases "$@" 2>/dev/null | cut -d ' ' -f 1-11; }

expected=$(
    cat <<'TEXT'
MAC 00:04:f2:aa:bb:cc IP 192.0.2.7 HOSTNAME phone-1 BEGIN 2026-11-27 08:00:00 END 2037-11-27
MAC 00:04:f2:aa:bb:dd IP 192.0.2.9 HOSTNAME -NA- BEGIN 2026-11-27 08:00:00 END 2037-11-27
--last: MAC 00:04:f2:aa:bb:cc IP 192.0.2.7 HOSTNAME phone-1 BEGIN 2026-11-27 08:00:00 END 2037-11-27
--last: MAC 00:04:f2:aa:bb:dd IP 192.0.2.9 HOSTNAME -NA- BEGIN 2026-11-27 08:00:00 END 2037-11-27
TEXT
)
cat >dhcpd.leases <<'LEASES'
lease 192.0.2.7 {
  starts 5 2026/11/27 08:00:00;
  ends 5 2037/11/27 16:00:00;
  binding state active;
  hardware ethernet 00:04:f2:aa:bb:cc;
  client-hostname "phone-1";
}
lease 192.0.2.9 {
  starts 5 2026/11/27 08:00:00;
  ends 5 2037/11/27 16:00:00;
  binding state active;
  hardware ethernet 00:04:f2:aa:bb:dd;
  client-hostname "release-desk";
}
lease 198.51.100.7 {
  starts 6 2026/11/28 08:00:00;
  ends 6 2037/11/28 16:00:00;
  binding state active;
  hardware ethernet 00:04:f2:aa:bb:cc;
  client-hostname "phone-1";
}
LEASES
seen=$(
    run
    run --last | sed 's/^/--last: /'
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
