#!/usr/bin/env bash
# parse-multipart-data 1.5.0 (npm) gives a part without a body the boundary for its data.
#
# Expected: a part is its headers, and then perhaps an empty line and octets; without them, the delimiter's own line
# end follows the headers' (RFC 2046, section 5.1.1, body-part and delimiter). Such a part has no data.
# Seen: its data is the beginning of the boundary's line. With one more empty line, so with a body of no octets, it is
# empty. No error is raised.
# Who meets it: whoever takes forms or logs from a client that leaves out the line of an empty field.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-fund --no-audit --no-package-lock --ignore-scripts \
    parse-multipart-data@1.5.0 >&2 || {
    echo "could not install parse-multipart-data@1.5.0" >&2
    exit 2
}
run() { node -; }

expected=$(
    cat <<'TEXT'
an empty body [["comment",""],["model","CX600"]]
no body [["comment","--par"],["model","CX600"]]
TEXT
)
seen=$(
    run <<'JS'
const { parse } = require("parse-multipart-data");

const field = (name, body) => `--part-1\r\nContent-Disposition: form-data; name="${name}"\r\n${body}`;
for (const [kind, body] of [["an empty body", "\r\n\r\n"], ["no body", "\r\n"]]) {
  const form = field("comment", body) + field("model", "\r\nCX600\r\n") + "--part-1--\r\n";
  const read = parse(Buffer.from(form), "part-1").map(({ name, data }) => [name, data.toString()]);
  console.log(kind, JSON.stringify(read));
}
JS
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
