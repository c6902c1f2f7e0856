#!/usr/bin/env bash
# pproxy 2.7.9 asks a server for nothing where a URI has no path, and hangs up where a server is not there.
#
# Expected: RFC 9112, section 3.2.1: where the path is empty, the target sent to the server is "/", before a query too;
# section 3.2.4: OPTIONS of a URI without a path goes on as "*". RFC 9110, section 15.6.3: a proxy that cannot reach the
# server answers 502. Section 7.6.1: a proxy removes the fields that Connection names. RFC 9110, section 9.1: a method
# has any letters, digits and "-" or "_".
# Seen: the request line that the server gets is "GET HTTP/1.1", "OPTIONS HTTP/1.1" or "GET ?a=b HTTP/1.1". To a server
# that refuses the connection, and to PROPFIND, RPC_IN_DATA (Outlook), M-SEARCH and SERVICE, it answers nothing and
# hangs up. A field that Connection names is passed on.
# Who meets it: whoever asks through it for a host without a path: servers answer 400.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-deps pproxy==2.7.9 || {
    echo "could not install the package" >&2
    exit 2
}
run() { venv/bin/python -; }

expected=$(
    cat <<'TEXT'
path: HTTP/1.1 200 OK, server: 'GET /a HTTP/1.1'
no path: HTTP/1.1 200 OK, server: 'GET  HTTP/1.1'
no path, OPTIONS: HTTP/1.1 200 OK, server: 'OPTIONS  HTTP/1.1'
query without a path: HTTP/1.1 200 OK, server: 'GET ?a=b HTTP/1.1'
field of this connection: HTTP/1.1 200 OK, server: 'GET /a HTTP/1.1' ['X-Hop: 1']
PROPFIND: no answer, server: None
SERVICE: no answer, server: None
RPC_IN_DATA: no answer, server: None
M-SEARCH: no answer, server: None
no server: no answer, server: None
TEXT
)
seen=$(
    run <<'END'
import socket
import subprocess
import threading
import time

received = []


def serve(listener):
    while True:
        client = listener.accept()[0]
        received.append(client.recv(65536).decode())
        client.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        client.close()


listener = socket.create_server(("127.0.0.1", 0))
threading.Thread(target=serve, args=(listener,), daemon=True).start()
there = f"127.0.0.1:{listener.getsockname()[1]}"
with socket.create_server(("127.0.0.1", 0)) as free:
    port = free.getsockname()[1]
command = ["venv/bin/pproxy", "-l", f"http://127.0.0.1:{port}"]
proxy = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def ask(what, method="GET", path="/a", field="", host=there):
    received.clear()
    client = socket.create_connection(("127.0.0.1", port), timeout=10)
    client.sendall(f"{method} http://{host}{path} HTTP/1.1\r\nHost: {host}\r\n{field}\r\n".encode())
    answer = b""
    while more := client.recv(65536):
        answer += more
    first = answer.decode().splitlines()[0] if answer else "no answer"
    lines = received[0].splitlines() if received else [None]
    passed_on = [line for line in lines[1:] if line.startswith("X-Hop")]
    print(f"{what}: {first}, server: {lines[0]!r} {passed_on or ''}".rstrip())


try:
    time.sleep(3)
    ask("path")
    ask("no path", path="")
    ask("no path, OPTIONS", method="OPTIONS", path="")
    ask("query without a path", path="?a=b")
    ask("field of this connection", field="Connection: X-Hop\r\nX-Hop: 1\r\n")
    for method in ("PROPFIND", "SERVICE", "RPC_IN_DATA", "M-SEARCH"):
        ask(method, method=method)
    ask("no server", host="127.0.0.1:1")
finally:
    proxy.kill()
END
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
