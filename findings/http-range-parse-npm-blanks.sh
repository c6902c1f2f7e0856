#!/usr/bin/env bash
# http-range-parse 1.0.0 (npm) reads the last 1000 octets of an example of RFC 9110 as "from NaN to octet 1000".
#
# Expected: RFC 9110, section 14.1.2: ranges are a list, in which blanks may be around a comma, and elements may be
# empty (section 5.6.1); one of its examples is "bytes= 0-999, 4500-5499, -1000".
# Seen: a blank in front of a suffix makes a first octet that is no number, and of the length of the suffix the last
# octet. A blank behind a range without an end makes a last octet that is no number. A comma at the end is an error.
# Who meets it: a server of firmware that compares with it what a client wants: comparisons with NaN are all false, so
# no check refuses the range, and what is sent is the beginning of a file, or all of it.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-fund --no-audit --no-package-lock --ignore-scripts \
    http-range-parse@1.0.0 >&2 || {
    echo "could not install http-range-parse@1.0.0" >&2
    exit 2
}
run() { node -; }

expected=$(
    cat <<'TEXT'
bytes=0-499: [ { first: 0, last: 499 } ]
bytes=-500: [ { suffix: 500 } ]
bytes=0-0,-1: [ { first: 0, last: 0 }, { suffix: 1 } ]
bytes=0-0, -1: [ { first: 0, last: 0 }, { first: NaN, last: 1 } ]
bytes= 0-999, 4500-5499, -1000: [ { first: 0, last: 999 }, { first: 4500, last: 5499 }, { first: NaN, last: 1000 } ]
bytes=4500- ,0-99: [ { first: 4500, last: NaN }, { first: 0, last: 99 } ]
bytes=0-499,: Error: Invalid Range format
TEXT
)
seen=$(
    run <<'JS'
const parse = require("http-range-parse");

for (const text of [
  "bytes=0-499",
  "bytes=-500",
  "bytes=0-0,-1",
  "bytes=0-0, -1",
  "bytes= 0-999, 4500-5499, -1000",
  "bytes=4500- ,0-99",
  "bytes=0-499,",
]) {
  let seen;
  try {
    const { unit, ...rest } = parse(text);
    seen = require("util").inspect(rest.ranges || [rest], { breakLength: Infinity });
  } catch (error) {
    seen = `${error}`;
  }
  console.log(`${text}: ${seen}`);
}
JS
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
