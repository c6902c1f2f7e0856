#!/usr/bin/env bash
# tls-parser 2.0.2 asks for more data, for ever, where a handshake message goes on in the next record.
#
# Expected: messages of one kind may be put together in a record or go over several (RFC 5246, section 6.2.1), as
# servers do with a long chain or a negotiated length (RFC 6066, section 4). All three records are there.
# Seen: NotEnoughData, whether all of the flight is given or the first record alone. In one record it is read well.
# Who meets it: whoever reads from it what a server's handshake says, and waits for more as the error says.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-deps \
    tls-parser==2.0.2 || {
    echo "could not install the packages" >&2
    exit 2
}
run() { venv/bin/python -; }

expected=$(
    cat <<'TEXT'
1 record: SERVER_HELLO 38, CERTIFICATE 206, SERVER_DONE 0
3 records: NotEnoughData
TEXT
)
seen=$(
    run <<'PY'
from tls_parser.exceptions import NotEnoughData
from tls_parser.parser import TlsRecordParser


def message(kind, body):
    return bytes([kind]) + len(body).to_bytes(3, "big") + body


def record(data):
    return b"\x16\3\1" + len(data).to_bytes(2, "big") + data


def read(flight):
    while flight:
        found, size = TlsRecordParser.parse_bytes(flight)
        yield from (f"{part.handshake_type.name} {len(part.handshake_data)}" for part in found.subprotocol_messages)
        flight = flight[size:]


chain = (203).to_bytes(3, "big") + (200).to_bytes(3, "big") + bytes(200)
messages = message(2, b"\3\1" + bytes(32) + b"\0\0\x2f\0") + message(11, chain) + message(14, b"")
for name, flight in (
    ("1 record", record(messages)),
    ("3 records", record(messages[:100]) + record(messages[100:200]) + record(messages[200:])),
):
    try:
        print(f"{name}:", ", ".join(read(flight)))
    except NotEnoughData as error:
        print(f"{name}:", type(error).__name__)
PY
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
