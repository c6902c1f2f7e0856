#!/usr/bin/env bash
# jetblack-iso8601 2.0.0 writes 365 days as a year and five days, and 50 milliseconds as half a second.
#
# Expected: ISO 8601: a year of a duration is a year of the calendar, 365 or 366 days, and a month 28 to 31, so a
# difference of times is given in days or weeks and less; "PT1.5S" is one second and a half; behind the dot of a second
# stand its decimal digits.
# Seen: a month is 30 days and a year 360. What it writes, isodate and others read as up to five days more for each
# year. What others write as P1Y lacks five days. Half seconds are dropped when written and are an error when read. Of a
# time's milliseconds the leading zeros but one are missing: .050 is .50, .005 is .05. A time without a zone gets "Z".
# Who meets it: whoever hands times of leases or of certificates by it to a program with another library.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-deps \
    jetblack-iso8601==2.0.0 isodate==0.7.2 || {
    echo "could not install the packages" >&2
    exit 2
}
run() { venv/bin/python -; }

expected=$(
    cat <<'TEXT'
8 days: P8D, which isodate reads as 8
31 days: P1M1D, which isodate reads as 32
365 days: P1Y5D, which isodate reads as 370
730 days: P2Y10D, which isodate reads as 740
P1Y is read as 360 days, 0:00:00
1.5 seconds: PT1S
PT1.5S: ValueError("invalid literal for int() with base 10: '1.5'")
5 ms: 2026-11-30T10:00:00.05Z, which it reads as 50 ms
50 ms: 2026-11-30T10:00:00.50Z, which it reads as 500 ms
500 ms: 2026-11-30T10:00:00.500Z, which it reads as 500 ms
TEXT
)
seen=$(
    run <<'PY'
from datetime import datetime, timedelta, timezone

import isodate
from jetblack_iso8601 import datetime_to_iso8601, iso8601_to_datetime, iso8601_to_timedelta, timedelta_to_iso8601

START = datetime(2026, 1, 1)
for days in (8, 31, 365, 730):
    text = timedelta_to_iso8601(timedelta(days=days))
    print(f"{days} days: {text}, which isodate reads as {(START + isodate.parse_duration(text) - START).days}")
print("P1Y is read as", iso8601_to_timedelta("P1Y"))
print("1.5 seconds:", timedelta_to_iso8601(timedelta(seconds=1.5)))
try:
    print(iso8601_to_timedelta("PT1.5S"))
except Exception as error:
    print("PT1.5S:", repr(error))
for milliseconds in (5, 50, 500):
    time = datetime(2026, 11, 30, 10, 0, 0, milliseconds * 1000, timezone.utc)
    text = datetime_to_iso8601(time)
    print(f"{milliseconds} ms: {text}, which it reads as {iso8601_to_datetime(text).microsecond // 1000} ms")
PY
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
