#!/usr/bin/env bash
# newlisp 10.7.5 (Debian 12) takes 1 January 2040 for 25 November 1903 where it counts its seconds.
#
# Expected: its manual: (date-value YEAR MONTH DAY) returns "the time in seconds since 1970-1-1 00:00:00" for a given
# date, in UTC. Its integers have 64 bits, and date-list, the reverse of it, takes them so.
# Seen: from 19 January 2038, 03:14:08 on the result is 2 to the power of 32 too small, negative. No error is raised.
# The manual gives a limit for date-parse alone. What date-list gives is right.
# Who meets it: whoever compares with it the ends of certificates or leases.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
apt-get download -qq \
    newlisp=10.7.5-2+b2 libffi8=3.4.4-1 libreadline8=8.2-1.3 libtinfo6=6.4-4 >&2 || {
    echo "could not download the packages" >&2
    exit 2
}
for package in ./*.deb; do dpkg -x "$package" .; done
export LD_LIBRARY_PATH=$PWD/usr/lib/x86_64-linux-gnu:$PWD/lib/x86_64-linux-gnu
run() { cat >main.lsp && usr/bin/newlisp -n main.lsp; }

expected=$(
    cat <<'TEXT'
(2026 11 30 10 15 0) 1796033700 (2026 11 30)
(2038 1 19 3 14 7) 2147483647 (2038 1 19)
(2038 1 19 3 14 8) -2147483648 (1901 12 13)
(2040 1 1 0 0 0) -2085978496 (1903 11 25)
(2049 12 31 23 59 59) -1770359297 (1913 11 25)
2524607999 (2049 12 31 23 59 59)
TEXT
)
seen=$(
    run <<'LSP'
(define (show moment)
  (let (seconds (date-value moment))
    (println moment " " seconds " " (0 3 (date-list seconds)))))

(show '(2026 11 30 10 15 0))
(show '(2038 1 19 3 14 7))
(show '(2038 1 19 3 14 8))
(show '(2040 1 1 0 0 0))
(show '(2049 12 31 23 59 59))
(println "2524607999 " (0 6 (date-list 2524607999)))
(exit)
LSP
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
