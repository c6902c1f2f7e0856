#!/usr/bin/env bash
# weborf 0.19 (Debian 12) sends the first octets of a file where its last ones were asked for.
#
# Expected: RFC 9110, section 14.1.2: bytes=-3 is the last three octets, all of a shorter file; an end behind the last
# octet means the last one, and a part whose end is before its beginning is none. Section 14.2: a server ignores Range
# in units that it does not know. Section 15.5.17: 416 is for parts of which none is in the file.
# Seen: the first four octets, with their own Content-Range. An end behind the last octet is 416, lines are taken for
# octets, and of several parts the first one is sent.
# Who meets it: whoever serves firmware or logs with it: a client that asks for the end of a log gets its beginning.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
apt-get download -qq \
    weborf=0.19-2.1+deb12u1 libmagic1=1:5.44-3 libmagic-mgc=1:5.44-3 >&2 || {
    echo "could not download the packages" >&2
    exit 2
}
for package in ./*.deb; do dpkg -x "$package" .; done
run() { python3 -; }

expected=$(
    cat <<'TEXT'
bytes=2-4: 206 Content-Range: bytes 2-4/10 234
bytes=7-: 206 Content-Range: bytes 7-9/10 789
bytes=-3: 206 Content-Range: bytes 0-3/10 0123
bytes=-1: 206 Content-Range: bytes 0-1/10 01
bytes=5-20: 416
lines=1-2: 206 Content-Range: bytes 1-2/10 12
bytes=0-1,4-5: 206 Content-Range: bytes 0-1/10 01
TEXT
)
seen=$(
    run <<'PY'
import os
import socket
import subprocess
import time

os.mkdir("files")
with open("files/phone.log", "wb") as file:
    file.write(b"0123456789")
with socket.create_server(("127.0.0.1", 0)) as free:
    port = free.getsockname()[1]
libraries = os.path.join(os.getcwd(), "usr/lib/x86_64-linux-gnu")
environment = dict(os.environ, LD_LIBRARY_PATH=libraries, MAGIC=os.path.join(os.getcwd(), "usr/lib/file/magic.mgc"))
command = ["usr/bin/weborf", "-p", str(port), "-I", "127.0.0.1", "-b", os.path.join(os.getcwd(), "files")]
server = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def connected():
    for _ in range(100):
        try:
            return socket.create_connection(("127.0.0.1", port), 5)
        except ConnectionRefusedError:
            time.sleep(0.1)
    raise TimeoutError("no server")


def ask(value):
    with connected() as connection:
        head = f"GET /phone.log HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\nRange: {value}\r\n\r\n"
        connection.sendall(head.encode())
        answer = b"".join(iter(lambda: connection.recv(65536), b""))
    head, _, body = answer.decode().partition("\r\n\r\n")
    first, *fields = head.split("\r\n")
    part = [field for field in fields if field.startswith("Content-Range")]
    return " ".join([f"{value}:", first.split()[1], *part, body if part else ""]).rstrip()


try:
    for value in ("bytes=2-4", "bytes=7-", "bytes=-3", "bytes=-1", "bytes=5-20", "lines=1-2", "bytes=0-1,4-5"):
        print(ask(value))
finally:
    server.terminate()
    server.wait()
PY
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
