#!/usr/bin/env bash
# php-horde-date 2.4.1 (Debian 12) repeats on the 30th what is for the last day of a month, and leaves February out.
#
# Expected: RFC 5545, section 3.3.10: BYMONTHDAY=-1 is the last day of each month, BYMONTHDAY=1,15 two days of each.
# BYDAY=-2MO is the last Monday but one, and FREQ=DAILY;BYDAY=MO,TU,WE,TH,FR the days from Monday to Friday; all these
# are in the section's list of examples, or like one.
# Seen: fromRRule20() ignores BYMONTHDAY, and takes the day of the start for it. A hyphen in BYDAY is the last such day,
# whatever number follows. BYDAY of daily rules is ignored, too. It raises nothing. nextRecurrence() of 31 March gives
# 30 May: April is left out, in which the rule that it made has a day.
# Who meets it: whoever keeps hours of maintenance, or a phone's on-call list, in a calendar of Horde.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
apt-get download -qq \
    php-horde-date=2.4.1-9 php-horde-util=2.5.12-2 php8.2-cli=8.2.36-1~deb12u1 libargon2-1=0~20171227-0.3+deb12u1 \
    libsodium23=1.0.18-1+deb12u1 >&2 || {
    echo "could not download the packages" >&2
    exit 2
}
for package in ./*.deb; do dpkg -x "$package" .; done
export LD_LIBRARY_PATH=$PWD/usr/lib/x86_64-linux-gnu
run() { usr/bin/php8.2 -n -d error_reporting=8191 -d date.timezone=UTC -d include_path="$PWD/usr/share/php"; }

expected=$(
    cat <<'TEXT'
FREQ=MONTHLY;BYMONTHDAY=-1: 30 Nov, 30 Dec, 30 Jan, 30 Mar, 30 May
FREQ=MONTHLY;BYMONTHDAY=1,15: 1 Nov, 1 Dec, 1 Jan, 1 Feb, 1 Mar
FREQ=MONTHLY;BYDAY=-2MO: 23 Nov, 30 Nov, 28 Dec, 25 Jan, 22 Feb
FREQ=DAILY;BYDAY=MO,TU,WE,TH,FR: 27 Nov, 28 Nov, 29 Nov, 30 Nov, 1 Dec
TEXT
)
seen=$(
    run <<'PHP'
<?php
foreach (['String', 'Date', 'Date/Utils', 'Date/Recurrence'] as $file) {
    require "Horde/$file.php";
}
$rules = [
    'FREQ=MONTHLY;BYMONTHDAY=-1' => '2026-11-30',
    'FREQ=MONTHLY;BYMONTHDAY=1,15' => '2026-11-01',
    'FREQ=MONTHLY;BYDAY=-2MO' => '2026-11-23',
    'FREQ=DAILY;BYDAY=MO,TU,WE,TH,FR' => '2026-11-27',
];
foreach ($rules as $rule => $start) {
    $recurrence = new Horde_Date_Recurrence("$start 10:00:00");
    $recurrence->fromRRule20($rule);
    $after = new Horde_Date("$start 00:00:00");
    $days = [];
    while (count($days) < 5) {
        $day = $recurrence->nextRecurrence($after);
        $days[] = $day->format('j M');
        $after = new Horde_Date($day->format('Y-m-d') . ' 00:00:00');
        $after->mday++;
    }
    echo "$rule: ", implode(', ', $days), "\n";
}
PHP
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
