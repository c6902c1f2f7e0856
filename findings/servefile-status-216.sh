#!/usr/bin/env bash
# servefile 0.5.4 (Debian 12) answers 216 to who wants a piece of a file, and refuses the last piece.
#
# Expected: RFC 9110, section 15.3.7: the status of a piece is 206. Section 14.1.2: an end behind the last octet means
# the last one, a suffix is the end of the file; section 14.1: the name of a unit may be in capital letters. Section
# 8.8.2: Last-Modified is when the file was changed last.
# Seen: the status is 216, which is registered for nothing. Of a range whose end is behind the file's the answer is 416,
# also where it begins in it; of a suffix, and of "Bytes", all of the file. Last-Modified is when the program was
# started.
# Who meets it: whoever hands firmware or a capture to someone with it: a client that goes on with a download that broke
# off has to treat an unknown 2xx as 200 (section 15), and takes the piece for all of the file.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
apt-get download -qq \
    servefile=0.5.4-3 >&2 || {
    echo "could not download the package" >&2
    exit 2
}
dpkg -x ./*.deb .
run() { PYTHONPATH=usr/lib/python3/dist-packages python3 -; }

expected=$(
    cat <<'TEXT'
bytes=0-3: 216 , bytes 0-3/10: b'firm'
bytes=4-: 216 , bytes 4-9/10: b'ware 1'
bytes=8-11: 416 Requested Range Not Satisfiable, bytes */10: b''
bytes=4-9999: 416 Requested Range Not Satisfiable, bytes */10: b''
bytes=-4: 200 OK, None: b'firmware 1'
Bytes=0-3: 200 OK, None: b'firmware 1'
Last-Modified: another time
TEXT
)
seen=$(
    run <<'PY'
import http.client
import os
import socket
import subprocess
import sys
import time

with open("a.cab", "w") as file:
    file.write("firmware 1")
CHANGED = "Sun, 01 Nov 2026 10:00:00 GMT"
os.utime("a.cab", (1793527200, 1793527200))
with socket.create_server(("127.0.0.1", 0)) as free:
    port = free.getsockname()[1]
command = [sys.executable, "-m", "servefile", "-p", str(port), "a.cab"]
server = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
try:
    for _ in range(50):
        time.sleep(0.2)
        with socket.socket() as trial:
            if not trial.connect_ex(("127.0.0.1", port)):
                break
    for wanted in "bytes=0-3", "bytes=4-", "bytes=8-11", "bytes=4-9999", "bytes=-4", "Bytes=0-3":
        client = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
        client.request("GET", "/a.cab", headers={"Range": wanted})
        answer = client.getresponse()
        print(f"{wanted}: {answer.status} {answer.reason}, {answer.getheader('Content-Range')}: {answer.read()}")
    client = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    client.request("HEAD", "/a.cab")
    changed = client.getresponse().getheader("Last-Modified")
    print("Last-Modified:", "when the file changed" if changed == CHANGED else "another time")
finally:
    server.kill()
PY
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
