#!/usr/bin/env bash
# libcrypt-x509-perl 0.55 (Debian 12) gives 2160 bits for an RSA key of 2048, and one of two places of a CRL.
#
# Expected: RFC 3279, section 2.3.1: the size of an RSA key is that of its modulus, which stands in a sequence with the
# exponent; RFC 5480, section 2.2: an elliptic key is two numbers behind an octet. RFC 5280, section 4.2.1.13: a
# certificate names any number of distribution points.
# Seen: pubkey_size counts all bits of the field, with what is around the number. CRLDistributionPoints gives the first
# alone.
# Who meets it: whoever looks with it for certificates whose keys are too short, or too long for an old phone.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
apt-get download -qq \
    libcrypt-x509-perl=0.55-1 libconvert-asn1-perl=0.33-1 >&2 || {
    echo "could not download the packages" >&2
    exit 2
}
for package in ./*.deb; do dpkg -x "$package" .; done
run() { perl -; }

expected=$(
    cat <<'TEXT'
rsa:1024: 1120 bits, http://pki.contoso.com/a.crl
rsa:2048: 2160 bits, http://pki.contoso.com/a.crl
rsa:4096: 4208 bits, http://pki.contoso.com/a.crl
ec -pkey: 520 bits, http://pki.contoso.com/a.crl
TEXT
)
seen=$(
    run <<'PL'
use strict;
use warnings;
use lib 'usr/share/perl5';
use Crypt::X509;

my $points = 'crlDistributionPoints=URI:http://pki.contoso.com/a.crl,URI:http://pki.contoso.com/b.crl';
for my $key ('rsa:1024', 'rsa:2048', 'rsa:4096', 'ec -pkeyopt ec_paramgen_curve:P-256') {
    my $made = qx(openssl req -x509 -newkey $key -nodes -keyout key.pem -subj /CN=pool.contoso.com -addext "$points" \\
        -outform DER 2>openssl.log);
    my $certificate = Crypt::X509->new(cert => $made);
    my $kind = substr $key, 0, 8;
    print "$kind: ", $certificate->pubkey_size, ' bits, ', join(' ', @{ $certificate->CRLDistributionPoints }), "\n";
}
PL
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
