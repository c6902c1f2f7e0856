#!/usr/bin/env bash
# php-horde-date 2.4.1 (Debian 12) drops a date's offset where a zone is given, and has two times for one date.
#
# Expected: RFC 5322, section 3.3, and RFC 3339, section 4.2: the offset of a date says which time it is. So does PHP's
# DateTime: a zone that is given is for dates that have none. The time since 1970 is the same in each zone.
# Seen: new Horde_Date($text, $zone) keeps the hours of a text with an offset, and sets the zone. timestamp() and
# strftime() take the hours of a date in any zone as in the zone of the program: format('U') differs from
# timestamp(), %z is +0000 beside an O of -0330, and a time since 1970 comes out as another one.
# Who meets it: whoever sorts mails or alarms of sites in several zones with it, as Horde does.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
apt-get download -qq \
    php-horde-date=2.4.1-9 php8.2-cli=8.2.36-1~deb12u1 libargon2-1=0~20171227-0.3+deb12u1 \
    libsodium23=1.0.18-1+deb12u1 >&2 || {
    echo "could not download the packages" >&2
    exit 2
}
for package in ./*.deb; do dpkg -x "$package" .; done
export LD_LIBRARY_PATH=$PWD/usr/lib/x86_64-linux-gnu
run() { usr/bin/php8.2 -n -d error_reporting=8191 -d date.timezone=UTC -d include_path="$PWD/usr/share/php"; }

expected=$(
    cat <<'TEXT'
Mon, 30 Nov 2026 10:00:00 -0330
  DateTime without a zone: 2026-11-30T13:30:00Z
  DateTime with UTC: 2026-11-30T13:30:00Z
  Horde_Date without a zone: 2026-11-30T13:30:00Z
  Horde_Date with UTC: 2026-11-30T10:00:00Z
2026-11-30T10:00:00+02:00
  DateTime without a zone: 2026-11-30T08:00:00Z
  DateTime with UTC: 2026-11-30T08:00:00Z
  Horde_Date without a zone: 2026-11-30T08:00:00Z
  Horde_Date with UTC: 2026-11-30T10:00:00Z
10:00 in UTC
  format: 1796032800 +0000, strftime: +0000, timestamp: 1796032800
10:00 in America/St_Johns
  format: 1796045400 -0330, strftime: +0000, timestamp: 1796032800
1796032800 in Europe/Berlin: 1796036400
TEXT
)
seen=$(
    run <<'PHP'
<?php
require 'Horde/Date.php';

foreach (['Mon, 30 Nov 2026 10:00:00 -0330', '2026-11-30T10:00:00+02:00'] as $text) {
    $form = 'Y-m-d\TH:i:s\Z';
    echo "$text\n";
    echo '  DateTime without a zone: ', gmdate($form, (new DateTime($text))->getTimestamp()), "\n";
    echo '  DateTime with UTC: ', gmdate($form, (new DateTime($text, new DateTimeZone('UTC')))->getTimestamp()), "\n";
    echo '  Horde_Date without a zone: ', gmdate($form, (new Horde_Date($text))->timestamp()), "\n";
    echo '  Horde_Date with UTC: ', gmdate($form, (new Horde_Date($text, 'UTC'))->timestamp()), "\n";
}
foreach (['UTC', 'America/St_Johns'] as $zone) {
    $date = new Horde_Date('2026-11-30 10:00:00', $zone);
    echo "10:00 in $zone\n";
    echo '  format: ', $date->format('U O'), ', strftime: ', $date->strftime('%z');
    echo ', timestamp: ', $date->timestamp(), "\n";
}
echo '1796032800 in Europe/Berlin: ', (new Horde_Date('1796032800', 'Europe/Berlin'))->timestamp(), "\n";
PHP
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
