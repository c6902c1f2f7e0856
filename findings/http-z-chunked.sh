#!/usr/bin/env bash
# http-z 8.1.1 (npm) refuses each whole chunked body, and reads one that was cut off.
#
# Expected: a chunked body ends with a chunk of size 0 and an empty line, and without them it is incomplete (RFC 9112,
# sections 7.1 and 8). Names of transfer codings are the same in any case (section 7).
# Seen: the chunk of size 0 raises "Incorrect row, expected: NumberEOL". Where it is missing, as after a connection that
# broke, the body is given as if it were whole. Of "Chunked" the sizes stay in the body, without an error.
# Who meets it: whoever checks with it what a web server answers to a phone, whose answers IIS sends in chunks.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-fund --no-audit --no-package-lock --ignore-scripts \
    http-z@8.1.1 >&2 || {
    echo "could not install http-z@8.1.1" >&2
    exit 2
}
run() { node -; }

expected=$(
    cat <<'TEXT'
whole: Incorrect row, expected: NumberEOL
cut off: "ok"
Chunked: "2\r\nok\r\n0"
TEXT
)
seen=$(
    run <<'JS'
const httpZ = require("http-z");

function show(name, coding, body) {
  try {
    const found = httpZ.parse(`HTTP/1.1 200 OK\r\nTransfer-Encoding: ${coding}\r\n\r\n${body}`);
    console.log(name, JSON.stringify(found.body.text));
  } catch (error) {
    console.log(name, error.message);
  }
}

show("whole:", "chunked", "2\r\nok\r\n0\r\n\r\n");
show("cut off:", "chunked", "2\r\nok\r\n");
show("Chunked:", "Chunked", "2\r\nok\r\n0\r\n\r\n");
JS
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
