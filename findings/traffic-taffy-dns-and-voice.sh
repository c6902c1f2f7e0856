#!/usr/bin/env bash
# traffic-taffy 1.6 takes all flags of a DNS message for an opcode, reads no text of a TXT record, and ends at voice.
#
# Expected: the opcode is four bits of the second word (RFC 1035, section 4.1.1), a TXT record is one or more strings
# (section 3.3.14), and over TCP two octets with the length are in front of a message (section 4.2.2). Each packet is
# counted once. The first octet of an IPv6 header is the version and half of the traffic class (RFC 8200, section 3).
# Seen: each message has two opcodes, its own and the whole word, 33152 for an answer. The texts are the names and
# values of the record's other fields. No message over TCP is read. In a capture without a link layer, an IPv6 packet
# that is marked as voice (class EF, RFC 3246) is an unknown version of IP, which ends the whole run.
# Who meets it: whoever compares with it two captures of phones, before and after they stopped to find their server.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-deps \
    traffic-taffy==1.6 dpkt==1.9.8 msgpack==1.2.4 pcap-parallel==0.1 || {
    echo "could not install the packages" >&2
    exit 2
}
run() { venv/bin/python -; }

expected=$(
    cat <<'TEXT'
over UDP: IP_UDP_DNS_opcode
    33152
    0
over UDP: IP_UDP_DNS_an_text
    ('name', 'contoso.com')
    ('type', 16)
    ('cls', 1)
    ('ttl', 60)
    ('rlen', 4)
    ('rdata', b'\x03abc')
over TCP: IP_TCP_DNS_unparsable_dns
    PARSE_ERROR
best effort: IPv6_UDP_dport
    5004
voice: unknown IP version
TEXT
)
seen=$(
    run <<'PY'
import logging
import struct

import dpkt
from traffic_taffy.dissector_engine.dpkt import DissectionEngineDpkt

logging.disable()
NAME = b"\7contoso\3com\0"
TEXT = b"\xc0\x0c" + struct.pack("!HHIH", 16, 1, 60, 4) + b"\3abc"
ANSWER = struct.pack("!6H", 7, 0x8180, 1, 1, 0, 0) + NAME + struct.pack("!HH", 16, 1) + TEXT


def packet(transport, protocol):
    payload = bytes(transport)
    head = dict(src=b"\xc0\0\2\x35", dst=b"\xc0\0\2\x47")
    ip = dpkt.ip.IP(p=protocol, len=20 + len(payload), data=payload, **head)
    return bytes(dpkt.ethernet.Ethernet(src=b"\0\4\xf2\0\0\1", dst=b"\0\4\xf2\0\0\2", type=0x0800, data=ip))


def voice(traffic_class):
    data = bytes(dpkt.udp.UDP(sport=5004, dport=5004, ulen=9, data=b"x"))
    first = struct.pack("!IHBB", 6 << 28 | traffic_class << 20, len(data), 17, 64)
    return first + (b"\x20\x01\x0d\xb8" + b"\0" * 11 + b"\1") * 2 + data


def count(name, frame, link, *keys):
    with open("one.pcap", "wb") as file:
        dpkt.pcap.Writer(file, linktype=link).writepkt(frame, 1764356400)
    try:
        found = DissectionEngineDpkt("one.pcap").load().data[0]
    except ValueError as error:
        return print(f"{name}: {error}")
    values = {key: [each for each in found[key] if each != "__WIDTH__"] for key in found if key.endswith(keys)}
    for key, value in values.items():
        print(f"{name}: {key.removeprefix('Ethernet_')}", *value, sep="\n    ")


over_udp = dpkt.udp.UDP(sport=53, dport=5555, ulen=8 + len(ANSWER), data=ANSWER)
over_tcp = dpkt.tcp.TCP(sport=53, dport=5555, flags=0x18, data=struct.pack("!H", len(ANSWER)) + ANSWER)
count("over UDP", packet(over_udp, 17), 1, "_opcode", "_text")
count("over TCP", packet(over_tcp, 6), 1, "_opcode", "_text", "_dns")
count("best effort", voice(0), 101, "_UDP_dport")
count("voice", voice(46 << 2), 101, "_UDP_dport")
PY
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
