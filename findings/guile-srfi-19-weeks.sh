#!/usr/bin/env bash
# guile 3.0.8 (Debian 12) says that a year begins with week -1.
#
# Expected: SRFI 19: "~V" of date->string is the "week number of year with Monday as first day of week (01...52)".
# strftime of the same Guile counts as ISO 8601 does.
# Seen: "~V" writes "-1" for the days before the first Monday, "00" for the first whole week, and so on: one or two less
# than ISO 8601. date-week-number gives -1, too. "~W", with Monday as well, is one more there.
# Who meets it: whoever names logs or reports by their weeks with it.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
apt-get download -qq \
    guile-3.0=3.0.8-2 guile-3.0-libs=3.0.8-2 libgc1=1:8.2.2-3 >&2 || {
    echo "could not download the packages" >&2
    exit 2
}
for package in ./*.deb; do dpkg -x "$package" .; done
export LD_LIBRARY_PATH=$PWD/usr/lib/x86_64-linux-gnu
export GUILE_LOAD_PATH=$PWD/usr/share/guile/3.0
export GUILE_LOAD_COMPILED_PATH=$PWD/usr/lib/x86_64-linux-gnu/guile/3.0/ccache
run() { usr/bin/guile-3.0 --no-auto-compile /dev/stdin; }

expected=$(
    cat <<'TEXT'
2026-01-01 Thu: week -1 by ~V, 00 by ~W, -1 by date-week-number, 01 by strftime
2026-01-04 Sun: week -1 by ~V, 00 by ~W, -1 by date-week-number, 01 by strftime
2026-01-05 Mon: week 00 by ~V, 01 by ~W, 0 by date-week-number, 02 by strftime
2026-01-12 Mon: week 01 by ~V, 02 by ~W, 1 by date-week-number, 03 by strftime
2026-11-30 Mon: week 47 by ~V, 48 by ~W, 47 by date-week-number, 49 by strftime
2026-12-31 Thu: week 51 by ~V, 52 by ~W, 51 by date-week-number, 53 by strftime
2024-01-01 Mon: week 00 by ~V, 00 by ~W, 0 by date-week-number, 01 by strftime
TEXT
)
seen=$(
    run <<'SCM'
(use-modules (srfi srfi-19))

(for-each
 (lambda (date)
   (format #t "~a: week ~a by ~~V, ~a by ~~W, ~a by date-week-number, ~a by strftime~%"
           (date->string date "~Y-~m-~d ~a")
           (date->string date "~V") (date->string date "~W") (date-week-number date 1)
           (strftime "%V" (gmtime (time-second (date->time-utc date))))))
 (list (make-date 0 0 0 0 1 1 2026 0)
       (make-date 0 0 0 0 4 1 2026 0)
       (make-date 0 0 0 0 5 1 2026 0)
       (make-date 0 0 0 0 12 1 2026 0)
       (make-date 0 0 0 0 30 11 2026 0)
       (make-date 0 0 0 0 31 12 2026 0)
       (make-date 0 0 0 0 1 1 2024 0)))
SCM
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
