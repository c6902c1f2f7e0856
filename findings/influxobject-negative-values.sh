#!/usr/bin/env bash
# influxobject 0.0.13 makes text of negative and of whole numbers, and writes text so that no InfluxDB takes it.
#
# Expected: InfluxDB's reference of the line protocol: a value is a number, also with a minus or an exponent; a whole
# one ends in "i"; text stands in quotation marks, and may hold blanks and commas. Tags and the time may be left out.
# Seen: -61.5, 12i, 1e3 and true are read as text, and "text" with its quotation marks; text with a blank, and a point
# without tags or time, are errors. Text is written without quotation marks, and the time in seconds, where InfluxDB
# counts nanoseconds if it is told nothing.
# Who meets it: whoever keeps with it what sensors and phones measure, such as a signal's level, which is negative.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-deps \
    influxobject==0.0.13 || {
    echo "could not install the package" >&2
    exit 2
}
run() { venv/bin/python -; }

expected=$(
    cat <<'TEXT'
phone,host=a level=61.5 1764410400
   {'level': 61.5}
phone,host=a level=-61.5 1764410400
   {'level': '-61.5'}
phone,host=a calls=12i 1764410400
   {'calls': '12i'}
phone,host=a level=1e3 1764410400
   {'level': '1e3'}
phone,host=a registered=true 1764410400
   {'registered': 'true'}
phone,host=a state="idle" 1764410400
   {'state': '"idle"'}
phone,host=a state="on hold" 1764410400
   ValueError
phone level=61.5 1764410400
   ValueError
phone,host=a level=61.5
   ValueError
written: phone,host=a state=on hold 1764410400
TEXT
)
seen=$(
    run <<'PY'
from influxobject.influxpoint import InfluxPoint

for line in (
    "phone,host=a level=61.5 1764410400",
    "phone,host=a level=-61.5 1764410400",
    "phone,host=a calls=12i 1764410400",
    "phone,host=a level=1e3 1764410400",
    "phone,host=a registered=true 1764410400",
    'phone,host=a state="idle" 1764410400',
    'phone,host=a state="on hold" 1764410400',
    "phone level=61.5 1764410400",
    "phone,host=a level=61.5",
):
    point = InfluxPoint()
    try:
        point.parse_line_protocol(line)
        seen = point.fields
    except Exception as error:
        seen = type(error).__name__
    print(f"{line}\n   {seen}")

point = InfluxPoint()
point.set_measurement("phone")
point.set_tags({"host": "a"})
point.set_fields({"state": "on hold"})
point.set_timestamp(1764410400)
print("written:", point.to_line_protocol())
PY
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
