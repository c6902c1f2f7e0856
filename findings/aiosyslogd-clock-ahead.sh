#!/usr/bin/env bash
# aiosyslogd 1.5.0 gives messages of a clock that is a second ahead the date of last year.
#
# Expected: the header has no year (RFC 3164, section 4.1.2), so the nearest one counts. Clocks of phones and switches
# are some seconds off, and RFC 5424, section 7.1, has a field for clocks that are not right.
# Seen: each time that is later than the server's own is of last year. A message from 2 seconds ago is of today, and
# one from 2 seconds ahead is a year old. No warning is given.
# Who meets it: whoever looks for the messages of the last hour of a device whose clock is a bit ahead: they are not
# there.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-deps \
    aiosyslogd==1.5.0 loguru==0.7.3 toml==0.10.2 aiosqlite==0.22.1 || {
    echo "could not install the packages" >&2
    exit 2
}
run() { venv/bin/python -; }

expected=$(
    cat <<'TEXT'
-2 seconds: 0 years off
+2 seconds: 1 years off
TEXT
)
seen=$(
    run <<'PY'
import datetime

from aiosyslogd.rfc5424 import convert_rfc3164_to_rfc5424

now = datetime.datetime.now()
for seconds in (-2, 2):
    sent = now + datetime.timedelta(seconds=seconds)
    line = convert_rfc3164_to_rfc5424(sent.strftime("<34>%b %d %H:%M:%S sbs01 app: text"))
    read = datetime.datetime.fromisoformat(line.split()[1])
    print(f"{seconds:+} seconds: {round((sent.astimezone() - read).days / 365)} years off")
PY
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
