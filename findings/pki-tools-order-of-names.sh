#!/usr/bin/env bash
# pki-tools 2.2.1 gives the domain of a certificate's issuer in an order that changes from run to run.
#
# Expected: RFC 5280, section 4.1.2.4: a name is a sequence, so that its order counts; section 7.1: two names are the
# same where the same parts stand in the same order. Of DC=com, DC=contoso, DC=lab the domain lab.contoso.com is made
# (RFC 2247, section 2).
# Seen: attributes of one type are collected in a set. What is printed, and what of a name is written again, depends on
# the hash seed of the run, and CN stands in front of DC whatever the certificate says. Two names that differ in order
# are equal. An attribute that is not among 15 known ones, such as a street or an email address, vanishes.
# Who meets it: whoever reads with it which Active Directory a pool's certificate authority belongs to, or makes a
# request for the name of an old certificate.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-deps \
    annotated-types==0.8.0 anyio==4.16.0 certifi==2026.10.19.post1 cffi==2.1.1 cryptography==50.0.2 h11==0.16.0 \
    httpcore==1.0.9 httpx==0.28.1 idna==3.20 loguru==0.7.3 pki-tools==2.2.1 pycparser==3.12 pydantic==2.14.4 \
    pydantic_core==2.50.5 pytz==2026.6 PyYAML==6.0.4 typing-inspection==0.4.5 typing_extensions==4.16.0 || {
    echo "could not install the packages" >&2
    exit 2
}
run() { cat >main.py && for seed in 1 2 3; do PYTHONHASHSEED=$seed venv/bin/python main.py "$seed"; done; }

expected=$(
    cat <<'TEXT'
run 1: CN: Contoso CA, DC: contoso,com,lab
   written: DC=lab,DC=com,DC=contoso,CN=Contoso CA, another name
   DC=com,DC=contoso,DC=lab: equal
   CN=pool.contoso.com,STREET=Main Street 1,L=Berlin: CN: pool.contoso.com, LN: Berlin
run 2: CN: Contoso CA, DC: lab,contoso,com
   written: DC=com,DC=contoso,DC=lab,CN=Contoso CA, another name
run 3: CN: Contoso CA, DC: contoso,lab,com
   written: DC=com,DC=lab,DC=contoso,CN=Contoso CA, another name
TEXT
)
seen=$(
    run <<'PY'
import sys

from cryptography import x509
from pki_tools import Name

name = x509.Name.from_rfc4514_string("CN=Contoso CA,DC=lab,DC=contoso,DC=com")
read = Name.from_cryptography(name)
print(f"run {sys.argv[1]}: {read}")
written = Name(**read.model_dump())._to_cryptography()
print(f"   written: {written.rfc4514_string()}, {'the same' if written == name else 'another name'}")
if sys.argv[1] == "1":
    other = x509.Name.from_rfc4514_string("CN=Contoso CA,DC=com,DC=contoso,DC=lab")
    print(f"   DC=com,DC=contoso,DC=lab: {'equal' if Name.from_cryptography(other) == read else 'not equal'}")
    street = x509.Name.from_rfc4514_string("CN=pool.contoso.com,STREET=Main Street 1,L=Berlin")
    print(f"   {street.rfc4514_string()}: {Name.from_cryptography(street)}")
PY
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
