#!/usr/bin/env bash
# neon 0.32.5 (Debian 12, libneon27-gnutls-dev) reads an hour of each year as the hour behind it, where clocks change.
#
# Expected: RFC 9110, section 5.6.7: a date of HTTP is in GMT; where the client is does not matter to it. The same is so
# for times with an offset, in the creationdate of WebDAV.
# Seen: ne_httpdate_parse() and ne_iso8601_parse() give the fields to mktime() as local time, and add what local time is
# ahead. In the night when summer time begins an hour of local time does not exist, mktime() moves it, and what comes
# out is an hour late: between 2:00 and 3:00 GMT on 29 March in Berlin, on 8 March in New York. In UTC all is right.
# Who meets it: whoever compares dates of files with a server through it, with cadaver, sitecopy or davfs2, say: a file
# that was written in that hour seems to be another one.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
apt-get download -qq \
    libneon27-gnutls-dev=0.32.5-1 >&2 || {
    echo "could not download the packages" >&2
    exit 2
}
for package in ./*.deb; do dpkg -x "$package" .; done
ar x usr/lib/x86_64-linux-gnu/libneon-gnutls.a ne_dates.o ne_alloc.o ne_string.o
run() {
    gcc -x c - -x none -w -D_LARGEFILE64_SOURCE -DNE_LFS -Iusr/include/neon ne_*.o -Wl,--defsym=ne_vstrhash=0 -o main
    for zone in UTC CET-1CEST,M3.5.0,M10.5.0/3 EST5EDT,M3.2.0,M11.1.0; do TZ=$zone ./main; done
}

expected=$(
    cat <<'TEXT'
in UTC:
  Sun, 08 Mar 2026 02:30:00 GMT is Sun, 08 Mar 2026 02:30:00 GMT
  Sun, 29 Mar 2026 01:30:00 GMT is Sun, 29 Mar 2026 01:30:00 GMT
  Sun, 29 Mar 2026 02:30:00 GMT is Sun, 29 Mar 2026 02:30:00 GMT
  2026-03-29T02:30:00Z is Sun, 29 Mar 2026 02:30:00 GMT
in CET-1CEST,M3.5.0,M10.5.0/3:
  Sun, 08 Mar 2026 02:30:00 GMT is Sun, 08 Mar 2026 02:30:00 GMT
  Sun, 29 Mar 2026 01:30:00 GMT is Sun, 29 Mar 2026 01:30:00 GMT
  Sun, 29 Mar 2026 02:30:00 GMT is Sun, 29 Mar 2026 03:30:00 GMT
  2026-03-29T02:30:00Z is Sun, 29 Mar 2026 03:30:00 GMT
in EST5EDT,M3.2.0,M11.1.0:
  Sun, 08 Mar 2026 02:30:00 GMT is Sun, 08 Mar 2026 03:30:00 GMT
  Sun, 29 Mar 2026 01:30:00 GMT is Sun, 29 Mar 2026 01:30:00 GMT
  Sun, 29 Mar 2026 02:30:00 GMT is Sun, 29 Mar 2026 02:30:00 GMT
  2026-03-29T02:30:00Z is Sun, 29 Mar 2026 02:30:00 GMT
TEXT
)
seen=$(
    run <<'C'
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include <ne_dates.h>

int main(void) {
    static const char *dates[] = {
        "Sun, 08 Mar 2026 02:30:00 GMT",
        "Sun, 29 Mar 2026 01:30:00 GMT",
        "Sun, 29 Mar 2026 02:30:00 GMT",
    };

    printf("in %s:\n", getenv("TZ"));
    for (int i = 0; i < 3; i++)
        printf("  %s is %s\n", dates[i], ne_rfc1123_date(ne_httpdate_parse(dates[i])));
    const char *created = "2026-03-29T02:30:00Z";
    printf("  %s is %s\n", created, ne_rfc1123_date(ne_iso8601_parse(created)));
}
C
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
