#!/usr/bin/env bash
# content-type-parser 1.0.2 (npm) cuts a parameter at a semicolon in quotes, as SOAP has with attachments.
#
# Expected: RFC 9110, section 5.6.4: ";" in a quoted string separates nothing. RFC 2387, section 3.3, and XOP, section
# 4.1: start-info of multipart/related is a text with the type and the parameters of the first part, as WCF writes it.
# Seen: the value ends at the semicolon, with the quotation mark before it, and the rest is another parameter, with a
# name or without. So it is written again, with the wrong quotes.
# Who meets it: whoever reads answers of web services of Windows with attachments (MTOM), or files' names with ";".
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-fund --no-audit --no-package-lock --ignore-scripts content-type-parser@1.0.2 >&2 || {
    echo "could not install content-type-parser@1.0.2" >&2
    exit 2
}
run() { node -; }

expected=$(
    cat <<'TEXT'
text/xml; charset="utf-8"
    written text/xml; charset=utf-8
    charset: utf-8
multipart/related; type="application/xop+xml"; start-info="text/xml"
    written multipart/related; type="application/xop+xml"; start-info="text/xml"
    type: application/xop+xml
    start-info: text/xml
multipart/related; type="application/xop+xml"; start-info="text/xml; charset=utf-8"
    written multipart/related; type="application/xop+xml"; start-info="\"text/xml"; charset="utf-8\""
    type: application/xop+xml
    start-info: "text/xml
    charset: utf-8"
application/octet-stream; name="CX700; 4.0.cab"
    written application/octet-stream; name="\"CX700"; 4.0.cab"
    name: "CX700
    undefined: 4.0.cab"
TEXT
)
seen=$(
    run <<'JS'
const parse = require("content-type-parser");

for (const field of [
  'text/xml; charset="utf-8"',
  'multipart/related; type="application/xop+xml"; start-info="text/xml"',
  'multipart/related; type="application/xop+xml"; start-info="text/xml; charset=utf-8"',
  'application/octet-stream; name="CX700; 4.0.cab"',
]) {
  const type = parse(field);
  console.log(`${field}\n    written ${type}`);
  for (const { key, value } of type.parameterList) console.log(`    ${key}: ${value}`);
}
JS
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
