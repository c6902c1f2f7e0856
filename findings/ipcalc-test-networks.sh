#!/usr/bin/env bash
# ipcalc 1.99.0 (PyPI) takes 131072 public addresses each for the two networks of examples.
#
# Expected: info() tells what an address is by IANA's list: 198.51.100.0/24 is TEST-NET-2, 203.0.113.0/24 TEST-NET-3
# (RFC 5737). TEST-NET-1 is right.
# Seen: of the two only the first 15 bits are in its list: all of 198.50.0.0/15 and 203.0.0.0/15 are TEST-NET, where
# almost all is in use. Link-local and multicast addresses of IPv4 are UNKNOWN. No error is raised.
# Who meets it: whoever drops, from logs or captures, the addresses that cannot be.
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
192.0.2.9: TEST-NET-1, global for Python's ipaddress: False
192.0.3.9: UNKNOWN, global for Python's ipaddress: True
198.51.100.9: TEST-NET-2, global for Python's ipaddress: False
198.51.101.9: TEST-NET-2, global for Python's ipaddress: True
198.50.1.9: TEST-NET-2, global for Python's ipaddress: True
203.0.113.9: TEST-NET-3, global for Python's ipaddress: False
203.0.1.9: TEST-NET-3, global for Python's ipaddress: True
203.1.2.9: TEST-NET-3, global for Python's ipaddress: True
203.2.2.9: UNKNOWN, global for Python's ipaddress: True
169.254.1.9: UNKNOWN, global for Python's ipaddress: False
224.0.0.251: UNKNOWN, global for Python's ipaddress: True
TEXT
)
seen=$(
    run <<'PY'
import ipaddress

from ipcalc import IP

for text in (
    "192.0.2.9",
    "192.0.3.9",
    "198.51.100.9",
    "198.51.101.9",
    "198.50.1.9",
    "203.0.113.9",
    "203.0.1.9",
    "203.1.2.9",
    "203.2.2.9",
    "169.254.1.9",
    "224.0.0.251",
):
    print(f"{text}: {IP(text).info()}, global for Python's ipaddress: {ipaddress.ip_address(text).is_global}")
PY
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
