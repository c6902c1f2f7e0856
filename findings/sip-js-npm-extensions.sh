#!/usr/bin/env bash
# sip.js 0.21.2 and jssip 3.13.8 (npm) write another URI for a number with an extension than they read.
#
# Expected: RFC 3261, section 25.1: ";" and "=" may stand in the user of a SIP URI as they are. Section 19.1.4: reserved
# characters and their escaped forms are not the same URI. RFC 3966, section 3: ";ext=" sets off an extension; section
# 19.1.6 of RFC 3261 turns tel:+358-555-1234567;postd=pp22 into such a user.
# Seen: both escape ";" and "=", so the user is one name without an extension for a server that compares as the RFC
# says.
# Who meets it: whoever calls a number as Lync writes it, +15551234;ext=5.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-fund --no-audit --no-package-lock --ignore-scripts \
    sip.js@0.21.2 jssip@3.13.8 debug@4.4.3 ms@2.1.3 events@3.3.0 sdp-transform@2.15.0 >&2 || {
    echo "could not install sip.js@0.21.2 jssip@3.13.8 debug@4.4.3 ms@2.1.3 events@3.3.0 sdp-transform@2.15.0" >&2
    exit 2
}
run() { node -; }

expected=$(
    cat <<'TEXT'
read   sip:+15551234@contoso.com;user=phone
sip.js sip:+15551234@contoso.com;user=phone
jssip  sip:+15551234@contoso.com;user=phone
read   sip:cx700@contoso.com;user=phone
sip.js sip:cx700@contoso.com;user=phone
jssip  sip:cx700@contoso.com;user=phone
read   sip:+15551234;ext=5@contoso.com;user=phone
sip.js sip:+15551234%3Bext%3D5@contoso.com;user=phone
jssip  sip:+15551234%3Bext%3D5@contoso.com;user=phone
read   sip:+358-555-1234567;postd=pp22@contoso.com;user=phone
sip.js sip:+358-555-1234567%3Bpostd%3Dpp22@contoso.com;user=phone
jssip  sip:+358-555-1234567%3Bpostd%3Dpp22@contoso.com;user=phone
read   sip:a%20b@contoso.com;user=phone
sip.js sip:a%20b@contoso.com;user=phone
jssip  sip:a%20b@contoso.com;user=phone
TEXT
)
seen=$(
    run <<'JS'
const { Grammar } = require("sip.js");
const { URI } = require("jssip");

for (const user of ["+15551234", "cx700", "+15551234;ext=5", "+358-555-1234567;postd=pp22", "a%20b"]) {
  const uri = `sip:${user}@contoso.com;user=phone`;
  console.log(`read   ${uri}`);
  console.log(`sip.js ${Grammar.URIParse(uri)}`);
  console.log(`jssip  ${URI.parse(uri)}`);
}
JS
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
