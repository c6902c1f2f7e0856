#!/usr/bin/env bash
# netflow 0.12.2 mixes what a server sent with what its client sent, in flows that softflowd 1.1.0 (Debian 12) exports.
#
# Expected: RFC 5103, section 6.1: the counts of a flow's other direction are the same elements under the private
# enterprise number 29305. RFC 7011, section 3.2: an element is known by its number and its enterprise, so 2 of
# enterprise 29305 is another one than packetDeltaCount, IANA's 2.
# Seen: the enterprise is dropped. Of two elements with one number, either is given: here the server's octets beside the
# client's packets. No error is raised. ipfix 0.9.7 gives both directions by names of their own.
# Who meets it: whoever counts with it what update servers sent to phones, where a probe exports both directions at
# once.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-deps \
    netflow==0.12.2 ipfix==0.9.7 || {
    echo "could not install the packages" >&2
    exit 2
}
apt-get download -qq \
    softflowd=1.1.0-1+b1 >&2 || {
    echo "could not download the packages" >&2
    exit 2
}
dpkg -x ./softflowd_*.deb .
run() { venv/bin/python -; }

expected=$(
    cat <<'TEXT'
netflow: {'octetDeltaCount': 2160, 'packetDeltaCount': 5}
ipfix: {'octetDeltaCount': 2160, 'packetDeltaCount': 4}
ipfix, reverse: {'octetDeltaCount': 300, 'packetDeltaCount': 5}
TEXT
)
seen=$(
    run <<'PY'
import io
import socket
import struct
import subprocess

import ipfix.ie
import ipfix.reader
import netflow

CLIENT, SERVER = bytes([192, 0, 2, 7]), bytes([192, 0, 2, 1])
at = {CLIENT: 1000, SERVER: 5000}
packets = []


def checksum(data):
    total = sum(struct.unpack(f">{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return total ^ 0xFFFF


def send(source, flags, size=0):
    target, ports = (SERVER, (50000, 80)) if source == CLIENT else (CLIENT, (80, 50000))
    tcp = struct.pack(">HHIIBBHHH", *ports, at[source], at[target], 0x50, flags, 65535, 0, 0) + bytes(size)
    head = [0x45, 0, 20 + len(tcp), 1, 0x4000, 64, 6, 0, source, target]
    head[7] = checksum(struct.pack(">BBHHHBBH4s4s", *head))
    frame = bytes.fromhex("0004f2aabbcc0200000000010800") + struct.pack(">BBHHHBBH4s4s", *head) + tcp
    packets.append(struct.pack("<IIII", 1764327600, len(packets) * 10000, len(frame), len(frame)) + frame)
    at[source] += size + (flags & 3 > 0)


send(CLIENT, 2)
send(SERVER, 18)
send(CLIENT, 16)
send(CLIENT, 24, 100)
send(SERVER, 24, 1000)
send(SERVER, 24, 1000)
send(CLIENT, 17)
send(SERVER, 17)
send(CLIENT, 16)
with open("phone.pcap", "wb") as file:
    file.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 262144, 1) + b"".join(packets))

collector = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
collector.bind(("127.0.0.1", 0))
collector.settimeout(10)
subprocess.run(
    ["usr/sbin/softflowd", "-d", "-b", "-v", "10", "-r", "phone.pcap"]
    + ["-n", f"127.0.0.1:{collector.getsockname()[1]}", "-p", "softflowd.pid", "-c", "none"],
    check=True,
    timeout=60,
    capture_output=True,
)
exported = collector.recv(65535)
NAMES = ("octetDeltaCount", "packetDeltaCount")
flows = [flow.data for flow in netflow.parse_packet(exported, {"netflow": {}, "ipfix": {}}).flows]
print("netflow:", *({name: flow[name] for name in NAMES} for flow in flows if NAMES[0] in flow))
ipfix.ie.use_iana_default()
ipfix.ie.use_5103_default()
for flow in ipfix.reader.from_stream(io.BytesIO(exported)).namedict_iterator():
    if NAMES[0] in flow:
        print("ipfix:", {name: flow[name] for name in NAMES})
        print("ipfix, reverse:", {name: flow["reverse" + name[0].upper() + name[1:]] for name in NAMES})
PY
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
