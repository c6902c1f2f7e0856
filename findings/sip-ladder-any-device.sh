#!/usr/bin/env bash
# sip-ladder 2026.5.25.6 finds no call in what tcpdump captures on all devices, or on a tunnel.
#
# Expected: the IANA's list of link types: 276 are cooked frames of the second kind, which tcpdump -i any writes since
# version 4.99; 101 is IP alone, as of tunnels; 12 is that of the programming interface of some systems, not of files.
# The package names 'Linux "cooked" (any-device) capture' and "Raw IP" among what it reads.
# Seen: it knows 113, the first kind of cooked frames, and takes 12 for IP. Of files with 276, 101, 228 or 229 it says
# "(no calls found)", the same as of a capture without calls. No error is raised.
# Who meets it: whoever captures calls with "tcpdump -i any" and draws them with it.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-deps \
    sip-ladder==2026.5.25.6 dpkt==1.9.8 || {
    echo "could not install the packages" >&2
    exit 2
}
run() { venv/bin/python -; }

expected=$(
    cat <<'TEXT'
Ethernet (1): 1 calls
all devices, tcpdump until 4.9 (113): 1 calls
all devices, tcpdump since 4.99 (276): 0 calls
IP alone (101): 0 calls
IPv4 alone (228): 0 calls
TEXT
)
seen=$(
    run <<'PY'
from struct import pack

from sip_ladder import read_pcap

TEXT = """OPTIONS sip:1200@pool.contoso.com SIP/2.0
Via: SIP/2.0/UDP 192.0.2.7:5060;branch=z9hG4bK1
From: <sip:1100@contoso.com>;tag=1
To: <sip:1200@contoso.com>
Call-ID: 1@192.0.2.7
CSeq: 1 OPTIONS
Content-Length: 0

"""
data = TEXT.replace("\n", "\r\n").encode()
datagram = pack("!HHHH", 5060, 5060, 8 + len(data), 0) + data
addresses = bytes((192, 0, 2, 7, 192, 0, 2, 81))
packet = pack("!BBHHHBBH", 0x45, 0, 20 + len(datagram), 1, 0, 64, 17, 0) + addresses + datagram
for title, kind, head in (
    ("Ethernet", 1, bytes(12) + pack("!H", 0x0800)),
    ("all devices, tcpdump until 4.9", 113, pack("!HHH8sH", 0, 1, 6, bytes(8), 0x0800)),
    ("all devices, tcpdump since 4.99", 276, pack("!HHIHBB8s", 0x0800, 0, 2, 1, 0, 6, bytes(8))),
    ("IP alone", 101, b""),
    ("IPv4 alone", 228, b""),
):
    frame = head + packet
    with open("capture", "wb") as file:
        file.write(pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, kind))
        file.write(pack("<IIII", 1764410400, 0, len(frame), len(frame)) + frame)
    print(f"{title} ({kind}): {len(read_pcap('capture'))} calls")
PY
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
