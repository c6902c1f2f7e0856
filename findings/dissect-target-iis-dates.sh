#!/usr/bin/env bash
# dissect.target 3.25.1 gives no time at all to the requests of an IIS log that has its date in #Date only.
#
# Expected: "date" is one of the fields that an administrator may leave out; #Date then says which day it is, and comes
# again where the log goes on (W3C, Extended Log File Format, directives). The time is UTC.
# Seen: all lines with "#" but #Fields are skipped. Without the field "date" each request's time is none, although the
# hour, the minute and the second are in its line. The same log with the field is read. No warning is given.
# Who meets it: whoever lays the requests of phones beside a capture or another log with this tool.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-deps \
    dissect.target==3.25.1 dissect.cstruct==4.7 dissect.database==1.1 dissect.eventlog==3.11 \
    dissect.evidence==3.13 dissect.hypervisor==3.21 dissect.ntfs==3.16 dissect.regf==3.14 \
    dissect.util==3.25.dev10 dissect.volume==3.18 flow.record==3.21 msgpack==1.2.4 \
    defusedxml==0.7.1 structlog==26.1.0 || {
    echo "could not install the packages" >&2
    exit 2
}
run() { venv/bin/python -; }

expected=$(
    cat <<'TEXT'
date time: 2026-11-28 10:00:01+00:00 10.0.0.71 /update
time: None 10.0.0.71 /update
TEXT
)
seen=$(
    run <<'PY'
from pathlib import Path

from dissect.target import Target

log = Path("u_ex261128.log")
for fields, values in (("date time", "2026-11-28 10:00:01"), ("time", "10:00:01")):
    log.write_text(
        "#Software: Microsoft Internet Information Services 8.5\n#Version: 1.0\n#Date: 2026-11-28 10:00:00\n"
        f"#Fields: {fields} cs-method cs-uri-stem c-ip sc-status\n{values} POST /update 10.0.0.71 200\n"
    )
    for request in Target.open_direct([log]).iis.logs():
        print(f"{fields}: {request.ts} {request.client_ip} {request.request_path}")
PY
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
