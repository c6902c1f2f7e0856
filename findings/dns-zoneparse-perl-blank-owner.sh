#!/usr/bin/env bash
# libdns-zoneparse-perl 1.10 (Debian 12) gives an address to the wrong name behind a type that it does not know.
#
# Expected: RFC 1035, section 5.1: a line that begins with a blank is for the owner of the line before it, whatever
# type that line has. CAA (RFC 8659) and HTTPS (RFC 9460) are types; RFC 3597, section 3, lets later ones pass.
# Seen: a line of a type that the module does not know is left out with its owner. So the address of sip is given to
# pool, and that of web to _sipinternaltls._tcp. There is a warning about the line that was left out, none about the
# address.
# Who meets it: whoever looks into a zone with it for where phones are sent.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
apt-get download -qq \
    libdns-zoneparse-perl=1.10-1.1 >&2 || {
    echo "could not download the packages" >&2
    exit 2
}
for package in ./*.deb; do dpkg -x "$package" .; done
run() { perl - 2>warnings; }

expected=$(
    cat <<'TEXT'
with CAA and HTTPS: pool 192.0.2.81, pool 192.0.2.82, _sipinternaltls._tcp 192.0.2.83
without them: pool 192.0.2.81, sip 192.0.2.82, web 192.0.2.83
TEXT
)
seen=$(
    run <<'PL'
use strict;
use warnings;
use lib 'usr/share/perl5';
use DNS::ZoneParse;

for my $left_out ('', '; ') {
    my $zone = <<"ZONE";
\$TTL 1h
\@ IN SOA ns.contoso.com. admin.contoso.com. 1 1h 1h 1w 1h
 IN NS ns.contoso.com.
pool IN A 192.0.2.81
${left_out}sip IN CAA 0 issue "ca.example"
@{[$left_out ? 'sip' : '']} IN A 192.0.2.82
_sipinternaltls._tcp IN SRV 0 0 5061 pool
${left_out}web IN HTTPS 1 . alpn=h2
@{[$left_out ? 'web' : '']} IN A 192.0.2.83
ZONE
    my $parsed = DNS::ZoneParse->new(\$zone, 'contoso.com.');
    my @addresses = map { "$_->{name} $_->{host}" } @{ $parsed->a };
    print $left_out ? 'without them: ' : 'with CAA and HTTPS: ', join(', ', @addresses), "\n";
}
PL
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
