#!/usr/bin/env bash
# cpp-httplib 0.11.4 (Debian 12) says that it sends octets 5 to 100 of a file of 10, and refuses other units.
#
# Expected: RFC 9110, section 14.1.2: a range that reaches past the end means the rest of the file; section 14.4: an
# answer whose last octet is not within the whole length is invalid, and a client must not put it together with what it
# has. Section 14.2: a server ignores a range in a unit that it does not understand.
# Seen: the five octets that are there come with "Content-Range: bytes 5-100/10" as the request said, not 5-9. In a
# range behind the end it gives the range asked for where only the length may stand. A range in another unit gets 416
# instead of the file.
# Who meets it: whose client fetches in blocks of one size: the last block is invalid.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
apt-get download -qq \
    libcpp-httplib-dev=0.11.4+ds-1+deb12u1 libcpp-httplib0.11=0.11.4+ds-1+deb12u1 >&2 || {
    echo "could not download the packages" >&2
    exit 2
}
for package in ./*.deb; do dpkg -x "$package" .; done
export LD_LIBRARY_PATH=$PWD/usr/lib/x86_64-linux-gnu
run() { python3 -; }

expected=$(
    cat <<'TEXT'
bytes=5-9: 206 Content-Range: bytes 5-9/10
bytes=5-100: 206 Content-Range: bytes 5-100/10
bytes=0-4,5-100: 206 Content-Range: bytes 0-4/10; Content-Range: bytes 5-100/10
bytes=20-30: 416 Content-Range: bytes 20-30/10
lines=0-1: 416 
TEXT
)
seen=$(
    run <<'PY'
import socket
import subprocess

SERVER = r"""
#include <httplib.h>

#include <iostream>

using namespace httplib;

int main() {
    Server server;
    server.Get("/file", [](const Request&, Response& response) { response.set_content("0123456789", "text/plain"); });
    std::cout << server.bind_to_any_port("127.0.0.1") << std::endl;
    server.listen_after_bind();
}
"""
OPTIONS = "-w", "-Iusr/include", "-Lusr/lib/x86_64-linux-gnu", "-lcpp-httplib", "-lpthread"
subprocess.run(("g++", "-xc++", "-", "-o", "server", *OPTIONS), input=SERVER, text=True, check=True)
server = subprocess.Popen(("./server",), stdout=subprocess.PIPE, text=True)
port = int(server.stdout.readline())


def answer(request):
    with socket.create_connection(("127.0.0.1", port), 20) as connection:
        connection.sendall(request.encode())
        return b"".join(iter(lambda: connection.recv(65536), b"")).decode()


for asked in ("bytes=5-9", "bytes=5-100", "bytes=0-4,5-100", "bytes=20-30", "lines=0-1"):
    lines = answer(f"GET /file HTTP/1.1\r\nHost: a\r\nConnection: close\r\nRange: {asked}\r\n\r\n").split("\r\n")
    said = [line for line in lines if line.startswith("Content-Range")]
    print(f"{asked}: {lines[0][9:12]} {'; '.join(said)}")
server.kill()
PY
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
