#!/usr/bin/env bash
# cidr-split 0.1.2 (npm) does not split a network of two addresses, and begins halves in the middle of others.
#
# Expected: RFC 4632, section 3.1: a prefix of up to 32 bits; a /31 has two halves of 32 bits. Bits behind the prefix of
# a network are zero, or, where an address is given with its prefix, do not count.
# Seen: of a /31 "Not enough address space to split." is thrown, as of a /32. 192.0.2.77/26, the network of 192.0.2.64,
# is split into 192.0.2.77/27 and 192.0.2.109/27, and so on: the steps are right, where they begin is not.
# Who meets it: whoever divides the networks that "ip address" or a DHCP server's interface shows.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-fund --no-audit --no-package-lock --ignore-scripts cidr-split@0.1.2 >&2 || {
    echo "could not install cidr-split@0.1.2" >&2
    exit 2
}
run() { node -; }

expected=$(
    cat <<'TEXT'
192.0.2.0/24: 192.0.2.0/25 and 192.0.2.128/25
192.0.2.0/30: 192.0.2.0/31 and 192.0.2.2/31
192.0.2.0/31: Not enough address space to split.
192.0.2.1/32: Not enough address space to split.
192.0.2.77/26: 192.0.2.77/27 and 192.0.2.109/27
TEXT
)
seen=$(
    run <<'JS'
const CIDR = require("cidr-split");

for (const text of ["192.0.2.0/24", "192.0.2.0/30", "192.0.2.0/31", "192.0.2.1/32", "192.0.2.77/26"]) {
  let seen;
  try {
    seen = CIDR.fromString(text).split().join(" and ");
  } catch (error) {
    seen = error.message;
  }
  console.log(`${text}: ${seen}`);
}
JS
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
