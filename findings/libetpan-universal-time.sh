#!/usr/bin/env bash
# libetpan 1.9.4 (Debian 12) takes UT and UTC for a minute east of Greenwich.
#
# Expected: RFC 5322, section 4.3: "UT" and "GMT" are +0000, as RFC 822 has them. UTC is not in this list, but is what
# many devices write.
# Seen: mailimf_date_time_parse() gives GMT the zone 0, and UT the zone 1, which is what +0001 gives: the constant for
# "true" stands where the zone should. UTC is read as UT, and its C is left over. No error is returned.
# Who meets it: whoever sorts or counts mails of devices and of their alarms with it.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
apt-get download -qq \
    libetpan-dev=1.9.4-3.1 libetpan20=1.9.4-3.1 libdb5.3=5.3.28+dfsg2-1 liblockfile1=1.17-1+b1 \
    libsasl2-2=2.1.28+dfsg-10+deb12u1 >&2 || {
    echo "could not download the packages" >&2
    exit 2
}
for package in ./*.deb; do dpkg -x "$package" .; done
export LD_LIBRARY_PATH=$PWD/usr/lib/x86_64-linux-gnu
options=(-w -Iusr/include -L"$LD_LIBRARY_PATH" -letpan -Wl,--unresolved-symbols=ignore-in-shared-libs)
run() { gcc -x c - -x none -o main "${options[@]}" && ./main; }

expected=$(
    cat <<'TEXT'
+0000: zone +0000, all read
+0001: zone +0001, all read
GMT: zone +0000, all read
EST: zone -0500, all read
UT: zone +0001, all read
UTC: zone +0001, 1 octets left
TEXT
)
seen=$(
    run <<'C'
#include <stdio.h>
#include <string.h>

#include <libetpan/libetpan.h>

int main(void) {
    static const char *zones[] = {"+0000", "+0001", "GMT", "EST", "UT", "UTC"};

    for (int i = 0; i < 6; i++) {
        char text[40];
        size_t place = 0;
        struct mailimf_date_time *date;
        snprintf(text, sizeof text, "Mon, 30 Nov 2026 10:00:00 %s", zones[i]);
        if (mailimf_date_time_parse(text, strlen(text), &place, &date) != MAILIMF_NO_ERROR)
            return 1;
        printf("%s: zone %+05d, ", zones[i], date->dt_zone);
        if (place == strlen(text))
            puts("all read");
        else
            printf("%zu octets left\n", strlen(text) - place);
    }
}
C
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
