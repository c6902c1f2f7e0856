#!/usr/bin/env bash
# pycef 1.11 leaves escapes in what it gives, and loses a name that has an escaped pipe.
#
# Expected: ArcSight's Common Event Format, "Character Encoding": in the head a pipe and a backslash, in a value an
# equals sign and a backslash have a backslash before them, a line break is \n; a reader removes that.
# Seen: each escape stays in the value, of paths, of queries and of line breaks. A name with an escaped pipe or an
# escaped backslash in it is empty; there is no severity, and the rest of the head is part of the first key.
# Who meets it: whoever searches for a file of Windows or a URL with a query in events that a collector wrote.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv >&2 && venv/bin/pip install --quiet --no-deps pycef==1.11 >&2 || {
    echo "could not install pycef==1.11" >&2
    exit 2
}
run() { venv/bin/python -; }

expected=$(
    cat <<'TEXT'
GET|5|request=/DeviceUpdate/a\=b?c filePath=C:\\new\\logs msg=first\nsecond src=192.0.2.51
    Name: GET
    Severity: 5
    request: /DeviceUpdate/a\=b?c
    filePath: C:\\new\\logs
    msg: first\nsecond
    src: 192.0.2.51
GET \| HEAD|5|src=192.0.2.51
    Name:
    HEAD|5|src: 192.0.2.51
C:\\new\\|5|src=192.0.2.51
    Name:
    C:\\new\\|5|src: 192.0.2.51
C:\\new\\ file|5|src=192.0.2.51
    Name:
    file|5|src: 192.0.2.51
TEXT
)
seen=$(
    run <<'PY'
import pycef

head = r"CEF:0|Microsoft|IIS|10|404"
for rest in (
    r"GET|5|request=/DeviceUpdate/a\=b?c filePath=C:\\new\\logs msg=first\nsecond src=192.0.2.51",
    r"GET \| HEAD|5|src=192.0.2.51",
    r"C:\\new\\|5|src=192.0.2.51",
    r"C:\\new\\ file|5|src=192.0.2.51",
):
    event = pycef.parse(f"{head}|{rest}")
    old = ("CEFVersion", "DeviceVendor", "DeviceProduct", "DeviceVersion", "DeviceEventClassID", "DeviceName")
    print(rest)
    for key, value in event.items():
        if key not in (*old, "DeviceSeverity"):
            print(f"    {key}: {value}".rstrip())
PY
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
