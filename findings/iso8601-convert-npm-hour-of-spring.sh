#!/usr/bin/env bash
# iso8601-convert 1.0.0 (npm) moves the times of one hour a year by an hour, where there is summer time.
#
# Expected: ISO 8601: 2026-03-29T02:30:00Z is a time in UTC, whatever zone the program runs in. What it reads it can
# write again ("Convert between ISO8601 strings and Date objects").
# Seen: the numbers are set as a local time first, which the offset of then is taken from. In Berlin there is no 2:30 on
# that day, so it becomes 3:30, and the time is an hour late: of four half hours two are written twice and two are
# missing. No error is raised. (iso8601 1.1.1, of which it is a copy, also takes +01:00 for 6000 minutes.)
# Who meets it: whoever reads logs in UTC with it on a machine that is set to local time.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-fund --no-audit --no-package-lock --ignore-scripts \
    iso8601-convert@1.0.0 >&2 || {
    echo "could not install iso8601-convert@1.0.0" >&2
    exit 2
}
run() { TZ=Europe/Berlin node -; }

expected=$(
    cat <<'TEXT'
zone: Europe/Berlin
2026-03-29T01:00:00Z -> 2026-03-29T01:00:00Z
2026-03-29T01:30:00Z -> 2026-03-29T01:30:00Z
2026-03-29T02:00:00Z -> 2026-03-29T03:00:00Z
2026-03-29T02:30:00Z -> 2026-03-29T03:30:00Z
2026-03-29T03:00:00Z -> 2026-03-29T03:00:00Z
2026-03-29T03:30:00Z -> 2026-03-29T03:30:00Z
2026-03-29T04:30:00+02:00 -> 2026-03-29T02:30:00Z
2026-03-28T02:30:00Z -> 2026-03-28T02:30:00Z
TEXT
)
seen=$(
    run <<'JS'
const { toDate, fromDate } = require("iso8601-convert");

console.log("zone:", Intl.DateTimeFormat().resolvedOptions().timeZone);
for (const text of [
  "2026-03-29T01:00:00Z",
  "2026-03-29T01:30:00Z",
  "2026-03-29T02:00:00Z",
  "2026-03-29T02:30:00Z",
  "2026-03-29T03:00:00Z",
  "2026-03-29T03:30:00Z",
  "2026-03-29T04:30:00+02:00",
  "2026-03-28T02:30:00Z",
]) {
  console.log(text, "->", fromDate(toDate(text)));
}
JS
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
