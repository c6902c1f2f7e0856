#!/usr/bin/env bash
# acmepcap 0.4.0 moves messages by a year where the clock of the session border controller was set back a bit.
#
# Expected: the log's lines have no year, so the nearest one counts. A clock that is more than 0.125 seconds ahead is
# set at once (RFC 5905, section 12: STEPT), so its times go back by a bit, while the log goes on.
# Seen: a line that is a millisecond earlier than the one before it is taken for one of the next year, so all lines in
# front of it are a year too early, and two such lines make two years. No warning is given, nor in the summary.
# Who meets it: whoever looks in the capture that it makes of sipmsg.log why a phone could not sign in, beside captures
# and logs of other hosts.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-deps \
    acmepcap==0.4.0 typing_extensions==4.16.0 || {
    echo "could not install the packages" >&2
    exit 2
}
run() { venv/bin/python -; }

expected=$(
    cat <<'TEXT'
in order: 2026 2026 2026 2026
a millisecond back: 2025 2025 2026 2026
back twice: 2024 2024 2025 2025 2026
TEXT
)
seen=$(
    run <<'PY'
import datetime
import os
import pathlib

from acmepcap import SipMsgLogFile

MESSAGE = (
    "{} On [0:0]192.0.2.10:5060 received from 192.0.2.71:5060\n"
    "OPTIONS sip:192.0.2.10 SIP/2.0\r\nContent-Length: 0\r\n\r\n" + "-" * 40 + "\n"
)
LOGS = {
    "in order": ["09:59:59.998", "10:00:00.001", "10:00:00.002", "10:00:05.000"],
    "a millisecond back": ["09:59:59.998", "10:00:00.002", "10:00:00.001", "10:00:05.000"],
    "back twice": ["09:59:59.998", "10:00:00.002", "10:00:00.001", "10:00:05.000", "10:00:04.800"],
}
log = pathlib.Path("sipmsg.log")
utc = datetime.timezone.utc
for name, times in LOGS.items():
    log.write_text("".join(MESSAGE.format(f"Nov 28 {time}") for time in times))
    written = datetime.datetime(2026, 11, 28, 10, 0, 6, tzinfo=utc).timestamp()
    os.utime(log, (written, written))
    print(f"{name}:", *[datetime.datetime.fromtimestamp(each.seconds, utc).year for each in SipMsgLogFile(log, "UTC")])
PY
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
