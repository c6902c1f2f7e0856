#!/usr/bin/env bash
# dateutils 0.4.10 (Debian 12) knows no summer from 2038 on, and so no winter in the south.
#
# Expected: RFC 8536, section 3.3: a file of tzdata ends with the rule for all times behind its last change, and has its
# data in 64 bits, behind those in 32 bits for old programs. date(1) of coreutils 9.1 and Python take the rule.
# Seen: it takes the change before 2038 for the last one: Berlin is an hour short of its time in July, and Sydney, which
# stays in summer, an hour ahead. Nothing says so.
# Who meets it: whoever turns into local time when certificates end, which are for ten and more years in such networks.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
apt-get download -qq \
    dateutils=0.4.10-1 >&2 || {
    echo "could not download the packages" >&2
    exit 2
}
for package in ./*.deb; do dpkg -x "$package" .; done
run() { python3 -; }

expected=$(
    cat <<'TEXT'
2037-07-01T14:00:00+02:00	Europe/Berlin, expected 14:00:00
2038-07-01T13:00:00+01:00	Europe/Berlin, expected 14:00:00
2046-07-01T13:00:00+01:00	Europe/Berlin, expected 14:00:00
2037-07-01T08:00:00-04:00	America/New_York, expected 08:00:00
2038-07-01T07:00:00-05:00	America/New_York, expected 08:00:00
2046-07-01T07:00:00-05:00	America/New_York, expected 08:00:00
2037-07-01T22:00:00+10:00	Australia/Sydney, expected 22:00:00
2038-07-01T23:00:00+11:00	Australia/Sydney, expected 22:00:00
2046-07-01T23:00:00+11:00	Australia/Sydney, expected 22:00:00
TEXT
)
seen=$(
    run <<'PY'
import subprocess
from datetime import datetime
from zoneinfo import ZoneInfo

for zone in ("Europe/Berlin", "America/New_York", "Australia/Sydney"):
    for year in (2037, 2038, 2046):
        day = f"{year}-07-01T12:00:00"
        result = subprocess.run(["usr/bin/dateutils.dzone", zone, day], capture_output=True, text=True, check=True)
        expected = datetime.fromisoformat(f"{day}+00:00").astimezone(ZoneInfo(zone))
        print(f"{result.stdout.strip()}, expected {expected:%H:%M:%S}")
PY
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
