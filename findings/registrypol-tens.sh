#!/usr/bin/env bash
# registrypol 1.0.1 loses each setting of a group policy that holds the number 10, and cuts a list at "[" and "]".
#
# Expected: [MS-GPREG], section 2.2.1: a Registry.pol file holds entries of "[", key, ";", value, ";", type, ";", size,
# ";", data and "]", where size says how many octets of data there are. It is what a reader goes by.
# Seen: entries are looked for as text between "[" and "]", on one line: a number of 10, or of 2560, whose octets hold
# 0a, is no entry; neither is one whose type, size or text has that octet. Data with a "]" in it ends there, though the
# size beside it says more. Nothing says so, and what is written again lacks the entry.
# Who meets it: who reads which port, timeout or URL a policy sets for Lync: a timeout of 10 seconds is not there.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-deps \
    registrypol==1.0.1 || {
    echo "could not install the packages" >&2
    exit 2
}
run() { venv/bin/python -; }

expected=$(
    cat <<'TEXT'
in the file: Timeout 4 4
in the file: Retries 4 4
in the file: Server 1 38
in the file: Plain 1 44
read: Retries 4 size 4 octets 4
read: Server 1 size 38 octets 24
read: Plain 1 size 44 octets 44
TEXT
)
seen=$(
    run <<'PY'
import io
import struct

import registrypol

KEY = r"Software\Policies\Microsoft\Communicator"


def wide(text):
    return text.encode("utf-16-le")


def entry(value, kind, data):
    fields = [wide(KEY + "\0"), wide(value + "\0"), struct.pack("<I", kind), struct.pack("<I", len(data)), data]
    return wide("[") + wide(";").join(fields) + wide("]")


given = [
    ("Timeout", 4, struct.pack("<I", 10)),
    ("Retries", 4, struct.pack("<I", 11)),
    ("Server", 1, wide("[2001:db8::5]:5061\0")),
    ("Plain", 1, wide("ucupdates.example.com\0")),
]
policy = registrypol.load(io.BytesIO(b"PReg\1\0\0\0" + b"".join(entry(*one) for one in given)))
for name, kind, data in given:
    print("in the file:", name, kind, len(data))
for one in policy.values:
    print("read:", one.value.rstrip("\0"), one.type, "size", one.size, "octets", len(one.data))
PY
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
