#!/usr/bin/env bash
# ziproxy 3.3.2 (Debian 12) passes on a chunked request without its body, and a query as "GET ?a=b".
#
# Expected: RFC 9112, section 7.1: a recipient reads chunks, and a proxy passes the body on. Section 3.2.1: where the
# path is empty, the target sent to the server is "/", before a query too.
# Seen: of a POST with Transfer-Encoding: chunked the server gets the fields and no octet of the body, and waits for it;
# with a length the body arrives. A URI without a path goes on as a whole one, and one with a query behind no path as
# "?a=b", which is no target at all.
# Who meets it: whoever sends reports or logs through it from a program that does not know their length before.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
apt-get download -qq \
    ziproxy=3.3.2-6 >&2 || {
    echo "could not download the package" >&2
    exit 2
}
dpkg -x ./*.deb .
run() { python3 -; }

expected=$(
    cat <<'TEXT'
length: 'POST /a HTTP/1.1', body 'hello': whole
chunks: 'POST /a HTTP/1.1', body '': waits for more
path and query: 'GET /?a=b HTTP/1.1', body '': whole
no path: 'GET http://HOST HTTP/1.1', body '': whole
query without a path: 'GET ?a=b HTTP/1.1', body '': whole
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
        client.settimeout(2)
        octets = b""
        try:
            while more := client.recv(65536):
                octets += more
                if octets.endswith((b"hello", b"\r\n0\r\n\r\n")) or octets.startswith((b"GET", b"OPTIONS")):
                    break
            reason = "whole"
        except TimeoutError:
            reason = "waits for more"
        received.append((octets.decode(), reason))
        client.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
        client.close()


listener = socket.create_server(("127.0.0.1", 0))
threading.Thread(target=serve, args=(listener,), daemon=True).start()
there = f"127.0.0.1:{listener.getsockname()[1]}"
with socket.create_server(("127.0.0.1", 0)) as free:
    port = free.getsockname()[1]
with open("ziproxy.conf", "w") as file:
    file.write(f'Port = {port}\nAddress = "127.0.0.1"\nOnlyFrom = "127.0.0.1"\n')
    file.write(f'PIDFile = "{os.getcwd()}/pid"\nErrorLog = "{os.getcwd()}/errors"\n')
subprocess.run(["usr/bin/ziproxy", "-d", "-c", "ziproxy.conf"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def ask(what, method, path="/a", fields="", body=""):
    received.clear()
    client = socket.create_connection(("127.0.0.1", port), timeout=10)
    client.sendall(f"{method} http://{there}{path} HTTP/1.1\r\nHost: {there}\r\n{fields}\r\n{body}".encode())
    while client.recv(65536):
        pass
    text, reason = received[0]
    head, _, rest = text.partition("\r\n\r\n")
    print(f"{what}: {head.splitlines()[0].replace(there, 'HOST')!r}, body {rest!r}: {reason}")


try:
    time.sleep(1)
    ask("length", "POST", fields="Content-Length: 5\r\n", body="hello")
    ask("chunks", "POST", fields="Transfer-Encoding: chunked\r\n", body="5\r\nhello\r\n0\r\n\r\n")
    ask("path and query", "GET", path="/?a=b")
    ask("no path", "GET", path="")
    ask("query without a path", "GET", path="?a=b")
finally:
    with open("pid") as file:
        subprocess.run(["kill", file.read().strip()])
END
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
