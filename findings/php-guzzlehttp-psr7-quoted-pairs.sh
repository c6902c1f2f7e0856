#!/usr/bin/env bash
# php-guzzlehttp-psr7 2.4.5 (Debian 12) refuses OPTIONS with "*", and shifts fields behind an escaped quotation mark.
#
# Expected: RFC 9112, section 3.2.4: the target of OPTIONS may be an asterisk, for the server as a whole. RFC 9110,
# section 5.6.4: within a quoted text, a backslash stands in front of a character that is meant as such, a quotation
# mark as well; semicolons in it are text (5.6.6 for parameters).
# Seen: Message::parseRequest() says "Invalid request string". Header::parse() takes a value with its parameter's name
# for the name of the parameter, and keeps the backslash.
# Who meets it: whoever reads requests, or fields as Content-Disposition with a file's name in quotes, by it.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
apt-get download -qq \
    php-guzzlehttp-psr7=2.4.5-1+deb12u1 php-getallheaders=3.0.3-3 \
    php-psr-http-message=1.0.1-3 php-psr-http-factory=1.0.1-3 \
    php8.2-cli=8.2.36-1~deb12u1 libargon2-1=0~20171227-0.3+deb12u1 libsodium23=1.0.18-1+deb12u1 >&2 || {
    echo "could not download the packages" >&2
    exit 2
}
for package in ./*.deb; do dpkg -x "$package" .; done
export LD_LIBRARY_PATH=$PWD/usr/lib/x86_64-linux-gnu
run() { usr/bin/php8.2 -n; }

expected=$(
    cat <<'TEXT'
GET /ucdevice.upx: target /ucdevice.upx
OPTIONS /ucdevice.upx: target /ucdevice.upx
OPTIONS *: Invalid request string
attachment; filename="phone 1.log"; size=5: [{"0":"attachment","filename":"phone 1.log","size":"5"}]
attachment; filename="19\" rack.log"; size=5: [{"attachment; filename":"19\\\" rack.log","size":"5"}]
TEXT
)
seen=$(
    run <<'PHP'
<?php
set_include_path('usr/share/php');
spl_autoload_register(function (string $name): void {
    $file = 'usr/share/php/' . str_replace('\\', '/', $name) . '.php';
    if (is_file($file)) {
        require_once $file;
    }
});

use GuzzleHttp\Psr7\{Header, Message};

foreach (['GET /ucdevice.upx', 'OPTIONS /ucdevice.upx', 'OPTIONS *'] as $first) {
    try {
        $target = 'target ' . Message::parseRequest("$first HTTP/1.1\r\nHost: contoso.com\r\n\r\n")->getRequestTarget();
    } catch (InvalidArgumentException $error) {
        $target = $error->getMessage();
    }
    echo "$first: $target\n";
}
foreach (['"phone 1.log"', '"19\" rack.log"'] as $name) {
    $field = "attachment; filename=$name; size=5";
    echo "$field: ", json_encode(Header::parse($field)), "\n";
}
PHP
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
