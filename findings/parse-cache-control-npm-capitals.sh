#!/usr/bin/env bash
# parse-cache-control 1.0.1 (npm) knows no Max-Age in capitals, and reads nothing of a field with a comma at its end.
#
# Expected: RFC 9111, section 5.2: names of directives know no case. RFC 9110, section 5.6.1.2: empty elements of a list
# are to be ignored. RFC 9111, section 5.2.2.4: no-cache="Set-Cookie" names a field.
# Seen: Max-Age is given under that name, and as text, where max-age is a number. One comma at the end, or two between,
# make the whole result null. What is quoted comes in small letters.
# Who meets it: whoever keeps answers of servers that write Max-Age, or join fields and leave a comma.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-fund --no-audit --no-package-lock --ignore-scripts parse-cache-control@1.0.1 >&2 || {
    echo "could not install parse-cache-control@1.0.1" >&2
    exit 2
}
run() { node -; }

expected=$(
    cat <<'TEXT'
private, max-age=60: {"private":true,"max-age":60}
Private, Max-Age=60: {"Private":true,"Max-Age":"60"}
max-age="60", no-cache="Set-Cookie": {"max-age":60,"no-cache":"set-cookie"}
private, max-age=60,: null
private,, max-age=60: null
TEXT
)
seen=$(
    run <<'JS'
const parse = require("parse-cache-control");

for (const field of [
  "private, max-age=60",
  "Private, Max-Age=60",
  'max-age="60", no-cache="Set-Cookie"',
  "private, max-age=60,",
  "private,, max-age=60",
])
  console.log(`${field}: ${JSON.stringify(parse(field))}`);
JS
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
