#!/usr/bin/env bash
# http 2.9.8 of Tcl 8.6.13 (Debian 12) gives no body where the end of the connection is its end, and counts in eights.
#
# Expected: RFC 9112, section 6.3: an answer without a length and without chunks lasts until the connection ends,
# whatever Connection says. RFC 9110, section 8.6: Content-Length is decimal digits, and zeros may stand in front.
# Seen: without "Connection: close", HTTP/1.1 and HTTP/1.0 alike, the body is empty and the status "ok". Of a length of
# 010, 8 octets are given, and 09 is an error of an octal number.
# Who meets it: whoever fetches with it, from a small server or a device that ends its answers by closing.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
apt-get download -qq \
    tcl8.6=8.6.13+dfsg-2 libtcl8.6=8.6.13+dfsg-2 >&2 || {
    echo "could not download the packages" >&2
    exit 2
}
for package in ./*.deb; do dpkg -x "$package" .; done
run() { python3 -; }

expected=$(
    cat <<'TEXT'
HTTP/1.1, Connection: close: 200 ok "firmware 1"
HTTP/1.1, Content-Type: text/plain: 200 ok ""
HTTP/1.0, Content-Type: text/plain: 200 ok ""
HTTP/1.0, Connection: close: 200 ok "firmware 1"
HTTP/1.1, Content-Length: 10: 200 ok "firmware 1"
HTTP/1.1, Content-Length: 010: 200 ok "firmware"
HTTP/1.1, Content-Length: 09: can't use invalid octal number as operand of "-"
TEXT
)
seen=$(
    run <<'PY'
import os
import socket
import subprocess
import threading

ANSWERS = [
    ("HTTP/1.1", "Connection: close", "firmware 1"),
    ("HTTP/1.1", "Content-Type: text/plain", "firmware 1"),
    ("HTTP/1.0", "Content-Type: text/plain", "firmware 1"),
    ("HTTP/1.0", "Connection: close", "firmware 1"),
    ("HTTP/1.1", "Content-Length: 10", "firmware 1"),
    ("HTTP/1.1", "Content-Length: 010", "firmware 1"),
    ("HTTP/1.1", "Content-Length: 09", "firmware!"),
]
FETCH = """
package require http
if {[catch {http::geturl http://127.0.0.1:$env(PORT)/ -timeout 5000} token]} {
    puts $token
} else {
    puts [format {%s %s "%s"} [http::ncode $token] [http::status $token] [http::data $token]]
}
"""
listener = socket.create_server(("127.0.0.1", 0))


def answer(data):
    connection = listener.accept()[0]
    with connection:
        got = b""
        while b"\r\n\r\n" not in got:
            got += connection.recv(4096)
        connection.sendall(data)


libraries = os.path.join(os.getcwd(), "usr/lib/x86_64-linux-gnu")
library = os.path.join(os.getcwd(), "usr/share/tcltk/tcl8.6")
environment = dict(os.environ, LD_LIBRARY_PATH=libraries, TCL_LIBRARY=library, TCL8_6_TM_PATH=f"{library}/tcl8")
environment["PORT"] = str(listener.getsockname()[1])
for version, field, body in ANSWERS:
    data = f"{version} 200 OK\r\n{field}\r\n\r\n{body}".encode()
    server = threading.Thread(target=answer, args=(data,))
    server.start()
    command = ["usr/bin/tclsh8.6"]
    shell = subprocess.run(command, input=FETCH, env=environment, capture_output=True, text=True, timeout=30)
    server.join()
    print(f"{version}, {field}: {shell.stdout.strip()}{shell.stderr.strip()}")
PY
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
