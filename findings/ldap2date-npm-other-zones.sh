#!/usr/bin/env bash
# ldap2date 2.0.0 (npm) reads each time that is not in UTC wrong, and writes 5 milliseconds as half a second.
#
# Expected: RFC 4517, section 3.3.13: behind the time comes "Z", or a sign and two or four digits, hours and minutes
# ahead of UTC; the example 199412161032-0500 is the one of 199412161532Z. A fraction is one of the smallest unit that
# is given, so 2026112812.5Z is half past twelve.
# Seen: the first digit is taken for the hours and the rest for the minutes, and added instead of subtracted. A fraction
# is always one of a second. Of milliseconds the zeros in front are not written. The first second of 1970 is null.
# Who meets it: whoever reads with it since when an object is in a directory, and writes it back.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-fund --no-audit --no-package-lock --ignore-scripts \
    ldap2date@2.0.0 >&2 || {
    echo "could not install ldap2date@2.0.0" >&2
    exit 2
}
run() { node -; }

expected=$(
    cat <<'TEXT'
199412161532Z -> 1994-12-16T15:32:00.000Z
199412161032-0500 -> 1994-12-16T02:12:00.000Z
199412161632+01 -> 1994-12-16T16:33:00.000Z
2026112812.5Z -> 2026-11-28T12:00:00.500Z
19700101000000Z -> null
2026-11-28T12:00:00.500Z -> 20261128120000.500Z -> 2026-11-28T12:00:00.500Z
2026-11-28T12:00:00.005Z -> 20261128120000.5Z -> 2026-11-28T12:00:00.500Z
TEXT
)
seen=$(
    run <<'JS'
const ldap2date = require("ldap2date");

for (const time of ["199412161532Z", "199412161032-0500", "199412161632+01", "2026112812.5Z", "19700101000000Z"]) {
  const date = ldap2date.parse(time);
  console.log(time, "->", date && date.toISOString());
}
for (const time of ["2026-11-28T12:00:00.500Z", "2026-11-28T12:00:00.005Z"]) {
  const written = ldap2date.toGeneralizedTime(new Date(time));
  console.log(time, "->", written, "->", ldap2date.parse(written).toISOString());
}
JS
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
