#!/usr/bin/env bash
# rrule-humanize 0.1.0 says "Every month" of the second Tuesday of each month.
#
# Expected: RFC 5545, section 3.3.10: a number before a weekday says which one of the month, a negative one counts from
# the end, as does a negative BYMONTHDAY. The package gives "human-readable text" of "a valid RRULE string".
# Seen: weekdays with a number and days from the end are left out, alone and beside others: the second Tuesday, when
# Microsoft's updates come, is "Every month", the 1st and the last day "on the 1st". 2:30 is "at 02:00, at minute 30".
# No error is raised.
# Who meets it: whoever shows with it when a maintenance is, so that someone agrees to it.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-deps \
    rrule-humanize==0.1.0 python-dateutil==2.9.0.post0 six==1.17.0 || {
    echo "could not install the packages" >&2
    exit 2
}
run() { venv/bin/python -; }

expected=$(
    cat <<'TEXT'
FREQ=WEEKLY;BYDAY=TU: Every week, on Tuesday
FREQ=MONTHLY;BYDAY=2TU: Every month
FREQ=MONTHLY;BYDAY=TU,-1FR: Every month, on Tuesday
FREQ=MONTHLY;BYMONTHDAY=15: Every month, on the 15th
FREQ=MONTHLY;BYMONTHDAY=-1: Every month
FREQ=MONTHLY;BYMONTHDAY=1,-1: Every month, on the 1st
FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU: Every year, in October
FREQ=DAILY;BYHOUR=2;BYMINUTE=30: Every day, at 02:00, at minute 30
TEXT
)
seen=$(
    run <<'PY'
from rrule_humanize import humanize

for rule in (
    "FREQ=WEEKLY;BYDAY=TU",
    "FREQ=MONTHLY;BYDAY=2TU",
    "FREQ=MONTHLY;BYDAY=TU,-1FR",
    "FREQ=MONTHLY;BYMONTHDAY=15",
    "FREQ=MONTHLY;BYMONTHDAY=-1",
    "FREQ=MONTHLY;BYMONTHDAY=1,-1",
    "FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU",
    "FREQ=DAILY;BYHOUR=2;BYMINUTE=30",
):
    print(f"{rule}: {humanize(rule)}")
PY
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
