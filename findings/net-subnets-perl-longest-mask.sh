#!/usr/bin/env bash
# libnet-subnets-perl 1.02 (Debian 12) gives the rarest mask's network for an address, and knows no 0.0.0.0/0.
#
# Expected: an address in several networks belongs to the smallest of them (RFC 4632, section 5.1, "longest match"); all
# addresses are in 0.0.0.0/0. A second list of networks is added to the first one, or takes its place.
# Seen: check() tries masks by how many networks have them, the rarest first: for 10.1.2.3 it gives 10.1.0.0/16 or
# 10.0.0.0/8, depending on other networks in the list. A length of 0 is taken for none, which is 32. After a second
# list, the networks of the first are found if the second has a network with their mask, and else not.
# Who meets it: whoever sorts hosts into the networks of a site with it, which has one network for all of its sites.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
apt-get download -qq \
    libnet-subnets-perl=1.02-3 >&2 || {
    echo "could not download the packages" >&2
    exit 2
}
for package in ./*.deb; do dpkg -x "$package" .; done
run() { perl -Iusr/share/perl5 -; }

expected=$(
    cat <<'TEXT'
10.1.2.3 of 10.0.0.0/8 11.0.0.0/8 10.1.0.0/16: 10.1.0.0/16
10.1.2.3 of 10.0.0.0/8 10.1.0.0/16 10.2.0.0/16: 10.0.0.0/8
192.0.2.1 of 0.0.0.0/0: none
10.1.2.3 of 10.0.0.0/8, then 192.0.2.0/24: none
10.1.2.3 of 10.0.0.0/8, then 11.0.0.0/8: 10.0.0.0/8
TEXT
)
seen=$(
    run <<'PERL'
use strict;
use warnings;
use Net::Subnets;

for my $case (
    ['10.1.2.3', '10.0.0.0/8 11.0.0.0/8 10.1.0.0/16'],
    ['10.1.2.3', '10.0.0.0/8 10.1.0.0/16 10.2.0.0/16'],
    ['192.0.2.1', '0.0.0.0/0'],
    ['10.1.2.3', '10.0.0.0/8', '192.0.2.0/24'],
    ['10.1.2.3', '10.0.0.0/8', '11.0.0.0/8'],
) {
    my ($address, @lists) = @$case;
    my $known = Net::Subnets->new;
    $known->subnets([split ' ', $_]) for @lists;
    my $found = $known->check(\$address);
    print "$address of ", join(', then ', @lists), ': ', $found ? $$found : 'none', "\n";
}
PERL
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
