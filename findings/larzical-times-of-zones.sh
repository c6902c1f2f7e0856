#!/usr/bin/env bash
# larzical 0.1.0 moves each time of a zone by the zone's offset when it writes it again, and calls local times UTC.
#
# Expected: RFC 5545, section 3.3.5, form 3: "DTSTART;TZID=America/New_York:19970714T133000" is half past one in New
# York, and form 1 without TZID or Z a time that floats. Section 3.2.8: "cid:..." may stand in a quoted parameter, as
# in the RFC's own example of ALTREP (3.8.1.5); a value begins at the first colon that is in no quotes. Its own
# description: what it writes "round-trips back".
# Seen: a zone is dropped at reading, a datetime gets a "Z" at writing, whatever its own zone is: half past one in New
# York comes back as half past one in UTC. A description with ALTREP begins inside of its parameter. DTSTAMP is that of
# the event's start, and an event of a whole day has none, which section 3.6.1 requires.
# Who meets it: whoever passes on a plan of updates: a phone's update at 03:00 in New York is announced for 23:00.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-deps \
    larzical==0.1.0 || {
    echo "could not install the packages" >&2
    exit 2
}
run() { venv/bin/python -; }

expected=$(
    cat <<'TEXT'
DTSTART:19970714T173000Z
   DTSTAMP:19970714T173000Z
   DTSTART:19970714T173000Z
DTSTART;TZID=America/New_York:19970714T133000
   DTSTAMP:19970714T133000Z
   DTSTART:19970714T133000Z
DTSTART:19970714T133000
   DTSTAMP:19970714T133000Z
   DTSTART:19970714T133000Z
DTSTART;VALUE=DATE:19970714
   DTSTART;VALUE=DATE:19970714
DTSTART:19970714T173000Z
DESCRIPTION;ALTREP="cid:part3.msg.970415T083000@example.com":Project XYZ Review
   DTSTAMP:19970714T173000Z
   DTSTART:19970714T173000Z
   DESCRIPTION:part3.msg.970415T083000@example.com":Project XYZ Review
1997-07-14T13:30:00-04:00 ['DTSTART:19970714T133000Z']
TEXT
)
seen=$(
    run <<'PY'
from datetime import datetime, timedelta, timezone

from larzical import Calendar, Event

TEXT = """BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//Example//EN
BEGIN:VEVENT
UID:1@example.com
DTSTAMP:19970701T000000Z
%s
END:VEVENT
END:VCALENDAR
"""
for line in (
    "DTSTART:19970714T173000Z",
    "DTSTART;TZID=America/New_York:19970714T133000",
    "DTSTART:19970714T133000",
    "DTSTART;VALUE=DATE:19970714",
    'DTSTART:19970714T173000Z\nDESCRIPTION;ALTREP="cid:part3.msg.970415T083000@example.com":Project XYZ Review',
):
    written = Calendar.parse(TEXT % line).to_ical().splitlines()
    print(line)
    for one in written:
        if one.startswith(("DTSTART", "DTSTAMP", "DESCRIPTION")):
            print("  ", one)
start = datetime(1997, 7, 14, 13, 30, tzinfo=timezone(timedelta(hours=-4)))
calendar = Calendar()
calendar.add(Event(summary="Review", start=start))
print(start.isoformat(), [one for one in calendar.to_ical().splitlines() if one.startswith("DTSTART")])
PY
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
