#!/usr/bin/env bash
# simple-dhcp-server 1.0.6 takes the seconds of a DHCP message for its flags.
#
# Expected: secs are octets 8 and 9, flags are octets 10 and 11; the highest bit of flags asks for a broadcast answer
# (RFC 2131, section 2 and figure 2).
# Seen: both are read from octets 8 and 9. A client that asks for a broadcast is read as one that does not, and one
# that has waited for 5 seconds has flags 5. The server copies this into its answers, where RFC 2131, table 3 says that
# the flags are the client's.
# Who meets it: whoever gives phones their addresses with this server, or reads their messages with its
# ReadBootProtocolPacket.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-deps \
    simple-dhcp-server==1.0.6 || {
    echo "could not install the packages" >&2
    exit 2
}
run() { venv/bin/python -; }

expected=$(
    cat <<'TEXT'
sent 0 0x8000, read 0 0x0000
sent 5 0x0000, read 5 0x0005
sent 5 0x8000, read 5 0x0005
TEXT
)
seen=$(
    run <<'PY'
from simple_dhcp_server.listener import ReadBootProtocolPacket

for seconds, flags in ((0, 0x8000), (5, 0), (5, 0x8000)):
    head = bytes([1, 1, 6, 0]) + bytes.fromhex("0badcafe") + seconds.to_bytes(2, "big") + flags.to_bytes(2, "big")
    addresses = bytes(16) + bytes.fromhex("0004f2aabbcc") + bytes(10 + 64 + 128)
    options = bytes.fromhex("63825363") + bytes([53, 1, 1, 255])
    packet = ReadBootProtocolPacket(head + addresses + options)
    print(f"sent {seconds} {flags:#06x}, read {packet.seconds_elapsed} {packet.bootp_flags:#06x}")
PY
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
