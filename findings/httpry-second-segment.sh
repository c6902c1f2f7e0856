#!/usr/bin/env bash
# httpry 0.1.8 (Debian 12) gives part of a path for the path, one of two requests, and nothing of a tagged frame.
#
# Expected: RFC 9293, section 3.7: the ends of segments mean nothing to what is sent; RFC 9112, section 9.3.2: a client
# may send a request behind another without waiting. httpry(1): it is a tool for logging requests and responses, and
# reads files by -r.
# Seen: each segment is read alone. A path that goes on in the next one is logged as far as it goes, as if it were
# whole, with neither a host nor a mark. Of two requests or responses in a segment, the first is logged. What is in a
# VLAN is not logged at all, since the filter that is always there does not know tags.
# Who meets it: whoever looks by it for the requests of phones, whose voice VLAN is tagged at a trunk.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
apt-get download -qq \
    httpry=0.1.8-3 libpcap0.8=1.10.3-1 >&2 || {
    echo "could not download the packages" >&2
    exit 2
}
for package in ./*.deb; do dpkg -x "$package" .; done
export LD_LIBRARY_PATH=$PWD/usr/lib/x86_64-linux-gnu
run() { python3 -; }

expected=$(
    cat <<'TEXT'
one segment: ['POST pool.contoso.com /RequestHandler/ucdevice.upx']
two segments: ['POST - /RequestHandler']
two requests: ['POST pool.contoso.com /one', 'POST pool.contoso.com /two']
two requests in a segment: ['POST pool.contoso.com /one']
VLAN 20: []
TEXT
)
seen=$(
    run <<'PY'
import struct
import subprocess


def frame(data, at=0, tag=b""):
    segment = struct.pack("!HHIIBBHHH", 49152, 80, 1001 + at, 5001, 80, 24, 8192, 0, 0) + data
    packet = struct.pack("!BBHHHBBHBBBBBBBB", 69, 0, 20 + len(segment), 1, 0, 64, 6, 0, 192, 0, 2, 51, 192, 0, 2, 81)
    return bytes.fromhex("0200000000810004f2aabbcc") + tag + b"\x08\x00" + packet + segment


def show(what, *frames):
    with open("in.pcap", "wb") as file:
        file.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 262144, 1))
        for number, data in enumerate(frames):
            file.write(struct.pack("<4I", 1764327600 + number, 0, len(data), len(data)) + data)
    command = ["usr/sbin/httpry", "-q", "-r", "in.pcap", "-f", "method,host,request-uri"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    lines = [line.replace("\t", " ") for line in done.stdout.splitlines() if not line.startswith("#")]
    print(f"{what}: {lines}")


def request(path):
    return f"POST {path} HTTP/1.1\r\nHost: pool.contoso.com\r\nContent-Length: 0\r\n\r\n".encode()


update = request("/RequestHandler/ucdevice.upx")
show("one segment", frame(update))
show("two segments", frame(update[:20]), frame(update[20:], 20))
show("two requests", frame(request("/one")), frame(request("/two"), len(request("/one"))))
show("two requests in a segment", frame(request("/one") + request("/two")))
show("VLAN 20", frame(update, tag=b"\x81\x00\x00\x14"))
PY
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
