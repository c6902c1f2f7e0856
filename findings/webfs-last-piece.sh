#!/usr/bin/env bash
# webfs 1.21 (Debian 12) refuses the last piece of a file, and says that it sends some where it sends nothing.
#
# Expected: RFC 9110, section 14.1.2: an end behind the last octet means the last one, and a suffix longer than the file
# means all of it. Section 15.5.17: of a range that begins behind the end the answer is 416.
# Seen: an end behind the last octet is 400, with "*PLONK*" for its body. The answer to a longer suffix is 206 from
# octet -6 on, announces 16 octets and has none; that to a range that begins behind the end is 206 without an octet.
# Who meets it: whoever lets firmware be taken from it in pieces of one size, or its end be looked at first: the last
# piece is refused, and of a short file the end is empty.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
apt-get download -qq \
    webfs=1.21+ds1-12+b1 >&2 || {
    echo "could not download the package" >&2
    exit 2
}
dpkg -x ./*.deb .
run() { python3 -; }

expected=$(
    cat <<'TEXT'
bytes=0-3: 206 bytes 0-3/10, announced 4: b'firm'
bytes=4-7: 206 bytes 4-7/10, announced 4: b'ware'
bytes=8-11: 400 None, announced 8: b'*PLONK*\n'
bytes=-4: 206 bytes 6-9/10, announced 4: b're 1'
bytes=-16: 206 bytes -6-9/10, announced 16: b''
bytes=10-: 206 bytes 10-9/10, announced 0: b''
TEXT
)
seen=$(
    run <<'END'
import http.client
import os
import socket
import subprocess
import time

os.mkdir("files")
with open("files/a.cab", "w") as file:
    file.write("firmware 1")
with socket.create_server(("127.0.0.1", 0)) as free:
    port = free.getsockname()[1]
command = ["usr/bin/webfsd", "-F", "-4", "-i", "127.0.0.1", "-p", str(port), "-r", os.path.abspath("files")]
server = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
try:
    time.sleep(1)
    for wanted in ("0-3", "4-7", "8-11", "-4", "-16", "10-"):
        client = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
        client.request("GET", "/a.cab", headers={"Range": f"bytes={wanted}", "Connection": "close"})
        answer = client.getresponse()
        announced = answer.getheader("Content-Length")
        try:
            body = answer.read()
        except http.client.IncompleteRead as error:
            body = error.partial
        print(f"bytes={wanted}: {answer.status} {answer.getheader('Content-Range')}, announced {announced}: {body}")
finally:
    server.kill()
END
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
