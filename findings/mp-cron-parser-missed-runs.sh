#!/usr/bin/env bash
# mp-cron-parser 0.1.5 finds no run today at 12:00 for "0 12 * * *" at 10:15, and none on 1 December for "0 0 1 12 *".
#
# Expected: its description: it "Returns the next run time after any given timestamp" of the five fields of cron.
# Seen: where it goes on to a later hour, day or month, it keeps the minute, hour or day from which it started. At
# 10:15 it looks for 12:15 or later, finds none, and goes on to the next day; so it is with a later day or month, where
# it goes on to the next month or year. Where it starts from a smaller value, the time is right.
# Who meets it: whoever plans with it when phones may restart for an update.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-deps \
    mp-cron-parser==0.1.5 || {
    echo "could not install the packages" >&2
    exit 2
}
run() { venv/bin/python -; }

expected=$(
    cat <<'TEXT'
30 12 * * * after 2026-11-30 10:15: 2026-11-30 12:30, it says 2026-11-30 12:30
0 12 * * * after 2026-11-30 10:15: 2026-11-30 12:00, it says 2026-12-01 12:00
0 8-18/2 * * * after 2026-11-30 10:15: 2026-11-30 12:00, it says 2026-11-30 12:00
0 0 1 12 * after 2026-11-30 10:15: 2026-12-01 00:00, it says 2027-12-01 00:00
0 11 5 * * after 2026-11-03 10:15: 2026-11-05 11:00, it says 2026-12-05 11:00
0 3 5 * * after 2026-11-03 10:15: 2026-11-05 03:00, it says 2026-12-05 03:00
TEXT
)
seen=$(
    run <<'PY'
import calendar
import os
import time

os.environ["TZ"] = "UTC"
time.tzset()

from cron_parser import Cron

for start, crontab, right in (
    ("2026-11-30 10:15", "30 12 * * *", "2026-11-30 12:30"),
    ("2026-11-30 10:15", "0 12 * * *", "2026-11-30 12:00"),
    ("2026-11-30 10:15", "0 8-18/2 * * *", "2026-11-30 12:00"),
    ("2026-11-30 10:15", "0 0 1 12 *", "2026-12-01 00:00"),
    ("2026-11-03 10:15", "0 11 5 * *", "2026-11-05 11:00"),
    ("2026-11-03 10:15", "0 3 5 * *", "2026-11-05 03:00"),
):
    after = calendar.timegm(time.strptime(start, "%Y-%m-%d %H:%M"))
    found = time.strftime("%Y-%m-%d %H:%M", time.gmtime(Cron(crontab).next_run(after)))
    print(f"{crontab} after {start}: {right}, it says {found}")
PY
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
