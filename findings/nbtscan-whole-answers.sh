#!/usr/bin/env bash
# nbtscan 1.7.2 (Debian 12) calls each whole answer of a host incomplete, and takes a computer's name for its user's.
#
# Expected: RFC 1002, section 4.2.18: the statistics behind the names of a node have 46 octets, from the hardware
# address to the size of a session's packets. Its manual page calls a column the name of the user, which is the
# computer's "if no one is logged on"; suffix 03 is registered for the computer itself and for its user, in any order.
# Seen: with -v "Incomplete packet" stands in front of the table of an answer that has all 46, and of another length
# than it has. The name with suffix 03 that comes last is the user, so that the computer's own hides ANNA.
# Who meets it: whoever lists with it which PC stands at a phone's port, and who sits there.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
apt-get download -qq \
    nbtscan=1.7.2-2 >&2 || {
    echo "could not download the package" >&2
    exit 2
}
dpkg -x ./*.deb .
run() { unshare -rn python3 -; }

expected=$(
    cat <<'TEXT'
the user's name last:
   127.0.0.1|PC7 ||ANNA |00:00:5e:00:53:01
   Incomplete packet, 173 bytes long.
   PC7 <00> UNIQUE
   CONTOSO <00> GROUP
   PC7 <03> UNIQUE
   ANNA <03> UNIQUE
   Adapter address: 00:00:5e:00:53:01
   (the answer has 175 octets)
the computer's name last:
   127.0.0.1|PC7 ||PC7 |00:00:5e:00:53:01
   Incomplete packet, 173 bytes long.
   PC7 <00> UNIQUE
   CONTOSO <00> GROUP
   ANNA <03> UNIQUE
   PC7 <03> UNIQUE
   Adapter address: 00:00:5e:00:53:01
   (the answer has 175 octets)
TEXT
)
seen=$(
    run <<'PY'
import socket
import struct
import subprocess
import threading

subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
GROUP, ACTIVE = 0x8000, 0x0400
NAMES = [("PC7", 0x00, ACTIVE), ("CONTOSO", 0x00, ACTIVE | GROUP), ("ANNA", 0x03, ACTIVE), ("PC7", 0x03, ACTIVE)]
CASES = {
    "the user's name last": NAMES[:2] + NAMES[3:] + NAMES[2:3],
    "the computer's name last": NAMES,
}
server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
server.bind(("127.0.0.1", 137))
sizes = []


def serve():
    for names in [case for case in CASES.values() for _ in range(2)]:
        asked, address = server.recvfrom(600)
        rows = b"".join(name.ljust(15).encode() + struct.pack(">BH", suffix, flags) for name, suffix, flags in names)
        # RFC 1002, section 4.2.18: the statistics have 46 octets, the hardware address first.
        data = bytes([len(names)]) + rows + bytes.fromhex("00005e005301") + bytes(40)
        head = asked[:2] + struct.pack(">HHHHH", 0x8400, 0, 1, 0, 0) + asked[12:46]
        answer = head + struct.pack(">HHIH", 0x21, 1, 0, len(data)) + data
        sizes.append(len(answer))
        server.sendto(answer, address)


threading.Thread(target=serve, daemon=True).start()
for name in CASES:
    print(f"{name}:")
    for options in ["-s", "|"], ["-v"]:
        output = subprocess.run(["usr/bin/nbtscan", "-q", *options, "127.0.0.1"], capture_output=True, text=True).stdout
        lines = [line.strip() for line in output.splitlines()]
        lines = [line for line in lines if line and "-----" not in line and not line.startswith(("Name ", "NetBIOS"))]
        print(*(f"   {' '.join(line.split())}" for line in lines), sep="\n")
    print(f"   (the answer has {sizes[-1]} octets)")
PY
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
