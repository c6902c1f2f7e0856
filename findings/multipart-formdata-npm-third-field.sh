#!/usr/bin/env bash
# multipart-formdata 1.1.0 (npm) puts a line end before a file whose part has a third field, and wants a fixed order.
#
# Expected: a part may have further fields (RFC 7578, sections 4.5 and 4.7), as the Content-Transfer-Encoding of Apache
# HttpClient, in any order (RFC 2045, section 5); an empty line ends them. Behind the semicolons of a disposition there
# may be blanks or not (RFC 2183, section 2).
# Seen: exactly two lines are taken for fields. With a third one, the file begins with the empty line, so it is two
# octets longer. In another order, and without blanks behind the semicolons, the whole form is a TypeError.
# Who meets it: whoever takes firmware or logs with it that a program in Java sends.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-fund --no-audit --no-package-lock --ignore-scripts \
    multipart-formdata@1.1.0 >&2 || {
    echo "could not install multipart-formdata@1.1.0" >&2
    exit 2
}
run() { node -; }

expected=$(
    cat <<'TEXT'
two fields: log phone.log "one\r\ntwo"
three fields: log phone.log "\r\none\r\ntwo"
other order: TypeError
no blanks: TypeError
TEXT
)
seen=$(
    run <<'JS'
const { parse } = require("multipart-formdata");

const DISPOSITION = 'Content-Disposition: form-data; name="log"; filename="phone.log"';
const TYPE = "Content-Type: application/octet-stream";
const PARTS = {
  "two fields": [DISPOSITION, TYPE],
  "three fields": [DISPOSITION, TYPE, "Content-Transfer-Encoding: binary"],
  "other order": [TYPE, DISPOSITION],
  "no blanks": [DISPOSITION.replaceAll("; ", ";"), TYPE],
};
for (const [name, fields] of Object.entries(PARTS)) {
  const body = Buffer.from(["--x", ...fields, "", "one\r\ntwo", "--x--", ""].join("\r\n"));
  let found;
  try {
    found = parse(body, "x").map((part) => `${part.name} ${part.filename} ${JSON.stringify(part.data.toString())}`);
  } catch (error) {
    found = error.constructor.name;
  }
  console.log(`${name}: ${found}`);
}
JS
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
