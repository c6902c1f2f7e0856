#!/usr/bin/env bash
# libnet-cidr-set-perl 0.13 (Debian 12) moves the dotted digits at the end of an IPv6 address by an octet.
#
# Expected: RFC 4291, section 2.2: the last two fields of an IPv6 address may be written as four decimal numbers, as in
# ::ffff:192.0.2.33 or 64:ff9b::192.0.2.33 (RFC 6052), which are ::ffff:c000:221 and 64:ff9b::c000:221. RFC 5952,
# section 4.1: leading zeros are left out.
# Seen: the four numbers stand an octet late, behind a zero: 192.0.2.33 is c0:2, and the 33 is beyond the end of the
# address. So it is not in its own network, and is written as a range of two equal ends. Leading zeros are written in
# the first field.
# Who meets it: whoever makes a list of networks for a server that names clients of IPv4 so, as those do that listen on
# "::".
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
apt-get download -qq \
    libnet-cidr-set-perl=0.13-4 >&2 || {
    echo "could not download the packages" >&2
    exit 2
}
for package in ./*.deb; do dpkg -x "$package" .; done
export PERL5LIB=$PWD/usr/share/perl5
run() { perl -; }

expected=$(
    cat <<'TEXT'
192.0.2.33: 192.0.2.33
2001:db8::221: 2001:db8::221
2001:db8::192.0.2.33: 2001:db8::c0:2-2001:db8::c0:2
::ffff:c000:221: ::ffff:c000:221
::ffff:192.0.2.33: ::ffff:c0:2-::ffff:c0:2
::ffff:192.0.2.0/120: ::ffff:c0:0-::ffff:c0:ff
64:ff9b::c000:221: 0064:ff9b::c000:221
64:ff9b::192.0.2.33: 0064:ff9b::c0:2-0064:ff9b::c0:2
in 2001:db8::c000:200/120: 2001:db8::c000:221
TEXT
)
seen=$(
    run <<'PL'
use strict;
use warnings;
use Net::CIDR::Set;

for my $text (
    "192.0.2.33", "2001:db8::221", "2001:db8::192.0.2.33", "::ffff:c000:221", "::ffff:192.0.2.33",
    "::ffff:192.0.2.0/120", "64:ff9b::c000:221", "64:ff9b::192.0.2.33"
) {
    my $set = Net::CIDR::Set->new($text);
    print "$text: ", $set->as_string, "\n";
}

my $network = Net::CIDR::Set->new("2001:db8::c000:200/120");
my @found = grep { $network->contains($_) } "2001:db8::c000:221", "2001:db8::192.0.2.33";
print "in 2001:db8::c000:200/120: @found\n";
PL
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
