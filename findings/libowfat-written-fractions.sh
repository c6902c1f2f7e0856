#!/usr/bin/env bash
# libowfat 0.32 (Debian 12, libowfat-dev) writes 0.5 as 500, and reads nothing of 1e-3.
#
# Expected: fmt_double() writes a number with as many digits as asked for, in scientific notation where needed, and
# scan_double() reads such numbers. What one writes the other reads as nearly the same number.
# Seen: of a number below 1 the first digits are written, without a point, and the exponent loses its minus: 0.05 and
# 0.5 are both 500, and a billionth is 9.99e4. scan_double() looks for the sign of an exponent at the e itself, so that
# it reads 1e3, but neither 1e-3 nor 1e+3: 0 is returned, as for a text that is no number.
# Who meets it: whoever writes times of answers or shares of losses with it, for a page or for Prometheus.
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
1.5 with 3 digits: 1.50, read as 1.5 by 4 octets
100 with 3 digits: 100., read as 100 by 4 octets
1e+09 with 3 digits: 1.00e9, read as 1e+09 by 6 octets
0.5 with 3 digits: 500, read as 500 by 3 octets
0.05 with 3 digits: 500, read as 500 by 3 octets
0.25 with 3 digits: 249, read as 249 by 3 octets
1e-09 with 3 digits: 9.99e4, read as 99900 by 6 octets
1e3 is read as 1000 by 3 octets
1e+3 is read as 0 by 0 octets
1e-3 is read as 0 by 0 octets
TEXT
)
seen=$(
    run <<'C'
#include <stdio.h>

#include <fmt.h>
#include <scan.h>

int main(void) {
    static const double numbers[] = {1.5, 100, 1e9, 0.5, 0.05, 0.25, 1e-9};
    static const char *texts[] = {"1e3", "1e+3", "1e-3"};
    double again;

    for (int i = 0; i < 7; i++) {
        char text[100] = "";
        text[fmt_double(text, numbers[i], 99, 3)] = 0;
        int octets = scan_double(text, &again);
        printf("%g with 3 digits: %s, read as %g by %d octets\n", numbers[i], text, again, octets);
    }
    for (int i = 0; i < 3; i++) {
        int octets = scan_double(texts[i], &again);
        printf("%s is read as %g by %d octets\n", texts[i], again, octets);
    }
}
C
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
