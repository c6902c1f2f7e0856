#!/usr/bin/env bash
# libnet-dhcpv6-duid-parser-perl 1.01 (Debian 12) decodes no DUID that it gets as bits, and no UUID.
#
# Expected: its documentation: decode => 'bin' or 'hex' says in which form a DUID comes. RFC 8415, section 11: the first
# 16 bits are the type; section 11.5 (RFC 6355 of 2011): type 4 is a UUID.
# Seen: the type is always taken from hexadecimal digits. Of bits, the first four digits are zeros, so each DUID has
# type 0 and is not decoded. Of digits, a UUID, which systemd-networkd can send, has no type at all.
# Who meets it: whoever names the clients in a lease file of DHCPv6 by it.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
apt-get download -qq \
    libnet-dhcpv6-duid-parser-perl=1.01-4 >&2 || {
    echo "could not download the packages" >&2
    exit 2
}
for package in ./*.deb; do dpkg -x "$package" .; done
export PERL5LIB=$PWD/usr/share/perl5
run() { perl -; }

expected=$(
    cat <<'TEXT'
hex 000100011eb5a0b00004f2aabbcc: decoded, type 1, address 0004f2aabbcc, identifier none
bin 000100011eb5a0b00004f2aabbcc: not decoded, type 0, address none, identifier none
hex 000300010004f2aabbcc: decoded, type 3, address 0004f2aabbcc, identifier none
bin 000300010004f2aabbcc: not decoded, type 0, address none, identifier none
hex 00020000000970686f6e65: decoded, type 2, address none, identifier 70686f6e65
bin 00020000000970686f6e65: not decoded, type 0, address none, identifier none
hex 00045a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a: not decoded, type none, address none, identifier none
bin 00045a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a: not decoded, type 0, address none, identifier none
TEXT
)
seen=$(
    run <<'PL'
use strict;
use warnings;
use Net::DHCPv6::DUID::Parser;

for my $hex ("000100011eb5a0b00004f2aabbcc", "000300010004f2aabbcc", "00020000000970686f6e65", "0004" . "5a" x 16) {
    for (["hex", $hex], ["bin", unpack("B*", pack("H*", $hex))]) {
        my ($form, $duid) = @$_;
        my $parser = Net::DHCPv6::DUID::Parser->new(decode => $form, warnings => 0);
        my $done = $parser->decode($duid);
        print "$form $hex: ", $done ? "decoded" : "not decoded", ", type ", $parser->type // "none",
            ", address ", $parser->local_link_address // "none", ", identifier ", $parser->identifier // "none", "\n";
    }
}
PL
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
