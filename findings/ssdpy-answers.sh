#!/usr/bin/env bash
# ssdpy 0.4.1 answers a search for devices with a message that is no answer, and to one search target only.
#
# Expected: UPnP Device Architecture 2.0, section 1.3.3: who is searched for answers with "HTTP/1.1 200 OK", names the
# target in ST, and has CACHE-CONTROL, EXT, LOCATION, SERVER and USN. Section 1.3.2: a device answers to
# upnp:rootdevice, to its own uuid: and to its type.
# Seen: the answer is "NOTIFY * HTTP/1.1" with NT and NTS, which is for announcements to the group; HOST has no port. A
# search for the identifier that the server was given as its USN gets nothing.
# Who meets it: whoever announces a provisioning server with it: control points, which drop what does not begin with
# HTTP/1.1 200, do not find it. Its own client does.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-deps \
    ssdpy==0.4.1 || {
    echo "could not install ssdpy==0.4.1" >&2
    exit 2
}
run() { venv/bin/python -; }

expected=$(
    cat <<'TEXT'
search for urn:schemas-upnp-org:device:Basic:1:
   NOTIFY * HTTP/1.1
   HOST:239.255.255.250
   NT:urn:schemas-upnp-org:device:Basic:1
   NTS:ssdp:alive
   USN:uuid:00005e00-5300-1000-8000-00005e005301
   LOCATION:http://192.0.2.1/device.xml
   Cache-Control:max-age=1800
search for ssdp:all:
   NOTIFY * HTTP/1.1
   HOST:239.255.255.250
   NT:urn:schemas-upnp-org:device:Basic:1
   NTS:ssdp:alive
   USN:uuid:00005e00-5300-1000-8000-00005e005301
   LOCATION:http://192.0.2.1/device.xml
   Cache-Control:max-age=1800
search for uuid:00005e00-5300-1000-8000-00005e005301:
   no answer
TEXT
)
seen=$(
    run <<'PY'
import socket

from ssdpy import SSDPServer

USN = "uuid:00005e00-5300-1000-8000-00005e005301"
TYPE = "urn:schemas-upnp-org:device:Basic:1"
LOCATION = "http://192.0.2.1/device.xml"
server = SSDPServer(USN, device_type=TYPE, port=0, address="127.0.0.1", max_age=1800, location=LOCATION)
client = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
client.bind(("127.0.0.1", 0))
client.settimeout(0.5)
for target in TYPE, "ssdp:all", USN:
    lines = ("M-SEARCH * HTTP/1.1", "HOST: 239.255.255.250:1900", 'MAN: "ssdp:discover"', "MX: 1", f"ST: {target}")
    server.on_recv("\r\n".join([*lines, "", ""]).encode(), client.getsockname())
    try:
        answer = client.recv(2048).decode()
    except TimeoutError:
        answer = "no answer"
    print(f"search for {target}:")
    for line in answer.strip().split("\r\n"):
        print(f"   {line}")
PY
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
