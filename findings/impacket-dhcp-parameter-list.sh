#!/usr/bin/env bash
# impacket 0.13.1 cannot say if a DHCP client asks for a proxy, and loses its place behind a pad option.
#
# Expected: its DhcpPacket has a method isAskingForProxyAutodiscovery, for option 252 in the list of what a client asks
# for (55). RFC 2132, section 3.1: a pad option has no length. Section 3.4: a time offset may be negative.
# Seen: the method raises a TypeError for each client with such a list, and gives False for one without. Behind a pad
# option the number of the next one is taken for a length, so the options that follow are lost, and no error is raised.
# Hours west of UTC are about 4.29 billion seconds east.
# Who meets it: whoever looks with it at what phones and Windows ask for; networks with 252 are what Windows looks for.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-deps impacket==0.13.1 six==1.17.0 || {
    echo "could not install the packages" >&2
    exit 2
}
run() { venv/bin/python -; }

expected=$(
    cat <<'TEXT'
asks for 252: [('message-type', 1), ('parameter-request-list', b'\x01\x06\xfc')]
  asks for a proxy: TypeError: ord() expected string of length 1, but int found
asks for 1 and 6: [('message-type', 1), ('parameter-request-list', b'\x01\x06')]
  asks for a proxy: TypeError: ord() expected string of length 1, but int found
has no list: [('message-type', 1)]
  asks for a proxy: False
one pad: [('message-type', 1), ('pad', None), (104, b'ne\xff')]
  asks for a proxy: False
two pads: [('message-type', 1), ('pad', None), ('domain-name', b'contoso.com'), ('host-name', b'phone')]
  asks for a proxy: False
west of UTC: [('message-type', 1), ('time-offset', 4294949296)]
  asks for a proxy: False
TEXT
)
seen=$(
    run <<'END'
from impacket.dhcp import DhcpPacket

COOKIE = b"\x63\x82\x53\x63"
OPTIONS = {
    "asks for 252": b"\x35\x01\x01\x37\x03\x01\x06\xfc\xff",
    "asks for 1 and 6": b"\x35\x01\x01\x37\x02\x01\x06\xff",
    "has no list": b"\x35\x01\x01\xff",
    "one pad": b"\x35\x01\x01\x00\x0f\x0bcontoso.com\x0c\x05phone\xff",
    "two pads": b"\x35\x01\x01\x00\x00\x0f\x0bcontoso.com\x0c\x05phone\xff",
    "west of UTC": b"\x35\x01\x01\x02\x04\xff\xff\xb9\xb0\xff",
}
for name, options in OPTIONS.items():
    packet = DhcpPacket(COOKIE + options)
    try:
        asked = packet.isAskingForProxyAutodiscovery()
    except TypeError as error:
        asked = f"TypeError: {error}"
    print(f"{name}: {packet['options']}")
    print(f"  asks for a proxy: {asked}")
END
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
