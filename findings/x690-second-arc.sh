#!/usr/bin/env bash
# x690 1.0.0.post1 (puresnmp) reads the object identifier 2.999.3 as 3.16.55.3.
#
# Expected: ITU-T X.690, section 8.19.4: the first two arcs X and Y are one number, 80 + Y from X = 2 on; in it Y may be
# of any size, in as many octets as it needs. Its own example, section 8.19.5, is {2 999 3}: 06 03 88 37 03.
# Seen: the first octet alone is divided by 40, so there is a root 3, and the rest is taken for an arc of its own.
# It writes no such identifier, with the reason that the first two arcs "are too large". 2.5.4.3 and 1.3.6.1 are right.
# Who meets it: a monitor by SNMP that is given an identifier below joint-iso-itu-t with a second arc above 39: 2.16 of
# companies and 2.25 of UUIDs are right, the arc of examples is not.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-deps \
    x690==1.0.0.post1 t61codec==2.0.0 || {
    echo "could not install the packages" >&2
    exit 2
}
run() { venv/bin/python -; }

expected=$(
    cat <<'TEXT'
1.3.6.1, 06032b0601: read as 1.3.6.1, written as 06032b0601
2.5.4.3, 0603550403: read as 2.5.4.3, written as 0603550403
2.47.3, 06027f03: read as 3.7.3, written as 06027f03
2.48.3, 0603810003: read as 3.9.0.3, written as 06028003
2.999.3, 0603883703: read as 3.16.55.3, not written
TEXT
)
seen=$(
    run <<'PY'
from x690 import decode
from x690.types import ObjectIdentifier

for text, octets in (
    ("1.3.6.1", "06032b0601"),
    ("2.5.4.3", "0603550403"),
    ("2.47.3", "06027f03"),
    ("2.48.3", "0603810003"),
    ("2.999.3", "0603883703"),
):
    read, _ = decode(bytes.fromhex(octets))
    try:
        written = f"written as {bytes(ObjectIdentifier(text)).hex()}"
    except ValueError:
        written = "not written"
    print(f"{text}, {octets}: read as {read.value}, {written}")
PY
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
