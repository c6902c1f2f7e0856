#!/usr/bin/env bash
# isc-dhcp-client 4.4.3-P1 (Debian 12) hands its scripts the octet 10 and the letter a as the same text.
#
# Expected: RFC 3942: options 224 to 254 are a site's own, RFC 2132 leaves their values to it; Windows asks for option
# 249 (routes). dhclient-script(8): the options of a lease are in the environment. The same text means the same octets.
# Seen: of an option that dhclient.conf does not define it writes the octets in hexadecimal without leading zeros,
# unless all of them happen to be printable: then they are the text itself. So "a" is 0a or the letter, "12:34" two
# octets or five, and a list of routes is now numbers, now " @ABCDEFG", as the addresses are. A zero at the end is
# left out. The leases file has quotes around texts; the environment has none.
# Who meets it: scripts that take a voice VLAN or routes of Windows from a lease: with other numbers they read rubbish.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
apt-get download -qq \
    isc-dhcp-client=4.4.3-P1-2 >&2 || {
    echo "could not download the packages" >&2
    exit 2
}
for package in ./*.deb; do dpkg -x "$package" .; done
if ! unshare --map-root-user --net ip link add veth0 type veth peer name veth1 2>/dev/null; then
    echo "needs util-linux' unshare and iproute2, and a kernel that lets this user make network namespaces" >&2
    exit 2
fi
run() { unshare --map-root-user --net python3 -; }

expected=$(
    cat <<'TEXT'
0a: 224=a
61: 224=a
1234: 224=12:34
31323a3334: 224=12:34
610962: 224=61:9:62
70686f6e6500: 224=phone
180a01020a010201: 249=18:a:1:2:a:1:2:1
204041424344454647: 249= @ABCDEFG
TEXT
)
seen=$(
    run <<'PY'
import os
import socket
import struct
import subprocess
import threading
import time

VALUES = (
    (224, b"\x0a"), (224, b"a"), (224, b"\x12\x34"), (224, b"12:34"), (224, b"a\tb"), (224, b"phone\0"),
    (249, bytes([24, 10, 1, 2, 10, 1, 2, 1])), (249, bytes([32, 64, 65, 66, 67, 68, 69, 70, 71])),
)
SETUP = "ip link add veth0 type veth peer name veth1 && ip link set veth0 up && ip link set veth1 up"
SCRIPT = f"""#!/bin/sh
[ "$reason" != BOUND ] || env | sed -n 's/^new_unknown_//p' >{os.getcwd()}/seen
"""
subprocess.run(SETUP, shell=True, check=True)
with open("script", "w") as file:
    file.write(SCRIPT)
os.chmod("script", 0o755)
open("dhclient.conf", "w").close()


def checksum(header):
    total = sum(struct.unpack(f">{len(header) // 2}H", header))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def serve(link, option):
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
        answer += bytes([1, 4, 255, 255, 255, 0, 51, 4, 0, 1, 0, 0]) + option + b"\xff"
        udp = struct.pack(">4H", 67, 68, 8 + len(answer), 0) + answer
        ip = struct.pack(">BBHHHBBH", 0x45, 0, 20 + len(udp), 1, 0, 64, 17, 0) + address + b"\xff" * 4
        ip = ip[:10] + struct.pack(">H", checksum(ip)) + ip[12:]
        link.send(b"\xff" * 6 + bytes.fromhex("0200000000010800") + ip + udp)
        if kind == 3:
            break


here = os.getcwd()
for code, value in VALUES:
    with socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(0x0800)) as link:
        link.bind(("veth0", 0))
        link.settimeout(60)
        server = threading.Thread(target=serve, args=(link, bytes([code, len(value)]) + value))
        server.start()
        command = ["sbin/dhclient", "-4", "-1", "-d", "-cf", "dhclient.conf", "-lf", f"{here}/leases"]
        command += ["-pf", f"{here}/pid", "-sf", f"{here}/script", "veth1"]
        client = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        server.join()
        for _ in range(100):
            if os.path.exists("seen") and os.path.getsize("seen"):
                break
            time.sleep(0.1)
        client.kill()
        client.wait()
    with open("seen") as file:
        print(f"{value.hex()}: {file.read()}", end="")
    for name in ("seen", "leases", "pid"):
        if os.path.exists(name):
            os.remove(name)
PY
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
