#!/usr/bin/env bash
# dns-messages 1.0.1 takes "there is no such name" for an answer without an error.
#
# Expected: RFC 1035, section 4.1.1, with RFC 4035, section 3.2: the response code is the last four bits of the flags,
# behind AD and CD.
# Seen: the code is read two bits early. SERVFAIL and NXDOMAIN are no error, REFUSED is a format error, and an answer
# that was authenticated has an error.
# Who meets it: whoever looks with it why a phone does not find a name.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install -q --no-deps \
    dns-messages==1.0.1 >&2 || {
    echo "could not install the packages" >&2
    exit 2
}
run() { venv/bin/python -; }

expected=$(
    cat <<'TEXT'
NOERROR: RCODE.no_error
SERVFAIL: RCODE.no_error
NXDOMAIN: RCODE.no_error
REFUSED: RCODE.format_error
NOERROR, authenticated: RCODE.nx_rr_set
TEXT
)
seen=$(
    run <<'PY'
import struct

from dns_messages import DnsMessage

question = b"\x09ucupdates\x07contoso\x03com\x00" + struct.pack(">HH", 1, 1)
for title, flags in (
    ("NOERROR", 0x8180),
    ("SERVFAIL", 0x8182),
    ("NXDOMAIN", 0x8183),
    ("REFUSED", 0x8185),
    ("NOERROR, authenticated", 0x81A0),
):
    message = DnsMessage.from_bytes(struct.pack(">6H", 1, flags, 1, 0, 0, 0) + question)
    print(f"{title}: {message.rcode}")
PY
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
