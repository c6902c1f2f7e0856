#!/usr/bin/env bash
# php-dapphp-radius 2.5.8 (Debian 12) shows the last attribute of an answer only, and no VLAN of a phone.
#
# Expected: RFC 2865, section 5.26: the length of a vendor's attribute counts its type and itself as well, and several
# may stand in one Vendor-Specific. RFC 3580, section 3.31: Tunnel-Type (64), Tunnel-Medium-Type (65) and
# Tunnel-Private-Group-ID (81) say which VLAN a port gets. The package has a function that gives the attributes received
# in a readable form.
# Seen: that function begins anew with each attribute that is not a vendor's. Of two of a vendor's attributes the first
# has two octets too many, the type and the length of the next. What the client has no name for, as the three of the
# VLAN, is NULL, not its octets.
# Who meets it: whoever tests with it what a RADIUS server says of a phone at a switch's port.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
apt-get download -qq \
    php-dapphp-radius=2.5.8-3 php8.2-cli=8.2.36-1~deb12u1 libargon2-1=0~20171227-0.3+deb12u1 \
    libsodium23=1.0.18-1+deb12u1 >&2 || {
    echo "could not download the packages" >&2
    exit 2
}
for package in ./*.deb; do dpkg -x "$package" .; done
export LD_LIBRARY_PATH=$PWD/usr/lib/x86_64-linux-gnu
run() { usr/bin/php8.2 -n; }

expected=$(
    cat <<'TEXT'
accepted: true
18: 'Welcome'
27: 3600
26: vendor 9, type 1: device-traffic-class=voice\001\034
26: vendor 9, type 1: linksec-policy=must-secure
64: NULL
65: NULL
81: NULL
25: 'phones'
readable:
phones<br>
TEXT
)
seen=$(
    run <<'PHP'
<?php
require 'usr/share/php/Dapphp/Radius/Radius.php';

file_put_contents('server.php', <<<'SERVER'
<?php
function attribute(int $type, string $value): string
{
    return chr($type) . chr(2 + strlen($value)) . $value;
}

$server = stream_socket_server('udp://127.0.0.1:0', $code, $message, STREAM_SERVER_BIND);
echo explode(':', stream_socket_get_name($server, false))[1], "\n";
$pairs = attribute(1, 'device-traffic-class=voice') . attribute(1, 'linksec-policy=must-secure');
$attributes = attribute(18, 'Welcome') . attribute(27, pack('N', 3600)) . attribute(26, pack('N', 9) . $pairs);
$attributes .= attribute(64, pack('N', 13)) . attribute(65, pack('N', 6));
$attributes .= attribute(81, '200') . attribute(25, 'phones');
$request = stream_socket_recvfrom($server, 4096, 0, $peer);
$head = chr(2) . $request[1] . pack('n', 20 + strlen($attributes));
$authenticator = md5($head . substr($request, 4, 16) . $attributes . 'secret', true);
stream_socket_sendto($server, $head . $authenticator . $attributes, 0, $peer);
SERVER);
$child = proc_open([PHP_BINARY, '-n', 'server.php'], [1 => ['pipe', 'w']], $pipes);
$client = new Dapphp\Radius\Radius('127.0.0.1', 'secret', '', 3, (int) fgets($pipes[1]));
echo 'accepted: ', var_export($client->accessRequest('phone', 'secret'), true), "\n";
foreach ($client->getReceivedAttributes() as [$type, $value]) {
    if ($type != 26) {
        echo "$type: ", var_export($value, true), "\n";
        continue;
    }
    foreach ($client->decodeVendorSpecificContent($value) as [$vendor, $type, $text]) {
        echo "26: vendor $vendor, type $type: ", addcslashes($text, "\0..\37"), "\n";
    }
}
echo "readable:\n", addcslashes($client->getReadableReceivedAttributes(), "\0..\11\13..\37");
PHP
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
