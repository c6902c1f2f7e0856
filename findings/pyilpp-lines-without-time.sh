#!/usr/bin/env bash
# pyilpp 0.1.0 finds no point at all where lines have no time, and drops backslashes.
#
# Expected: InfluxDB's reference of the line protocol: the time is optional, points are separated by a line feed. In a
# text, a backslash stands before a quotation mark or another one; "all other backslash characters" are themselves, and
# so are blanks at a text's begin. Its own example of two lines has no time.
# Seen: two lines without a time give an empty list, and one without a time behind one with it is dropped, with all that
# follows. C:\new is "C:new", in tags and in texts. " on hold" loses its first blank. No error is raised.
# Who meets it: whoever reads with it what plugins of Telegraf and the like print, which leave the time to the reader.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-deps \
    pyilpp==0.1.0 pyparsing==3.3.3 || {
    echo "could not install the packages" >&2
    exit 2
}
run() { venv/bin/python -; }

expected=$(
    cat <<'TEXT'
one line, time: [{'calls': 1}]
one line, no time: [{'calls': 1}]
two lines, times: [{'calls': 1}, {'calls': 2}]
two lines, no time: []
three lines, the second without: [{'calls': 1}]
a folder as a text: [{'folder': 'C:new'}]
a folder as a tag: [{'folder': 'C:new', 'calls': 1}]
blanks: [{'state': 'on hold '}]
TEXT
)
seen=$(
    run <<'PY'
from pyilpp import parse


def show(title, text):
    print(f"{title}:", [{**point["tags"], **point["fields"]} for point in parse(text)])


show("one line, time", "phone calls=1i 1764410400")
show("one line, no time", "phone calls=1i")
show("two lines, times", "phone calls=1i 1764410400\nphone calls=2i 1764410401")
show("two lines, no time", "phone calls=1i\nphone calls=2i")
show("three lines, the second without", "phone calls=1i 1764410400\nphone calls=2i\nphone calls=3i 1764410402")
show("a folder as a text", r'phone folder="C:\new" 1764410400')
show("a folder as a tag", r"phone,folder=C:\new calls=1i 1764410400")
show("blanks", 'phone state=" on hold " 1764410400')
PY
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
