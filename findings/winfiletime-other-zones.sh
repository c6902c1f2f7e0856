#!/usr/bin/env bash
# winfiletime 2.1 leaves out the offset of a time, so a time in Berlin becomes one an hour or two later.
#
# Expected: a FILETIME counts parts of 100 nanoseconds since 1601 in UTC ([MS-DTYP], section 2.3.3). Its from_datetime()
# says that a time without a zone is taken for UTC; one with a zone has its own offset.
# Seen: a time with an offset is converted by its hands alone: 10:00+01:00 and 10:00Z are the same FILETIME. Read again,
# it is another time than was written. No error is raised.
# Who meets it: whoever compares times of its own with those of the event log or of files on a server in another zone.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-deps \
    winfiletime==2.1 || {
    echo "could not install the packages" >&2
    exit 2
}
run() { venv/bin/python -; }

expected=$(
    cat <<'TEXT'
10:00+0000 is 134405064000000000, +0 h, and read again 10:00 UTC
10:00+0100 is 134405064000000000, +1 h, and read again 10:00 UTC
10:00-0500 is 134405064000000000, -5 h, and read again 10:00 UTC
no zone: 134405064000000000
TEXT
)
seen=$(
    run <<'PY'
from datetime import datetime, timedelta, timezone

from winfiletime import from_datetime, to_datetime

for hours in (0, 1, -5):
    time = datetime(2026, 11, 30, 10, tzinfo=timezone(timedelta(hours=hours)))
    number = from_datetime(time)
    right = 116444736000000000 + int(time.timestamp()) * 10**7
    read = to_datetime(number)
    print(f"{time:%H:%M%z} is {number}, {(number - right) / 36e9:+.0f} h, and read again {read:%H:%M} UTC")
print("no zone:", from_datetime(datetime(2026, 11, 30, 10)))
PY
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
