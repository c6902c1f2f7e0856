#!/usr/bin/env bash
# scapy 2.8.0 does not say that a packet was not sent, when it sends through libpcap.
#
# Expected: pcap_inject(3PCAP) returns -1 for an error, and pcap_geterr() says which: "send: Network is down". So an
# exception, as scapy's own socket (AF_PACKET) raises OSError there.
# Seen: send() of the socket returns -1 and raises nothing, and sendp() counts the packet as sent.
# Tried with libpcap 1.10.3 of Debian 12, on Linux.
# Who meets it: whoever blames a server for not answering a question that never left the machine.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-deps \
    scapy==2.8.0 || {
    echo "could not install the packages" >&2
    exit 2
}
if ! unshare --map-root-user --net ip link add veth0 type veth peer name veth1 2>/dev/null; then
    echo "needs util-linux' unshare and iproute2, and a kernel that lets this user make network namespaces" >&2
    exit 2
fi
if ! venv/bin/python -c 'import ctypes.util, sys; sys.exit(not ctypes.util.find_library("pcap"))'; then
    echo "needs libpcap (on Debian: apt-get install libpcap0.8)" >&2
    exit 2
fi
run() { unshare --map-root-user --net venv/bin/python -; }

expected=$(
    cat <<'TEXT'
libpcap says: send: Network is down
send gives: -1
sendp counts: 1
without libpcap: OSError 100
TEXT
)
seen=$(
    run <<'PY'
import logging
import subprocess
import time

logging.getLogger("scapy").setLevel(logging.ERROR)
from scapy.config import conf

conf.use_pcap = True
import scapy.arch


def link(*words):
    subprocess.run(["ip", "link", *words], check=True)


link("add", "veth0", "type", "veth", "peer", "name", "veth1")
link("set", "veth0", "up")
link("set", "veth1", "up")
conf.ifaces.reload()

from scapy.libs.winpcapy import pcap_geterr
from scapy.packet import Raw
from scapy.sendrecv import sendp

packet = Raw(b"\xff" * 12 + b"\x88\xb5" + bytes(50))
sock = conf.L2socket(iface="veth0")
link("set", "veth0", "down")
time.sleep(0.5)
given = sock.send(packet)
print("libpcap says:", pcap_geterr(sock.pcap_fd.pcap).decode())
print("send gives:", given)
print("sendp counts:", len(sendp(packet, socket=sock, verbose=False, return_packets=True)))
sock.close()
link("set", "veth0", "up")
conf.use_pcap = False
sock = conf.L2socket(iface="veth0")
link("set", "veth0", "down")
time.sleep(0.5)
try:
    sock.send(packet)
    sock.send(packet)
    print("without libpcap: nothing")
except OSError as error:
    print("without libpcap: OSError", error.errno)
PY
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
