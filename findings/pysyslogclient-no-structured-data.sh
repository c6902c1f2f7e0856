#!/usr/bin/env bash
# pysyslogclient 0.1.1 writes RFC 5424 without the field for structured data, so that the text's begin is taken for it.
#
# Expected: RFC 5424, section 6: STRUCTURED-DATA stands between MSGID and MSG, and is "-" where there is none. Section
# 6.2.3: an offset is written with a colon, -03:30 or +01:00. Section 6.2.6: PROCID and the others have no blank.
# Seen: MSGID is followed by the text. A reader finds the first word of the text, or its "[...]", in the place of the
# structured data: it refuses the message, or drops that part. Offsets have no colon and no minutes, are an hour
# too small, and count hours west of UTC as hours east: New York is +1800. With clientname=, nothing can be sent.
# Who meets it: who sends the log of a program to rsyslog or another server with it.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-deps \
    pysyslogclient==0.1.1 || {
    echo "could not install the packages" >&2
    exit 2
}
run() { venv/bin/python -; }

expected=$(
    cat <<'TEXT'
'phone 0004f2aabbcc asks': HOSTNAME host, APP-NAME updates, PROCID 7, MSGID -, STRUCTURED-DATA phone
'[phone=7] asks': HOSTNAME host, APP-NAME updates, PROCID 7, MSGID -, STRUCTURED-DATA [phone=7]
'- not found': HOSTNAME host, APP-NAME updates, PROCID 7, MSGID -, STRUCTURED-DATA -
12:00 in Europe/Berlin (winter +01:00): 2026-11-30T12:00:00.500000+0000
12:00 in America/New_York (winter -05:00): 2026-11-30T12:00:00.500000+1800
12:00 in America/St_Johns (winter -03:30): 2026-11-30T12:00:00.500000+2000
12:00 in Asia/Kolkata (winter +05:30): 2026-11-30T12:00:00.500000+0500
clientname='host': 'SyslogClientRFC5424' object has no attribute 'clientname'
TEXT
)
seen=$(
    run <<'PY'
import datetime
import os
import socket
import statistics
import time

import pysyslogclient

server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
server.bind(("127.0.0.1", 0))
server.settimeout(5)
port = server.getsockname()[1]


def sent(text: str, **fields: object) -> list[str]:
    client = pysyslogclient.SyslogClientRFC5424("127.0.0.1", port)
    client.log(text, hostname="host", program="updates", pid=7, **fields)
    client.close()
    return server.recv(2048).decode().rstrip("\n").split(" ")


names = ("HOSTNAME", "APP-NAME", "PROCID", "MSGID", "STRUCTURED-DATA")
for text in ("phone 0004f2aabbcc asks", "[phone=7] asks", "- not found"):
    words = sent(text)
    print(f"{text!r}: " + ", ".join(f"{name} {word}" for name, word in zip(names, words[2:])))
noon = datetime.datetime(2026, 11, 30, 12, 0, 0, 500000)
for zone in ("Europe/Berlin", "America/New_York", "America/St_Johns", "Asia/Kolkata"):
    os.environ["TZ"] = zone
    time.tzset()
    offset = noon.astimezone().strftime("%z")
    written = statistics.mode(sent("text", timestamp=noon)[1] for _ in range(21))  # as the package reads two clocks
    print(f"12:00 in {zone} (winter {offset[:3]}:{offset[3:]}): {written}")
try:
    pysyslogclient.SyslogClientRFC5424("127.0.0.1", port, clientname="host").log("text")
except AttributeError as error:
    print(f"clientname='host': {error}")
PY
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
