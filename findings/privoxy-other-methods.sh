#!/usr/bin/env bash
# privoxy 3.0.34 (Debian 12) refuses methods that it does not list, and chunks with fields behind them.
#
# Expected: RFC 9110, section 16.1: new methods are registered; a proxy passes on what it does not know. RFC 9112,
# section 7.1.2: fields may follow the last chunk. RFC 9112, section 3.2.1: a query may stand behind no path. RFC 9110,
# section 7.6.1: a proxy removes the fields that Connection names.
# Seen: RPC_IN_DATA and RPC_OUT_DATA, by which Outlook reaches Exchange through a proxy, BITS_POST and CCM_POST, by
# which Windows sends files and reports, SEARCH and ACL, which are registered, get 400 "Invalid header received from
# client". So does a query behind no path. A request with a field behind its chunks is 400 "Failed reading client body",
# the same without the field arrives. A field that Connection names is passed on.
# Who meets it: whoever lets Windows programs and phones out through it.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
apt-get download -qq \
    privoxy=3.0.34-1 libmbedcrypto7=2.28.3-1 libmbedtls14=2.28.3-1 libmbedx509-1=2.28.3-1 libpcre3=2:8.39-15 >&2 || {
    echo "could not download the packages" >&2
    exit 2
}
for package in ./*.deb; do dpkg -x "$package" .; done
export LD_LIBRARY_PATH=$PWD/usr/lib/x86_64-linux-gnu:$PWD/lib/x86_64-linux-gnu
run() { python3 -; }

expected=$(
    cat <<'TEXT'
GET: HTTP/1.1 200 OK, arrived
NOTIFY: HTTP/1.1 200 OK, arrived
PROPFIND: HTTP/1.1 200 OK, arrived
SEARCH: HTTP/1.1 400 Invalid header received from client, did not arrive
ACL: HTTP/1.1 400 Invalid header received from client, did not arrive
RPC_IN_DATA: HTTP/1.1 400 Invalid header received from client, did not arrive
RPC_OUT_DATA: HTTP/1.1 400 Invalid header received from client, did not arrive
BITS_POST: HTTP/1.1 400 Invalid header received from client, did not arrive
CCM_POST: HTTP/1.1 400 Invalid header received from client, did not arrive
no path: HTTP/1.1 200 OK, arrived
query without a path: HTTP/1.1 400 Invalid header received from client, did not arrive
chunks: HTTP/1.1 200 OK, arrived
chunks and a field: HTTP/1.1 400 Failed reading client body, did not arrive
a field of this connection: HTTP/1.1 200 OK, arrived
passed on: ['X-Hop: 1']
TEXT
)
seen=$(
    run <<'END'
import os
import socket
import subprocess
import threading
import time

received = []


def serve(listener):
    while True:
        client = listener.accept()[0]
        octets = client.recv(65536)
        time.sleep(0.1)
        client.settimeout(0.2)
        try:
            while more := client.recv(65536):
                octets += more
        except TimeoutError:
            pass
        received.append(octets.decode())
        client.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
        client.close()


listener = socket.create_server(("127.0.0.1", 0))
threading.Thread(target=serve, args=(listener,), daemon=True).start()
there = f"127.0.0.1:{listener.getsockname()[1]}"
with socket.create_server(("127.0.0.1", 0)) as free:
    port = free.getsockname()[1]
with open("config", "w") as file:
    file.write(f"confdir {os.getcwd()}/etc/privoxy\nlogdir {os.getcwd()}\nlisten-address 127.0.0.1:{port}\n")
command = ["usr/sbin/privoxy", "--no-daemon", "config"]
proxy = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def ask(what, method, path="/a", fields="Connection: close\r\n", body=""):
    received.clear()
    client = socket.create_connection(("127.0.0.1", port), timeout=10)
    first = f"{method} http://{there}{path} HTTP/1.1\r\nHost: {there}\r\n"
    client.sendall(f"{first}{fields}\r\n{body}".encode())
    answer = b""
    while more := client.recv(65536):
        answer += more
    print(f"{what}: {answer.decode().splitlines()[0]}, {'arrived' if received else 'did not arrive'}")


try:
    time.sleep(1)
    for method in "GET NOTIFY PROPFIND SEARCH ACL RPC_IN_DATA RPC_OUT_DATA BITS_POST CCM_POST".split():
        ask(method, method)
    ask("no path", "GET", path="")
    ask("query without a path", "GET", path="?a=b")
    chunked = "Transfer-Encoding: chunked\r\nConnection: close\r\n"
    ask("chunks", "POST", fields=chunked, body="5\r\nhello\r\n0\r\n\r\n")
    ask("chunks and a field", "POST", fields=chunked, body="5\r\nhello\r\n0\r\nX-Sum: 1\r\n\r\n")
    ask("a field of this connection", "GET", fields="Connection: close, X-Hop\r\nX-Hop: 1\r\n")
    print("passed on:", [line for line in received[0].splitlines() if line.startswith("X-Hop")])
finally:
    proxy.kill()
END
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
