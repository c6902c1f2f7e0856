#!/usr/bin/env bash
# local-crontab 0.3.0 takes 09:00 in India for 03:00 UTC, and Monday 00:00 in Rome for Monday 23:00 UTC.
#
# Expected: its description: it converts a crontab of a local time zone into a set of crontabs in UTC. 09:00 in India is
# 03:30 UTC. Monday 00:00 in Rome is Sunday, 23:00 UTC in winter and 22:00 in summer.
# Seen: it converts the hour, the day of the month and the month. The minutes stay, so that all times in India, Nepal
# or Newfoundland are off by a quarter or half an hour. The day of the week stays, so that a job of Monday runs a day
# late or early; and where the month is in parts, a day of the month stands beside it: either of both is enough for
# cron (crontab(5)), so the job of one weekday runs on all days of that part as well.
# Who meets it: whoever plans with it when phones may restart for an update.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-deps \
    local-crontab==0.3.0 \
    cron-converter==2.0.2 \
    python-dateutil==4.0.0 || {
    echo "could not install the packages" >&2
    exit 2
}
run() { venv/bin/python -; }

expected=$(
    cat <<'TEXT'
30 18 * * * in Asia/Tokyo:
  30 9 * * *
0 9 * * * in Asia/Kolkata:
  0 3 * * *
45 5 * * * in Asia/Kathmandu:
  45 23 31 12 *
  45 23 * 1-11 *
  45 23 1-30 12 *
0 0 * * 1 in Europe/Rome:
  0 23 31 12 1
  0 23 * 1-2 1
  0 23 1-28 3 1
  0 22 29-31 3 1
  0 22 * 4-9 1
  0 22 1-24 10 1
  0 23 25-31 10 1
  0 23 * 11 1
  0 23 1-30 12 1
0 20 * * 5 in America/Phoenix:
  0 3 2-31 1 5
  0 3 * 2-12 5
  0 3 1 1 5
TEXT
)
seen=$(
    run <<'PY'
from local_crontab import Converter

for crontab, zone in (
    ("30 18 * * *", "Asia/Tokyo"),
    ("0 9 * * *", "Asia/Kolkata"),
    ("45 5 * * *", "Asia/Kathmandu"),
    ("0 0 * * 1", "Europe/Rome"),
    ("0 20 * * 5", "America/Phoenix"),
):
    print(f"{crontab} in {zone}:", *Converter(crontab, zone, 2026).to_utc_crons(), sep="\n  ")
PY
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
