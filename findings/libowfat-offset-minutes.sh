#!/usr/bin/env bash
# libowfat 0.32 (Debian 12, libowfat-dev) takes the minutes of an offset for seconds, and adds them.
#
# Expected: scan_iso8601() says that it reads times of other zones, as ISO 8601 has them, and gives UTC. RFC 3339, the
# profile of it for the Internet, section 5.6: an offset is hours and minutes with a colon between them.
# Seen: of +0530 five hours are taken away, and thirty seconds are added; of -0330 as well, so that both are some half
# an hour off. An offset with a colon is not read at all: 0 is returned. Where a time has no fraction, the nanoseconds
# stay what they were.
# Who meets it: whoever reads times of India, Iran, Nepal, Newfoundland or the middle of Australia with it.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
apt-get download -qq \
    libowfat-dev=0.32-4 >&2 || {
    echo "could not download the packages" >&2
    exit 2
}
for package in ./*.deb; do dpkg -x "$package" .; done
run() { gcc -x c - -x none -w -Iusr/include usr/lib/libowfat.a -o main && ./main; }

expected=$(
    cat <<'TEXT'
2026-11-30T10:00:00Z: 2026-11-30T10:00:00Z
2026-11-30T10:00:00+0200: 2026-11-30T08:00:00Z
2026-11-30T10:00:00+0530: 2026-11-30T05:00:30Z
2026-11-30T10:00:00-0330: 2026-11-30T13:00:30Z
2026-11-30T10:00:00+0545: 2026-11-30T05:00:45Z
2026-11-30T10:00:00+02:00: not read
TEXT
)
seen=$(
    run <<'C'
#include <stdio.h>
#include <time.h>

#include <fmt.h>
#include <scan.h>

int main(void) {
    static const char *zones[] = {"Z", "+0200", "+0530", "-0330", "+0545", "+02:00"};

    for (int i = 0; i < 6; i++) {
        char text[40], found[40] = "not read";
        struct timespec moment;
        snprintf(text, sizeof text, "2026-11-30T10:00:00%s", zones[i]);
        if (scan_iso8601(text, &moment))
            found[fmt_iso8601(found, moment.tv_sec)] = 0;
        printf("%s: %s\n", text, found);
    }
}
C
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
