#!/usr/bin/env bash
# busybox 1.35.0 (Debian 12) has an awk that says of three files of a gigabyte that they have -2147483648 octets.
#
# Expected: POSIX, awk: numbers are doubles, exact up to 2^53, and printf's %d is for integers. The manual of GNU awk,
# whose mktime() this one has: it gives the seconds since 1970. Time counts in 64 bits on this machine.
# Seen: %d and %i take 32 bits: each number from 2147483648 on comes out as the smallest one. print, %u and %.0f are
# right. mktime() gives a negative number for each time after 19 January 2038, which strftime() takes for one before
# 1970.
# Who meets it: whoever sums up octets of a log, or looks when a certificate ends, on a router or access point.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
apt-get download -qq \
    busybox=1:1.35.0-4+deb12u1+b1 >&2 || {
    echo "could not download busybox=1:1.35.0-4+deb12u1+b1" >&2
    exit 2
}
for package in ./*.deb; do dpkg -x "$package" .; done
run() { TZ=UTC bin/busybox awk -f /dev/stdin; }

expected=$(
    cat <<'TEXT'
2 files of 1000000000 octets: print 2000000000, %d 2000000000, %.0f 2000000000
3 files of 1000000000 octets: print 3000000000, %d -2147483648, %.0f 3000000000
2038-01-01 00:00:00 is 2145916800: 2038-01-01 00:00:00
2039-01-01 00:00:00 is -2117514496: 1902-11-25 17:31:44
2100-01-01 00:00:00 is -192522496: 1963-11-25 17:31:44
4102444800 itself: 2100-01-01 00:00:00
TEXT
)
seen=$(
    run <<'AWK'
function write(seconds) {
    return strftime("%Y-%m-%d %H:%M:%S", seconds, 1)
}
function show(text,    fields, seconds) {
    fields = text
    gsub(/[-:]/, " ", fields)
    seconds = mktime(fields)
    print text " is " seconds ": " write(seconds)
}
BEGIN {
    for (count = 2; count <= 3; count++) {
        sum = count * 1000000000
        printf "%d files of 1000000000 octets: print %s, %%d %d, %%.0f %.0f\n", count, sum, sum, sum
    }
    show("2038-01-01 00:00:00")
    show("2039-01-01 00:00:00")
    show("2100-01-01 00:00:00")
    print "4102444800 itself: " write(4102444800)
}
AWK
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
