#!/usr/bin/env bash
# dhcpdoctor 1.0.0 says OK of a server that has no address to give, and asks the routers instead of the servers.
#
# Expected: RFC 2464, section 7: what goes to ff02::1:2 (all DHCPv6 servers) goes to 33:33:00:01:00:02. RFC 8415,
# section 18.3.9: a server without addresses says so with NoAddrsAvail in its Advertise; section 21.14: a server may
# answer with a Reply at once where that was asked for, and each message's number is in it. RFC 1542, section 4.1.1: a
# relay increments hops.
# Seen: the frame goes to 33:33:00:00:00:02, which switches that watch MLD and network cards give to routers only. An
# Advertise with NoAddrsAvail is "OK: got reply with address None". The function that is to take a Reply as well looks
# for the number in an Advertise, and ends with an error. A relayed DISCOVER has hops 0.
# Who meets it: whoever watches the DHCP servers of phones with it.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-deps \
    dhcpdoctor==1.0.0 scapy==2.5.0 || {
    echo "could not install the packages" >&2
    exit 2
}
run() { venv/bin/python -; }

expected=$(
    cat <<'TEXT'
sent to ff02::1:2 at 33:33:00:00:00:02
relayed DISCOVER: hops 0, giaddr 192.0.2.2
Advertise with an address: exit code 0, OK: got reply with address 2001:db8::7
Advertise with NoAddrsAvail: exit code 0, OK: got reply with address None
Reply with an address: exit code 2, CRITICAL: no reply received
TEXT
)
seen=$(
    run <<'PY'
import contextlib
import io
import logging
import warnings

warnings.filterwarnings("ignore")
logging.disable(logging.CRITICAL)
from dhcpdoctor import dhcpdoctor, settings
from scapy.all import (
    BOOTP,
    DHCP6_Advertise,
    DHCP6_Reply,
    DHCP6OptIA_NA,
    DHCP6OptIAAddress,
    DHCP6OptStatusCode,
    IPv6,
    UDP,
)

client = dhcpdoctor.DHCPv6Client()
sent = client.craft_discover(hw="00:00:5e:00:53:01")
print(f"sent to {sent[IPv6].dst} at {client._get_ether_dst().lower()}")
four = dhcpdoctor.DHCPv4Client()
request = four.craft_discover(hw="00:00:5e:00:53:01")
four.add_relay(request, "192.0.2.1", "192.0.2.2")
print(f"relayed DISCOVER: hops {request[BOOTP].hops}, giaddr {request[BOOTP].giaddr}")

# The whole check, with a server's answer in place of the interface.
address = DHCP6OptIA_NA(iaid=0, ianaopts=[DHCP6OptIAAddress(addr="2001:db8::7")])
nothing = DHCP6OptIA_NA(iaid=0, ianaopts=[DHCP6OptStatusCode(statuscode=2, statusmsg="no addresses")])
settings.PROTOCOL, settings.CLIENT_ID = 6, "00:00:5e:00:53:01"
for name, message, data in (
    ("Advertise with an address", DHCP6_Advertise, address),
    ("Advertise with NoAddrsAvail", DHCP6_Advertise, nothing),
    ("Reply with an address", DHCP6_Reply, address),
):

    def answer(prn, timeout, stop_filter):
        head = IPv6(src="fe80::1", dst="fe80::2") / UDP(sport=547, dport=546)
        stop_filter(IPv6(bytes(head / message(trid=stop_filter.__self__.xid) / data)))

    dhcpdoctor.sniff, dhcpdoctor.sendp = answer, lambda *_, **__: None
    output = io.StringIO()
    try:
        with contextlib.redirect_stdout(output):
            dhcpdoctor.run_test()
    except SystemExit as end:
        print(f"{name}: exit code {end.code}, {output.getvalue().split(' | ')[0]}")
PY
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
