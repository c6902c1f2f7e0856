#!/usr/bin/env bash
# syslog-rfc5424-parser 0.3.2 keeps one of repeated parameters, and the backslashes of escapes.
#
# Expected: RFC 5424, section 6.3.3: a parameter may be repeated within an element; '"', "\" and "]" in a value have a
# backslash before them, which is not part of it. Section 7.2.2: "ip" of origin is repeated where a host has several
# addresses, and its example is so.
# Seen: of the addresses of a host the last is left. Values have the backslashes of their escapes, so a path of Windows
# has twice as many. Neither is an error.
# Who meets it: whoever looks up the addresses of a phone in what a collector wrote.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv >&2 && venv/bin/pip install --quiet --no-deps syslog-rfc5424-parser==0.3.2 lark==1.3.1 >&2 || {
    echo "could not install syslog-rfc5424-parser==0.3.2 lark==1.3.1" >&2
    exit 2
}
run() { venv/bin/python -; }

expected=$(
    cat <<'TEXT'
[origin ip="192.0.2.1" ip="192.0.2.129"]
    origin ip: 192.0.2.129
[file@32473 path="C:\\new\\logs" name="a \"b\" [c\]"]
    file@32473 path: C:\\new\\logs
    file@32473 name: a \"b\" [c\]
[a@32473 x="1"][b@32473 x="2"]
    a@32473 x: 1
    b@32473 x: 2
TEXT
)
seen=$(
    run <<'PY'
from syslog_rfc5424_parser import SyslogMessage

for data in (
    '[origin ip="192.0.2.1" ip="192.0.2.129"]',
    r'[file@32473 path="C:\\new\\logs" name="a \"b\" [c\]"]',
    '[a@32473 x="1"][b@32473 x="2"]',
):
    message = SyslogMessage.parse(f"<166>1 2026-11-30T10:00:00Z cx700 lync 7 - {data} text")
    print(data)
    for element, parameters in message.sd.items():
        for name, value in parameters.items():
            print(f"    {element} {name}: {value}")
PY
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
