#!/usr/bin/env bash
# libsnmp-session-perl of 2022 (Debian 12) reads no answer whose length has three octets, and takes 2.999.3 for
# 3.16.55.3.
#
# Expected: RFC 3417, section 8: in the long form, a length may have more octets than it needs. X.690, section 8.19.4:
# the first subidentifier is 40 times the first arc plus the second one, and an OID begins with 0, 1 or 2; so 1079
# stands for 2.999, the arc for examples.
# Seen: lengths of up to two octets are read, longer ones are an error, which the template's reader reports as an
# unexpected end. The first octet alone of an OID is split into two arcs, so there is one that begins with 3, and the
# value of the second one is lost.
# Who meets it: whoever asks switches and telephones by it, or by MRTG, which has a copy of it: an agent that leaves
# room for four octets of length is down.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
apt-get download -qq \
    libsnmp-session-perl=1.14~git20221124T101957-1 >&2 || {
    echo "could not download the packages" >&2
    exit 2
}
for package in ./*.deb; do dpkg -x "$package" .; done
export PERL5LIB=$PWD/usr/share/perl5
run() { perl -; }

expected=$(
    cat <<'TEXT'
length of the usual octets: phone
length of 1 more octets: phone
length of 2 more octets: phone
length of 3 more octets: no answer (Unexpected end of PDU)
length of 4 more octets: no answer (Unexpected end of PDU)
1.3.6.1.4.1.13885: 1.3.6.1.4.1.13885
2.39.3: 2.39.3
2.48.3: 3.9.0.3
2.999.3: 3.16.55.3
TEXT
)
seen=$(
    run <<'PL'
use strict;
use warnings;
use BER;

sub field {
    my ($tag, $value, $octets) = @_;
    my $length = pack("N", length $value);
    my $head = $octets ? pack("C", 0x80 | $octets) . substr($length, -$octets) : substr($length, -1);
    return pack("C", $tag) . $head . $value;
}

sub answer {
    my ($value, $octets) = @_;
    my $binding = field(0x30, field(6, pack("H*", "2b06010201010100")) . $value, $octets);
    my $numbers = join "", map { field(2, pack("C", $_)) } 5, 0, 0;
    my $answer = field(0xa2, $numbers . field(0x30, $binding, $octets), $octets);
    return field(0x30, field(2, "\1") . field(4, "public") . $answer, $octets);
}

sub show {
    my ($what, $message) = @_;
    my @parts = decode_by_template($message, "%{%i%s%*{%i%i%i%{%{%O%@", 0xa2);
    my $value = @parts > 4 ? pretty_print($parts[-1]) : "no answer (" . (split /\n/, $BER::errmsg)[0] . ")";
    print "$what: $value\n";
}

show("length of the usual octets", answer(field(4, "phone")));
show("length of $_ more octets", answer(field(4, "phone"), $_)) for 1 .. 4;
show("1.3.6.1.4.1.13885", answer(field(6, pack("H*", "2b06010401ec3d"))));
show("2.39.3", answer(field(6, pack("H*", "7703"))));
show("2.48.3", answer(field(6, pack("H*", "810003"))));
show("2.999.3", answer(field(6, pack("H*", "883703"))));
PL
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
