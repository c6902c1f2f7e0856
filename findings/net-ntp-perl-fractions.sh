#!/usr/bin/env bash
# libnet-ntp-perl 1.5 (Debian 12) sends about an eighth of a second for each fraction, and drops that of a dispersion.
#
# Expected: RFC 5905, section 6: the lower half of a timestamp is the fraction of a second, that of root delay and root
# dispersion has 16 bits. The module names this RFC, and says that it makes a packet of version 4.
# Seen: encode() makes the bits of the fraction from the whole time: a request of .00, .25, .5 or .75 seconds says .13.
# A client that compares the origin of an answer with what it wrote finds up to a second between. decode() gives a
# root dispersion in whole seconds: 0 for nearly each server. The version that is sent is 3.
# Who meets it: whoever asks with it how good a time server is, whose clock phones take for checks of certificates.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
apt-get download -qq \
    libnet-ntp-perl=1.5-3 >&2 || {
    echo "could not download the packages" >&2
    exit 2
}
for package in ./*.deb; do dpkg -x "$package" .; done
run() { perl -Iusr/share/perl5 -; }

expected=$(
    cat <<'TEXT'
request of 1796032800.00: version 3, 1796032800.13
request of 1796032800.25: version 3, 1796032800.13
request of 1796032800.50: version 3, 1796032800.13
request of 1796032800.75: version 3, 1796032800.13
dispersion of 0.25: 0, answered at 1796032800.50
dispersion of 0.99: 0, answered at 1796032800.50
dispersion of 2.75: 2, answered at 1796032800.50
TEXT
)
seen=$(
    run <<'PERL'
use strict;
use warnings;
use Net::NTP;

for my $time (1796032800, 1796032800.25, 1796032800.5, 1796032800.75) {
    my ($first, $seconds, $fraction) = unpack 'C x39 N2', Net::NTP::Packet->new_client_packet($time)->encode;
    printf "request of %.2f: version %d, %.2f\n", $time, $first >> 3 & 7, $seconds - 2208988800 + $fraction / 2**32;
}
for my $dispersion (0.25, 0.99, 2.75) {
    my @times = (1796032800 + 2208988800, 2**31) x 4;
    my $answer = pack 'C3 c N2 C4 N8', 0x24, 2, 6, -20, 0, $dispersion * 2**16, 192, 0, 2, 1, @times;
    my $packet = Net::NTP::Packet->decode($answer, 1796032800.5, 1796032800.6);
    printf "dispersion of %.2f: %s, answered at %.2f\n", $dispersion, $packet->{rootdisp}, $packet->{xmt};
}
PERL
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
