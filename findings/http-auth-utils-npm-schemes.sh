#!/usr/bin/env bash
# http-auth-utils 6.0.1 (npm) refuses Basic with a charset, and schemes in small letters.
#
# Expected: RFC 7617, section 2.1: Basic realm="foo", charset="UTF-8" is its example. RFC 9110, section 11.1: the name
# of a scheme knows no case; section 5.6.4: a backslash in a quoted string and the octet behind it stand for that octet.
# Seen: charset is an "unauthorized key", and with it the whole challenge is refused. "basic" is an unknown mechanism,
# in a challenge and in credentials. The backslashes of a realm stay in it, so the answer to Digest is computed with
# them.
# Who meets it: whoever signs in to, or is, a server that offers UTF-8 for names with it.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-fund --no-audit --no-package-lock --ignore-scripts \
    http-auth-utils@6.0.1 yerror@8.0.0 >&2 || {
    echo "could not install http-auth-utils@6.0.1 yerror@8.0.0" >&2
    exit 2
}
run() { node --input-type=module -; }

expected=$(
    cat <<'TEXT'
Basic realm="foo"
    {"realm":"foo"}
Basic realm="foo", charset="UTF-8"
    E_UNAUTHORIZED_KEY
basic realm="foo"
    E_UNKNOWN_AUTH_MECHANISM
Digest realm="The \"lab\"", nonce="c"
    {"realm":"The \\\"lab\\\"","nonce":"c"}
Basic Y3g3MDA6c2VjcmV0
    {"hash":"Y3g3MDA6c2VjcmV0","username":"cx700","password":"secret"}
basic Y3g3MDA6c2VjcmV0
    E_UNKNOWN_AUTH_MECHANISM
TEXT
)
seen=$(
    run <<'JS'
import { parseAuthorizationHeader, parseWWWAuthenticateHeader } from "http-auth-utils";

function show(text, read) {
  let seen;
  try {
    seen = JSON.stringify(read(text).data);
  } catch (error) {
    seen = error.code;
  }
  console.log(`${text}\n    ${seen}`);
}
show('Basic realm="foo"', parseWWWAuthenticateHeader);
show('Basic realm="foo", charset="UTF-8"', parseWWWAuthenticateHeader);
show('basic realm="foo"', parseWWWAuthenticateHeader);
show('Digest realm="The \\"lab\\"", nonce="c"', parseWWWAuthenticateHeader);
show("Basic Y3g3MDA6c2VjcmV0", parseAuthorizationHeader);
show("basic Y3g3MDA6c2VjcmV0", parseAuthorizationHeader);
JS
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
