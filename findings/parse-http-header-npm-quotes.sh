#!/usr/bin/env bash
# parse-http-header 1.0.1 (npm) splits a field within quoted values, and leaves the quotes.
#
# Expected: RFC 9110, sections 5.6.4 and 5.6.6: the value of a parameter is a token or a quoted string; quotes are not
# part of it, and ";" and "," in it separate nothing. charset="utf-8" and charset=utf-8 are equal (section 8.3.1).
# Seen: the text is split at each ";" and "," first, so a file's name with one is cut, and its rest is a value of its
# own. Quotes stay: charset="utf-8" is not utf-8. Of Digest the first parameter is "Digest realm".
# Who meets it: whoever reads with it the type of an answer of IIS, or the name of a downloaded file.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-fund --no-audit --no-package-lock --ignore-scripts parse-http-header@1.0.1 >&2 || {
    echo "could not install parse-http-header@1.0.1" >&2
    exit 2
}
run() { node -; }

expected=$(
    cat <<'TEXT'
text/xml; charset=utf-8
    {"0":"text/xml","1":{"charset":"utf-8"},"charset":"utf-8"}
text/xml; charset="utf-8"
    {"0":"text/xml","1":{"charset":"\"utf-8\""},"charset":"\"utf-8\""}
attachment; filename="CX700; 4.0.cab"; size=5
    {"0":"attachment","1":{"filename":"\"CX700"},"2":" 4.0.cab\"","3":{"size":"5"},"filename":"\"CX700","size":"5"}
Digest realm="a, b", nonce="c=="
    {"0":{"Digest realm":"\"a"},"1":" b\"","2":" nonce=\"c==\"","Digest realm":"\"a"}
TEXT
)
seen=$(
    run <<'JS'
const parse = require("parse-http-header");

for (const field of [
  "text/xml; charset=utf-8",
  'text/xml; charset="utf-8"',
  'attachment; filename="CX700; 4.0.cab"; size=5',
  'Digest realm="a, b", nonce="c=="',
])
  console.log(`${field}\n    ${JSON.stringify(parse(field))}`);
JS
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
