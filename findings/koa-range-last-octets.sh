#!/usr/bin/env bash
# koa-range 0.3.0 (npm) refuses to send the end of a file, and says that it sent more than there is.
#
# Expected: RFC 9110, section 14.1.2: bytes=-5 is the last five octets, and an end behind the last octet means the last
# one. Section 14.2: a server ignores a Range field in units that it does not know. Section 14.4: Content-Range has the
# first and the last octet that are sent, and the length of the whole.
# Seen: the last five octets are 416, and so is a unit other than bytes. Of ten octets, bytes=0-19 are said to be
# "0-19/10", and 20 octets are announced.
# Who meets it: whoever serves with it firmware to clients that look at the end of a file first, or ask for it in
# pieces.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-fund --no-audit --no-package-lock --ignore-scripts koa-range@0.3.0 stream-slice@0.1.2 >&2 || {
    echo "could not install koa-range@0.3.0 stream-slice@0.1.2" >&2
    exit 2
}
run() { node --no-deprecation -; }

expected=$(
    cat <<'TEXT'
bytes=0-3: 206 bytes 0-3/10 announced 4: firm
bytes=5-: 206 bytes 5-9/10 announced 5: are 1
bytes=-5: 416 undefined announced undefined: undefined
bytes=0-19: 206 bytes 0-19/10 announced 20: firmware 1
lines=1-2: 416 undefined announced undefined: undefined
TEXT
)
seen=$(
    run <<'JS'
const range = require("koa-range");

async function ask(value) {
  const given = {};
  const context = {
    method: "GET",
    header: { range: value },
    set: (name, text) => (given[name] = text),
    status: 200,
  };
  await range(context, async () => (context.body = Buffer.from("firmware 1")));
  console.log(`${value}: ${context.status} ${given["Content-Range"]} announced ${context.length}: ${context.body}`);
}

(async () => {
  for (const value of ["bytes=0-3", "bytes=5-", "bytes=-5", "bytes=0-19", "lines=1-2"]) await ask(value);
})();
JS
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
