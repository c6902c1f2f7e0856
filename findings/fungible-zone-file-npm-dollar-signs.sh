#!/usr/bin/env bash
# @fungible-systems/zone-file 2.0.0 (npm) writes other texts than it is given, and takes an alias of a for an address.
#
# Expected: RFC 1035, section 5.1: a "$" in a quoted text stands for itself, as does a ";". A record's type stands
# behind its owner, TTL and class; a name of the data may be the same as that of a type. What is written is read again
# as it was.
# Seen: the texts go through String.replace(), for which "$$" and "$&" have a meaning: a "$" gets lost, or the name of
# a place in the template is written into a text. "{srv}" in a text is taken for the place of the SRV records. Reading
# cuts a text at ";". An alias or mail server with the name "a", and a comment behind it, becomes an address.
# Who meets it: who keeps a zone with it: keys of DKIM have ";", SPF and passwords "$".
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-fund --no-audit --no-package-lock --ignore-scripts \
    @fungible-systems/zone-file@2.0.0 >&2 || {
    echo "could not install the packages" >&2
    exit 2
}
run() { node -; }

expected=$(
    cat <<'TEXT'
text "price $$5" and an SRV record are written as:
   @ IN TXT "price $5"
   _sip._tls IN SRV 0 0 5061 pool.example.com.
text "found $& here" and an SRV record are written as:
   @ IN TXT "found {txt} here"
   _sip._tls IN SRV 0 0 5061 pool.example.com.
text "v=spf1 -all" and an SRV record are written as:
   @ IN TXT "v=spf1 -all"
   _sip._tls IN SRV 0 0 5061 pool.example.com.
text "see {srv}" and an SRV record are written as:
   @ IN TXT "see _sip._tls IN SRV 0 0 5061 pool.example.com.
@ IN TXT "v=DKIM1; k=rsa; p=MIGf": {"txt":[{"name":"@","txt":"v=DKIM1"}]}
www IN CNAME a: {"cname":[{"name":"www","alias":"a"}]}
www IN CNAME a ; the first host: {"a":[{"name":"www","ip":"a"}]}
@ IN MX 10 a ; the first host: {"a":[{"name":"@","ip":"a"}]}
@ IN MX 10 aaaa ; the other host: {"aaaa":[{"name":"@","ip":"aaaa"}]}
TEXT
)
seen=$(
    run <<'JS'
const { ZoneFile } = require("@fungible-systems/zone-file");

const SRV = { name: "_sip._tls", priority: 0, weight: 0, port: 5061, target: "pool.example.com." };
const written = (zone) => {
  const lines = String(new ZoneFile({ $origin: "example.com.", ...zone })).split("\n");
  return lines.filter((line) => /\sIN\s+(TXT|SRV|A)/.test(line));
};
for (const txt of ["price $$5", "found $& here", "v=spf1 -all", "see {srv}"]) {
  console.log(`text ${JSON.stringify(txt)} and an SRV record are written as:`);
  for (const line of written({ txt: [{ name: "@", txt }], srv: [SRV] })) {
    console.log(`   ${line.replace(/\s+/g, " ")}`);
  }
}
for (const line of [
  '@ IN TXT "v=DKIM1; k=rsa; p=MIGf"',
  "www IN CNAME a",
  "www IN CNAME a ; the first host",
  "@ IN MX 10 a ; the first host",
  "@ IN MX 10 aaaa ; the other host",
]) {
  const { $origin, ...records } = new ZoneFile(`$ORIGIN example.com.\n${line}\n`).toJSON();
  console.log(`${line}: ${JSON.stringify(records)}`);
}
JS
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
