#!/usr/bin/env bash
# dhcp-o82 0.1.0 takes two letters of a circuit ID for a header, and the sub-option behind it for a part of it.
#
# Expected: a sub-option of option 82 is a code, a length, and so many octets, whose inside is the relay's own affair
# (RFC 3046, section 2.0).
# Seen: the length is thrown away and the third and fourth octet are taken as type and length, as in the form of one
# maker. A circuit ID that is a name swallows the remote ID, silently; link selection (RFC 3527) raises IndexError.
# Who meets it: whoever wants the switch port of a phone from a relay of another maker.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-deps \
    dhcp-o82==0.1.0 netaddr==0.8.0 || {
    echo "could not install the packages" >&2
    exit 2
}
run() { venv/bin/python -; }

expected=$(
    cat <<'TEXT'
that maker's: {1: '00:0a:01:05', 2: '00:04:f2:aa:bb:cc'}
names: {1: '61:6e:31:30:02:06:00:04:f2:aa:bb:cc'}
link selection: IndexError
TEXT
)
seen=$(
    run <<'PY'
from dhcp_o82.o82 import Option82

REMOTE = bytes.fromhex("0004f2aabbcc")


def option(code, value):
    return bytes([code, len(value)]) + value


def given(value):
    try:
        found = Option82.from_hex(value.hex(":"))
    except IndexError as error:
        return type(error).__name__
    return {code: bytes(inner["value"]).hex(":") for code, inner in found.sub_option.items()}


maker = option(1, b"\0\4" + bytes([0, 10, 1, 5])) + option(2, b"\0\6" + REMOTE)
print("that maker's:", given(maker))
print("names:", given(option(1, b"vlan10") + option(2, REMOTE)))
print("link selection:", given(maker[:8] + option(5, bytes([192, 0, 2, 129]))))
PY
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
