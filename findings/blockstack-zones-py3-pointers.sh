#!/usr/bin/env bash
# blockstack-zones-py3 0.19.1 reads no zone with a PTR record.
#
# Expected: its own list of what is supported has PTR, with a name that is not empty, and one $ORIGIN; with
# ignore_invalid, a line that it cannot read is left out.
# Seen: it keeps the origin as "$origin" and asks for "$ORIGIN", so each PTR record ends with a TypeError, also with
# ignore_invalid. Without such a record, the same zone is read.
# Who meets it: whoever looks in a site's reverse zone with it for the name of a telephone.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-deps \
    blockstack-zones-py3==0.19.1 || {
    echo "could not install the packages" >&2
    exit 2
}
run() { venv/bin/python -; }

expected=$(
    cat <<'TEXT'
without a pointer: ['$origin', '$ttl', 'ns']
with one: TypeError('can only concatenate str (not "NoneType") to str')
with one, invalid lines ignored: TypeError('can only concatenate str (not "NoneType") to str')
TEXT
)
seen=$(
    run <<'PY'
import warnings

warnings.simplefilter("ignore")
from blockstack_zones import parse_zone_file

ZONE = """\
$ORIGIN 2.0.192.in-addr.arpa.
$TTL 3600
@ IN NS ns1.contoso.com.
"""
POINTER = "7 IN PTR phone7.contoso.com.\n"

print("without a pointer:", sorted(parse_zone_file(ZONE)))
for name, options in (("with one", {}), ("with one, invalid lines ignored", {"ignore_invalid": True})):
    try:
        print(f"{name}:", sorted(parse_zone_file(ZONE + POINTER, **options)))
    except Exception as error:
        print(f"{name}: {error!r}")
PY
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
