#!/usr/bin/env bash
# www-authenticate 0.6.3 (npm) takes the server's message of NTLM for the name of a parameter, and ends text at \".
#
# Expected: RFC 9110, section 11.3: behind the scheme come parameters, or one value of letters, digits and some marks,
# which may end with "=", as base64 does; or nothing. Section 11.6.1: a field may have several challenges. Section
# 5.6.4: in quotes, a backslash stands before a quotation mark that is part of the text.
# Seen: a message that ends with "==" is a parameter whose value is "="; one without is an error, and so is a scheme
# alone, as IIS offers NTLM. Of two challenges, the second's scheme becomes part of a parameter's name.
# Who meets it: whoever reads with it why a phone or a test of its sign-in was refused.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-fund --no-audit --no-package-lock --ignore-scripts www-authenticate@0.6.3 >&2 || {
    echo "could not install www-authenticate@0.6.3" >&2
    exit 2
}
run() { node -; }

expected=$(
    cat <<'TEXT'
Basic realm="pool01": {"scheme":"Basic","parms":{"realm":"pool01"}}
NTLM: TypeError: Cannot read properties of null (reading '1')
NTLM TlRMTVNTUAACAAAA: {"scheme":"","parms":{},"err":"Unexpected end of www-authenticate value."}
NTLM TlRMTVNTUAACAAAAAA==: {"scheme":"NTLM","parms":{"TlRMTVNTUAACAAAAAA":"="}}
Digest realm="a, b", nonce="x=y": {"scheme":"Digest","parms":{"realm":"a, b","nonce":"x=y"}}
Digest realm="a", nonce="1", Basic realm="b": {"scheme":"Digest","parms":{"realm":"a","nonce":"1","Basic realm":"b"}}
Basic realm="the \"old\" pool": {"scheme":"","parms":{},"err":"Unexpected token (old\\) after the \\\""}
TEXT
)
seen=$(
    run <<'JS'
const { WWW_Authenticate } = require("www-authenticate").parsers;

for (const value of [
  'Basic realm="pool01"',
  "NTLM",
  "NTLM TlRMTVNTUAACAAAA",
  "NTLM TlRMTVNTUAACAAAAAA==",
  'Digest realm="a, b", nonce="x=y"',
  'Digest realm="a", nonce="1", Basic realm="b"',
  'Basic realm="the \\"old\\" pool"',
]) {
  try {
    console.log(`${value}: ${JSON.stringify(new WWW_Authenticate(value))}`);
  } catch (error) {
    console.log(`${value}: ${error.name}: ${error.message}`);
  }
}
JS
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
