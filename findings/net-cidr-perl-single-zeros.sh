#!/usr/bin/env bash
# libnet-cidr-perl 0.21 (Debian 12) calls an IPv6 address invalid in which a zero is written as RFC 5952 wants it.
#
# Expected: RFC 4291, section 2.2: "::" may stand for zeros, and need not. RFC 5952, section 4.2.2: it must not stand
# for one field of zeros, so 2001:db8:0:1:2:3:4:5 is the text of that address. The documentation of cidrvalidate: it
# says whether its argument is a valid IPv4 or IPv6 address.
# Seen: each address without "::" in which a field is zero is invalid, also where it has no other text.
# 2001:db8:1:2:3:4:5:6 is valid, as is 2001:db8::1:2:3:4:5, which one should not write. Other functions of the package
# take all of them.
# Who meets it: whoever asks for a phone's or server's address in a form, and passes on what is valid.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
apt-get download -qq \
    libnet-cidr-perl=0.21-2 >&2 || {
    echo "could not download the packages" >&2
    exit 2
}
for package in ./*.deb; do dpkg -x "$package" .; done
export PERL5LIB=$PWD/usr/share/perl5
run() { perl -; }

expected=$(
    cat <<'TEXT'
192.0.2.33: valid
2001:db8::1: valid
2001:db8:1:2:3:4:5:6: valid
2001:db8::1:2:3:4:5: valid
2001:db8:0:1:2:3:4:5: invalid
2001:db8:0:1::5: valid
2001:db8::1:0:0:1: valid
2001:db8:0:0:0:0:0:1: invalid
2001:db8:0:1::/64: valid
2001:db8:1:2::/64: valid
TEXT
)
seen=$(
    run <<'PL'
use strict;
use warnings;
use Net::CIDR;

for my $text (
    "192.0.2.33", "2001:db8::1", "2001:db8:1:2:3:4:5:6", "2001:db8::1:2:3:4:5", "2001:db8:0:1:2:3:4:5",
    "2001:db8:0:1::5", "2001:db8::1:0:0:1", "2001:db8:0:0:0:0:0:1", "2001:db8:0:1::/64", "2001:db8:1:2::/64"
) {
    my $found = Net::CIDR::cidrlookup($text =~ s|/.*||r, "0.0.0.0/0", "::/0");
    print "$text: ", Net::CIDR::cidrvalidate($text) ? "valid" : "invalid", $found ? "" : ", not found", "\n";
}
PL
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
