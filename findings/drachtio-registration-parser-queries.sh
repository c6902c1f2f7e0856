#!/usr/bin/env bash
# drachtio-mw-registration-parser 0.1.2 (npm) refuses a REGISTER that only asks, and takes one of two contacts for both.
#
# Expected: RFC 3261, section 10.2.3: a REGISTER without Contact asks for what is registered. Section 10.2.1.1: who
# names no time leaves it to the registrar. Section 10.3, step 7: each Contact has a time of its own, and 0 removes that
# one only.
# Seen: without a Contact, and with one but without a time, the answer is 400. The time of the first Contact, or where
# it has none the Expires field, is that of the whole request: one that removes a contact and adds another is
# "unregister".
# Who meets it: a registrar that phones sign in to: one that moved to another address is taken for signed out.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-fund --no-audit --no-package-lock --ignore-scripts \
    drachtio-mw-registration-parser@0.1.2 drachtio-sip@0.4.0 debug@4.4.3 ms@2.1.3 merge@2.1.1 only@0.0.2 \
    sip-status@0.1.0 >&2 || {
    echo "could not install the packages" >&2
    exit 2
}
run() { node -; }

expected=$(
    cat <<'TEXT'
Contact: <sip:anna@192.0.2.7>;expires=600: register, 600 seconds, 1 contact(s)
Contact: <sip:anna@192.0.2.7>, Expires: 600: register, 600 seconds, 1 contact(s)
Contact: <sip:anna@192.0.2.7>: answered 400
no Contact: answered 400
Contact: *, Expires: 0: unregister, 0 seconds, 1 contact(s)
Contact: <sip:anna@192.0.2.7>;expires=0, <sip:anna@192.0.2.8>;expires=600: unregister, 0 seconds, 2 contact(s)
Contact: <sip:anna@192.0.2.7>, <sip:anna@192.0.2.8>;expires=0, Expires: 600: register, 600 seconds, 2 contact(s)
TEXT
)
seen=$(
    run <<'JS'
const parser = require("drachtio-mw-registration-parser");
const { SipMessage } = require("drachtio-sip");

const HEAD = [
  "REGISTER sip:contoso.com SIP/2.0",
  "Via: SIP/2.0/TCP 192.0.2.7:5060;branch=z9hG4bK1",
  "From: <sip:anna@contoso.com>;tag=1",
  "To: <sip:anna@contoso.com>",
  "Call-ID: 1@192.0.2.7",
  "CSeq: 1 REGISTER",
];
for (const fields of [
  ["Contact: <sip:anna@192.0.2.7>;expires=600"],
  ["Contact: <sip:anna@192.0.2.7>", "Expires: 600"],
  ["Contact: <sip:anna@192.0.2.7>"],
  [],
  ["Contact: *", "Expires: 0"],
  ["Contact: <sip:anna@192.0.2.7>;expires=0, <sip:anna@192.0.2.8>;expires=600"],
  ["Contact: <sip:anna@192.0.2.7>, <sip:anna@192.0.2.8>;expires=0", "Expires: 600"],
]) {
  const request = new SipMessage([...HEAD, ...fields, "Content-Length: 0", "", ""].join("\r\n"));
  let seen;
  try {
    parser(request, { send: (status) => (seen = `answered ${status}`) }, () => {
      const { type, expires, contact } = request.registration;
      seen = `${type}, ${expires} seconds, ${contact.length} contact(s)`;
    });
  } catch (error) {
    seen = error.name;
  }
  console.log(`${fields.join(", ") || "no Contact"}: ${seen}`);
}
JS
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
