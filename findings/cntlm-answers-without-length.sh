#!/usr/bin/env bash
# cntlm 0.92.3 (Debian 12) passes on no body that has neither length nor type, and no answer behind an interim one.
#
# Expected: RFC 9112, section 6.3: an answer without a length ends with the connection, whatever its fields. RFC 9110,
# section 15.2: an interim answer (100, 103) comes before the final one, and a proxy passes both on. RFC 9112, section
# 5.2: a proxy joins the lines of a folded field, or refuses the answer. Section 3.2.1: a query may stand behind no
# path. Seen, for a host that needs no other proxy: the head of an answer without Content-Length and Content-Type goes
# on with "Connection: keep-alive" and none of the body. Of 100 or 103 and 200 the first one goes on alone, and the
# client waits. The second line of a field is cut off. A query behind no path is not sent on.
# Who meets it: phones and programs that reach an old server, or one that says 103, through it.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
apt-get download -qq \
    cntlm=0.92.3-1.2 >&2 || {
    echo "could not download the package" >&2
    exit 2
}
dpkg -x ./*.deb .
run() { python3 -; }

expected=$(
    cat <<'TEXT'
length: GET /a HTTP/1.1, ['HTTP/1.1 200 OK', 'Content-Length: 5', 'Connection: keep-alive', 'hello']
type: GET /a HTTP/1.1, ['HTTP/1.1 200 OK', 'Content-Type: text/plain', 'Connection: close', 'hello']
neither: GET /a HTTP/1.1, ['HTTP/1.1 200 OK', 'Server: a', 'Connection: keep-alive', ' (no more)']
neither, HTTP/1.0: GET /a HTTP/1.1, ['HTTP/1.0 200 OK', 'Connection: keep-alive', ' (no more)']
100: GET /a HTTP/1.1, ['HTTP/1.1 100 Continue', 'Connection: keep-alive', ' (no more)']
103: GET /a HTTP/1.1, ['HTTP/1.1 103 Early Hints', 'Link: </a>', 'Connection: keep-alive', ' (no more)']
folded field: GET /a HTTP/1.1, ['HTTP/1.1 200 OK', 'X-A: b', 'Content-Length: 5', 'Connection: keep-alive', 'hello']
query without a path: GET / HTTP/1.1, ['HTTP/1.1 200 OK', 'Content-Length: 5', 'Connection: keep-alive', 'hello']
TEXT
)
seen=$(
    run <<'END'
import socket
import subprocess
import threading
import time

asked = []
answers = []


def serve(listener):
    while True:
        client = listener.accept()[0]
        asked.append(client.recv(65536).decode().splitlines()[0])
        client.sendall(answers[-1])
        client.close()


listener = socket.create_server(("127.0.0.1", 0))
threading.Thread(target=serve, args=(listener,), daemon=True).start()
there = f"127.0.0.1:{listener.getsockname()[1]}"
with socket.create_server(("127.0.0.1", 0)) as free:
    port = free.getsockname()[1]
with open("cntlm.conf", "w") as file:
    file.write(f"Username u\nDomain d\nPassword p\nProxy 127.0.0.1:1\nNoProxy *\nListen 127.0.0.1:{port}\n")
command = ["usr/sbin/cntlm", "-f", "-c", "cntlm.conf"]
proxy = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"


def ask(what, answer, path="/a"):
    answers.append(answer)
    client = socket.create_connection(("127.0.0.1", port), timeout=3)
    client.sendall(f"GET http://{there}{path} HTTP/1.1\r\nHost: {there}\r\nConnection: close\r\n\r\n".encode())
    octets = b""
    try:
        while more := client.recv(65536):
            octets += more
            if octets.endswith(b"hello"):
                break
    except TimeoutError:
        octets += b" (no more)"
    lines = [line for line in octets.decode().splitlines() if line and not line.startswith("Proxy-Connection")]
    print(f"{what}: {asked[-1]}, {lines}")


try:
    time.sleep(1)
    ask("length", OK)
    ask("type", b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\nhello")
    ask("neither", b"HTTP/1.1 200 OK\r\nServer: a\r\n\r\nhello")
    ask("neither, HTTP/1.0", b"HTTP/1.0 200 OK\r\n\r\nhello")
    ask("100", b"HTTP/1.1 100 Continue\r\n\r\n" + OK)
    ask("103", b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" + OK)
    ask("folded field", b"HTTP/1.1 200 OK\r\nX-A: b\r\n c\r\nContent-Length: 5\r\n\r\nhello")
    ask("query without a path", OK, path="?a=b")
finally:
    proxy.kill()
END
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
