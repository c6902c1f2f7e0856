#!/usr/bin/env bash
# libnet-radius-perl 2.103 (Debian 12) reads no message that gives a phone its VLAN, whatever the dictionary says.
#
# Expected: RFC 3580, section 3.31: a server gives a port's VLAN by Tunnel-Type (13), Tunnel-Medium-Type (6) and
# Tunnel-Private-Group-ID. RFC 2868, section 3: such attributes begin with a tag. RFC 3162, section 2.1: an IPv6 address
# is sent as 16 octets.
# Seen: dictionaries of FreeRADIUS say "has_tag" of these attributes. That is taken for a vendor's name, so they are
# left out of the dictionary and of the message. The package has types of its own for them, as tagged-integer; its
# reader then calls a function that the package does not have, and the whole message ends with an error. An address of
# the type ipv6addr is sent as text.
# Who meets it: whoever tests by it what a switch is to do with a phone at its port.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
apt-get download -qq \
    libnet-radius-perl=2.103+dfsg-1.1 >&2 || {
    echo "could not download the packages" >&2
    exit 2
}
for package in ./*.deb; do dpkg -x "$package" .; done
export PERL5LIB=$PWD/usr/share/perl5
run() { perl -; }

expected=$(
    cat <<'TEXT'
Class 25 string
  Class=phones, User-Name=phone
Tunnel-Type 64 integer has_tag; Tunnel-Medium-Type 65 integer has_tag; Tunnel-Private-Group-ID 81 string has_tag
  warning: Warning: Unknown vendor has_tag
  warning: Warning: Unknown vendor has_tag
  warning: Warning: Unknown vendor has_tag
  warning: Unknown general attribute 64 for unpack()
  warning: Unknown general attribute 65 for unpack()
  warning: Unknown general attribute 81 for unpack()
  User-Name=phone
Tunnel-Type 64 tagged-integer; Tunnel-Medium-Type 65 tagged-integer; Tunnel-Private-Group-ID 81 tagged-string
  Can't locate object method "set_taggedattr"
NAS-IPv6-Address 95 ipv6addr
  2001:db8::81 is sent as 323030313a6462383a3a3831
TEXT
)
seen=$(
    run <<'PL'
use strict;
use warnings;
use Net::Radius::Dictionary;
use Net::Radius::Packet;

$SIG{__WARN__} = sub { print "  warning: $_[0]" =~ s/\s*\z/\n/r };

sub dictionary {
    print join("; ", @_), "\n";
    open my $file, ">", "dictionary" or die;
    print $file "ATTRIBUTE User-Name 1 string\n", map { "ATTRIBUTE $_\n" } @_;
    close $file;
    return Net::Radius::Dictionary->new("dictionary");
}

sub show {
    my ($dictionary, @attributes) = @_;
    my $attributes = join "", "\1\7phone", map { pack("CC", $_->[0], 2 + length $_->[1]) . $_->[1] } @attributes;
    my $message = pack("CCn", 2, 1, 20 + length $attributes) . "\0" x 16 . $attributes;
    my $packet = eval { Net::Radius::Packet->new($dictionary, $message) };
    my ($reason) = split / via/, $@;
    print "  ", $packet ? join(", ", map { "$_=" . $packet->attr($_) } sort $packet->attributes) : $reason, "\n";
}

my @vlan = ([64, pack("N", 1 << 24 | 13)], [65, pack("N", 1 << 24 | 6)], [81, "\00120"]);
my ($type, $medium, $group) = ("Tunnel-Type 64", "Tunnel-Medium-Type 65", "Tunnel-Private-Group-ID 81");
show(dictionary("Class 25 string"), [25, "phones"]);
show(dictionary("$type integer has_tag", "$medium integer has_tag", "$group string has_tag"), @vlan);
show(dictionary("$type tagged-integer", "$medium tagged-integer", "$group tagged-string"), @vlan);
my $packet = Net::Radius::Packet->new(dictionary("NAS-IPv6-Address 95 ipv6addr"));
$packet->set_code("Access-Request");
$packet->set_identifier(1);
$packet->set_authenticator("\0" x 16);
$packet->set_attr("NAS-IPv6-Address", "2001:db8::81");
print "  2001:db8::81 is sent as ", unpack("H*", substr($packet->pack, 22)), "\n";
PL
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
