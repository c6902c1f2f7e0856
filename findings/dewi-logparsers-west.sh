#!/usr/bin/env bash
# dewi-logparsers 2.1.1 reads no line of a log that was written west of Greenwich, or in UTC, or with fractions.
#
# Expected: RFC 3339, section 5.6: an offset is "Z", or has a plus or minus; a second may have a fraction. Its own
# documentation has 1990-12-31T15:59:60-08:00 as an example.
# Seen: ISO8601Parser.parse() gives nothing for these lines, its own example among them, and no error; parse_date(),
# which sorts the files, reads those with a minus.
# Who meets it: whoever counts with it what phones and servers of a site in America said.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-deps \
    dewi-logparsers==2.1.1 || {
    echo "could not install the packages" >&2
    exit 2
}
run() { venv/bin/python -; }

expected=$(
    cat <<'TEXT'
2026-11-29T12:00:00+01:00 is read, sorted
2026-11-29T06:00:00-05:00 is not read, sorted
2026-11-29T11:00:00Z is not read, not sorted
2026-11-29T12:00:00.250+01:00 is not read, not sorted
1990-12-31T15:59:60-08:00 is not read, sorted
TEXT
)
seen=$(
    run <<'PY'
import contextlib
import io

from dewi_logparsers.syslog import ISO8601Parser

parser = ISO8601Parser()
for time in (
    "2026-11-29T12:00:00+01:00",
    "2026-11-29T06:00:00-05:00",
    "2026-11-29T11:00:00Z",
    "2026-11-29T12:00:00.250+01:00",
    "1990-12-31T15:59:60-08:00",
):
    line = f"{time} pool lync[7]: phone 7 is registered"
    read = parser.parse(line)
    with contextlib.redirect_stdout(io.StringIO()):
        dated = parser.parse_date(line)
    print(time, "is read," if read else "is not read,", "sorted" if dated else "not sorted")
PY
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
