#!/usr/bin/env bash
# subnet-cidr-calculator 1.0.12 (npm) says that 192.168.200.0/24 does not overlap with 192.168.0.0/16.
#
# Expected: its README: isSubnetOverlap() takes the networks that exist and another one, and gives that with which it
# overlaps, or false. Two networks overlap where one is in the other (RFC 4632, section 3.1), whatever their lengths.
# Seen: the last address of a network of /16 or larger is wrong: to it that of 192.168.0.0/16 is 192.168.0.0, and that
# of 172.16.0.0/12 is 172.31.0.0. What lies behind is free, whichever of both is the new one. From /17 on it is right.
# Who meets it: whoever asks with it whether a network for phones is free.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-fund --no-audit --no-package-lock --ignore-scripts \
    subnet-cidr-calculator@1.0.12 underscore@1.13.8 >&2 || {
    echo "could not install the packages" >&2
    exit 2
}
run() { node -; }

expected=$(
    cat <<'TEXT'
10.0.32.0/20 and 10.0.36.0/24: overlap is true, it says true
10.0.36.0/24 and 10.0.32.0/20: overlap is true, it says true
10.0.0.0/16 and 10.0.36.0/24: overlap is true, it says false
10.0.36.0/24 and 10.0.0.0/16: overlap is true, it says false
10.0.0.0/8 and 10.0.36.0/24: overlap is true, it says false
192.168.0.0/16 and 192.168.200.0/24: overlap is true, it says false
10.0.0.0/16 and 10.1.0.0/16: overlap is false, it says false
10.0.128.0/17 to 10.0.255.255
192.168.0.0/16 to 192.168.0.0
172.16.0.0/12 to 172.31.0.0
TEXT
)
seen=$(
    run <<'JS'
const { getIpRangeForSubnet, isSubnetOverlap } = require("subnet-cidr-calculator");

function ends(network) {
    const [address, length] = network.split("/");
    const first = address.split(".").reduce((sum, octet) => sum * 256 + Number(octet), 0);
    return [first, first + 2 ** (32 - length) - 1];
}

for (const [one, other] of [
    ["10.0.32.0/20", "10.0.36.0/24"],
    ["10.0.36.0/24", "10.0.32.0/20"],
    ["10.0.0.0/16", "10.0.36.0/24"],
    ["10.0.36.0/24", "10.0.0.0/16"],
    ["10.0.0.0/8", "10.0.36.0/24"],
    ["192.168.0.0/16", "192.168.200.0/24"],
    ["10.0.0.0/16", "10.1.0.0/16"],
]) {
    const [first, last] = ends(one);
    const [start, end] = ends(other);
    const right = start <= last && end >= first;
    console.log(`${one} and ${other}: overlap is ${right}, it says`, isSubnetOverlap([one], other) !== false);
}
for (const network of ["10.0.128.0/17", "192.168.0.0/16", "172.16.0.0/12"])
    console.log(network, "to", getIpRangeForSubnet(network).end);
JS
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
