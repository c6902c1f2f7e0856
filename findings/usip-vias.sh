#!/usr/bin/env bash
# usip 1.0.0 answers a request with the last of its Via fields, and ends a call as if it had called itself.
#
# Expected: RFC 3261, section 8.2.6.2: an answer has all Via fields of the request in their order, by which proxies send
# it back, and each but 100 a tag in To. Section 12.2.1.1: within a call, To is the other end, and the request goes to
# the address in its Contact.
# Seen: the fields are kept by name, so of three Via fields the last is left, that of the caller: the proxy next to it
# finds nothing of its own on top and drops the answer. To has no tag, and Record-Route is missing. ACK and BYE have
# the own address in From and To; BYE goes to the domain, whatever Contact says.
# Who meets it: whoever calls with it through a proxy; calls to it ring for ever, and calls from it are not ended.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-deps \
    usip==1.0.0 || {
    echo "could not install the packages" >&2
    exit 2
}
run() { venv/bin/python -; }

expected=$(
    cat <<'TEXT'
SIP/2.0 200 OK
   Via: SIP/2.0/UDP 192.0.2.9;branch=z9hG4bKc
   To: <sip:2001@contoso.com>
ACK sip:2002@192.0.2.9 SIP/2.0
   From: <sip:2001@127.0.0.1>;tag=7
   To: <sip:2001@127.0.0.1>;tag=8
BYE sip:127.0.0.1 SIP/2.0
   From: <sip:2001@127.0.0.1>;tag=7
   To: <sip:2001@127.0.0.1>;tag=8
TEXT
)
seen=$(
    run <<'PY'
import socket

from sip_client import CallInfo, CallState, SIPAccount
from sip_client.sip import SIPProtocol

INVITE = "\r\n".join([
    "INVITE sip:2001@192.0.2.7 SIP/2.0",
    "Via: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bKa",
    "Via: SIP/2.0/UDP 192.0.2.2;branch=z9hG4bKb",
    "Via: SIP/2.0/UDP 192.0.2.9;branch=z9hG4bKc",
    "Record-Route: <sip:192.0.2.1;lr>",
    "From: <sip:2002@contoso.com>;tag=7",
    "To: <sip:2001@contoso.com>",
    "Call-ID: one",
    "CSeq: 1 INVITE",
    "Contact: <sip:2002@192.0.2.9>",
    "", "",
])

server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
server.bind(("127.0.0.1", 0))
server.settimeout(10)
protocol = SIPProtocol(SIPAccount("2001", "word", "127.0.0.1", server.getsockname()[1]))
protocol.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)


def sent(*names):
    lines = server.recv(4096).decode().split("\r\n")
    print(lines[0])
    for line in lines:
        if line.startswith(names):
            print("  ", line)


protocol.send_response(200, "OK", INVITE)
sent("Via", "Record-Route", "To")
call = CallInfo(
    "two", "sip:2001@127.0.0.1", "sip:2002@127.0.0.1", CallState.CONNECTED, "outgoing",
    local_tag="7", remote_tag="8", contact_uri="sip:2002@192.0.2.9",
)
for send in (protocol.send_ack, protocol.send_bye):
    send(call)
    sent("From", "To")
PY
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
