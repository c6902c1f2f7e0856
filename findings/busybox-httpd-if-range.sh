#!/usr/bin/env bash
# httpd of busybox 1.35.0 (Debian 12) sends the rest of the new file to whoever has the beginning of the old one.
#
# Expected: RFC 9110, section 13.1.5: if the file is no longer the one that If-Range names, Range is ignored and all of
# the new file is sent, with 200. Section 14.1.2: bytes=0-0 is the first octet. Section 13.1.3: a file that is not newer
# than If-Modified-Since is 304.
# Seen: If-Range is not looked at: for another entity tag and another date, 206 and the rest of the new file. The first
# octet is all of the file, with 206. If-Modified-Since is not looked at either, only If-None-Match.
# Who meets it: whoever resumes the download of a firmware file that was replaced meanwhile: what comes out is neither.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
apt-get download -qq \
    busybox=1:1.35.0-4+deb12u1+b1 >&2 || {
    echo "could not download the packages" >&2
    exit 2
}
for package in ./*.deb; do dpkg -x "$package" .; done
run() { python3 -; }

expected=$(
    cat <<'TEXT'
Range: bytes=4- -> 206 bytes 4-11/12 firmware
Range: bytes=4- If-Range: "692980b0-c" -> 206 bytes 4-11/12 firmware
Range: bytes=4- If-Range: "69282f30-c" -> 206 bytes 4-11/12 firmware
Range: bytes=4- If-Range: Thu, 27 Nov 2025 11:00:00 GMT -> 206 bytes 4-11/12 firmware
Range: bytes=0-0 -> 206 bytes 0-11/12 new firmware
If-Modified-Since: Fri, 28 Nov 2025 11:00:00 GMT -> 200 all new firmware
TEXT
)
seen=$(
    run <<'PY'
import os
import socket
import subprocess
import time

os.mkdir("files")
with open("files/CPE.nbt", "wb") as file:
    file.write(b"new firmware")
os.utime("files/CPE.nbt", (1764327600, 1764327600))
with socket.create_server(("127.0.0.1", 0)) as free:
    port = free.getsockname()[1]
server = subprocess.Popen(["bin/busybox", "httpd", "-f", "-p", f"127.0.0.1:{port}", "-h", "files"])


def connected():
    for _ in range(100):
        try:
            return socket.create_connection(("127.0.0.1", port), 5)
        except ConnectionRefusedError:
            time.sleep(0.1)
    raise TimeoutError("no server")


def ask(*fields):
    with connected() as connection:
        head = ["GET /CPE.nbt HTTP/1.1", "Host: 127.0.0.1", "Connection: close", *fields, "", ""]
        connection.sendall("\r\n".join(head).encode())
        answer = b"".join(iter(lambda: connection.recv(65536), b""))
    head, _, body = answer.decode().partition("\r\n\r\n")
    first, *rest = head.split("\r\n")
    given = dict(field.split(": ", 1) for field in rest)
    return " ".join([*fields, "->", first.split()[1], given.get("Content-Range", "all"), body]), given


try:
    plain, given = ask()
    for fields in (
        ["Range: bytes=4-"],
        ["Range: bytes=4-", f"If-Range: {given['ETag']}"],
        ["Range: bytes=4-", 'If-Range: "69282f30-c"'],
        ["Range: bytes=4-", "If-Range: Thu, 27 Nov 2025 11:00:00 GMT"],
        ["Range: bytes=0-0"],
        ["If-Modified-Since: Fri, 28 Nov 2025 11:00:00 GMT"],
    ):
        print(ask(*fields)[0])
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
