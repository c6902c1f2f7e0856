#!/usr/bin/env bash
# isochron 0.1.0 takes the end of a day for its beginning.
#
# Expected: ISO 8601 (2004, section 4.2.3): 24:00 of a day is the same time as 0:00 of the next one. The package names
# "T24:00:00 midnight" among what it supports and isodate refused.
# Seen: 2026-11-30T24:00 is given as 0:00 of the 30th, a day early. An interval of a day that is written so has no
# length, and one of the last hour ends before it begins. No error is raised; 24:00:01 is refused.
# Who meets it: whoever reads with it until when a file is valid or a service is down.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-deps \
    isochron==0.1.0 || {
    echo "could not install the package" >&2
    exit 2
}
run() { venv/bin/python -; }

expected=$(
    cat <<'TEXT'
2026-11-30T23:59:59 -> 2026-11-30 23:59:59
2026-11-30T24:00:00 -> 2026-11-30 00:00:00
2026-12-01T00:00:00 -> 2026-12-01 00:00:00
2026-11-30T00:00/2026-12-01T00:00 -> 24.0 hours
2026-11-30T00:00/2026-11-30T24:00 -> 0.0 hours
2026-11-30T23:00/2026-11-30T24:00 -> -23.0 hours
TEXT
)
seen=$(
    run <<'PY'
from isochron import parse_datetime, parse_interval

for text in ("2026-11-30T23:59:59", "2026-11-30T24:00:00", "2026-12-01T00:00:00"):
    print(text, "->", parse_datetime(text))
for start, end in (("30T00:00", "01T00:00"), ("30T00:00", "30T24:00"), ("30T23:00", "30T24:00")):
    text = f"2026-11-{start}/2026-{12 if end.startswith('01') else 11}-{end}"
    span = parse_interval(text)
    print(text, "->", (span.end - span.start).total_seconds() / 3600, "hours")
PY
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
