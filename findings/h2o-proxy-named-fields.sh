#!/usr/bin/env bash
# h2o 2.2.5 (Debian 12) as a proxy passes on the fields that Connection names, and a TRACE that is to go no further.
#
# Expected: RFC 9110, section 7.6.1: a proxy removes the fields that Connection names, before it passes a message on;
# section 7.6.2: it answers TRACE and OPTIONS itself where Max-Forwards is 0. RFC 9112, section 5.2: it takes the line
# that goes on with a field for a part of it; section 3.2.2: the whole URI of a target has the host, and then the path.
# Seen: such fields go on to the server. TRACE with 0 goes on, with 0. Of a folded line it makes a field without a name,
# ":  2", which no server may read. A whole URI is put behind "/", and OPTIONS * becomes OPTIONS /.
# Who meets it: a server behind it, that gets what was meant for the proxy alone, or finds no such file.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
apt-get download -qq \
    h2o=2.2.5+dfsg2-7 >&2 || {
    echo "could not download the packages" >&2
    exit 2
}
for package in ./*.deb; do dpkg -x "$package" .; done
run() { python3 -; }

expected=$(
    cat <<'TEXT'
GET /file | X-Phone: 1
  GET /file | X-Phone: 1
GET /file | Connection: close, X-Hop | X-Hop: 1
  GET /file | X-Hop: 1
TRACE /file | Max-Forwards: 0
  TRACE /file | Max-Forwards: 0
GET /file | X-Phone: 1 | 2
  GET /file | X-Phone: 1 | :  2
GET http://files.contoso.com/file
  GET /http://files.contoso.com/file
OPTIONS *
  OPTIONS /
TEXT
)
seen=$(
    run <<'PY'
import getpass
import socket
import subprocess
import threading
import time
from pathlib import Path

behind = socket.create_server(("127.0.0.1", 0))
seen: list[list[str]] = []


def serve() -> None:
    while True:
        peer, _ = behind.accept()
        with peer:
            head = b""
            while not head.endswith(b"\r\n\r\n"):
                head += peer.recv(65536)
            seen.append(head.decode().splitlines())
            peer.sendall(b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n")


threading.Thread(target=serve, daemon=True).start()
with socket.socket() as probe:
    probe.bind(("127.0.0.1", 0))
    port = probe.getsockname()[1]
Path("h2o.conf").write_text(
    f"user: {getpass.getuser()}\nhosts:\n  default:\n    listen: {{port: {port}, host: 127.0.0.1}}\n    paths:\n"
    f'      /: {{proxy.reverse.url: "http://127.0.0.1:{behind.getsockname()[1]}/", proxy.timeout.keepalive: 0}}\n'
)


def ask(first: str, *fields: str) -> None:
    close = () if any("Connection" in field for field in fields) else ("Connection: close",)
    lines = (f"{first} HTTP/1.1", "Host: files.contoso.com", *close, *fields, "", "")
    for _ in range(100):
        try:
            with socket.create_connection(("127.0.0.1", port), 5) as asker:
                asker.sendall("\r\n".join(lines).encode())
                while asker.recv(65536):
                    pass
        except ConnectionRefusedError:
            time.sleep(0.05)
            continue
        break
    print(" | ".join((first, *(field.strip() for field in fields))))
    request, *rest = seen.pop()
    kept = [line for line in rest if line.startswith(("X-Phone", "X-Hop", "Max-Forwards", ":"))]
    print(" | ".join((f"  {request.rpartition(' ')[0]}", *kept)))


with subprocess.Popen(["usr/bin/h2o", "-c", "h2o.conf"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as h2o:
    ask("GET /file", "X-Phone: 1")
    ask("GET /file", "Connection: close, X-Hop", "X-Hop: 1")
    ask("TRACE /file", "Max-Forwards: 0")
    ask("GET /file", "X-Phone: 1", " 2")
    ask("GET http://files.contoso.com/file")
    ask("OPTIONS *")
    h2o.terminate()
PY
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
