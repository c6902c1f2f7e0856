#!/usr/bin/env bash
# nexusflowmeter 0.1.5 calls a connection that nobody answered established, and the server its source.
#
# Expected: RFC 9293, section 3.3.2: a connection is established once both ends have acknowledged the other's SYN. The
# columns of its table: src_ip and dst_ip, payload bytes beside all bytes. The source is who sent the first packet, and
# a SYN without data has no payload.
# Seen: one SYN without a FIN and a RST is "Established", answered or not; an answer with RST alone is not. The source
# is the address that comes first as text: that of a server with a low address, whose client is then said to have sent
# only packets "backward". The payload has the 20 octets of a TCP head, and the 8 of a UDP head.
# Who meets it: whoever looks with it for phones that do not reach their server.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-deps \
    nexusflowmeter==0.1.5 scapy==2.8.0 pandas==3.1.1 numpy==2.4.6 python-dateutil==4.0.0 openpyxl==3.1.5 \
    et-xmlfile==2.0.0 || {
    echo "could not install the packages" >&2
    exit 2
}
run() { venv/bin/python -; }

expected=$(
    cat <<'TEXT'
SYN three times: from 192.0.2.1 to 192.0.2.70, 3 packets backward, payload 60, Established
SYN, RST: from 192.0.2.1 to 192.0.2.70, 1 packets backward, payload 40, Reset
SYN, SYN-ACK, ACK: from 192.0.2.1 to 192.0.2.70, 2 packets backward, payload 60, Established
UDP of 4 octets: from 192.0.2.1 to 192.0.2.70, 1 packets backward, payload 12, Unknown
TEXT
)
seen=$(
    run <<'PY'
import contextlib
import io
import struct

from nexusflowmeter.converter import PCAPToFlowConverter

PHONE, SERVER = 70, 1


def frame(source, segment, protocol=6):
    target = SERVER if source == PHONE else PHONE
    head = struct.pack(">BBHHHBBH", 0x45, 0, 20 + len(segment), 1, 0, 64, protocol, 0)
    ip = head + bytes([192, 0, 2, source, 192, 0, 2, target]) + segment
    return bytes.fromhex("00005e00530100005e005302") + b"\x08\x00" + ip


def tcp(source, flags):
    ports = (50000, 443) if source == PHONE else (443, 50000)
    return frame(source, struct.pack(">HHIIBBHHH", *ports, 1, 1, 0x50, flags, 8192, 0, 0))


def show(what, *frames):
    with open("capture.pcap", "wb") as file:
        file.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 262144, 1))
        for number, octets in enumerate(frames):
            file.write(struct.pack("<IIII", 1796032800 + number, 0, len(octets), len(octets)) + octets)
    with contextlib.redirect_stdout(io.StringIO()):
        (flow,) = PCAPToFlowConverter().convert_pcap_to_flows_only("capture.pcap").values()
    row = flow.get_flow_stats()
    print(f"{what}: from {row['src_ip']} to {row['dst_ip']}, {row['backward_packets']} packets backward, ", end="")
    print(f"payload {row['total_payload_bytes']}, {row['connection_state']}")


SYN, ACK, RST = 0x02, 0x10, 0x04
show("SYN three times", *[tcp(PHONE, SYN)] * 3)
show("SYN, RST", tcp(PHONE, SYN), tcp(SERVER, RST | ACK))
show("SYN, SYN-ACK, ACK", tcp(PHONE, SYN), tcp(SERVER, SYN | ACK), tcp(PHONE, ACK))
show("UDP of 4 octets", frame(PHONE, struct.pack(">HHHH", 50000, 53, 12, 0) + b"1234", 17))
PY
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
