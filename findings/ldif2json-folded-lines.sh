#!/usr/bin/env bash
# ldif2json 1.0.8 cuts each value at the end of its line, and loses entries with a comma in their name.
#
# Expected: RFC 2849, note 2 of its grammar: a line that begins with a blank goes on with the line before it; ldifde and
# others fold at 76 or 80 characters. No blank need follow the colon, and a value may be empty. RFC 4514, section 2.4: a
# comma with a backslash is a part of a value; RFC 4517, section 4.2.15: names differ by no case.
# Seen: the rest of a folded value is gone, also of a dn. An attribute without a blank behind the colon, or a value, is
# left out. With -n an entry whose name has a comma is in no place of the tree, and one under CN=PHONE is not below
# CN=phone.
# Who meets it: whoever reads with it what Active Directory says of a Lync pool: the names of its objects there are
# longer than a line.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-deps \
    ldif2json==1.0.8 || {
    echo "could not install ldif2json==1.0.8" >&2
    exit 2
}
run() { venv/bin/python -; }

expected=$(
    cat <<'TEXT'
dn = 'CN=pool01,CN=Pools,CN=RTC Service,CN=Services,CN=Configuration,DC=cont'
   description = 'Büro: Berlin'
   url = 'https://pool01.conto'
dn = 'CN=phone'
   note = 'see: the manual'
dn = 'CN=Lab\\, first,CN=phone'
   cn = 'Lab'
dn = 'CN=phone2,CN=PHONE'
   cn = 'phone2'
nested:
   CN=phone
   CN=phone2,CN=PHONE
TEXT
)
seen=$(
    run <<'PY'
import base64
import importlib.util
import pathlib

path = next(pathlib.Path("venv").rglob("ldif2json.py"))
spec = importlib.util.spec_from_file_location("ldif2json", path)
ldif2json = importlib.util.module_from_spec(spec)
spec.loader.exec_module(ldif2json)

LONG = "CN=pool01,CN=Pools,CN=RTC Service,CN=Services,CN=Configuration,DC=contoso,DC=com"
UPDATES = "https://pool01.contoso.com/RequestHandler/ucdevice.upx"
TEXT = f"""dn: {LONG[:70]}
 {LONG[70:]}
description:: {base64.b64encode("Büro: Berlin".encode()).decode()}
url: {UPDATES[:20]}
 {UPDATES[20:]}
empty:

dn: CN=phone
labeledURI:http://pool01.contoso.com/
note: see: the manual

dn: CN=Lab\\, first,CN=phone
cn: Lab

dn: CN=phone2,CN=PHONE
cn: phone2
"""
entries = ldif2json.parse_ldif(TEXT.splitlines(keepends=True), decode_base64=True)
for entry in entries:
    print(*(f"{name} = {value!r}" for name, value in entry.items()), sep="\n   ")


def show(nested, depth=0):
    for entry in nested:
        print("   " * depth + entry["dn"])
        show(entry.get("subEntries", []), depth + 1)


print("nested:")
show(ldif2json.nest_entries(entries[1:]), 1)
PY
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
