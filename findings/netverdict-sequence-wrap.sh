#!/usr/bin/env bash
# netverdict 0.9.0 loses a DNS answer over TCP whose sequence numbers go past 2**32.
#
# Expected: sequence numbers are counted modulo 2**32, so 0 follows 4294967295 (RFC 9293, section 3.4). Where a
# connection starts is random, so any stretch of data may go past the end.
# Seen: the segments of a stream are sorted by number. The part behind the wrap comes first, the one before it is a
# hole, and the answer is gone; the same answer with other numbers is read. No error is raised.
# Who meets it: whoever looks with it for why a name is not found, where answers are long enough for TCP.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-deps \
    netverdict==0.9.0 dpkt==1.9.8 || {
    echo "could not install the packages" >&2
    exit 2
}
run() { venv/bin/python -; }

expected=$(
    cat <<'TEXT'
from 1000: [('ucupdates-r2.contoso.com', ['192.0.2.10'])]
from 4294967276: [(None, [])]
TEXT
)
seen=$(
    run <<'PY'
import struct

from netverdict.dns import parse_dns_over_tcp, reassemble_stream

NAME = b"\x0cucupdates-r2\x07contoso\x03com\x00"
ANSWER = b"\xc0\x0c" + struct.pack("!HHIH", 1, 1, 60, 4) + bytes([192, 0, 2, 10])
message = struct.pack("!6H", 7, 0x8180, 1, 1, 0, 0) + NAME + struct.pack("!HH", 1, 1) + ANSWER
data = struct.pack("!H", len(message)) + message
for first in (1000, 2**32 - 20):
    segments = [((first + at) % 2**32, data[at : at + 20]) for at in range(0, len(data), 20)]
    stream, whole = reassemble_stream(segments)
    read = parse_dns_over_tcp(0.0, "192.0.2.1", "192.0.2.7", 53, 40000, stream, whole)
    print(f"from {first}:", [(one.qname, one.answers) for one in read])
PY
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
