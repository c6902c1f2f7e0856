#!/usr/bin/env bash
# libauthen-ntlm-perl 1.09 (Debian 12) says in the answer of NTLMv2 that it is the year 1601.
#
# Expected: [MS-NLMP], section 2.2.2.7: the response holds the time, as a FILETIME: parts of 100 nanoseconds since 1601,
# in 8 octets. Section 3.1.1.1: an answer has a longest lifetime; on Windows 7 and later it is 36 hours.
# Seen: ten million is added to the seconds where it should multiply them, and the result is cut to 4 octets, so each
# time is in the first minutes of 1601. No error is raised. A server that keeps to the lifetime refuses the answer as
# if the password were wrong. The first version of NTLM says no time.
# Who meets it: whoever asks with Perl (swaks and LWP use this package) where only NTLMv2 is allowed, as IIS can be told
# for the external address of the phones' updates.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
apt-get download -qq \
    libauthen-ntlm-perl=1.09-1.1 libdigest-hmac-perl=1.04+dfsg-2 >&2 || {
    echo "could not download the packages" >&2
    exit 2
}
for package in ./*.deb; do dpkg -x "$package" .; done
run() { perl -Iusr/share/perl5 -; }

expected=$(
    cat <<'TEXT'
2026-11-30 00:53:20: 1601-01-01 00:00:56
2026-11-30 00:53:21: 1601-01-01 00:00:56
2026-11-30 01:53:20: 1601-01-01 00:00:56
TEXT
)
seen=$(
    run <<'PL'
use strict;
use warnings;

my $now;
BEGIN { *CORE::GLOBAL::time = sub () { $now } }
use Authen::NTLM;
use MIME::Base64;
use POSIX 'strftime';

sub utf16 { pack 'v*', unpack 'C*', shift }
sub part { pack 'vva*', $_[0], length $_[1], $_[1] }
sub reference { pack 'vvV', $_[0], $_[0], $_[1] }

# The server's message: the domain, then what it says of itself: its domain, its name, the end.
my $domain = utf16('CONTOSO');
my $info = part(2, $domain) . part(1, utf16('LYNC')) . part(0, '');
my $head = "NTLMSSP\0" . pack('V', 2) . reference(length $domain, 48) . pack('V', 0xa2898205) . '12345678' . "\0" x 8;
my $challenge = $head . reference(length $info, 48 + length $domain) . $domain . $info;

for (1796000000, 1796000001, 1796003600) {
    $now = $_;
    ntlm_reset();
    ntlmv2(1);
    ntlm_user('phone');
    ntlm_password('secret');
    ntlm_domain('CONTOSO');
    ntlm();
    my $answer = decode_base64(ntlm(encode_base64($challenge, '')));
    my ($length, $offset) = unpack 'x20 v x2 V', $answer;
    my $time = unpack 'x24 Q<', substr $answer, $offset, $length;
    my $said = strftime '%Y-%m-%d %H:%M:%S', gmtime int($time / 10_000_000) - 11_644_473_600;
    print strftime('%Y-%m-%d %H:%M:%S', gmtime $now), ": $said\n";
}
PL
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
