#!/usr/bin/env bash
# node-dns-sd 1.0.1 (npm) ignores multicast DNS messages because of bits that are to be ignored.
#
# Expected: TC, RD, RA, AD and CD are ignored where a multicast answer is read, and RD is only asked to be zero (RFC
# 6762, sections 18.5 to 18.10). An OPT record without options is a record with no data (RFC 6891, section 6.1.2).
# Seen: with one of these bits, or such an OPT record, the parser returns null as for a broken message, and the service
# is not found. No error is raised.
# Who meets it: whoever looks for devices in a network where a gateway or another stack answers as a unicast server
# does.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-fund --no-audit --no-package-lock --ignore-scripts \
    node-dns-sd@1.0.1 dns-packet@5.6.1 >&2 || {
    echo "could not install node-dns-sd@1.0.1 dns-packet@5.6.1" >&2
    exit 2
}
run() { node -; }

expected=$(
    cat <<'TEXT'
plain [ 'phone._sip._tcp.local' ]
RD set null
OPT null
TEXT
)
seen=$(
    run <<'JS'
const parser = require("node-dns-sd/lib/dns-sd-parser.js");
const { encode, RECURSION_DESIRED, AUTHORITATIVE_ANSWER } = require("dns-packet");

const answers = [{ type: "PTR", name: "_sip._tcp.local", ttl: 60, data: "phone._sip._tcp.local" }];
const opt = { type: "OPT", name: ".", udpPayloadSize: 1440, flags: 0, options: [] };
for (const [kind, flags, additionals] of [
  ["plain", 0, []],
  ["RD set", RECURSION_DESIRED, []],
  ["OPT", 0, [opt]],
]) {
  const read = parser.parse(encode({ type: "response", flags: AUTHORITATIVE_ANSWER | flags, answers, additionals }));
  console.log(kind, read && read.answers.map(({ rdata }) => rdata));
}
JS
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
