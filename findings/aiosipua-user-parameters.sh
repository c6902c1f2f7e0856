#!/usr/bin/env bash
# aiosipua 0.7.1 takes the user of a SIP address for its host, where the user has parameters.
#
# Expected: RFC 3261, section 19.1.3, gives sip:alice;day=tuesday@atlanta.com as an address, the user of which is
# "alice;day=tuesday": section 25.1 lets ";" and "?" stand in a user. Section 20.42 has the Via below. In the quotes of
# a display name, "<" is text (section 25.1).
# Seen: the host is alice, and there is no user. The Via's host is "UDP first.example.com". The display name's text is
# taken for the address. No error is raised.
# Who meets it: whoever routes calls of phones with it that another program addressed.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-deps \
    aiosipua==0.7.1 || {
    echo "could not install the packages" >&2
    exit 2
}
run() { venv/bin/python -; }

expected=$(
    cat <<'TEXT'
sip:alice@atlanta.com -> user alice, host atlanta.com
sip:alice;day=tuesday@atlanta.com -> user None, host alice
sip:1200?floor=2@atlanta.com -> user None, host 1200
"Lobby" <sip:alice@atlanta.com> -> Lobby, host atlanta.com
"Lobby <2nd floor>" <sip:alice@atlanta.com> -> "Lobby, host 2nd floor
SIP/2.0/UDP first.example.com:4000;ttl=16 -> UDP to first.example.com
SIP / 2.0 / UDP first.example.com: 4000;ttl=16 ;maddr=224.2.0.1 -> nothing to UDP first.example.com
TEXT
)
seen=$(
    run <<'PY'
from aiosipua.headers import parse_address, parse_uri, parse_via

for text in ("sip:alice@atlanta.com", "sip:alice;day=tuesday@atlanta.com", "sip:1200?floor=2@atlanta.com"):
    uri = parse_uri(text)
    print(f"{text} -> user {uri.user}, host {uri.host}")
for text in ('"Lobby" <sip:alice@atlanta.com>', '"Lobby <2nd floor>" <sip:alice@atlanta.com>'):
    address = parse_address(text)
    print(f"{text} -> {address.display_name}, host {address.uri.host}")
for text in (
    "SIP/2.0/UDP first.example.com:4000;ttl=16",
    "SIP / 2.0 / UDP first.example.com: 4000;ttl=16 ;maddr=224.2.0.1",
):
    via = parse_via(text)
    print(f"{text} -> {via.transport or 'nothing'} to {via.host}")
PY
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
