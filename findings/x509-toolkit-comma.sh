#!/usr/bin/env bash
# x509-toolkit 0.0.1 reads no certificate in whose subject or issuer a comma, a plus or an equals sign stands.
#
# Expected: RFC 4514, section 2.4: in the text of a name, a comma or plus that is part of a value has a backslash before
# it, and an equals sign may stand as it is. Section 2.2: "+" joins the attributes of one level.
# Seen: the text is cut at each comma and each part at each equals sign, so "Contoso, Ltd." is an invalid name, and the
# whole certificate a ValueError. Where all goes well, the levels are sorted, and two different names are the same.
# Who meets it: whoever lists with it certificates of servers, among them of a company with a comma in its name.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-deps \
    x509-toolkit==0.0.1 cryptography==50.0.2 cffi==2.1.1 pycparser==3.12 || {
    echo "could not install the packages" >&2
    exit 2
}
run() { venv/bin/python -; }

expected=$(
    cat <<'TEXT'
O=Contoso Ltd. -> o=contoso ltd.
Error normalizing DN: not enough values to unpack (expected 2, got 1)
O=Contoso\, Ltd. -> ValueError
Error normalizing DN: too many values to unpack (expected 2)
O=pool=1 -> ValueError
Error normalizing DN: too many values to unpack (expected 2)
O=Contoso+CN=pool -> ValueError
OU=Sales,OU=Phones -> ou=phones,ou=sales
OU=Phones,OU=Sales -> ou=phones,ou=sales
TEXT
)
seen=$(
    run <<'PY'
import base64
import datetime

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from x509_toolkit.x509_toolkit import parse_x509_certificate

KEY = ec.generate_private_key(ec.SECP256R1())
DATES = datetime.datetime(2026, 1, 1), datetime.datetime(2036, 1, 1)
for text in ("O=Contoso Ltd.", r"O=Contoso\, Ltd.", "O=pool=1", "O=Contoso+CN=pool", "OU=Sales,OU=Phones",
             "OU=Phones,OU=Sales"):
    name = x509.Name.from_rfc4514_string(text)
    made = x509.CertificateBuilder(name, name, KEY.public_key(), 1, *DATES).sign(KEY, hashes.SHA256())
    try:
        read = parse_x509_certificate(base64.b64encode(made.public_bytes(serialization.Encoding.DER)).decode())
        print(text, "->", read["subject_dn"]["normalized"])
    except ValueError:
        print(text, "-> ValueError")
PY
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
