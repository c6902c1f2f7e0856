#!/usr/bin/env bash
# civetweb 1.15 (Debian 12) announces more of a file's last piece than it sends, and -9 octets behind its end.
#
# Expected: RFC 9110, section 14.1.2: an end behind the last octet means the last one, and "-4" means the last 4 octets.
# Section 15.5.17: of a range that begins behind the end the answer is 416. Section 8.6: a length has digits only. RFC
# 9112, section 3.2.2: a server must take a request whose target is a whole URI. RFC 9112, section 5: blanks and tabs
# may stand before a value.
# Seen: of 10 octets, octets 8 to 11 are "8-10/10", with a length of 3, of which 2 come: a client waits for the third,
# or calls the file cut. Behind the end the answer is 206 with "Content-Length: -9". "-4" gets all of the file. It hangs
# up without an answer on a whole URI, and says 400 of a tab before the name of a host.
# Who meets it: whoever lets firmware be taken from a device or program with it in pieces of one size.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
apt-get download -qq \
    civetweb=1.15+dfsg-4 libcivetweb1=1.15+dfsg-4 >&2 || {
    echo "could not download the packages" >&2
    exit 2
}
for package in ./*.deb; do dpkg -x "$package" .; done
export LD_LIBRARY_PATH=$PWD/usr/lib/x86_64-linux-gnu
run() { python3 -; }

expected=$(
    cat <<'TEXT'
bytes=0-3: HTTP/1.1 206 Partial Content; Content-Length: 4; Content-Range: bytes 0-3/10; 4 octets
bytes=8-11: HTTP/1.1 206 Partial Content; Content-Length: 3; Content-Range: bytes 8-10/10; 2 octets
bytes=8-: HTTP/1.1 206 Partial Content; Content-Length: 2; Content-Range: bytes 8-9/10; 2 octets
bytes=-4: HTTP/1.1 200 OK; Content-Length: 10; 10 octets
bytes=20-30: HTTP/1.1 206 Partial Content; Content-Length: -9; Content-Range: bytes 20-10/10; 0 octets
whole URI: no answer
tab: HTTP/1.0 400 Bad Request; 40 octets
TEXT
)
seen=$(
    run <<'END'
import os
import socket
import subprocess
import time

os.mkdir("files")
with open("files/a.cab", "w") as file:
    file.write("firmware 1")
with socket.create_server(("127.0.0.1", 0)) as free:
    port = free.getsockname()[1]
command = ["usr/bin/civetweb", "-listening_ports", f"127.0.0.1:{port}", "-document_root", os.path.abspath("files")]
server = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def ask(what, target="/a.cab", fields="", host="Host: phones.contoso.com"):
    client = socket.create_connection(("127.0.0.1", port), timeout=5)
    client.sendall(f"GET {target} HTTP/1.1\r\n{host}\r\nConnection: close\r\n{fields}\r\n".encode())
    octets = b""
    while more := client.recv(65536):
        octets += more
    head, _, body = octets.decode().partition("\r\n\r\n")
    lines = head.split("\r\n")
    shown = [line for line in lines if line.lower().startswith(("content-range", "content-length"))]
    print(f"{what}: {'; '.join([lines[0], *shown])}; {len(body)} octets" if octets else f"{what}: no answer")


try:
    time.sleep(1)
    for wanted in ("0-3", "8-11", "8-", "-4", "20-30"):
        ask(f"bytes={wanted}", fields=f"Range: bytes={wanted}\r\n")
    ask("whole URI", target="http://phones.contoso.com/a.cab")
    ask("tab", host="Host:\tphones.contoso.com")
finally:
    server.kill()
END
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
