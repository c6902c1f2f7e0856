#!/usr/bin/env bash
# lua-socket 3.1.0 (Debian 12) names an IPv6 host without brackets, so that its port is one more part of the address.
#
# Expected: RFC 9110, section 7.2, and RFC 3986, section 3.2.2: Host is the host and port of the URI, with an IPv6
# address in brackets. RFC 9112, section 3.2: a server must refuse any other Host with 400.
# Seen: the brackets are taken off. Of port 8080, Host is 2001:db8::51:8080, which is an address itself. The first line
# of a request to a proxy still has them.
# Who meets it: whoever asks an update service with it in a network of IPv6.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
apt-get download -qq \
    lua-socket=3.1.0-1+b1 lua5.1=5.1.5-9 >&2 || {
    echo "could not download the packages" >&2
    exit 2
}
for package in ./*.deb; do dpkg -x "$package" .; done
export LD_LIBRARY_PATH=$PWD/usr/lib/x86_64-linux-gnu LUA_PATH=$PWD/usr/share/lua/5.1/?.lua
export LUA_CPATH=$PWD/usr/lib/x86_64-linux-gnu/lua/5.1/?.so
run() { python3 -; }

expected=$(
    cat <<'TEXT'
GET http://192.0.2.81:8080/ HTTP/1.1, Host: 192.0.2.81:8080
GET http://pool.contoso.com:80/ HTTP/1.1, Host: pool.contoso.com
GET http://[2001:db8::51]:80/ HTTP/1.1, Host: 2001:db8::51
GET http://[2001:db8::51]:8080/ HTTP/1.1, Host: 2001:db8::51:8080
TEXT
)
seen=$(
    run <<'PY'
import os
import socket
import subprocess
import threading

ASK = """
local http = require "socket.http"
http.PROXY = os.getenv("PROXY")
http.request(os.getenv("URL"))
"""
listener = socket.create_server(("127.0.0.1", 0))


def answer(asked):
    connection = listener.accept()[0]
    with connection:
        request = b""
        while b"\r\n\r\n" not in request:
            request += connection.recv(4096)
        lines = request.decode().splitlines()
        asked.extend([lines[0], *(line for line in lines if line.startswith("Host"))])
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")


for host in ("192.0.2.81:8080", "pool.contoso.com", "[2001:db8::51]", "[2001:db8::51]:8080"):
    asked = []
    server = threading.Thread(target=answer, args=(asked,))
    server.start()
    environment = dict(os.environ, URL=f"http://{host}/", PROXY=f"http://127.0.0.1:{listener.getsockname()[1]}")
    subprocess.run(["usr/bin/lua5.1", "-e", ASK], env=environment, check=True, timeout=30)
    server.join()
    print(*asked, sep=", ")
PY
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
