#!/usr/bin/env bash
# pycrontab 0.1.2 runs a job of Mondays on Tuesdays, and "@weekly" on Mondays.
#
# Expected: its description: a "simple crontab". Of crontab(5) it takes the five fields and the names: a day of the week
# is a number from 0, which is Sunday, to 7, which is Sunday as well; "@weekly" is "0 0 * * 0". Where a day of the month
# and one of the week are both given, either is enough.
# Seen: 0 is Monday, so all weekdays are a day late, and 7 is no day, without an error. A job of both runs on days that
# fit both.
# Who meets it: whoever plans with it when phones may restart for an update.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-deps \
    pycrontab==0.1.2 \
    data-process==0.4.0 \
    PyYAML==6.0.4 || {
    echo "could not install the packages" >&2
    exit 2
}
run() { venv/bin/python -; }

expected=$(
    cat <<'TEXT'
0 0 * * 0: Mon 30 Nov, Mon 07 Dec
@weekly: Mon 30 Nov, Mon 07 Dec
0 0 * * 1: Tue 01 Dec, Tue 08 Dec
0 0 * * 5: Sat 05 Dec, Sat 12 Dec
0 0 * * 7: never
0 0 1 * *: Tue 01 Dec
0 0 1 * 5: never
TEXT
)
seen=$(
    run <<'PY'
import datetime

from pycrontab.event import Event
from pycrontab.parser import parse_cron

MONDAY = datetime.datetime(2026, 11, 30)
for crontab in ("0 0 * * 0", "@weekly", "0 0 * * 1", "0 0 * * 5", "0 0 * * 7", "0 0 1 * *", "0 0 1 * 5"):
    job = Event(print, *parse_cron(crontab))
    days = [MONDAY + datetime.timedelta(days=each) for each in range(14)]
    print(f"{crontab}:", ", ".join(f"{day:%a %d %b}" for day in days if job.match_time(day)) or "never")
PY
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
