#!/usr/bin/env bash
# h2o 2.2.5 (Debian 12) finds no file by a whole URI, and refuses a request for a unit of ranges that it does not know.
#
# Expected: RFC 9112, section 3.2.2: a server accepts the absolute form of a target, and takes the host from it. RFC
# 9110, section 14.2: a Range with an unknown unit is ignored, names of units may be in capital letters (14.1), and a
# Range is for GET alone: HEAD is answered as without it. If-Range (13.1.5) keeps the rest of a new file from being
# put behind half of the old one. Dates may be in any of three forms (5.6.7).
# Seen: 404 for a whole URI, 416 for "lines=0-1" and "Bytes=0-4", 206 for HEAD, the rest of the file whatever If-Range
# says, and the whole file where If-Modified-Since has one of the two older forms.
# Who meets it: a phone or proxy that goes on with a download, or a client that asks by the whole URI.
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
GET /file: 200 OK, 0123456789
GET http://files.contoso.com/file: 404 File Not Found, not found
Range: bytes=5-: 206 Partial Content, 56789
Range: Bytes=5-: 416 Request Range Not Satisfiable, requested range not satisfiable
Range: lines=5-: 416 Request Range Not Satisfiable, requested range not satisfiable
Range: bytes=5- and If-Range: "another": 206 Partial Content, 56789
HEAD with Range: bytes=5-: 206 Partial Content, nothing
If-Modified-Since: Fri, 01 Jan 2027 00:00:00 GMT: 304 Not Modified, nothing
If-Modified-Since: Friday, 01-Jan-27 00:00:00 GMT: 200 OK, 0123456789
If-Modified-Since: Fri Jan  1 00:00:00 2027: 200 OK, 0123456789
TEXT
)
mkdir files
printf 0123456789 >files/file
touch -d '2026-06-01 00:00:00 UTC' files/file
seen=$(
    run <<'PY'
import getpass
import socket
import subprocess
import time
from pathlib import Path

with socket.socket() as probe:
    probe.bind(("127.0.0.1", 0))
    port = probe.getsockname()[1]
Path("h2o.conf").write_text(
    f"user: {getpass.getuser()}\n"
    f"hosts:\n  default:\n    listen: {{port: {port}, host: 127.0.0.1}}\n"
    f"    paths:\n      /:\n        file.dir: {Path.cwd()}/files\n"
)


def ask(first: str, *fields: str) -> str:
    lines = (f"{first} HTTP/1.1", "Host: files.contoso.com", "Connection: close", *fields, "", "")
    for _ in range(100):
        try:
            with socket.create_connection(("127.0.0.1", port), 5) as asker:
                asker.sendall("\r\n".join(lines).encode())
                answer = b"".join(iter(lambda: asker.recv(65536), b"")).decode()
        except ConnectionRefusedError:
            time.sleep(0.05)
            continue
        break
    head, _, body = answer.partition("\r\n\r\n")
    return f"{head.splitlines()[0].partition(' ')[2]}, {body or 'nothing'}"


with subprocess.Popen(["usr/bin/h2o", "-c", "h2o.conf"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as h2o:
    for first in ("GET /file", "GET http://files.contoso.com/file"):
        print(f"{first}: {ask(first)}")
    for field in ("Range: bytes=5-", "Range: Bytes=5-", "Range: lines=5-"):
        print(f"{field}: {ask('GET /file', field)}")
    fields = "Range: bytes=5-", 'If-Range: "another"'
    print(f"{' and '.join(fields)}: {ask('GET /file', *fields)}")
    print(f"HEAD with {fields[0]}: {ask('HEAD /file', fields[0])}")
    for date in ("Fri, 01 Jan 2027 00:00:00 GMT", "Friday, 01-Jan-27 00:00:00 GMT", "Fri Jan  1 00:00:00 2027"):
        field = f"If-Modified-Since: {date}"
        print(f"{field}: {ask('GET /file', field)}")
    h2o.terminate()
PY
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
