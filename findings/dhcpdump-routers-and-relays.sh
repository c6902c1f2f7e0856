#!/usr/bin/env bash
# dhcpdump 1.8 (Debian 12) shows the first of several routers, and -1 for a lease that never ends.
#
# Expected: RFC 2132, section 3.5: the router option (3) is a list of addresses. Section 9.2: a lease's time is
# unsigned, and RFC 2131, section 3.3, takes 0xffffffff for "infinity". RFC 3046 and its successors (3527, 5107, 6925)
# name more sub-options of a relay than two. RFC 791, section 3.1: the header of a datagram is as long as its first
# octet says.
# Seen: of two routers it prints the first, while it prints both name servers. The lease lasts "-1 ()", and a T1 of 70
# years "-2087967296 ()". Of a relay that names the link (5) or its server (11) it says "*wrong value*". Behind options
# of IP it takes other octets for the message: an operation "wrong specified", a hardware type 252, and no option.
# Who meets it: whoever looks with it at why a phone takes the other router, or at what a relay adds to a question.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
apt-get download -qq \
    dhcpdump=1.8-7 >&2 || {
    echo "could not download the package" >&2
    exit 2
}
dpkg -x ./*.deb .
if ! unshare --map-root-user --net true 2>/dev/null; then
    echo "needs util-linux' unshare and iproute2, and a kernel that lets this user make network namespaces" >&2
    exit 2
fi
run() { unshare --map-root-user --net python3 -; }

expected=$(
    cat <<'TEXT'
two routers:
  HTYPE: 1 (Ethernet)
  OPTION: 53 ( 1) DHCP message type 2 (DHCPOFFER)
  OPTION: 3 ( 8) Routers 192.0.2.1
  OPTION: 6 ( 8) DNS server 192.0.2.1,192.0.2.2
long leases:
  HTYPE: 1 (Ethernet)
  OPTION: 53 ( 1) DHCP message type 2 (DHCPOFFER)
  OPTION: 51 ( 4) IP address leasetime -1 ()
  OPTION: 58 ( 4) T1 -2087967296 ()
relay:
  HTYPE: 1 (Ethernet)
  OPTION: 53 ( 1) DHCP message type 2 (DHCPOFFER)
  OPTION: 82 ( 18) Relay Agent Information
  Circuit-ID 70:6f:72:74
  *wrong value* c0:00:02:00
  *wrong value* c0:00:02:01
options of IP:
  OP: 0 (wrong specified)
  HTYPE: 252 (???)
TEXT
)
seen=$(
    run <<'END'
import re
import socket
import struct
import subprocess
import time

MAC = bytes.fromhex("02005e100001")
WANTED = r" *(HTYPE|OPTION: +(3|6|51|58|53|82) |.*(Remote|Circuit|wrong))"


def frame(options, ip_options=b""):
    message = struct.pack(">BBBBIHH", 2, 1, 6, 0, 0x1234, 0, 0) + bytes(4) + socket.inet_aton("192.0.2.50") + bytes(8)
    message += MAC.ljust(16, b"\0") + bytes(192) + b"\x63\x82\x53\x63"
    message += b"".join(bytes([number, len(data)]) + data for number, data in options) + b"\xff"
    length = 20 + len(ip_options) + 8 + len(message)
    header = struct.pack(">BBHHHBBH", 0x45 + len(ip_options) // 4, 0, length, 1, 0, 64, 17, 0)
    header += socket.inet_aton("192.0.2.1") + socket.inet_aton("255.255.255.255") + ip_options
    total = sum(struct.unpack(f">{len(header) // 2}H", header))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    header = header[:10] + struct.pack(">H", total ^ 0xFFFF) + header[12:]
    datagram = header + struct.pack(">HHHH", 67, 68, 8 + len(message), 0) + message
    return b"\xff" * 6 + MAC + b"\x08\x00" + datagram


two = socket.inet_aton("192.0.2.1") + socket.inet_aton("192.0.2.2")
relay = b"\x01\x04port\x05\x04" + socket.inet_aton("192.0.2.0") + b"\x0b\x04" + socket.inet_aton("192.0.2.1")
frames = {
    "two routers": frame([(53, b"\x02"), (3, two), (6, two)]),
    "long leases": frame([(53, b"\x02"), (51, b"\xff" * 4), (58, struct.pack(">I", 2207000000))]),
    "relay": frame([(53, b"\x02"), (82, relay)]),
    "options of IP": frame([(53, b"\x02")], ip_options=b"\x94\x04\x00\x00"),
}
setup = "ip link add va type veth peer name vb && ip link set va up && ip link set vb up"
subprocess.run(setup, shell=True, check=True)
command = ["stdbuf", "-oL", "usr/sbin/dhcpdump", "-i", "vb"]
dump = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
time.sleep(1)
sender = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
sender.bind(("va", 0))
for each in frames.values():
    sender.send(each)
    time.sleep(0.1)
time.sleep(1.5)
dump.terminate()
shown = dump.communicate(timeout=10)[0].decode()
for name, text in zip(frames, shown.split("-" * 75 + "\n"), strict=False):
    print(f"{name}:")
    for line in text.splitlines():
        if re.match(WANTED, line):
            print(" ", " ".join(line.split()))
END
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
