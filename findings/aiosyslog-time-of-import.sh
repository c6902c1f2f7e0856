#!/usr/bin/env bash
# aiosyslog 0.2.1 gives all messages of RFC 3164 one time, and drops a field from all messages of RFC 5424.
#
# Expected: RFC 5424, section 6: the offset from UTC has a sign and a colon, such as -05:00, and behind the message ID
# come the structured data, or "-" for none. RFC 3164, section 4.1.2: a day below 10 has a blank in front, not a zero.
# Seen: in RFC 3164, a message without a time gets the one at which Python loaded the module, however long ago that was.
# In RFC 5424 the structured data are left out, so a reader takes the first word of the text for them, or refuses the
# message; a time that is given is put east of UTC in New York, too, and has no colon. No error is raised.
# Who meets it: whoever reports with it what a check of the phones' path found.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-deps \
    aiosyslog==0.2.1 || {
    echo "could not install the packages" >&2
    exit 2
}
run() { venv/bin/python -; }

expected=$(
    cat <<'TEXT'
RFC 3164: two seconds later the time is the same
<14>Nov 09 07:00:00 pool lync: Phone 7 is registered
RFC 5424: the zone begins with + and has 0 colons; behind the message's ID:
- Phone 7 is registered
TEXT
)
seen=$(
    run <<'PY'
import asyncio
import os
import socket
import time
from datetime import datetime

os.environ["TZ"] = "America/New_York"
time.tzset()
from aiosyslog import SyslogClientRFC3164, SyslogClientRFC5424

PORT = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
PORT.bind(("127.0.0.1", 0))
PORT.settimeout(10)


async def sent(client, **fields):
    await client.log("Phone 7 is registered", program="lync", **fields)
    return PORT.recv(4096).decode()


async def main():
    to = *PORT.getsockname(), "udp", False, "pool"
    first = await sent(SyslogClientRFC3164(*to))
    time.sleep(2.2)
    second = await sent(SyslogClientRFC3164(*to))
    print("RFC 3164: two seconds later the time is", "the same" if first == second else "another")
    print((await sent(SyslogClientRFC3164(*to), timestamp=datetime(2026, 11, 9, 7))).rstrip())
    read = (await sent(SyslogClientRFC5424(*to), timestamp=datetime(2026, 11, 29, 7))).split(" ", 6)
    zone = read[1][26:]
    print("RFC 5424: the zone begins with", zone[0], "and has", zone.count(":"), "colons; behind the message's ID:")
    print(read[5], read[6].rstrip())


asyncio.run(main())
PY
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
