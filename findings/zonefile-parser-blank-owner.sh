#!/usr/bin/env bash
# zonefile-parser 0.1.20 gives a name's second record to the zone itself where the zone states its $ORIGIN.
#
# Expected: a record whose line begins with a blank belongs to the last owner that was stated (RFC 1035, section 5.1),
# so the second address below is one of ucupdates-r2's; BIND and dnspython read it so.
# Seen: with $ORIGIN, only "@" is kept as the last owner: the address goes to contoso.com. Without $ORIGIN, and full
# names, it goes where it should. No error is raised.
# Who meets it: whoever checks from a zone file whether the server's name has all of its addresses.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-deps \
    zonefile-parser==0.1.20 || {
    echo "could not install the packages" >&2
    exit 2
}
run() { venv/bin/python -; }

expected=$(
    cat <<'TEXT'
with $ORIGIN
   ucupdates-r2.contoso.com. 192.0.2.10
   contoso.com. 192.0.2.11
without
   ucupdates-r2.contoso.com. 192.0.2.10
   ucupdates-r2.contoso.com. 192.0.2.11
TEXT
)
seen=$(
    run <<'PY'
import zonefile_parser

SHORT = """$ORIGIN contoso.com.
$TTL 3600
@ IN SOA ns1.contoso.com. admin.contoso.com. 1 7200 900 1209600 3600
@ IN NS ns1.contoso.com.
ucupdates-r2 IN A 192.0.2.10
             IN A 192.0.2.11
"""
FULL = """$TTL 3600
contoso.com. IN SOA ns1.contoso.com. admin.contoso.com. 1 7200 900 1209600 3600
contoso.com. IN NS ns1.contoso.com.
ucupdates-r2.contoso.com. IN A 192.0.2.10
             IN A 192.0.2.11
"""
for name, zone in (("with $ORIGIN", SHORT), ("without", FULL)):
    print(name)
    for record in zonefile_parser.parse(zone):
        if record.rtype == "A":
            print("  ", record.name, record.rdata["value"])
PY
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
