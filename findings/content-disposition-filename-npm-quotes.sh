#!/usr/bin/env bash
# content-disposition-filename 0.0.1 (npm) leaves quotes and further parameters in a file's name.
#
# Expected: RFC 6266, section 4.1: a name is a token or a quoted string, other parameters may follow; names of
# parameters know no case, and blanks may stand around "=" (section 4.1, from RFC 2616). Section 5 gives filename="EURO
# rates" and FILENAME= "an example.html" as examples.
# Seen: all behind "filename=" is the name, to the end of the field: with its quotes, with a size or with filename*.
# FILENAME is not found.
# Who meets it: whoever names a downloaded update by it, since IIS and most servers write quotes.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-fund --no-audit --no-package-lock --ignore-scripts content-disposition-filename@0.0.1 >&2 || {
    echo "could not install content-disposition-filename@0.0.1" >&2
    exit 2
}
run() { node -; }

expected=$(
    cat <<'TEXT'
attachment; filename=UCUpdates.cab
    UCUpdates.cab
attachment; filename="UCUpdates.cab"
    "UCUpdates.cab"
attachment; filename=UCUpdates.cab; size=1024
    UCUpdates.cab; size=1024
attachment; filename="EURO rates"; filename*=utf-8''%e2%82%ac%20rates
    "EURO rates"; filename*=utf-8''%e2%82%ac%20rates
Attachment; FILENAME="an example.html"
    null
TEXT
)
seen=$(
    run <<'JS'
const name = require("content-disposition-filename");

for (const field of [
  "attachment; filename=UCUpdates.cab",
  'attachment; filename="UCUpdates.cab"',
  "attachment; filename=UCUpdates.cab; size=1024",
  "attachment; filename=\"EURO rates\"; filename*=utf-8''%e2%82%ac%20rates",
  'Attachment; FILENAME="an example.html"',
])
  console.log(`${field}\n    ${name(field)}`);
JS
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
