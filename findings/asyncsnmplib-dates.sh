#!/usr/bin/env bash
# asyncsnmplib 1.0.11 takes 10:00 in New York for 05:00 GMT, and another time for it where it runs in another zone.
#
# Expected: RFC 2579, DateAndTime: octets 1 to 8 are a local time, octet 9 is "+" or "-", the direction from UTC, and
# 10 and 11 are the hours and minutes. 10:00 -5:00 is 15:00 GMT, whoever reads it.
# Seen: the offset is always taken away: it asks only whether the octet of the sign is zero, which neither sign is. West
# of Greenwich, times are wrong by twice the offset. The local time is read as one of the zone in which the program
# runs, and the offset comes on top of that: only with TZ=UTC are times east of Greenwich right.
# Who meets it: whoever compares hrSystemDate of a server, or of a printer or phone, with the right time.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-deps \
    asyncsnmplib==1.0.11 pycryptodome==4.4.0 || {
    echo "could not install the packages" >&2
    exit 2
}
run() { venv/bin/python -; }

expected=$(
    cat <<'TEXT'
2026-11-30,10:00:00.0,+0:0, read in UTC0: 10:00 GMT
2026-11-30,10:00:00.0,+5:30, read in UTC0: 04:30 GMT
2026-11-30,10:00:00.0,-5:0, read in UTC0: 05:00 GMT
2026-11-30,10:00:00.0,-3:30, read in UTC0: 06:30 GMT
2026-11-30,10:00:00.0,+1:0, read in CET-1: 08:00 GMT
2026-11-30,10:00:00.0,-5:0, read in EST5: 10:00 GMT
TEXT
)
seen=$(
    run <<'PY'
import os
import time

from asyncsnmplib.mib.syntax_funs import DateAndTime

for sign, hours, minutes, zone in (
    ("+", 0, 0, "UTC0"),
    ("+", 5, 30, "UTC0"),
    ("-", 5, 0, "UTC0"),
    ("-", 3, 30, "UTC0"),
    ("+", 1, 0, "CET-1"),
    ("-", 5, 0, "EST5"),
):
    os.environ["TZ"] = zone
    time.tzset()
    octets = (2026).to_bytes(2, "big") + bytes([11, 30, 10, 0, 0, 0, ord(sign), hours, minutes])
    moment = time.strftime("%H:%M", time.gmtime(DateAndTime(octets)))
    print(f"2026-11-30,10:00:00.0,{sign}{hours}:{minutes}, read in {zone}: {moment} GMT")
PY
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
