#!/usr/bin/env bash
# pantheon-ical 0.3.1 takes events that are cancelled or leave one free for busy, and an alarm's length for theirs.
#
# Expected: RFC 5545, section 3.8.1.11: STATUS:CANCELLED says that an event was cancelled; section 3.8.2.7:
# TRANSP:TRANSPARENT, that it does not block time, as in its example of an anniversary (3.6.1). Section 3.6.6: DURATION
# in an alarm is the time between its repetitions. Section 3.2: a parameter may stand in quotes, and may then hold a
# colon; section 3.8.2.5: an event may have a DURATION in place of an end.
# Seen: STATUS and TRANSP are not read. A day with an alarm that repeats after nine days is busy for nine days. A zone
# in quotes is dropped, so that the time has none; a start behind a parameter with a colon is no start. A slot with a
# DURATION is free, though parse_ical() of the same package reads it.
# Who meets it: whoever plans an update of phones for a time that a calendar shows as free.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-deps \
    pantheon-ical==0.3.1 || {
    echo "could not install the packages" >&2
    exit 2
}
run() { venv/bin/python -; }

expected=$(
    cat <<'TEXT'
a day: ['2027-07-01 to 2027-07-02']
cancelled: ['2027-07-01 to 2027-07-02']
transparent: ['2027-07-01 to 2027-07-02']
with an alarm: ['2027-07-01 to 2027-07-10']
with a colon in quotes: []
America/New_York: ['2027-07-01T14:00:00-04:00 to 2027-07-01T15:00:00-04:00']
"America/New_York": ['2027-07-01T14:00:00 to 2027-07-01T15:00:00']
with a length: []
TEXT
)
seen=$(
    run <<'PY'
from pantheon_ical import parse_ical, parse_ical_slots


def show(name, read, *lines):
    text = "\r\n".join(("BEGIN:VCALENDAR", "BEGIN:VEVENT", *lines, "END:VEVENT", "END:VCALENDAR", ""))
    print(name + ":", [" to ".join(one.isoformat() for one in span) for span in read(text)])


day = "DTSTART;VALUE=DATE:20270701"
show("a day", parse_ical, day)
show("cancelled", parse_ical, day, "STATUS:CANCELLED")
show("transparent", parse_ical, day, "TRANSP:TRANSPARENT")
alarm = ("BEGIN:VALARM", "ACTION:AUDIO", "TRIGGER:-PT1H", "REPEAT:1", "DURATION:P9D", "END:VALARM")
show("with an alarm", parse_ical, day, *alarm)
show("with a colon in quotes", parse_ical, 'DTSTART;VALUE=DATE;X-NOTE="at: 9":20270701')
for zone in ("America/New_York", '"America/New_York"'):
    ends = ("DTSTART;TZID=" + zone + ":20270701T140000", "DTEND;TZID=" + zone + ":20270701T150000")
    show(zone, parse_ical_slots, *ends)
show("with a length", parse_ical_slots, "DTSTART:20270701T140000Z", "DURATION:PT1H")
PY
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
