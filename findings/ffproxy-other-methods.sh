#!/usr/bin/env bash
# ffproxy 1.6 (Debian 12) hangs up on OPTIONS without a word, and drops the body of a chunked request.
#
# Expected: RFC 9110, section 9.1: to a method that it does not know a recipient answers 501 (section 15.6.2). Section
# 9.3.7: OPTIONS is one of the standard ones. RFC 9112, section 6.1: Transfer-Encoding needs HTTP/1.1, and a proxy
# passes the body on. RFC 3986, section 3.1: the letters of a scheme may be capital.
# Seen: on OPTIONS, PUT, DELETE and NOTIFY, and on a query behind no path, the connection is reset, with no status. A
# chunked POST goes on as HTTP/1.0 with its Transfer-Encoding and no octet of its body. "HTTP://" is asked of the server
# as a whole URI.
# Who meets it: whoever lets programs through it that first ask what a server can do, or do not know a length.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
apt-get download -qq \
    ffproxy=1.6-12+b3 >&2 || {
    echo "could not download the package" >&2
    exit 2
}
dpkg -x ./*.deb .
run() { python3 -; }

expected=$(
    cat <<'TEXT'
GET: HTTP/1.1 200 OK; server: 'GET /a HTTP/1.0', body '': whole
capitals: HTTP/1.1 200 OK; server: 'GET HTTP://HOST/a HTTP/1.0', body '': whole
query without a path: no answer; server: '', body '': not asked
POST: HTTP/1.1 200 OK; server: 'POST /a HTTP/1.0', body 'hello': whole
POST in chunks: HTTP/1.1 200 OK; server: 'POST /a HTTP/1.0' and Transfer-Encoding, body '': waits for more
OPTIONS: no answer; server: '', body '': not asked
PUT: no answer; server: '', body '': not asked
DELETE: no answer; server: '', body '': not asked
NOTIFY: no answer; server: '', body '': not asked
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
with open("etc/ffproxy/db/access.ip", "w") as file:
    file.write("^127\\.0\\.0\\.1$\n")
with open("ffproxy.conf", "w") as file:
    file.write(f"bind_ipv4 yes\nbind_ipv6 no\nbind_ipv4_host 127.0.0.1\nport {port}\nuse_ipv6 no\nuse_syslog no\n")
    file.write(f"daemonize no\ndb_files_path {os.getcwd()}/etc/ffproxy\n")
command = ["usr/bin/ffproxy", "-f", "ffproxy.conf"]
proxy = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def ask(what, method, path="/a", fields="", body="", scheme="http"):
    received.clear()
    client = socket.create_connection(("127.0.0.1", port), timeout=10)
    client.sendall(f"{method} {scheme}://{there}{path} HTTP/1.1\r\nHost: {there}\r\n{fields}\r\n{body}".encode())
    octets = b""
    try:
        while more := client.recv(65536):
            octets += more
    except ConnectionResetError:
        pass
    answer = octets.decode().splitlines()[0] if octets else "no answer"
    text, reason = received[0] if received else ("", "not asked")
    head, _, rest = text.partition("\r\n\r\n")
    first = head.partition("\r\n")[0].replace(there, "HOST")
    chunked = " and Transfer-Encoding" if "Transfer-Encoding" in head else ""
    print(f"{what}: {answer}; server: {first!r}{chunked}, body {rest!r}: {reason}")


try:
    time.sleep(1)
    ask("GET", "GET")
    ask("capitals", "GET", scheme="HTTP")
    ask("query without a path", "GET", path="?a=b")
    ask("POST", "POST", fields="Content-Length: 5\r\n", body="hello")
    ask("POST in chunks", "POST", fields="Transfer-Encoding: chunked\r\n", body="5\r\nhello\r\n0\r\n\r\n")
    for method in ("OPTIONS", "PUT", "DELETE", "NOTIFY"):
        ask(method, method, fields="Content-Length: 0\r\n")
finally:
    proxy.kill()
END
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
