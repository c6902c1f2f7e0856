#!/usr/bin/env bash
# mawk 1.3.4-20200120 (Debian 12) writes each time after 19 January 2038 as 03:14:07 of that day.
#
# Expected: mawk(1): strftime() formats a time in seconds since 1970, and mktime() makes such a number. Both count in
# 64 bits on this machine. POSIX, awk: printf's %d is for integers, and numbers are doubles, exact up to 2^53.
# Seen: strftime() and %d take all above 2147483647 for just that. mktime() is right, and so are %.0f and %u. A
# certificate that ends in 2050 and one of 2100 end at the same second; 3 GB of a day's downloads are 2.1 GB.
# Who meets it: whoever runs a script for awk on Debian, where mawk is what "awk" starts.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
apt-get download -qq \
    mawk=1.3.4.20200120-3.1 >&2 || {
    echo "could not download mawk=1.3.4.20200120-3.1" >&2
    exit 2
}
for package in ./*.deb; do dpkg -x "$package" .; done
run() { TZ=UTC usr/bin/mawk -f /dev/stdin; }

expected=$(
    cat <<'TEXT'
2038-01-01 00:00:00 is 2145916800: 2038-01-01 00:00:00, as %d 2145916800
2039-01-01 00:00:00 is 2177452800: 2038-01-19 03:14:07, as %d 2147483647
2050-11-30 10:00:00 is 2553415200: 2038-01-19 03:14:07, as %d 2147483647
2100-01-01 00:00:00 is 4102444800: 2038-01-19 03:14:07, as %d 2147483647
3 files of 1000000000 octets: %d 2147483647, %u 3000000000, %.0f 3000000000
TEXT
)
seen=$(
    run <<'AWK'
function show(text,    fields, seconds) {
    fields = text
    gsub(/[-:]/, " ", fields)
    seconds = mktime(fields)
    printf "%s is %.0f: %s, as %%d %d\n", text, seconds, strftime("%Y-%m-%d %H:%M:%S", seconds, 1), seconds
}
BEGIN {
    show("2038-01-01 00:00:00")
    show("2039-01-01 00:00:00")
    show("2050-11-30 10:00:00")
    show("2100-01-01 00:00:00")
    for (file = 1; file <= 3; file++) sum += 1000000000
    printf "3 files of 1000000000 octets: %%d %d, %%u %u, %%.0f %.0f\n", sum, sum, sum
}
AWK
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
