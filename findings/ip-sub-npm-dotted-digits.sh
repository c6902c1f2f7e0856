#!/usr/bin/env bash
# ip-sub 1.9.0 (npm) makes 64:ff9b::2.33 of the address 64:ff9b::192.0.2.33, and 64:ff9b::3 of the one behind it.
#
# Expected: RFC 4291, section 2.2: the last 32 bits of an IPv6 address may stand as an IPv4 address. RFC 6052 writes
# those of NAT64 so; this one is 64:ff9b::c000:221. isValidIP() says that it is valid, as Node's own net.isIPv6() does.
# Seen: each part between colons is cut to its last four characters, of "192.0.2.33" the digits "2.33". So it is written
# long and short, compared and counted on: it equals another address that ends alike, and not itself in digits.
# Who meets it: whoever lists phones of an IPv6 network with it that reach IPv4 servers through NAT64.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-fund --no-audit --no-package-lock --ignore-scripts \
    ip-sub@1.9.0 >&2 || {
    echo "could not install ip-sub@1.9.0" >&2
    exit 2
}
run() { node -; }

expected=$(
    cat <<'TEXT'
64:ff9b::c000:221: valid true, net.isIPv6 true
  short 64:ff9b::c000:221
  long 0064:ff9b:0000:0000:0000:0000:c000:0221
  next 64:ff9b:0:0:0:0:c000:222
64:ff9b::192.0.2.33: valid true, net.isIPv6 true
  short 64:ff9b::2.33
  long 0064:ff9b:0000:0000:0000:0000:0000:2.33
  next 64:ff9b:0:0:0:0:0:3
equals 64:ff9b::c000:221: false
equals 64:ff9b::198.51.102.33: true
TEXT
)
seen=$(
    run <<'JS'
const net = require("node:net");
const ip = require("ip-sub");

const digits = "64:ff9b::c000:221";
const dotted = "64:ff9b::192.0.2.33";
for (const address of [digits, dotted]) {
  console.log(`${address}: valid ${ip.isValidIP(address)}, net.isIPv6 ${net.isIPv6(address)}`);
  console.log(`  short ${ip.shortenIP(address)}\n  long ${ip.expandIP(address)}\n  next ${ip.getNextIp(address)}`);
}
for (const other of [digits, "64:ff9b::198.51.102.33"]) {
  console.log(`equals ${other}: ${ip.isEqualIP(dotted, other)}`);
}
JS
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
