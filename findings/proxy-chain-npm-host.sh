#!/usr/bin/env bash
# proxy-chain 2.5.9 (npm) sends a request of HTTP/1.0 on as HTTP/1.1 without a Host, and keeps another host's.
#
# Expected: RFC 9112, section 3.2: a client, a proxy included, sends Host in each request of HTTP/1.1, and a server
# answers 400 to one without. Section 3.2.2: a proxy that gets a whole URI ignores the Host that it got, and sends that
# of the URI. RFC 9110, section 7.6.3: a proxy adds Via.
# Seen: a request by HTTP/1.0 with a whole URI goes on as "GET /a HTTP/1.1" with no Host. A Host that differs from the
# URI's goes to the server of the URI as it is. There is no Via.
# Who meets it: clients of HTTP/1.0, as many scripts and devices: a server of many sites, as IIS, answers 400 to each.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-fund --no-audit --no-package-lock --ignore-scripts \
    proxy-chain@2.5.9 >&2 || {
    echo "could not install proxy-chain@2.5.9" >&2
    exit 2
}
run() { python3 -; }

expected=$(
    cat <<'TEXT'
HTTP/1.1: ['GET /a HTTP/1.1', 'Host: HERE']
HTTP/1.0: ['GET /a HTTP/1.1']
HTTP/1.0 with a Host: ['GET /a HTTP/1.1', 'Host: HERE']
another Host: ['GET /a HTTP/1.1', 'Host: other.example']
TEXT
)
seen=$(
    run <<'END'
import socket
import subprocess
import threading
import time

SERVER = """
const { Server } = require("proxy-chain");
new Server({ port: Number(process.argv[2]), host: "127.0.0.1" }).listen();
"""
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
with open("server.cjs", "w") as file:
    file.write(SERVER)
command = ["node", "server.cjs", str(port)]
proxy = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def ask(what, version, fields):
    received.clear()
    client = socket.create_connection(("127.0.0.1", port), timeout=10)
    client.sendall(f"GET http://{there}/a HTTP/{version}\r\n{fields}Connection: close\r\n\r\n".encode())
    while client.recv(65536):
        pass
    lines = [line for line in received[0].replace(there, "HERE").splitlines() if line]
    print(f"{what}: {[line for line in lines if not line.startswith('Connection')]}")


try:
    time.sleep(3)
    ask("HTTP/1.1", "1.1", f"Host: {there}\r\n")
    ask("HTTP/1.0", "1.0", "")
    ask("HTTP/1.0 with a Host", "1.0", f"Host: {there}\r\n")
    ask("another Host", "1.1", "Host: other.example\r\n")
finally:
    proxy.kill()
END
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
