#!/usr/bin/env bash
# tinyproxy 1.11.1 (Debian 12) passes on the first of several fields of one name, and drops the others.
#
# Expected: RFC 9110, section 5.3: a proxy must not change the order of values of fields with the same name, and
# Set-Cookie may be there several times. Section 11.6.1: so may WWW-Authenticate; IIS asks with one field for Negotiate
# and one for NTLM (RFC 4559, section 4.1).
# Seen: of both directions the first field remains: the client is asked for Negotiate alone and has one cookie, and the
# server sees one of two hops. No error is given. (Upstream's issue 403, of 2021, tells of the cookies.)
# Who meets it: whoever asks through it for what IIS gives to those who sign in, as updates from outside: a client
# without Kerberos cannot sign in, and it looks as if the server did not offer NTLM.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
apt-get download -qq \
    tinyproxy-bin=1.11.1-2.1+deb12u1 >&2 || {
    echo "could not download the package" >&2
    exit 2
}
dpkg -x ./*.deb .
run() { python3 - usr/bin/tinyproxy; }

expected=$(
    cat <<'TEXT'
request: for=192.0.2.7 for=192.0.2.8
without a proxy: WWW-Authenticate: Negotiate NTLM
without a proxy: Set-Cookie: a=1 b=2
request: for=192.0.2.7
through tinyproxy: WWW-Authenticate: Negotiate
through tinyproxy: Set-Cookie: a=1
TEXT
)
seen=$(
    run <<'PY'
import http.client
import socket
import subprocess
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

ANSWER = (
    ("WWW-Authenticate", "Negotiate"),
    ("WWW-Authenticate", "NTLM"),
    ("Set-Cookie", "a=1"),
    ("Set-Cookie", "b=2"),
)


class Server(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        print("request:", *self.headers.get_all("Forwarded", []))
        self.send_response(401)
        for name, value in (*ANSWER, ("Content-Length", "0")):
            self.send_header(name, value)
        self.end_headers()

    def log_message(self, *_words: object) -> None:
        """Say nothing."""


server = HTTPServer(("127.0.0.1", 0), Server)
threading.Thread(target=server.serve_forever, daemon=True).start()
with socket.socket() as free:
    free.bind(("127.0.0.1", 0))
    port = free.getsockname()[1]
Path("conf").write_text(f"Port {port}\nListen 127.0.0.1\nAllow 127.0.0.1\nMaxClients 4\nLogLevel Critical\n")
proxy = subprocess.Popen((sys.argv[1], "-d", "-c", "conf"), stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL)


def ask(title: str, to: int) -> None:
    client = http.client.HTTPConnection("127.0.0.1", to, timeout=10)
    client.putrequest("GET", f"http://127.0.0.1:{server.server_port}/")
    for value in ("for=192.0.2.7", "for=192.0.2.8"):
        client.putheader("Forwarded", value)
    client.endheaders()
    found = client.getresponse().headers
    for name in ("WWW-Authenticate", "Set-Cookie"):
        print(f"{title}: {name}:", *found.get_all(name, []))


try:
    for _ in range(50):
        time.sleep(0.1)
        with socket.socket() as trial:
            if not trial.connect_ex(("127.0.0.1", port)):
                break
    ask("without a proxy", server.server_port)
    ask("through tinyproxy", port)
finally:
    proxy.terminate()
    proxy.wait(10)
PY
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
