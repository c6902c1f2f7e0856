#!/usr/bin/env bash
# nfdump 1.7.1 (Debian 12) knows neither the protocol nor the ports of an IPv6 datagram with a header of options.
#
# Expected: RFC 8200, section 4: between the header and the data may stand options for the way (0) and for the target
# (60), a route (43) and others; each says what follows, so that UDP or TCP is found behind them. nfpcapd(1) makes flows
# of the packets of a capture.
# Seen: the number of the first such header is given for the protocol, and 0 for both ports. So all that a host sends
# with options or in fragments is one flow to another host, whatever program it is of; that includes a datagram in one
# single fragment, and the first fragment of several, in which the ports stand. A filter by protocol or port passes over
# it.
# Who meets it: whoever looks with it for large answers of DNS over IPv6, which come in fragments.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
apt-get download -qq \
    nfdump=1.7.1-2+deb12u1 libpcap0.8=1.10.3-1 >&2 || {
    echo "could not download the packages" >&2
    exit 2
}
for package in ./*.deb; do dpkg -x "$package" .; done
export LD_LIBRARY_PATH=$PWD/usr/lib/x86_64-linux-gnu:$PWD/usr/lib TZ=UTC
run() { python3 -; }

expected=$(
    cat <<'TEXT'
none: UDP ::81.5000 ::5.53 1
options of the way: 0 ::81.0 ::5.0 1
options of the target: OPTS6 ::81.0 ::5.0 1
a single fragment: Frag6 ::81.0 ::5.0 1
the first fragment: Frag6 ::81.0 ::5.0 1
options and a fragment: OPTS6 ::81.0 ::5.0 1
TEXT
)
seen=$(
    run <<'PY'
import struct
import subprocess
from pathlib import Path


def flow(name, first, *headers):
    data = b"".join(headers) + struct.pack(">HHHH", 5000, 53, 12, 0x1234) + b"ping"
    ip = struct.pack(">IHBB", 6 << 28, len(data), first, 64) + bytes(15) + b"\x81" + bytes(15) + b"\x05"
    frame = bytes.fromhex("020000000005020000000081" "86dd") + ip + data
    size = len(frame), len(frame)
    head = struct.pack("<IHHIIII4I", 0xA1B2C3D4, 2, 4, 0, 0, 262144, 1, 1796000000, 0, *size)
    Path("in.pcap").write_bytes(head + frame)
    Path(name).mkdir()
    subprocess.run(("usr/bin/nfpcapd", "-r", "in.pcap", "-w", name), check=True, capture_output=True)
    command = "usr/bin/nfdump", "-R", name, "-q", "-o", "fmt:%pr %sap %dap %pkt"
    shown = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    print(f"{name}:", *shown.split())


flow("none", 17)
flow("options of the way", 0, bytes((17, 0, 1, 4, 0, 0, 0, 0)))
flow("options of the target", 60, bytes((17, 0, 1, 4, 0, 0, 0, 0)))
flow("a single fragment", 44, bytes((17, 0, 0, 0, 0, 0, 0, 7)))
flow("the first fragment", 44, bytes((17, 0, 0, 1, 0, 0, 0, 7)))
flow("options and a fragment", 60, bytes((44, 0, 1, 4, 0, 0, 0, 0)), bytes((17, 0, 0, 0, 0, 0, 0, 7)))
PY
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
