#!/usr/bin/env bash
# swi-prolog-core 9.0.4 (Debian 12) takes Monday of week 1 of 2027 for 28 December 2026, and a month for a day before.
#
# Expected: ISO 8601: week 1 is the one with the first Thursday of a year, so that in 2027 it begins on 4 January. A
# date of a year and a month is that month. parse_time/3 reads both forms, by its comments and its grammar.
# Seen: it counts from the week with 1 January. Where that is a Friday or a Saturday, as in 2021, 2022 and 2027, each
# date of a week is seven days early, all year. A month has the day 0: "2026-12" is 30 November.
# Who meets it: whoever reads with it plans and reports by weeks, as of updates, or months of logs.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
apt-get download -qq \
    swi-prolog-core=9.0.4+dfsg-2 libtcmalloc-minimal4=2.10-1 >&2 || {
    echo "could not download the packages" >&2
    exit 2
}
for package in ./*.deb; do dpkg -x "$package" .; done
export LD_LIBRARY_PATH=$PWD/usr/lib/x86_64-linux-gnu
home=$PWD/usr/lib/swi-prolog
run() { cat >main.pl && "$home/bin/x86_64-linux/swipl" "--home=$home" -q -f main.pl -t halt; }

expected=$(
    cat <<'TEXT'
2023-W01-1: 2023-01-02
2026-W53-5: 2027-01-01
2027-W01-1: 2026-12-28
2027-W20-3: 2027-05-12
2027-01-04: 2027-01-04
2026-11: 2026-10-31
2026-12: 2026-11-30
TEXT
)
seen=$(
    run <<'PL'
:- use_module(library(lists)).
:- use_module(library(date)).

show(Text) :-
    parse_time(Text, iso_8601, Stamp),
    format_time(atom(Date), '%F', Stamp),
    format('~w: ~w~n', [Text, Date]).

:- forall(member(Text, ['2023-W01-1', '2026-W53-5', '2027-W01-1', '2027-W20-3', '2027-01-04']), show(Text)).
:- forall(member(Text, ['2026-11', '2026-12']), show(Text)).
PL
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
