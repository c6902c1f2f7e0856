#!/usr/bin/env bash
# aws-multipart-parser 0.2.1 (npm) finds no field where a boundary is quoted, and gives part of a head as a file.
#
# Expected: RFC 2046, section 5.1.1: a boundary may stand in quotes, and any parameter may come before it. RFC 7578,
# section 4.3: several parts may have one name, and each is kept. RFC 2045, section 3: fields of a part come in any
# order.
# Seen: all behind the first "=" of the type is taken for the boundary, quotes and other parameters too: fields are
# lost, and the end of the form is part of the file. Of two fields of one name the last is left. Where Content-Type
# comes first, the file begins with the rest of the head. No error is raised.
# Who meets it: whoever takes logs that phones or other programs send by a form.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-fund --no-audit --no-package-lock --ignore-scripts aws-multipart-parser@0.2.1 >&2 || {
    echo "could not install aws-multipart-parser@0.2.1" >&2
    exit 2
}
run() { node -; }

expected=$(
    cat <<'TEXT'
plain: phone cx700, file "all is well"
in quotes: phone undefined, file "all is well\r\n--b"
behind another parameter: phone undefined, file "all is well\r\n--b"
two fields of one name: phone cx700, file "all is well"
type first: phone cx700, file "ntent-Disposition: form-data; name=\"log\"; filename=\"x\"\r\n\r\nall is well"
TEXT
)
seen=$(
    run <<'JS'
const { parse } = require("aws-multipart-parser");

const disposition = 'Content-Disposition: form-data; name="log"; filename="x"';
const field = (value) => ["--b", 'Content-Disposition: form-data; name="phone"', "", value];
const file = (...head) => ["--b", ...head, "", "all is well"];
const usual = file(disposition, "Content-Type: text/plain");
const swapped = file("Content-Type: text/plain", disposition);

function show(what, type, lines) {
  const body = [...lines, "--b--", ""].join("\r\n");
  const { phone, log } = parse({ headers: { "Content-Type": `multipart/form-data; ${type}` }, body }, false);
  console.log(`${what}: phone ${phone}, file ${JSON.stringify(log.content)}`);
}
show("plain", "boundary=b", [...field("cx700"), ...usual]);
show("in quotes", 'boundary="b"', [...field("cx700"), ...usual]);
show("behind another parameter", "charset=utf-8; boundary=b", [...field("cx700"), ...usual]);
show("two fields of one name", "boundary=b", [...field("cx600"), ...field("cx700"), ...usual]);
show("type first", "boundary=b", [...field("cx700"), ...swapped]);
JS
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
