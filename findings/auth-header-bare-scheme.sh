#!/usr/bin/env bash
# auth-header 1.0.0 (npm) reads no challenge of NTLM or Negotiate, and doubles the backslash before a user's name.
#
# Expected: RFC 9110, section 11.6.1: a challenge is a scheme, with or without parameters behind it; several may be in
# one field. RFC 4559, section 4, and MS-NTHT, section 2: the first answer has the scheme alone. RFC 9110, section
# 5.6.4: in a quoted string a backslash and the octet behind it stand for that octet.
# Seen: "NTLM" and "Negotiate" are an invalid scheme, and so are both in one field. A name that is quoted as
# CONTOSO\\phone is given with two backslashes, and one with a backslash is written without a second one.
# Who meets it: whoever asks IIS through it, which offers both schemes, for users of a domain.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-fund --no-audit --no-package-lock --ignore-scripts auth-header@1.0.0 >&2 || {
    echo "could not install auth-header@1.0.0" >&2
    exit 2
}
run() { node --no-deprecation -; }

expected=$(
    cat <<'TEXT'
Basic realm="pool": Basic {"realm":"pool"}
NTLM: Invalid scheme .
Negotiate: Invalid scheme .
Negotiate, NTLM: Invalid scheme Negotiate,.
Digest username="CONTOSO\\phone": Digest {"username":"CONTOSO\\\\phone"}
written: Digest username="CONTOSO\phone"
TEXT
)
seen=$(
    run <<'JS'
const { format, parse } = require("auth-header");

const FIELDS = [
  'Basic realm="pool"',
  "NTLM",
  "Negotiate",
  "Negotiate, NTLM",
  String.raw`Digest username="CONTOSO\\phone"`,
];
for (const field of FIELDS) {
  try {
    const { scheme, params } = parse(field);
    console.log(`${field}: ${scheme} ${JSON.stringify(params)}`);
  } catch (error) {
    console.log(`${field}: ${error.message}.`);
  }
}
console.log("written:", format({ scheme: "Digest", params: { username: String.raw`CONTOSO\phone` } }));
JS
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
