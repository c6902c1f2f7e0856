#!/usr/bin/env bash
# scapy 2.8.0 takes an interface that went away for one on which nobody speaks, when it captures through libpcap.
#
# Expected: pcap_next_ex(3PCAP) returns -1 for an error, and pcap_geterr() says which: "The interface disappeared". So
# an exception, as scapy's own socket (AF_PACKET) raises one, or a capture that ends.
# Seen: recv_raw() gives (None, None, None), as it does when no packet came, and sniff() goes on to its time limit.
# Tried with libpcap 1.10.3 of Debian 12, on Linux.
# Who meets it: whoever concludes from a silence, as after the cable of a USB adapter was pulled.
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
libpcap says: The interface disappeared
recv_raw says: (None, None, None)
sniff ends by: its time limit, with 0 packets
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
from scapy.sendrecv import sniff

sock = conf.L2listen(iface="veth0")
sock.pcap_fd.setnonblock(True)
link("delete", "veth0")
time.sleep(0.5)
while sock.recv_raw()[1] is not None:
    pass  # what the kernel itself had sent before
print("libpcap says:", pcap_geterr(sock.pcap_fd.pcap).decode())
print("recv_raw says:", sock.recv_raw())
began = time.monotonic()
try:
    packets = sniff(opened_socket=sock, timeout=2)
except Exception as error:
    print("sniff ends by:", type(error).__name__)
else:
    early = time.monotonic() - began < 1.9
    print(f"sniff ends by: {'itself' if early else 'its time limit'}, with {len(packets)} packets")
PY
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
