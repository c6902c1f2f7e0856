#!/usr/bin/env bash
# cpp-httplib 0.11.4 (Debian 12) refuses an upload where a charset follows the boundary, and loses a file named first.
#
# Expected: RFC 2045, section 5.1: further parameters may follow one, and their order means nothing; a value that is a
# token needs no quotation marks. RFC 7578, sections 4.1 and 4.2, uses both fields so.
# Seen: a boundary with a charset behind it is answered with 400, before any code of the program runs; the other way
# round would do. A part whose file name stands before its name arrives without either, and so does one whose names have
# no quotation marks: several such parts are one nameless part to the program.
# Who meets it: whoever receives the logs of phones or tools with it.
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
boundary=B and name="file"; filename="phone.log": 200 'file' phone.log hello
boundary="B" and name="file"; filename="phone.log": 200 'file' phone.log hello
boundary=B; charset=utf-8 and name="file"; filename="phone.log": 400 
boundary=B and filename="phone.log"; name="file": 200 ''  hello
boundary=B and name=file; filename=phone.log: 200 ''  hello
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
    server.Post("/logs", [](const Request& request, Response& response) {
        std::string text;
        for (auto& [name, file] : request.files) text += "'" + name + "' " + file.filename + " " + file.content;
        response.set_content(text, "text/plain");
    });
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


WRITTEN = 'name="file"; filename="phone.log"'
for kind, words in (
    ("boundary=B", WRITTEN),
    ('boundary="B"', WRITTEN),
    ("boundary=B; charset=utf-8", WRITTEN),
    ("boundary=B", 'filename="phone.log"; name="file"'),
    ("boundary=B", "name=file; filename=phone.log"),
):
    body = f"--B\r\nContent-Disposition: form-data; {words}\r\n\r\nhello\r\n--B--\r\n"
    head = f"Host: a\r\nConnection: close\r\nContent-Type: multipart/form-data; {kind}\r\nContent-Length: {len(body)}"
    head, _, text = answer(f"POST /logs HTTP/1.1\r\n{head}\r\n\r\n{body}").partition("\r\n\r\n")
    print(f"{kind} and {words}: {head[9:12]} {text}")
server.kill()
PY
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
