#!/usr/bin/env bash
# libauthen-radius-perl 0.32 (Debian 12) makes one value of two that a switch is told, and another network of a prefix.
#
# Expected: RFC 2865, section 5.26: several of a vendor's attributes may stand in one Vendor-Specific attribute, each
# with its length. RFC 3162, section 2.3: of an IPv6 prefix as many octets are sent as it needs, up to 16; its length
# may be 0 to 128.
# Seen: all behind the first one's length is its value, with type and length of the next in it; the second one is not
# given. A /64 in 8 octets is filled up with zeros in front: ::2001:db8:1:2/64. A /128 has no value. The answer counts
# as accepted in each case.
# Who meets it: whoever tests with it whether a RADIUS server tells a switch that what was plugged in is a phone
# (device-traffic-class=voice), when the server says more than that.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
apt-get download -qq \
    libauthen-radius-perl=0.32-1 libdata-hexdump-perl=0.04-2 libnet-ip-perl=1.26-3 >&2 || {
    echo "could not download the packages" >&2
    exit 2
}
for package in ./*.deb; do dpkg -x "$package" .; done
run() { perl -Iusr/share/perl5 -; }

expected=$(
    cat <<'TEXT'
one pair:
   Cisco-AVPair = device-traffic-class=voice
two pairs in one attribute:
   Cisco-AVPair = device-traffic-class=voice\x01\x1clinksec-policy=must-secure
/64 in 16 octets:
   Framed-IPv6-Prefix = 2001:db8:1:2::/64
/64 in 8 octets:
   Framed-IPv6-Prefix = ::2001:db8:1:2/64
/128:
   Framed-IPv6-Prefix = undefined
TEXT
)
seen=$(
    run <<'PERL'
use strict;
use warnings;
use Authen::Radius;
use Digest::MD5 'md5';
use IO::Socket::INET;

my $docs = 'usr/share/doc/libauthen-radius-perl/raddb';
system "gunzip -c $docs/dictionary.cisco.gz >cisco" and die;
Authen::Radius->load_dictionary($_) for 'cisco', "$docs/dictionary.rfc3162";

sub attribute { my ($code, $value) = @_; return pack 'CCa*', $code, 2 + length $value, $value }
sub cisco { return attribute(26, join '', pack('N', 9), map { attribute(@$_) } @_) }

my $server = IO::Socket::INET->new(LocalAddr => '127.0.0.1', Proto => 'udp') or die;
my @answers = (
    cisco([1, 'device-traffic-class=voice']),
    cisco([1, 'device-traffic-class=voice'], [1, 'linksec-policy=must-secure']),
    attribute(97, pack('CCH*', 0, 64, '20010db8000100020000000000000000')),
    attribute(97, pack('CCH*', 0, 64, '20010db800010002')),
    attribute(97, pack('CCH*', 0, 128, '20010db8000100020000000000000007')),
);
my $child = fork // die;
if (!$child) {
    for my $attributes (@answers) {
        my $peer = $server->recv(my $request, 4096);
        my ($code, $id, $length, $authenticator) = unpack 'CCna16', $request;
        my $head = pack 'CCn', 2, $id, 20 + length $attributes;
        $server->send($head . md5($head . $authenticator . $attributes . 'secret') . $attributes, 0, $peer);
    }
    exit;
}
my @names = ('one pair', 'two pairs in one attribute', '/64 in 16 octets', '/64 in 8 octets', '/128');
for my $name (@names) {
    my $radius = Authen::Radius->new(Host => '127.0.0.1:' . $server->sockport, Secret => 'secret', TimeOut => 3);
    my $accepted = $radius->check_pwd('phone', 'secret');
    print "$name:", $accepted ? '' : ' not accepted', "\n";
    for my $seen ($radius->get_attributes) {
        my $value = $seen->{Value} // 'undefined';
        print "   $seen->{Name} = ", $value =~ s/([^ -~])/sprintf '\\x%02x', ord $1/ger, "\n";
    }
}
PERL
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
