#!/usr/bin/env bash
# libtext-dhcpleases-perl 1.0 (Debian 12) gives no times of leases where ISC dhcpd writes local time.
#
# Expected: dhcpd.leases(5), on dates: with "db-time-format local" in dhcpd.conf(5), each time is "epoch", the
# seconds since 1970, and a comment for people. A variable may have hyphens in its name, as the vendor-class-identifier
# that dhcpd keeps.
# Seen: the lease has neither start nor end, so it cannot be told from one that has ended; the variable is not given
# either. The statements are named in warnings, and the lease is listed as active.
# Who meets it: whoever looks with it for the phones to which a server has given addresses.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
apt-get download -qq \
    libtext-dhcpleases-perl=1.0-3 libclass-accessor-perl=0.51-2 >&2 || {
    echo "could not download the packages" >&2
    exit 2
}
for package in ./*.deb; do dpkg -x "$package" .; done
run() { perl - 2>warnings; }

expected=$(
    cat <<'TEXT'
default, set vendor: 6 2026/11/28 10:00:00 | 6 2026/11/28 16:00:00 | active | vendor "MS-UC-Client"
default, set vendor-class-identifier: 6 2026/11/28 10:00:00 | 6 2026/11/28 16:00:00 | active | none
local, set vendor: none | none | active | vendor "MS-UC-Client"
local, set vendor-class-identifier: none | none | active | none
TEXT
)
seen=$(
    run <<'PL'
use strict;
use warnings;
use lib 'usr/share/perl5';
use Text::DHCPLeases;

my %times = (
    'default' => ['6 2026/11/28 10:00:00;', '6 2026/11/28 16:00:00;'],
    'local' => ['epoch 1795860000; # Sat Nov 28 10:00:00 2026', 'epoch 1795881600; # Sat Nov 28 16:00:00 2026'],
);
for my $format (sort keys %times) {
    for my $variable ('vendor', 'vendor-class-identifier') {
        open my $file, '>', 'dhcpd.leases' or die;
        print $file <<"LEASE";
lease 10.0.0.71 {
  starts $times{$format}[0]
  ends $times{$format}[1]
  binding state active;
  hardware ethernet 00:04:f2:aa:bb:cc;
  set $variable = "MS-UC-Client";
}
LEASE
        close $file;
        my ($lease) = Text::DHCPLeases->new(file => 'dhcpd.leases')->get_objects;
        my @values = map { $_ // 'none' } $lease->starts, $lease->ends, $lease->binding_state;
        my %set = %{ $lease->set // {} };
        print "$format, set $variable: ", join(' | ', @values), ' | ', join(' ', %set) || 'none', "\n";
    }
}
PL
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
