#!/usr/bin/env bash
# pcap 3.1.0 (npm) takes each DNS answer for a question without an error, and loses IPv6 addresses.
#
# Expected: the header's bits say whether a message is an answer and how it ended, NXDOMAIN being 3 (RFC 1035, section
# 4.1.1). The data of an AAAA record is an address (RFC 3596, section 2.2).
# Seen: the bits are looked for in a number instead of the message, so all are 0: the answer NXDOMAIN is a question
# that went well, and truncation is not seen. Of an AAAA record the data is null. No error is raised.
# Who meets it: whoever looks in a capture, with this package's decoder, for why a phone does not find its server.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-fund --no-audit --no-package-lock --ignore-scripts \
    pcap@3.1.0 dns-packet@5.6.1 >&2 || {
    echo "could not install pcap@3.1.0 dns-packet@5.6.1" >&2
    exit 2
}
run() { node -; }

expected=$(
    cat <<'TEXT'
false false 0 []
false false 0 []
false false 0 [[1,{"addr":[192,0,2,10]}],[28,null]]
TEXT
)
seen=$(
    run <<'JS'
const DNS = require("pcap/decode/dns");
const { encode, TRUNCATED_RESPONSE, RECURSION_DESIRED } = require("dns-packet");

const name = "ucupdates-r2.contoso.com";
const questions = [{ type: "A", name }];
const flags = TRUNCATED_RESPONSE | RECURSION_DESIRED;
const answers = [
  { type: "A", name, ttl: 60, data: "192.0.2.10" },
  { type: "AAAA", name, ttl: 60, data: "2001:db8::10" },
];
for (const message of [
  { type: "query", questions },
  { type: "response", flags: 3, questions },
  { type: "response", flags, questions, answers },
]) {
  const { header, answer } = new DNS().decode(encode(message), 0);
  const { isResponse, isTruncated, responseCode } = header;
  const read = answer.rrs.map(({ type, rdata }) => [type, rdata]);
  console.log(isResponse, isTruncated, responseCode, JSON.stringify(read));
}
JS
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
