#!/usr/bin/env bash
# set-cookie-serde 1.0.0 (npm) refuses the cookie with which a server removes one, and a value with a percent sign.
#
# Expected: RFC 6265, section 5.2: a value may be empty, and is taken as it stands; section 3.1 has the example of a
# server that removes a cookie with "lang=; Expires=..." in the past. An attribute that cannot be read is ignored
# (5.2.1, 5.2.2), an empty Path is the default one (5.2.4), and a Path ends at the next semicolon.
# Seen: an empty value, an empty Path, a Max-Age that is no number and a value behind Secure are errors, so that the
# whole cookie is lost. "50%" is an error as well, as each value is read as percent-encoded. A Path ends at "=". Blanks
# around a name stay.
# Who meets it: a client that signs out at the web pages of a gateway or phone: the call ends with an error, and the old
# cookie is sent on.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-fund --no-audit --no-package-lock --ignore-scripts \
    set-cookie-serde@1.0.0 >&2 || {
    echo "could not install set-cookie-serde@1.0.0" >&2
    exit 2
}
run() { node -; }

expected=$(
    cat <<'TEXT'
sid=1; Path=/; HttpOnly:
   {"sid":"1"} {"path":"/","httpOnly":true}
sid=; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Path=/:
   Error: Invalid value
rate=50%; Path=/:
   URIError: URI malformed
sid=1; Path=/phones/a=1/logs:
   {"sid":"1"} {"path":"/phones/a"}
sid=1; Path=:
   Error: Invalid Path field
sid=1; Max-Age=soon:
   Error: Invalid Max-Age field
sid = 1 ; Path=/:
   {"sid ":" 1 "} {"path":"/"}
sid=1; Secure=1:
   Error: Invalid Secure field
TEXT
)
seen=$(
    run <<'JS'
const SetCookie = require("set-cookie-serde");

for (const text of [
  "sid=1; Path=/; HttpOnly",
  "sid=; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Path=/",
  "rate=50%; Path=/",
  "sid=1; Path=/phones/a=1/logs",
  "sid=1; Path=",
  "sid=1; Max-Age=soon",
  "sid = 1 ; Path=/",
  "sid=1; Secure=1",
]) {
  try {
    const { data, meta } = new SetCookie(text);
    const kept = Object.entries(meta).filter(([, value]) => value !== undefined);
    console.log(`${text}:\n  `, JSON.stringify(data), JSON.stringify(Object.fromEntries(kept)));
  } catch (error) {
    console.log(`${text}:\n   ${error}`);
  }
}
JS
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
