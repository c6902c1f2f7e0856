#!/usr/bin/env bash
# cidr-js 2.3.1 (npm) takes the last address out of the block that it ends.
#
# Expected: its README: filter() groups a list of addresses into contiguous blocks; getBlocks() gives these as
# networks. 192.0.2.0 to 192.0.2.3 are one block, 192.0.2.0/30.
# Seen: the last address of the list is compared with itself, so it never continues a block: it gets one of its own,
# and the four addresses are three entries, a network of two and two of one. One more address that stands apart makes
# the block whole. No error is raised.
# Who meets it: whoever makes firewall entries of a list of addresses: there are more than needed.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-fund --no-audit --no-package-lock --ignore-scripts \
    cidr-js@2.3.1 >&2 || {
    echo "could not install cidr-js@2.3.1" >&2
    exit 2
}
run() { node -; }

expected=$(
    cat <<'TEXT'
addresses: 192.0.2.0 192.0.2.1
  groups: 192.0.2.0 | 192.0.2.1
  networks: 192.0.2.0 192.0.2.1
addresses: 192.0.2.0 192.0.2.1 192.0.2.2 192.0.2.3
  groups: 192.0.2.0 192.0.2.1 192.0.2.2 | 192.0.2.3
  networks: 192.0.2.0/31 192.0.2.2/32 192.0.2.3
addresses: 192.0.2.0 192.0.2.1 192.0.2.2 192.0.2.3 198.51.100.7
  groups: 192.0.2.0 192.0.2.1 192.0.2.2 192.0.2.3 | 198.51.100.7
  networks: 192.0.2.0/30 198.51.100.7
TEXT
)
seen=$(
    run <<'JS'
const CIDR = require("cidr-js");

const cidr = new CIDR();
const four = ["192.0.2.0", "192.0.2.1", "192.0.2.2", "192.0.2.3"];
for (const addresses of [four.slice(0, 2), four, [...four, "198.51.100.7"]]) {
  console.log("addresses:", addresses.join(" "));
  console.log("  groups:", Object.values(cidr.filter([...addresses])).map((group) => group.join(" ")).join(" | "));
  console.log("  networks:", cidr.getBlocks([...addresses]).join(" "));
}
JS
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
