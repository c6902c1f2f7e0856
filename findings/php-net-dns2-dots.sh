#!/usr/bin/env bash
# php-net-dns2 1.5.0 (Debian 12) gives two names as one where a label holds a dot.
#
# Expected: RFC 1035, section 5.1: in text, a dot that is part of a label is written with a backslash before it. RFC
# 6763, section 4.3, says so of service instances, in whose names dots are usual.
# Seen: the name with the label "Phone 1.5" and that with the labels "Phone 1" and "5" are the same text. The address
# of either cannot be asked for with it: the question goes out with one label too many.
# Who meets it: whoever lists with it which phones or services a domain announces.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
apt-get download -qq \
    php-net-dns2=1.5.0-1 php8.2-cli=8.2.36-1~deb12u1 libargon2-1=0~20171227-0.3+deb12u1 \
    libsodium23=1.0.18-1+deb12u1 >&2 || {
    echo "could not download the packages" >&2
    exit 2
}
for package in ./*.deb; do dpkg -x "$package" .; done
export LD_LIBRARY_PATH=$PWD/usr/lib/x86_64-linux-gnu
run() { usr/bin/php8.2 -n; }

expected=$(
    cat <<'TEXT'
1 label(s): Phone._sip._tcp.contoso.com, asked for as <5>phone<4>_sip<4>_tcp<7>contoso<3>com
1 label(s): Phone 1.5._sip._tcp.contoso.com, asked for as <7>phone 1<1>5<4>_sip<4>_tcp<7>contoso<3>com
2 label(s): Phone 1.5._sip._tcp.contoso.com, asked for as <7>phone 1<1>5<4>_sip<4>_tcp<7>contoso<3>com
TEXT
)
seen=$(
    run <<'PHP'
<?php
set_include_path('usr/share/php');
require_once 'Net/DNS2.php';

function name(string ...$labels): string
{
    return implode('', array_map(fn ($label) => chr(strlen($label)) . $label, $labels)) . "\0";
}

foreach ([['Phone'], ['Phone 1.5'], ['Phone 1', '5']] as $instance) {
    $owner = name(...[...$instance, '_sip', '_tcp', 'contoso', 'com']);
    $text = 'path=C:\logs';
    $record = $owner . pack('nnNn', 16, 1, 60, strlen($text) + 1) . chr(strlen($text)) . $text;
    $message = pack('n6', 1, 0x8180, 1, 1, 0, 0) . $owner . pack('nn', 16, 1) . $record;
    $answer = (new Net_DNS2_Packet_Response($message, strlen($message)))->answer[0];
    $question = substr((new Net_DNS2_Packet_Request($answer->name, 'TXT', 'IN'))->get(), 12, -4);
    echo count($instance), ' label(s): ', $answer->name, ', asked for as ', str_replace("\0", '', preg_replace_callback(
        '/[\x01-\x1f]/', fn ($length) => '<' . ord($length[0]) . '>', $question)), "\n";
}
PHP
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
