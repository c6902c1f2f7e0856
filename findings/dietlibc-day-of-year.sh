#!/usr/bin/env bash
# dietlibc 0.34 (Debian 12) writes day 333 of a year as "Q2", and a quarter past noon as "00:15 AM".
#
# Expected: ISO C (C11), section 7.27.3.5: %j is the day of the year, 001 to 366; %I the hour, 01 to 12, with %p for its
# half of the day; %u and %w the day of the week in one digit. strptime() of POSIX: 12 AM is the first hour of the day.
# Seen: %j counts from 00 and has room for two digits: from 11 April on the first of them goes on behind 9 with ":",
# ";" and so on, to "T". In the hours of midnight and of noon %I is 00, both with AM. %u and %w have two digits.
# strptime() reads 12:15 AM as a quarter past noon. Year, month, day and the hour of 24 come out right.
# Who meets it: small servers that are built with it, whose logs are named by day of the year or whose times have AM.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
apt-get download -qq \
    dietlibc-dev=0.34~cvs20160606-14 >&2 || {
    echo "could not download the packages" >&2
    exit 2
}
for package in ./*.deb; do dpkg -x "$package" .; done
lib=usr/lib/x86_64-linux-gnu/diet/lib-x86_64
run() {
    gcc -x c - -x none -w -nostdinc -isystem usr/include/diet -isystem "$(gcc -print-file-name=include)" \
        -D__dietlibc__ -fno-stack-protector -fno-pic -no-pie -static -nostdlib \
        "$lib/start.o" "$lib/libcompat.a" "$lib/libc.a" -lgcc "$lib/libc.a" -o main && ./main
}

expected=$(
    cat <<'TEXT'
2026-01-01T00:00:00: day '00', Thu '04' '04', 00:00 AM
2026-04-09T00:15:00: day '98', Thu '04' '04', 00:15 AM
2026-04-10T00:00:00: day '99', Fri '05' '05', 00:00 AM
2026-04-11T00:00:00: day ':0', Sat '06' '06', 00:00 AM
2026-11-29T00:15:00: day 'Q2', Sun '07' '00', 00:15 AM
2026-11-29T12:15:00: day 'Q2', Sun '07' '00', 00:15 AM
2026-12-31T23:59:59: day 'T4', Thu '04' '04', 11:59 PM
11:15 AM is 11:15
12:15 AM is 12:15
12:15 PM is 12:15
TEXT
)
seen=$(
    run <<'C'
#include <stdio.h>
#include <string.h>
#include <time.h>

static void show(time_t seconds) {
    char text[100];

    strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S: day '%j', %a '%u' '%w', %I:%M %p", gmtime(&seconds));
    printf("%s\n", text);
}

static void read_time(const char *text) {
    struct tm fields;

    memset(&fields, 0, sizeof(fields));
    strptime(text, "%I:%M %p", &fields);
    printf("%s is %02d:%02d\n", text, fields.tm_hour, fields.tm_min);
}

int main(void) {
    show(1767225600); /* 1 January 2026 */
    show(1775693700);
    show(1775779200);
    show(1775865600);
    show(1795911300); /* 29 November 2026, 00:15 */
    show(1795954500);
    show(1798761599); /* 31 December 2026 */
    read_time("11:15 AM");
    read_time("12:15 AM");
    read_time("12:15 PM");
    return 0;
}
C
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
