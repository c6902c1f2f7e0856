#!/usr/bin/env bash
# ipfunctions 0.1.0 (npm) begins the range of a network from 128.0.0.0 on at negative numbers, and ends others too late.
#
# Expected: a prefix is the address and the number of its leading bits (RFC 4632, section 3.1), so the range of
# 192.168.7.81/24 is 192.168.7.0 to 192.168.7.255. Its cidrToRange() takes any address of the network, and gives the
# right beginning of those below 128.0.0.0.
# Seen: for half of all addresses, 192.168.0.0/16 and 172.16.0.0/12 among them, the beginning has negative numbers. The
# end is counted from the address that was given, so it is in the next network. No error is raised.
# Who meets it: whoever looks with it whether a phone is in the network of its site.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-fund --no-audit --no-package-lock --ignore-scripts \
    ipfunctions@0.1.0 >&2 || {
    echo "could not install ipfunctions@0.1.0" >&2
    exit 2
}
run() { node -; }

expected=$(
    cat <<'TEXT'
10.1.2.3/8 -> 10.0.0.0 to 11.1.2.2
10.0.0.0/8 -> 10.0.0.0 to 10.255.255.255
172.16.0.0/12 -> -84.-240.0.0 to 172.31.255.255
192.168.7.0/24 -> -64.-88.-249.0 to 192.168.7.255
192.168.7.81/24 -> -64.-88.-249.0 to 192.168.8.80
TEXT
)
seen=$(
    run <<'JS'
const { cidrToRange } = require("ipfunctions");

for (const network of ["10.1.2.3/8", "10.0.0.0/8", "172.16.0.0/12", "192.168.7.0/24", "192.168.7.81/24"]) {
  console.log(network, "->", cidrToRange(network).join(" to "));
}
JS
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
