#!/usr/bin/env bash
# x509kit 0.10.0 makes other names of the text of a name, also of the text that it wrote itself.
#
# Expected: a backslash and two hexadecimal digits are one octet of UTF-8, and "+" joins attributes of one level (RFC
# 4514, sections 2.2, 2.4 and 3). A PrintableString has no "*", "@", "&" or "_" (X.680, clause 41.4).
# Seen: M\C3\BCller is MC3BCller. A name with two attributes on a level is written as "CN=phone+OU=lobby" and read as
# one attribute, "phone+OU=lobby". *.contoso.com is a PrintableString. No error is raised.
# Who meets it: whoever makes certificates for a site with it from the names of others.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-deps \
    x509kit==0.10.0 || {
    echo "could not install the packages" >&2
    exit 2
}
run() { venv/bin/python -; }

expected=$(
    cat <<'TEXT'
{'O': 'MC3BCller', 'CN': 'phone'}
CN=phone+OU=lobby is read as {'CN': 'phone+OU=lobby'}
the tag of *.contoso.com is 0x13
TEXT
)
seen=$(
    run <<'PY'
from x509kit.x509 import ASN1, Name

print(Name.from_string(r"CN=phone, O=M\C3\BCller").as_dict())

TWO = bytes.fromhex("301e311c300c0603550403") + b"\x0c\x05phone" + bytes.fromhex("300c060355040b") + b"\x0c\x05lobby"
node, _ = ASN1.parse(TWO)
written = str(Name(node))
print(written, "is read as", Name.from_string(written).as_dict())

star = Name.from_string("CN=*.contoso.com").raw
print("the tag of *.contoso.com is", hex(star[star.index(b"*.contoso.com") - 2]))
PY
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
