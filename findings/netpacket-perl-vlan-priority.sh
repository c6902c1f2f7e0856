#!/usr/bin/env bash
# libnetpacket-perl 1.7.2 (Debian 12) takes the last bits of a VLAN's number for its priority, and writes no tag.
#
# Expected: IEEE 802.1Q, section 9.6: of a tag's 16 bits the highest three are the priority (pcp), the next one is the
# drop eligible indicator (cfi), and the number of the VLAN (vid) is the last twelve. Its documentation says that encode
# gives a frame with the data of the object.
# Seen: pcp is the last three bits of the number, and cfi the last one: the priority of VLAN 100 is 4 whatever it is,
# and an odd number has its cfi set. A frame that is written again has no tag, and is IPv4, also where it was ARP. No
# error is raised.
# Who meets it: whoever looks in a capture with it for the priority that phones give to their voice and signalling.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
apt-get download -qq \
    libnetpacket-perl=1.7.2-2 >&2 || {
    echo "could not download the package" >&2
    exit 2
}
dpkg -x ./*.deb .
run() { perl -Iusr/share/perl5 -; }

expected=$(
    cat <<'TEXT'
pcp 0, cfi 0, vid 100: pcp 4, cfi 0, vid 100
pcp 3, cfi 0, vid 100: pcp 4, cfi 0, vid 100
pcp 5, cfi 0, vid 100: pcp 4, cfi 0, vid 100
pcp 5, cfi 0, vid 103: pcp 7, cfi 1, vid 103
pcp 5, cfi 1, vid 96: pcp 0, cfi 0, vid 96
81000064 0806 written again: 0800
TEXT
)
seen=$(
    run <<'PL'
use strict;
use warnings;
use NetPacket::Ethernet;

my $addresses = pack 'H24', '0004f20000010004f2000007';

for my $tag ([0, 0, 100], [3, 0, 100], [5, 0, 100], [5, 0, 103], [5, 1, 96]) {
    my ($priority, $indicator, $number) = @$tag;
    my $frame = pack 'a12n3a*', $addresses, 0x8100, $priority << 13 | $indicator << 12 | $number, 0x0800, 'data';
    my $found = NetPacket::Ethernet->decode($frame);
    my $names = join ', ', map { "$_ $found->{$_}" } qw(pcp cfi vid);
    print "pcp $priority, cfi $indicator, vid $number: $names\n";
}
my $found = NetPacket::Ethernet->decode(pack 'a12H*', $addresses, '81000064' . '0806' . '00' x 46);
print '81000064 0806 written again: ', unpack('x12H4', $found->encode), "\n";
PL
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
