#!/usr/bin/env bash
# ipcalc 1.99.0 (PyPI) takes an IPv6 address that ends in dotted digits for one of IPv4.
#
# Expected: ::ffff:192.0.2.1 is ::ffff:c000:201 (RFC 4291, 2.2), an IPv6 address: so version 6 and a prefix of 128
# bits.
# Seen: the digits are read behind the rest, and reading them sets the version. It is 4 then, the prefix 32 bits, and
# what it is comes from the list of IPv4, by the first bits of a number that has 128. The number itself is right. A
# network of such addresses with a prefix above 32 fails. In the other notation all is right. No error is raised but
# the one shown.
# Who meets it: whoever sorts a log of a socket that serves both versions.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-deps \
    ipcalc==1.99.0 six==1.17.0 || {
    echo "could not install the packages" >&2
    exit 2
}
run() { venv/bin/python -; }

expected=$(
    cat <<'TEXT'
::ffff:c000:201: version 6, /128, IPV4MAP, 0xffffc0000201
::ffff:192.0.2.1: version 4, /32, RESERVED, 0xffffc0000201
64:ff9b::c000:201: version 6, /128, IPV4-IPV6, 0x64ff9b0000000000000000c0000201
64:ff9b::192.0.2.1: version 4, /32, UNKNOWN, 0x64ff9b0000000000000000c0000201
equal: True
64:ff9b::c000:200/120: 256 addresses
64:ff9b::192.0.2.0/120: IPv4 subnet size must be between 0 and 32
TEXT
)
seen=$(
    run <<'PY'
from ipcalc import IP, Network

for text in ("::ffff:c000:201", "::ffff:192.0.2.1", "64:ff9b::c000:201", "64:ff9b::192.0.2.1"):
    address = IP(text)
    print(f"{text}: version {address.version()}, /{address.subnet()}, {address.info()}, {int(address):#x}")
print("equal:", IP("::ffff:c000:201") == IP("::ffff:192.0.2.1"))
for text in ("64:ff9b::c000:200/120", "64:ff9b::192.0.2.0/120"):
    try:
        print(f"{text}: {Network(text).size()} addresses")
    except ValueError as error:
        print(f"{text}: {error}")
PY
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
