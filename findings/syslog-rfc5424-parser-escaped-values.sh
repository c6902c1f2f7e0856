#!/usr/bin/env bash
# syslog-rfc5424-parser 0.3.2 keeps the backslashes of escaped characters, and one of two values of a name.
#
# Expected: RFC 5424, section 6.3.3: in a value of structured data, a quotation mark, a backslash and a closing bracket
# are escaped by a backslash, which is not part of the value; a name may occur more than once in an element, as "ip" of
# "origin" does (7.2.1). Section 6.2.6: PROCID is a text; 6.2.3 and others: "-" says that there is none.
# Seen: the backslashes stay, so the folder C:\new is C:\\new. Of two values the last is kept. The text 0042 becomes the
# number 42. A time or host that is not there is given as "-", a program's identifiers as None.
# Who meets it: whoever reads the messages of a Windows machine or of a host with two addresses by it.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-deps \
    syslog-rfc5424-parser==0.3.2 lark==1.3.1 || {
    echo "could not install the packages" >&2
    exit 2
}
run() { venv/bin/python -; }

expected=$(
    cat <<'TEXT'
origin ip="192.0.2.1": {'ip': '192.0.2.1'}
origin ip="192.0.2.1" ip="192.0.2.129": {'ip': '192.0.2.129'}
file@32473 path="C:\\new": {'path': 'C:\\\\new'}
file@32473 name="the \"1\" [a\]": {'name': 'the \\"1\\" [a\\]'}
PROCID 0042: 42
PROCID none: None, host none: '-', time none: '-'
TEXT
)
seen=$(
    run <<'PY'
from syslog_rfc5424_parser import SyslogMessage

for element in (
    'origin ip="192.0.2.1"',
    'origin ip="192.0.2.1" ip="192.0.2.129"',
    r'file@32473 path="C:\\new"',
    r'file@32473 name="the \"1\" [a\]"',
):
    message = SyslogMessage.parse(f"<13>1 2026-11-30T10:15:00Z phone app - - [{element}] text")
    print(f"{element}: {message.sd[element.split(' ')[0]]}")
print(f"PROCID 0042: {SyslogMessage.parse('<13>1 2026-11-30T10:15:00Z phone app 0042 - - text').procid!r}")
bare = SyslogMessage.parse("<13>1 - - - - - - text")
print(f"PROCID none: {bare.procid!r}, host none: {bare.hostname!r}, time none: {bare.timestamp!r}")
PY
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
