#!/usr/bin/env bash
# syslog2cef 0.3.3 dates old messages months ahead.
#
# Expected: RFC 3164, section 4.1.2: the time of a message has no year. A message has been written when it is read: the
# latest such day that is past is the one meant, with some hours for a clock that is ahead.
# Seen: the nearest day is taken, past or not, so a message of 200 days ago is dated some 165 days ahead of the time at
# which it is read. One of 100 days ago is right.
# Who meets it: whoever turns the old log of a server into events to compare it with what phones did then.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv >&2 && venv/bin/pip install --quiet --no-deps syslog2cef==0.3.3 >&2 || {
    echo "could not install syslog2cef==0.3.3" >&2
    exit 2
}
run() { venv/bin/python -; }

expected=$(
    cat <<'TEXT'
1 days ago: dated right
100 days ago: dated right
170 days ago: dated right
200 days ago: dated ahead
300 days ago: dated ahead
360 days ago: dated ahead
TEXT
)
seen=$(
    run <<'PY'
import re
from datetime import datetime, timedelta, timezone

from syslogcef import convert_line

now = datetime.now(timezone.utc)
for days in (1, 100, 170, 200, 300, 360):
    then = now - timedelta(days)
    event = convert_line(f"<166>{then:%b} {then.day:2} 10:11:12 cx700 lync: request failed")
    read = datetime.fromtimestamp(int(re.search(r"rt=(\d+)", event)[1]) / 1000, timezone.utc)
    print(f"{days} days ago: dated", "ahead" if read > now + timedelta(1) else "right")
PY
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
