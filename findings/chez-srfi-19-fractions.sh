#!/usr/bin/env bash
# scheme-chez-srfi of 2020 (Debian 12) leaves out the first two digits of a fraction: 30.125 seconds are 30.5.
#
# Expected: SRFI 19: "~f" of date->string is the "seconds+fractional seconds", with the locale's decimal separator, and
# "~N" the nanoseconds with leading zeros.
# Seen: "~f" cuts two characters off the digits, as if "0." stood before them. An eighth of a second and five
# milliseconds are both half a second, and of a fraction with one or two digits nothing is left. "~N" is right.
# Who meets it: whoever writes times of packets or of answers with it.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
apt-get download -qq \
    chezscheme=9.5.8+dfsg-1 scheme-chez-srfi=0.0+git20201107.bac6f29+dfsg-2 >&2 || {
    echo "could not download the packages" >&2
    exit 2
}
for package in ./*.deb; do dpkg -x "$package" .; done
boot=$PWD/usr/lib/csv9.5.8/ta6le
export CHEZSCHEMELIBDIRS=$PWD/usr/share/r6rs
run() { cat >main.scm && usr/bin/chezscheme -b "$boot/petite.boot" -b "$boot/scheme.boot" --script main.scm; }

expected=$(
    cat <<'TEXT'
10:00:30 and 000000000 nanoseconds: seconds 30 by ~f
10:00:30 and 005000000 nanoseconds: seconds 30.5 by ~f
10:00:30 and 125000000 nanoseconds: seconds 30.5 by ~f
10:00:30 and 123456789 nanoseconds: seconds 30.3456789 by ~f
10:00:30 and 500000000 nanoseconds: seconds 30 by ~f
10:00:30 and 250000000 nanoseconds: seconds 30 by ~f
TEXT
)
seen=$(
    run <<'SCM'
(import (srfi :19 time))

(for-each
 (lambda (nanoseconds)
   (let ((date (make-date nanoseconds 30 0 10 30 11 2026 0)))
     (display (date->string date "~H:~M:~S and ~N nanoseconds: seconds ~f by ~~f"))
     (newline)))
 '(0 5000000 125000000 123456789 500000000 250000000))
SCM
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
