#!/usr/bin/env bash
# dhcp 0.2.20 (npm) loses its place after a single pad option in a DHCP message.
#
# Expected: the pad option is one octet, without a length, and may stand anywhere to align the next one (RFC 2132,
# section 3.1).
# Seen: a pad is taken for two octets, so it swallows the code of the option behind it. With two pads all is well. With
# one, option 23 (time to live) is gone, its length is taken for the code of a subnet mask that nobody sent, and no
# error is raised.
# Who meets it: whoever watches phones' DHCP with this package, where a server or relay aligns options.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-fund --no-audit --no-package-lock --ignore-scripts dhcp@0.2.20 minimist@1.2.8 >&2 || {
    echo "could not install dhcp@0.2.20 minimist@1.2.8" >&2
    exit 2
}
run() { node -; }

expected=$(
    cat <<'TEXT'
0 {"15":"contoso.com","23":64,"53":5}
1 {"1":"0.0.0.0","15":"contoso.com","53":5}
2 {"15":"contoso.com","23":64,"53":5}
TEXT
)
seen=$(
    run <<'JS'
const { parse } = require("dhcp/lib/protocol.js");

const head = Buffer.concat([
  Buffer.from([2, 1, 6, 0, 0, 0, 0, 1]),
  Buffer.alloc(20),
  Buffer.from("0004f2aabbcc", "hex"),
  Buffer.alloc(202),
  Buffer.from("63825363", "hex"),
]);
const domain = Buffer.concat([Buffer.alloc(4), Buffer.from([15, 11]), Buffer.from("contoso.com")]);
for (const pads of [0, 1, 2]) {
  const parts = [Buffer.from([53, 1, 5]), Buffer.alloc(pads), Buffer.from([23, 1, 64]), domain, Buffer.from([255])];
  const options = Buffer.concat(parts);
  console.log(pads, JSON.stringify(parse(Buffer.concat([head, options])).options));
}
JS
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
