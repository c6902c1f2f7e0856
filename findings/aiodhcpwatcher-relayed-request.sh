#!/usr/bin/env bash
# aiodhcpwatcher 1.2.7 gives the address of the router as that of the client whose DHCP request came through a relay.
#
# Expected: the client's hardware address is in the message (chaddr), and its address, where it renews, too (ciaddr);
# a relay passes both on and sends the packet from its own addresses (RFC 2131, sections 2 and 4.1.1; RFC 1542,
# section 4.1.1).
# Seen: the source addresses of the frame and of the IP header, so each client behind the router is the router.
# Who meets it: whoever watches beside the DHCP server, which phones of other subnets reach by a relay alone.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-deps \
    aiodhcpwatcher==1.2.7 scapy==2.8.0 || {
    echo "could not install the packages" >&2
    exit 2
}
run() { venv/bin/python -; }

expected=$(
    cat <<'TEXT'
new: 00:00:5e:00:53:01 192.0.2.77
renews: 00:00:5e:00:53:01 192.0.2.129
TEXT
)
seen=$(
    run 2>/dev/null <<'PY'
import asyncio

from aiodhcpwatcher import async_init, make_packet_handler
from scapy.layers.dhcp import BOOTP, DHCP
from scapy.layers.inet import IP, UDP
from scapy.layers.l2 import Ether

asyncio.run(async_init())
ROUTER, RELAY, SERVER, CLIENT = "00:00:5e:00:53:01", "192.0.2.129", "192.0.2.2", "192.0.2.77"


def relayed(options, **fields):
    message = BOOTP(op=1, hops=1, giaddr=RELAY, chaddr=bytes.fromhex("0004f2aabbcc") + bytes(10), **fields)
    packet = IP(src=RELAY, dst=SERVER) / UDP(sport=67, dport=67) / message
    packet /= DHCP(options=[("message-type", "request"), *options, "end"])
    return Ether(bytes(Ether(src=ROUTER, dst="00:00:5e:00:53:02") / packet))


for what, packet in (
    ("new", relayed([("requested_addr", CLIENT)])),
    ("renews", relayed([], ciaddr=CLIENT)),
):
    make_packet_handler(lambda request: print(f"{what}: {request.mac_address} {request.ip_address}"))(packet)
PY
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
