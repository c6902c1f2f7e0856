#!/usr/bin/env bash
# lars 1.0 stops reading an IIS log at the place where IIS was restarted.
#
# Expected: IIS goes on in the day's file after a restart or a change of the logged fields, and writes its directives
# anew (#Software, #Version, #Date, #Fields). A reader should go on with the fields last named.
# Seen: IISVersionError says that there is a second #Version directive; the requests after it are not read.
# Who meets it: whoever reads a Lync server's IIS logs of a day on which somebody ran iisreset, often the day in
# question.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-deps \
    lars==1.0 pygeoip==0.3.2 || {
    echo "could not install the packages" >&2
    exit 2
}
run() { venv/bin/python -; }

expected=$(
    cat <<'TEXT'
[200] IISVersionError Line 7: Found a second #Version directive
TEXT
)
seen=$(
    run <<'PY'
from lars import iis

HEAD = """#Software: Microsoft Internet Information Services 8.5
#Version: 1.0
#Date: 2026-01-01 00:00:00
#Fields: date time c-ip cs-method cs-uri-stem sc-status
"""
LINE = "2026-01-01 00:00:01 192.0.2.7 POST /RequestHandler/ucdevice.upx {}\n"
log = (HEAD + LINE.format(200) + HEAD + LINE.format(404)).splitlines(True)
read = []
try:
    with iis.IISSource(log) as source:
        for row in source:
            read.append(row.sc_status)
except iis.IISError as error:
    print(read, type(error).__name__, error)
PY
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
