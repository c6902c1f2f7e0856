#!/usr/bin/env bash
# webrtc-stun 3.0.0 (npm) refuses a message with an empty attribute, and the signature of one with an unknown one.
#
# Expected: RFC 5389, section 15: an attribute's length may be zero; RFC 8445, section 16.1: USE-CANDIDATE (0x0025) has
# no value. RFC 5389, section 15.4: MESSAGE-INTEGRITY covers the message as it came, all attributes in front of it.
# Section 15.5: so does FINGERPRINT.
# Seen: loadBuffer() gives false for a message with an attribute of length 0. Attributes that it does not know are
# dropped, and the checks of MESSAGE-INTEGRITY and FINGERPRINT are made over what is left, written again: they fail.
# Who meets it: who answers the connectivity checks of a browser or of a Lync client with it. Each has PRIORITY and
# ICE-CONTROLLING or ICE-CONTROLLED, and the one that chooses the way USE-CANDIDATE: none is valid.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-fund --no-audit --no-package-lock --ignore-scripts \
    webrtc-stun@3.0.0 >&2 || {
    echo "could not install the packages" >&2
    exit 2
}
run() { node -; }

expected=$(
    cat <<'TEXT'
USERNAME: user abcd:efgh, signature right
USERNAME, SOFTWARE: user abcd:efgh, signature right
USERNAME with another key: user abcd:efgh, signature wrong
USERNAME, PRIORITY: user abcd:efgh, signature wrong
USERNAME, PRIORITY, ICE-CONTROLLING: user abcd:efgh, signature wrong
USERNAME, USE-CANDIDATE: not read
USE-CANDIDATE, USERNAME: not read
TEXT
)
seen=$(
    run <<'JS'
const crypto = require("crypto");
const stun = require("webrtc-stun");

console.log = ((print) => (text, ...others) => text.startsWith("[webrtc-stun]") || print(text, ...others))(console.log);
const attribute = (type, value) => {
  const head = Buffer.alloc(4);
  head.writeUInt16BE(type, 0);
  head.writeUInt16BE(value.length, 2);
  return Buffer.concat([head, value, Buffer.alloc((4 - (value.length % 4)) % 4)]);
};
const message = (body, length) => {
  const head = Buffer.alloc(20, 7);
  head.writeUInt16BE(0x0001, 0);
  head.writeUInt16BE(length, 2);
  head.writeUInt32BE(0x2112a442, 4);
  return Buffer.concat([head, body]);
};
const signed = (key, ...attributes) => {
  const body = Buffer.concat(attributes);
  const digest = crypto.createHmac("sha1", key).update(message(body, body.length + 24)).digest();
  const all = Buffer.concat([body, attribute(0x0008, digest)]);
  return message(all, all.length);
};
const check = (what, bytes) => {
  const read = stun.createBlank();
  const loaded = read.loadBuffer(bytes);
  if (!loaded) return console.log(`${what}: not read`);
  const valid = read.isBindingRequest({ integrityKey: "secret" });
  console.log(`${what}: user ${read.getUsernameAttribute().value}, signature ${valid ? "right" : "wrong"}`);
};
const USER = attribute(0x0006, Buffer.from("abcd:efgh"));
const SOFTWARE = attribute(0x8022, Buffer.from("phone"));
const PRIORITY = attribute(0x0024, Buffer.from([0x6e, 0, 0xff, 0xff]));
const CONTROLLING = attribute(0x802a, Buffer.alloc(8, 1));
const USE_CANDIDATE = attribute(0x0025, Buffer.alloc(0));
check("USERNAME", signed("secret", USER));
check("USERNAME, SOFTWARE", signed("secret", USER, SOFTWARE));
check("USERNAME with another key", signed("other", USER));
check("USERNAME, PRIORITY", signed("secret", USER, PRIORITY));
check("USERNAME, PRIORITY, ICE-CONTROLLING", signed("secret", USER, PRIORITY, CONTROLLING));
check("USERNAME, USE-CANDIDATE", signed("secret", USER, USE_CANDIDATE));
check("USE-CANDIDATE, USERNAME", signed("secret", USE_CANDIDATE, USER));
JS
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
