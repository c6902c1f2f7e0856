#!/usr/bin/env bash
# php-net-url2 2.2.1 (Debian 12) makes a plus sign of a blank, and one of two phones, where another parameter is set.
#
# Expected: the URL standard, application/x-www-form-urlencoded: a "+" in a query stands for a blank, a name may come
# more than once; PHP's own parse_str() reads blanks so too. The documentation of setQueryVariable(): it sets the one
# variable.
# Seen: getQueryVariables() keeps the "+" as it is, in names and values. setQueryVariable() and unsetQueryVariable()
# write the whole query anew: "meeting+room" becomes "meeting%2Broom", with a plus sign for whoever reads it. Of two
# parameters with one name the first is gone.
# Who meets it: whoever adds the page's number to a search in the logs of an update server, and finds nothing on page
# 2.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
apt-get download -qq \
    php-net-url2=2.2.1-0.2 php8.2-cli=8.2.36-1~deb12u1 libargon2-1=0~20171227-0.3+deb12u1 \
    libsodium23=1.0.18-1+deb12u1 >&2 || {
    echo "could not download the packages" >&2
    exit 2
}
for package in ./*.deb; do dpkg -x "$package" .; done
export LD_LIBRARY_PATH=$PWD/usr/lib/x86_64-linux-gnu
run() { usr/bin/php8.2 -n; }

expected=$(
    cat <<'TEXT'
name=lobby: {"name":"lobby"}, by PHP {"name":"lobby"}
  page set: name=lobby&page=2, by PHP {"name":"lobby","page":"2"}, unset: name=lobby
name=meeting+room: {"name":"meeting+room"}, by PHP {"name":"meeting room"}
  page set: name=meeting%2Broom&page=2, by PHP {"name":"meeting+room","page":"2"}, unset: name=meeting%2Broom
name=meeting%20room: {"name":"meeting room"}, by PHP {"name":"meeting room"}
  page set: name=meeting%20room&page=2, by PHP {"name":"meeting room","page":"2"}, unset: name=meeting%20room
room+name=lobby: {"room+name":"lobby"}, by PHP {"room_name":"lobby"}
  page set: room%2Bname=lobby&page=2, by PHP {"room+name":"lobby","page":"2"}, unset: room%2Bname=lobby
phone=1&phone=2: {"phone":"2"}, by PHP {"phone":"2"}
  page set: phone=2&page=2, by PHP {"phone":"2","page":"2"}, unset: phone=2
off: {"off":""}, by PHP {"off":""}
  page set: off=&page=2, by PHP {"off":"","page":"2"}, unset: off=
TEXT
)
seen=$(
    run <<'PHP'
<?php
set_include_path('usr/share/php');
require_once 'Net/URL2.php';

foreach (['name=lobby', 'name=meeting+room', 'name=meeting%20room', 'room+name=lobby', 'phone=1&phone=2',
    'off'] as $query) {
    $url = new Net_URL2("http://ucupdates/logs?$query");
    echo $query, ': ', json_encode($url->getQueryVariables());
    parse_str($query, $own);
    echo ', by PHP ', json_encode($own), "\n";
    $url->setQueryVariable('page', '2');
    echo '  page set: ', $url->getQuery();
    parse_str($url->getQuery(), $own);
    $url->unsetQueryVariable('page');
    echo ', by PHP ', json_encode($own), ', unset: ', $url->getQuery(), "\n";
}
PHP
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
