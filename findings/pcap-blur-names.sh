#!/usr/bin/env bash
# pcap-blur 2.0.1 leaves the names in DNS and the addresses and names in DHCP as they were, and the ports of IPv6.
#
# Expected: its README: MAC and IP addresses, port numbers and application data are anonymized, the data by a "black
# marker"; times lose precision, by its source "to the nearest millisecond".
# Seen: data is blackened only where scapy does not know it: an HTTP request is zeros, a DNS question and a DHCP message
# go as they are, with the telephone's MAC address and name. Ports are changed in IPv4 alone. Times are cut to whole
# seconds, so that what took 900 milliseconds took none. It ends with 0, and its log names none of this.
# Who meets it: whoever gives a capture of telephones to others behind it.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-deps \
    pcap-blur==2.0.1 scapy==2.5.0 yacryptopan==1.0.1 pycryptodome==3.20.0 picologging==0.9.3 psutil==5.9.8 \
    tzlocal==5.2 || {
    echo "could not install the packages" >&2
    exit 2
}
run() { venv/bin/python -; }

expected=$(
    cat <<'TEXT'
ended with 0
the address of the phone in Ethernet: changed
the address of the phone in DHCP: as before
the name of the phone in DHCP: as before
the name in DNS: as before
the name in HTTP: changed
the ports in IPv4: changed
the ports in IPv6: as before
times: [0.0, 0.0, 0.0, 0.0] before: [0.0, 0.3, 0.6, 0.9]
TEXT
)
seen=$(
    run <<'PY'
import subprocess

from scapy.layers.dhcp import BOOTP, DHCP
from scapy.layers.dns import DNS, DNSQR
from scapy.layers.inet import IP, TCP, UDP
from scapy.layers.inet6 import IPv6
from scapy.layers.l2 import Ether
from scapy.utils import rdpcap, wrpcap

PHONE, SERVER, MAC = "192.0.2.7", "192.0.2.1", bytes.fromhex("0004f2000007")


def frame(*layers):
    packet = Ether(src="00:04:f2:00:00:07", dst="02:00:00:00:00:01")
    for layer in layers:
        packet /= layer
    return packet


packets = [
    frame(IP(src="0.0.0.0", dst="255.255.255.255"), UDP(sport=68, dport=67), BOOTP(chaddr=MAC),
          DHCP(options=[("message-type", "discover"), ("hostname", b"phone-lobby"), "end"])),
    frame(IP(src=PHONE, dst=SERVER), UDP(sport=50000, dport=53), DNS(qd=DNSQR(qname="ucupdates-r2.contoso.com"))),
    frame(IP(src=PHONE, dst=SERVER), TCP(sport=50000, dport=80, flags="PA"),
          b"POST / HTTP/1.1\r\nHost: contoso\r\n\r\n"),
    frame(IPv6(src="2001:db8::7", dst="2001:db8::1"), TCP(sport=50000, dport=80, flags="S")),
]
for number, packet in enumerate(packets):
    packet.time = 1764327600 + number * 0.3
wrpcap("phone.pcap", packets)
done = subprocess.run(["venv/bin/pcap_blur", "phone.pcap"], capture_output=True, text=True)
print("ended with", done.returncode)
blurred = rdpcap("output/phone_anonymized.pcap")
octets = b"".join(map(bytes, blurred))
for what, mark in (
    ("the address of the phone in Ethernet", blurred[1].src == "00:04:f2:00:00:07"),
    ("the address of the phone in DHCP", MAC in octets),
    ("the name of the phone in DHCP", b"phone-lobby" in octets),
    ("the name in DNS", b"ucupdates-r2\x07contoso" in octets),
    ("the name in HTTP", b"Host" in octets),
    ("the ports in IPv4", blurred[2][TCP].dport == 80),
    ("the ports in IPv6", blurred[3][TCP].dport == 80),
):
    print(f"{what}:", "as before" if mark else "changed")
print("times:", [float(packet.time - blurred[0].time) for packet in blurred], "before: [0.0, 0.3, 0.6, 0.9]")
PY
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
