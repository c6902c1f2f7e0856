#!/usr/bin/env bash
# ssdp 1.3.1 stops listening after four seconds, however long it lets devices take to answer.
#
# Expected: UPnP Device Architecture 2.0, section 1.3.2: MX is the time in which devices are to answer, each after a
# random part of it; the client should wait at least as long. The tool's --mx is the "maximum wait time in seconds", 5
# where none is given. RFC 9112, section 4: the reason phrase may be missing, and may have blanks.
# Seen: "ssdp discover" sleeps for 4 seconds and ends. Of the devices that take their time it finds none of the fifth
# second, and with --mx 10 less than half. A status line without a reason, or with one of two words, is a ValueError.
# Who meets it: whoever looks with it whether gateways or phones announce themselves: in each run others are missing.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-deps \
    ssdp==1.3.1 click==8.3.1 pygments==2.19.2 || {
    echo "could not install the packages" >&2
    exit 2
}
run() { unshare -rn venv/bin/python -; }

expected=$(
    cat <<'TEXT'
devices may take 5 seconds: found those after 0.5, 3
devices may take 10 seconds: found those after 0.5, 3
'HTTP/1.1 200 OK': 200
'HTTP/1.1 200': ValueError: not enough values to unpack (expected 3, got 2)
'HTTP/1.1 200 ': ValueError: not enough values to unpack (expected 3, got 2)
'HTTP/1.1 503 Service Unavailable': ValueError: too many values to unpack (expected 3)
TEXT
)
seen=$(
    run <<'PY'
import re
import socket
import subprocess
import threading
import time

from ssdp.messages import SSDPResponse

subprocess.run("ip link set lo up multicast on; ip route add 224.0.0.0/4 dev lo", shell=True, check=True)
DELAYS = 0.5, 3, 4.5, 6
device = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
device.bind(("239.255.255.250", 1900))
GROUP = socket.inet_aton("239.255.255.250") + bytes([127, 0, 0, 1])
device.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, GROUP)


def answer(delay, address):
    time.sleep(delay)
    lines = "HTTP/1.1 200 OK", "EXT:", f"USN: uuid:device-after-{delay}-seconds", "ST: ssdp:all"
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as own:
        own.sendto("\r\n".join([*lines, "", ""]).encode(), address)


def serve():
    for _ in range(2):
        wanted, address = device.recvfrom(2048)
        for delay in DELAYS:
            threading.Thread(target=answer, args=(delay, address), daemon=True).start()


threading.Thread(target=serve, daemon=True).start()
for wait in 5, 10:
    command = ["venv/bin/ssdp", "discover", "--mx", str(wait)]
    output = subprocess.run(command, capture_output=True, text=True).stdout
    print(f"devices may take {wait} seconds: found those after", ", ".join(re.findall(r"after-([\d.]+)", output)))
for line in "HTTP/1.1 200 OK", "HTTP/1.1 200", "HTTP/1.1 200 ", "HTTP/1.1 503 Service Unavailable":
    try:
        print(f"{line!r}: {SSDPResponse.parse(line + chr(13) + chr(10) * 2).status_code}")
    except ValueError as error:
        print(f"{line!r}: ValueError: {error}")
PY
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
