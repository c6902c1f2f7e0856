#!/usr/bin/env bash
# libprelude 5.2.0 (Debian 12) writes -03:30 as -03:-30, and reads of that another time.
#
# Expected: RFC 4765, section 3.2.6: a time of IDMEF has an offset of a sign, two digits of hours and two of minutes.
# What idmef_time_to_string() writes idmef_time_new_from_string() reads as the same time.
# Seen: hours and minutes of an offset to the west are both negative, and each is written with its minus. Other programs
# cannot read it. The package itself reads the first two characters of -30 as minutes, without an error, so that the
# time comes out 33 minutes earlier. Whole hours, and offsets to the east, are right.
# Who meets it: whoever sends or keeps alerts of sensors in Newfoundland, or on the Marquesas, with it.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
apt-get download -qq \
    libprelude-dev=5.2.0-5+b7 libprelude28=5.2.0-5+b7 libltdl7=2.4.7-7~deb12u1 >&2 || {
    echo "could not download the packages" >&2
    exit 2
}
for package in ./*.deb; do dpkg -x "$package" .; done
export LD_LIBRARY_PATH=$PWD/usr/lib/x86_64-linux-gnu
options=(-w -Iusr/include -L"$LD_LIBRARY_PATH" -lprelude -Wl,--unresolved-symbols=ignore-in-shared-libs)
run() { gcc -x c - -x none -o main "${options[@]}" && ./main; }

expected=$(
    cat <<'TEXT'
10:00:00Z: written 10:00:00.000000+00:00, read 0 seconds later
10:00:00+05:30: written 10:00:00.000000+05:30, read 0 seconds later
10:00:00-05:00: written 10:00:00.000000-05:00, read 0 seconds later
10:00:00-03:30: written 10:00:00.000000-03:-30, read -1980 seconds later
10:00:00-09:30: written 10:00:00.000000-09:-30, read -1980 seconds later
TEXT
)
seen=$(
    run <<'C'
#include <stdio.h>

#include <libprelude/idmef.h>
#include <libprelude/prelude.h>

int main(void) {
    static const char *zones[] = {"Z", "+05:30", "-05:00", "-03:30", "-09:30"};

    for (int i = 0; i < 5; i++) {
        char text[40];
        idmef_time_t *moment, *again;
        prelude_string_t *written;
        snprintf(text, sizeof text, "2026-11-30T10:00:00%s", zones[i]);
        if (prelude_string_new(&written) < 0 || idmef_time_new_from_string(&moment, text) < 0)
            return 1;
        idmef_time_to_string(moment, written);
        if (idmef_time_new_from_string(&again, prelude_string_get_string(written)) < 0)
            return 1;
        int later = idmef_time_get_sec(again) - idmef_time_get_sec(moment);
        printf("%s: written %s, ", text + 11, prelude_string_get_string(written) + 11);
        printf("read %d seconds later\n", later);
    }
}
C
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
