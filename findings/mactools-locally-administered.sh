#!/usr/bin/env bash
# mactools 1.8.0 adds two to a MAC address for its IPv6 address, instead of inverting the bit that is worth two.
#
# Expected: the interface identifier is the MAC address with ff:fe in the middle and the universal/local bit inverted
# (RFC 4291, section 2.5.1 and appendix A). A locally administered 02:... has the link-local address
# fe80::4:f2ff:feaa:bbcc.
# Seen: fe80::404:f2ff:feaa:bbcc, and for 06:... fe80::804:..., both of which are another host's. Addresses that a
# maker gave are right.
# Who meets it: whoever looks for the IPv6 address of a host whose MAC address is set by hand or at random, as virtual
# machines, containers and private Wi-Fi addresses have them.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-deps \
    mactools==1.8.0 || {
    echo "could not install the packages" >&2
    exit 2
}
run() { venv/bin/python -; }

expected=$(
    cat <<'TEXT'
00:04:f2:aa:bb:cc fe80::204:f2ff:feaa:bbcc is to be fe80::204:f2ff:feaa:bbcc
02:04:f2:aa:bb:cc fe80::404:f2ff:feaa:bbcc is to be fe80::4:f2ff:feaa:bbcc
06:04:f2:aa:bb:cc fe80::804:f2ff:feaa:bbcc is to be fe80::404:f2ff:feaa:bbcc
TEXT
)
seen=$(
    run <<'PY'
import ipaddress

from mactools import MacAddress

for mac in ("00:04:f2:aa:bb:cc", "02:04:f2:aa:bb:cc", "06:04:f2:aa:bb:cc"):
    octets = bytes.fromhex(mac.replace(":", ""))
    right = bytes([octets[0] ^ 2]) + octets[1:3] + b"\xff\xfe" + octets[3:]
    right = ipaddress.IPv6Address(bytes.fromhex("fe80") + bytes(6) + right)
    print(mac, ipaddress.IPv6Address(MacAddress(mac).link_local_address), "is to be", right)
PY
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
