#!/usr/bin/env bash
# influx-line 1.0.0 writes backslashes into texts, and none where they belong.
#
# Expected: InfluxDB's reference of the line protocol, "Special characters": in the text of a field, only a quotation
# mark and a backslash get one before them. In a measurement, commas and blanks get one; in tags, "=" too, but no
# quotation mark.
# Seen: blanks, commas and "=" of a text get one, which its readers keep: "on hold" comes back as "on\ hold". A
# backslash gets none, so a text that ends in one does not end, and the line is refused. The measurement's name is
# escaped by set_measure, but not where it is made. A quotation mark in a tag gets one too many.
# Who meets it: whoever writes states, names or Windows paths with it: InfluxDB stores other texts, and says nothing.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-deps \
    influx-line==1.0.0 line-protocol-parser==2.0.1 || {
    echo "could not install the packages" >&2
    exit 2
}
run() { venv/bin/python -; }

expected=$(
    cat <<'TEXT'
phone state="idle"
   ['phone', {}, {'state': 'idle'}]
phone state="on\ hold"
   ['phone', {}, {'state': 'on\\ hold'}]
phone state="a\=1\,\ b\=2"
   ['phone', {}, {'state': 'a\\=1\\,\\ b\\=2'}]
phone state="say\ \"hi\""
   ['phone', {}, {'state': 'say\\ "hi"'}]
phone state="C:\new"
   ['phone', {}, {'state': 'C:\\new'}]
phone state="C:\new\"
   LineFormatError
desk phone calls=1
   LineFormatError
phone,size=3.5\" calls=1
   ['phone', {'size': '3.5\\"'}, {'calls': 1.0}]
TEXT
)
seen=$(
    run <<'PY'
from influx_line import InfluxLine
from line_protocol_parser import LineFormatError, parse_line


def show(line):
    try:
        read = parse_line(str(line))
        read = [read["measurement"], read["tags"], read["fields"]]
    except LineFormatError as error:
        read = type(error).__name__
    print(f"{line}\n   {read}")


for state in ("idle", "on hold", "a=1, b=2", 'say "hi"', r"C:\new", "C:\\new\\"):
    line = InfluxLine("phone")
    line.add_field("state", state)
    show(line)
line = InfluxLine("desk phone")
line.add_field("calls", 1)
show(line)
line = InfluxLine("phone")
line.add_tag("size", '3.5"')
line.add_field("calls", 1)
show(line)
PY
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
