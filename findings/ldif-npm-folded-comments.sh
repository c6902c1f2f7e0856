#!/usr/bin/env bash
# ldif 0.5.1 (npm) cannot read a comment of two lines or give an empty value, and makes text of a certificate.
#
# Expected: RFC 2849, notes 2 and 3 of its grammar: any line, also a comment, may be folded, and then goes on in the
# next line behind a blank. The value behind a colon may be empty, and what follows two colons is any octets, in base64.
# Seen: the second line of a comment is a syntax error. An empty value is a TypeError when the entry is turned into an
# object. Of a certificate, octets that are no UTF-8 become U+FFFD, unless decoding is turned off. No error is raised.
# Who meets it: whoever looks in an export of a directory for the root certificate that phones fetch from there.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-fund --no-audit --no-package-lock --ignore-scripts ldif@0.5.1 >&2 || {
    echo "could not install ldif@0.5.1" >&2
    exit 2
}
run() { node -; }

expected=$(
    cat <<'TEXT'
plain: cn Contoso%20CA
a folded value: cn Contoso%20CA
a comment: cn Contoso%20CA
a folded comment: SyntaxError: Expected DN, WHITESPACE, entry or version but " " found.
an empty value: TypeError: Cannot read properties of null (reading 'type')
six octets: cACertificate;binary 0%uFFFD%03%0F0%uFFFD
TEXT
)
seen=$(
    run <<'JS'
const ldif = require("ldif");

const files = {
  plain: "dn: CN=Contoso CA\ncn: Contoso CA\n",
  "a folded value": "dn: CN=Contoso CA\ncn: Contoso\n  CA\n",
  "a comment": "# Contoso CA\ndn: CN=Contoso CA\ncn: Contoso CA\n",
  "a folded comment": "# Contoso CA, AIA,\n  Public Key Services\ndn: CN=Contoso CA\ncn: Contoso CA\n",
  "an empty value": "dn: CN=Contoso CA\ncn: Contoso CA\ndescription:\n",
  "six octets": "dn: CN=Contoso CA\ncACertificate;binary:: MIIDDzCC\n",
};
for (const [name, text] of Object.entries(files)) {
  try {
    const values = Object.entries(ldif.parse(text).entries[0].toObject({}).attributes);
    const shown = values.map(([type, value]) => `${type} ${escape(value)}`);
    console.log(`${name}: ${shown.join(", ")}`);
  } catch (error) {
    console.log(`${name}: ${error.name}: ${error.message.slice(0, 60)}`);
  }
}
JS
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
