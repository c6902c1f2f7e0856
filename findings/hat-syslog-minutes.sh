#!/usr/bin/env bash
# hat-syslog 0.7.28 moves the time of each message that is not in UTC, and takes the letters BOM for a byte order mark.
#
# Expected: RFC 5424, section 6: TIME-NUMOFFSET is hours, a colon and minutes, TIME-SECFRAC may be left out, and BOM
# stands for the octets EF BB BF. Section 7.2.1: origin has the parameter ip once for each address of the sender.
# Seen: the hours are taken for the minutes as well, so a message from +02:00 is two minutes early and one from -05:00
# five; +05:30 is 25 minutes off. A time without a fraction is a TypeError. The three letters are cut off a text that
# begins so, and are put before each text that it writes; the real mark stays in the text. Of two addresses the last
# one is kept.
# Who meets it: whoever lays the messages of phones and switches beside a capture.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-deps \
    hat-syslog==0.7.28 hat-json==0.6.8 hat-util==0.6.22 jsonschema==4.26.0 jsonschema-specifications==2025.9.1 \
    referencing==0.37.0 rpds-py==2026.9.1 attrs==26.1.0 typing_extensions==4.15.0 PyYAML==6.0.4 tomli_w==1.2.0 || {
    echo "could not install the packages" >&2
    exit 2
}
run() { venv/bin/python -; }

expected=$(
    cat <<'TEXT'
12:00:00.0Z is 12:00:00 UTC
14:00:00.0+02:00 is 11:58:00 UTC
07:00:00.0-05:00 is 11:55:00 UTC
17:30:00.0+05:30 is 12:25:00 UTC
12:00:00Z is a TypeError: 'NoneType' object cannot be interpreted as an integer
'\ufeffregistered' is read as '\ufeffregistered'
and written as '<165>1 - phone-7 lync - - - BOM\ufeffregistered'
'BOM of the order is missing' is read as ' of the order is missing'
and written as '<165>1 - phone-7 lync - - - BOM of the order is missing'
addresses of the sender: {"origin": {"ip": "192.0.2.77"}}
TEXT
)
seen=$(
    run <<'PY'
from datetime import datetime, timezone

from hat.syslog.encoder import msg_from_str, msg_to_str

REST = "phone-7 lync - - - registered"
for stamp in ("12:00:00.0Z", "14:00:00.0+02:00", "07:00:00.0-05:00", "17:30:00.0+05:30", "12:00:00Z"):
    try:
        read = msg_from_str(f"<165>1 2026-11-29T{stamp} {REST}")
        print(stamp, "is", datetime.fromtimestamp(read.timestamp, timezone.utc).strftime("%H:%M:%S"), "UTC")
    except TypeError as error:
        print(stamp, "is a TypeError:", error)
for text in ("\ufeffregistered", "BOM of the order is missing"):
    read = msg_from_str(f"<165>1 - phone-7 lync - - - {text}")
    print(ascii(text), "is read as", ascii(read.msg))
    print("and written as", ascii(msg_to_str(read)))
read = msg_from_str('<165>1 - phone-7 lync - - [origin ip="192.0.2.7" ip="192.0.2.77"] registered')
print("addresses of the sender:", read.data)
PY
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
