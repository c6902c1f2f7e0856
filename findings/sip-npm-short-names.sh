#!/usr/bin/env bash
# sip 0.0.6 (npm) does not say that a body is packed, and reads no SIP address that has an IPv6 address.
#
# Expected: RFC 3261, sections 7.3.3 and 20.12: the short name "e" is Content-Encoding. Section 25.1: a host may be an
# IPv6 address in brackets, and schemes are compared without case (RFC 3986, section 3.1).
# Seen: the field named "e" is given as contact-encoding, as no field is called. parseUri gives nothing for an address
# with brackets or with "SIP:", and the host of such a Via is "[2001".
# Who meets it: whoever watches with it the sign-in of phones, whose messages may have short names to fit in one packet.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-fund --no-audit --no-package-lock --ignore-scripts \
    sip@0.0.6 ws@6.2.4 >&2 || {
    echo "could not install sip@0.0.6" >&2
    exit 2
}
run() { node -; }

expected=$(
    cat <<'TEXT'
Content-Encoding: gzip -> content-encoding
e: gzip -> contact-encoding
c: text/plain -> content-type
Via: 192.0.2.7 5062
Via: [2001 null
sip:alice@192.0.2.7:5060 -> 192.0.2.7 5060
sip:alice@[2001:db8::7]:5060 -> nothing
SIP:alice@192.0.2.7:5060 -> nothing
TEXT
)
seen=$(
    run <<'JS'
const sip = require("sip");

const message = (...fields) => sip.parse(["NOTIFY sip:alice@contoso.com SIP/2.0", ...fields, "", ""].join("\r\n"));

for (const field of ["Content-Encoding: gzip", "e: gzip", "c: text/plain"]) {
  console.log(field, "->", Object.keys(message(field).headers).join());
}
for (const host of ["192.0.2.7", "[2001:db8::7]"]) {
  const [via] = message(`v: SIP/2.0/UDP ${host}:5062;branch=z9hG4bK776`).headers.via;
  console.log("Via:", via.host, via.port ?? null);
}
for (const address of ["sip:alice@192.0.2.7:5060", "sip:alice@[2001:db8::7]:5060", "SIP:alice@192.0.2.7:5060"]) {
  const read = sip.parseUri(address);
  console.log(address, "->", read ? `${read.host} ${read.port}` : "nothing");
}
JS
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
