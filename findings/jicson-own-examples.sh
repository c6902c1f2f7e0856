#!/usr/bin/env bash
# jicson 1.0.2 cuts the folded lines of RFC 5545's own examples, and keeps the last of several attendees.
#
# Expected: RFC 5545, section 3.1: a long line goes on in the next one after a blank ("DESCRIPTION:This is a lo" with "
# ng description" and "  that exists on a long line."). Section 3.2: a parameter in quotes may hold colons, as in the
# example of ALTREP of 3.8.1.5. Sections 3.8.4.1 and 3.8.5.1: ATTENDEE and EXDATE may stand more than once. Section
# 3.3.11: "\n" and "\," in a text stand for a line break and a comma.
# Seen: the rest of a folded line is dropped, or is a property of its own where it has a colon. A quoted colon ends the
# name. The last of repeated properties is given. Backslashes stay.
# Who meets it: whoever reads from a calendar when and for whom an update of phones is planned.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-deps \
    jicson==1.0.2 || {
    echo "could not install the packages" >&2
    exit 2
}
run() { venv/bin/python -; }

expected=$(
    cat <<'TEXT'
'SUMMARY'
   'This is a lo'
'DESCRIPTION;ALTREP="cid'
   'part3.msg.970415T083000@example.com":Project XYZ Review'
' Meeting will include the following agenda items'
   ' (a) Market Overview'
'ATTENDEE;ROLE=REQ-PARTICIPANT'
   'mailto:jdoe@example.com'
'EXDATE'
   '19970904T130000Z'
'LOCATION'
   'Conference Room - F123\\, Bldg. 002'
TEXT
)
seen=$(
    run <<'PY'
import jicson

TEXT = r"""BEGIN:VCALENDAR
BEGIN:VEVENT
SUMMARY:This is a lo
 ng description
  that exists on a long line.
DESCRIPTION;ALTREP="cid:part3.msg.970415T083000@example.com":Project XYZ Review
 Meeting will include the following agenda items: (a) Market Overview
ATTENDEE;ROLE=REQ-PARTICIPANT:mailto:hcabot@example.com
ATTENDEE;ROLE=REQ-PARTICIPANT:mailto:jdoe@example.com
EXDATE:19970902T130000Z
EXDATE:19970904T130000Z
LOCATION:Conference Room - F123\, Bldg. 002
END:VEVENT
END:VCALENDAR
"""
for name, value in jicson.fromText(TEXT.replace("\n", "\r\n"))["VCALENDAR"][0]["VEVENT"][0].items():
    print(repr(name))
    print("  ", repr(value))
PY
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
