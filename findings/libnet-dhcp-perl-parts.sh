#!/usr/bin/env bash
# libnet-dhcp-perl 0.696 (Net::DHCP::Packet, Debian 12) reads an option in parts as its last part, and writes that one
# twice.
#
# Expected: an option that is there several times is one, joined in order; a long one is written in parts of at most
# 255 octets (RFC 3396, sections 5 and 7). What is read and written again is the same.
# Seen: of "voice." and "contoso.com" the domain is contoso.com; written again it is contoso.comcontoso.com for whoever
# joins the parts. An option of 300 octets is written with the length 44, and the other 256 octets are read as options;
# only then Perl warns, of a wrapped character.
# Who meets it: whoever relays or answers DHCP messages with this module where a site has long search lists or routes.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
apt-get download -qq \
    libnet-dhcp-perl=0.696+dfsg-3 >&2 || {
    echo "could not download the packages" >&2
    exit 2
}
for package in ./*.deb; do dpkg -x "$package" .; done
run() { perl -Iusr/share/perl5 -; }

expected=$(
    cat <<'TEXT'
read contoso.com
written again contoso.comcontoso.com
300 octets have the length 44
TEXT
)
seen=$(
    run <<'END'
use strict;
use warnings;
use Net::DHCP::Packet;

my $plain = Net::DHCP::Packet->new(Op => 2, 53 => 5)->serialize;
my $parts = join "", map { pack("C C/a*", 15, $_) } "voice.", "contoso.com";
my $message = substr($plain, 0, 240) . pack("C3", 53, 1, 5) . $parts . pack("C", 255) . "\0" x 64;
my $read = Net::DHCP::Packet->new($message);
print "read ", $read->getOptionValue(15), "\n";
my $again = substr($read->serialize, 243);
my $joined = "";
while ($again =~ s/^\x0f//) {
    (my $value, $again) = unpack("C/a* a*", $again);
    $joined .= $value;
}
print "written again $joined\n";
no warnings;
my $long = Net::DHCP::Packet->new(Op => 2);
$long->addOptionRaw(119, "x" x 300);
printf "300 octets have the length %d\n", unpack("x241 C", $long->serialize);
END
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
