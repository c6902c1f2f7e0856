#!/usr/bin/env bash
# bind9-records 1.0.0 writes other records than it read: an address as an unknown type, and two texts as one.
#
# Expected: RFC 1035, section 5.1: the class may stand before the TTL, a text with blanks is in quotation marks, in
# which a backslash makes a quotation mark part of the text, and a line may end with a comment, which begins with ";".
# Section 3.3.14: a TXT record is one or more strings. RFC 1034, section 4.3.3: an owner may begin with "*".
# Seen: with the class first, the TTL is taken for the type, and the type and the address are its data in hexadecimal;
# what it writes of it, it cannot read. Two strings become one with a blank between them, the marks of a text with a
# quotation mark are left out, and a comment becomes part of a target. A wildcard is an invalid record.
# Who meets it: whoever changes with it the zone in which phones look for their server.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-deps \
    bind9-records==1.0.0 netaddr==1.3.0 packaging==26.2 cryptography==50.0.2 cffi==2.1.1 pycparser==3.12 || {
    echo "could not install the packages" >&2
    exit 2
}
run() { venv/bin/python -; }

expected=$(
    cat <<'TEXT'
pool 300 IN A 192.0.2.85 -> pool 300 IN A 192.0.2.85
pool IN 300 A 192.0.2.85 -> pool IN TYPE300 \# 12 41203139322e302e322e3835
pool IN TYPE300 \# 12 41203139322e302e322e3835 -> KeyError 'TYPE300'
pool IN TXT "floor 2" "lobby" -> pool IN TXT "floor 2 lobby"
pool IN TXT "a \"quiet\" place" -> pool IN TXT "a \"quiet\" place"
pool IN TXT "a\"b" -> pool IN TXT a"b
ucupdates-r2 IN CNAME pool ; since 2019 -> ucupdates-r2 IN CNAME pool ; since 2019
* IN A 192.0.2.85 -> ValueError invalid record '* IN A 192.0.2.85'
TEXT
)
seen=$(
    run <<'PY'
from bind9_records import Record

for line in (
    "pool 300 IN A 192.0.2.85",
    "pool IN 300 A 192.0.2.85",
    r"pool IN TYPE300 \# 12 41203139322e302e322e3835",
    'pool IN TXT "floor 2" "lobby"',
    r'pool IN TXT "a \"quiet\" place"',
    r'pool IN TXT "a\"b"',
    "ucupdates-r2 IN CNAME pool ; since 2019",
    "* IN A 192.0.2.85",
):
    try:
        print(line, "->", " ".join(str(Record(line)).split("\t")))
    except (KeyError, ValueError) as error:
        print(line, "->", type(error).__name__, error)
PY
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
