#!/usr/bin/env bash
# ssldump 1.5 (Debian 12) shows nothing of a TLS conversation whose first record comes in two segments.
#
# Expected: RFC 9293, section 3.8: TCP carries a stream of octets, cut anywhere. RFC 5246, section 6.2.1: a handshake
# message may go over several records. ssldump(1): it decodes the records of the connections that it identifies as TLS.
# Seen: the connection and its ends are shown, neither the hello nor the refusal that answers it. In one segment both
# are. Of a hello in two records, an error tells a length, and no hello is shown. tshark 4.0.17 reads all three.
# Who meets it: whoever looks with it at why a phone's TLS fails; hellos of newer clients are longer than a segment.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
apt-get download -qq \
    ssldump=1.5-1 libnet1=1.1.6+dfsg-3.2 libpcap0.8=1.10.3-1 libjson-c5=0.16-2 >&2 || {
    echo "could not download the packages" >&2
    exit 2
}
for package in ./*.deb; do dpkg -x "$package" .; done
run() { python3 -; }

expected=$(
    cat <<'TEXT'
one segment: {'New TCP connection': 1, 'ClientHello': 1, 'Alert': 1, 'TCP FIN': 2}
two segments: {'New TCP connection': 1, 'ClientHello': 0, 'Alert': 0, 'TCP FIN': 2}
two records: {'New TCP connection': 1, 'ClientHello': 0, 'Alert': 1, 'TCP FIN': 2}
TEXT
)
seen=$(
    run <<'PY'
import os
import ssl
import struct
import subprocess

CLIENT, SERVER = bytes([192, 0, 2, 7]), bytes([192, 0, 2, 1])
REFUSED = bytes.fromhex("15030300020228")


def first_record():
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    sent = ssl.MemoryBIO()
    client = context.wrap_bio(ssl.MemoryBIO(), sent, server_hostname="pool01.contoso.com")
    try:
        client.do_handshake()
    except ssl.SSLWantReadError:
        return sent.read()


def record(data):
    return struct.pack(">BHH", 22, 0x0301, len(data)) + data


def capture(name, *pieces):
    at = {CLIENT: 1000, SERVER: 5000}
    packets = []

    def send(source, flags, data=b""):
        target, ports = (SERVER, (50000, 443)) if source == CLIENT else (CLIENT, (443, 50000))
        tcp = struct.pack(">HHIIBBHHH", *ports, at[source], at[target], 0x50, flags, 65535, 0, 0) + data
        ip = struct.pack(">BBHHHBBH", 0x45, 0, 20 + len(tcp), len(packets), 0x4000, 64, 6, 0) + source + target
        frame = bytes.fromhex("0004f2aabbcc0200000000010800") + ip + tcp
        packets.append(struct.pack("<IIII", 1764327600, len(packets) * 10000, len(frame), len(frame)) + frame)
        at[source] += len(data) + (flags & 3 > 0)

    send(CLIENT, 2)
    send(SERVER, 18)
    send(CLIENT, 16)
    for piece in pieces:
        send(CLIENT, 24, piece)
        send(SERVER, 16)
    send(SERVER, 24, REFUSED)
    send(SERVER, 17)
    send(CLIENT, 17)
    send(SERVER, 16)
    with open(name, "wb") as file:
        file.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 262144, 1) + b"".join(packets))


hello = first_record()
capture("one segment", hello)
capture("two segments", hello[:100], hello[100:])
capture("two records", record(hello[5:65]) + record(hello[65:]))
environment = dict(os.environ, LD_LIBRARY_PATH="usr/lib/x86_64-linux-gnu")
for name in ("one segment", "two segments", "two records"):
    shown = subprocess.run(
        ["usr/sbin/ssldump", "-n", "-r", name], env=environment, capture_output=True, text=True, timeout=30
    ).stdout
    print(f"{name}:", {word: shown.count(word) for word in ("New TCP connection", "ClientHello", "Alert", "TCP FIN")})
PY
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
