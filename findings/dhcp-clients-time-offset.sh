#!/usr/bin/env bash
# udhcpc of busybox 1.35.0 and dhcpcd 9.4.1 (both Debian 12) give New York an offset of 4294949296 seconds from UTC.
#
# Expected: RFC 2132, section 3.4: option 2, the time offset, is a 32-bit integer in two's complement; it is positive
# east of the zero meridian, negative west of it. ffffb9b0 is -18000: five hours west, as in New York.
# Seen: both hand their scripts the number without its sign, under the names timezone and new_time_offset. East of
# Greenwich all is right, so the mistake does not show there. dhclient of isc-dhcp-client 4.4.3-P1 gives -18000.
# Who meets it: telephones and other devices with one of the two whose scripts set the clock's zone from DHCP.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
apt-get download -qq \
    busybox=1:1.35.0-4+deb12u1+b1 dhcpcd-base=9.4.1-24~deb12u5 >&2 || {
    echo "could not download the packages" >&2
    exit 2
}
for package in ./*.deb; do dpkg -x "$package" .; done
if ! unshare --map-root-user --net --mount ip link add veth0 type veth peer name veth1 2>/dev/null; then
    echo "needs util-linux' unshare and iproute2, and a kernel that lets this user make network namespaces" >&2
    exit 2
fi
run() { unshare --map-root-user --net --mount python3 -; }

expected=$(
    cat <<'TEXT'
19800: timezone=19800
19800: new_time_offset=19800
3600: timezone=3600
3600: new_time_offset=3600
-12600: timezone=4294954696
-12600: new_time_offset=4294954696
-18000: timezone=4294949296
-18000: new_time_offset=4294949296
TEXT
)
seen=$(
    run <<'PY'
import os
import socket
import struct
import subprocess
import threading

SETUP = """
ip link add veth0 type veth peer name veth1 && ip link set veth0 up && ip link set veth1 up
mount -t tmpfs none /run && mount -t tmpfs none /var/lib && mkdir /var/lib/dhcpcd
"""
SCRIPT = f"""#!/bin/sh
env | grep -E '^(timezone|new_time_offset)=' >>{os.getcwd()}/seen
exit 0
"""
CLIENTS = (
    ["bin/busybox", "udhcpc", "-i", "veth1", "-qnf", "-t", "3", "-T", "2", "-O", "timezone", "-s"],
    ["usr/sbin/dhcpcd", "-1", "-4", "-A", "-B", "-t", "9", "-f", "dhcpcd.conf", "-c"],
)
subprocess.run(SETUP, shell=True, check=True)
with open("script", "w") as file:
    file.write(SCRIPT)
os.chmod("script", 0o755)
with open("dhcpcd.conf", "w") as file:
    file.write("option time_offset\n")


def checksum(header):
    total = sum(struct.unpack(f">{len(header) // 2}H", header))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def serve(link, offset):
    address = bytes([192, 0, 2, 1])
    while True:
        frame = link.recv(2000)
        if frame[23] != 17 or frame[36:38] != b"\x00\x43":
            continue
        asked = frame[42:]
        kind = asked[asked.index(b"\x35\x01", 240) + 2]
        phone = bytes([192, 0, 2, 71])
        answer = struct.pack(">4B4s8x4s4s4x16s192x", 2, 1, 6, 0, asked[4:8], phone, address, asked[28:44])
        answer += bytes([99, 130, 83, 99, 53, 1, 2 if kind == 1 else 5, 54, 4]) + address
        answer += bytes([1, 4, 255, 255, 255, 0, 51, 4, 0, 1, 0, 0, 2, 4]) + struct.pack(">i", offset) + b"\xff"
        udp = struct.pack(">4H", 67, 68, 8 + len(answer), 0) + answer
        ip = struct.pack(">BBHHHBBH", 0x45, 0, 20 + len(udp), 1, 0, 64, 17, 0) + address + b"\xff" * 4
        ip = ip[:10] + struct.pack(">H", checksum(ip)) + ip[12:]
        link.send(b"\xff" * 6 + bytes.fromhex("0200000000010800") + ip + udp)
        if kind == 3:
            break


for offset in (19800, 3600, -12600, -18000):
    for client in CLIENTS:
        with socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(0x0800)) as link:
            link.bind(("veth0", 0))
            link.settimeout(60)
            server = threading.Thread(target=serve, args=(link, offset))
            server.start()
            silent = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
            last = ["./script"] if "udhcpc" in client else ["./script", "veth1"]
            subprocess.run([*client, f"{os.getcwd()}/{last[0]}", *last[1:]], timeout=60, **silent)
            server.join()
        subprocess.run("rm -rf /var/lib/dhcpcd/* /run/dhcpcd*; ip address flush dev veth1", shell=True, check=True)
        with open("seen") as file:
            print(f"{offset}:", file.read().splitlines()[-1])
        os.remove("seen")
PY
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
