#!/usr/bin/env bash
# mdns-js-packet 0.2.0 (npm) takes the end of a TXT record for the beginning of the next record's name.
#
# Expected: a TXT record is strings of 0 to 255 octets each, up to the record's length (RFC 1035, sections 3.3 and
# 3.3.14).
# Seen: the strings are read as the labels of a name. An empty one ends them, so the address behind belongs to
# "second.sip.contoso.com", which no server named. The length of a string of 192 octets and more is taken for a
# compression pointer, which ends in an error or in other text.
# Who meets it: whoever reads answers in which a TXT record stands before others; the keys of DKIM are long strings.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-fund --no-audit --no-package-lock --ignore-scripts \
    mdns-js-packet@0.2.0 dns-packet@5.6.1 >&2 || {
    echo "could not install mdns-js-packet@0.2.0 dns-packet@5.6.1" >&2
    exit 2
}
run() { node -; }

expected=$(
    cat <<'TEXT'
[5,6] [["sip.contoso.com",2],["sip.contoso.com",null]]
[5,0,6] [["sip.contoso.com",1],["second.sip.contoso.com",null]]
[191] [["sip.contoso.com",1],["sip.contoso.com",null]]
[192] "Cannot seek after EOF. N > N"
TEXT
)
seen=$(
    run <<'JS'
const { DNSPacket } = require("mdns-js-packet");
const { encode } = require("dns-packet");

const name = "sip.contoso.com";
for (const strings of [["first", "second"], ["first", "", "second"], ["k".repeat(191)], ["k".repeat(192)]]) {
  const answers = [
    { type: "TXT", name, data: strings },
    { type: "A", name, data: "192.0.2.10" },
  ];
  let read;
  try {
    read = DNSPacket.parse(encode({ type: "response", answers })).answer.map((one) => [one.name, one.data?.length]);
  } catch (error) {
    read = error.message.replace(/\d+/g, "N");
  }
  console.log(JSON.stringify(strings.map((text) => text.length)), JSON.stringify(read));
}
JS
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
