#!/usr/bin/env bash
# x5092json 1.0.3 leaves out limits of an authority's certificate where they are 0, and notices of its policies.
#
# Expected: RFC 5280, section 4.2.1.9: a path length of 0 allows no authority below this one, none at all allows any
# number; section 4.2.1.11: requireExplicitPolicy 0 is from the start; section 4.2.1.4: a policy may have a notice.
# Seen: the JSON of a certificate with path length 0 is that of one without a limit; 1 is given. A policy constraint of
# 0 is left out, too. A notice is null. No error is raised.
# Who meets it: whoever compares with it the internal authorities from which phones get their chain.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-deps \
    x5092json==1.0.3 cryptography==2.5 pyOpenSSL==19.0.0 asn1==3.3.0 asn1crypto==1.5.1 cffi==2.1.1 \
    enum-compat==0.0.3 pycparser==3.12 six==1.17.0 || {
    echo "could not install the packages" >&2
    exit 2
}
run() { venv/bin/python -; }

expected=$(
    cat <<'TEXT'
0: {'ca': True} {}
1: {'ca': True, 'path_length': 1} {'require_explicit_policy': 1}
none: {'ca': True}
the policy's qualifiers: [None]
TEXT
)
seen=$(
    run <<'PY'
import datetime

from cryptography import x509
from cryptography.hazmat.backends import default_backend
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from x5092json import x509parser

KEY = ec.generate_private_key(ec.SECP256R1(), default_backend())
NAME = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "Contoso Issuing CA")])
POLICY = x509.PolicyInformation(x509.ObjectIdentifier("2.999.1"), [x509.UserNotice(None, "For phones only")])


def certificate(*extensions):
    builder = x509.CertificateBuilder(NAME, NAME, KEY.public_key(), 1, *DATES)
    for extension in extensions:
        builder = builder.add_extension(extension, True)
    return builder.sign(KEY, hashes.SHA256(), default_backend())


DATES = datetime.datetime(2026, 1, 1), datetime.datetime(2036, 1, 1)
for limit in (0, 1, None):
    extensions = [x509.BasicConstraints(True, limit)]
    if limit is not None:
        extensions.append(x509.PolicyConstraints(limit, None))
    read = [dict(each["value"]) for each in x509parser.parse(certificate(*extensions))["extensions"]]
    print(f"{'none' if limit is None else limit}:", *read)
read = x509parser.parse(certificate(x509.CertificatePolicies([POLICY])))["extensions"][0]["value"]
print("the policy's qualifiers:", read["policies"][0]["policy_qualifiers"])
PY
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
