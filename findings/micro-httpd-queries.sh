#!/usr/bin/env bash
# micro_httpd of 2014 (Debian 12) takes a query for a part of the file's name, and answers no HEAD.
#
# Expected: RFC 3986, section 3.4: a query begins at "?", the path ends there; a server of files ignores it. RFC 9110,
# section 9.1: all servers must support GET and HEAD. RFC 9112, section 3.2.2: a server must take a whole URI.
# Seen: "/a.cab?v=2" is 404 while "/a.cab" is there. HEAD is 501. A whole URI is 400.
# Who meets it: whoever hands out files by inetd to programs that put a version or a time behind the name, or that ask
# for the size first.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
apt-get download -qq \
    micro-httpd=20140814-2.1+b2 >&2 || {
    echo "could not download the package" >&2
    exit 2
}
dpkg -x ./*.deb .
run() { python3 -; }

expected=$(
    cat <<'TEXT'
GET /a.cab: HTTP/1.0 200 Ok, 'firmware 1'
GET /%61.cab: HTTP/1.0 200 Ok, 'firmware 1'
GET /a.cab?v=2: HTTP/1.0 404 Not Found, '404 Not Found'
HEAD /a.cab: HTTP/1.0 501 Not Implemented, '501 Not Implemented'
GET http://phones.contoso.com/a.cab: HTTP/1.0 400 Bad Request, '400 Bad Request'
TEXT
)
seen=$(
    run <<'END'
import os
import subprocess

os.mkdir("files")
with open("files/a.cab", "w") as file:
    file.write("firmware 1")
for first in (
    "GET /a.cab",
    "GET /%61.cab",
    "GET /a.cab?v=2",
    "HEAD /a.cab",
    "GET http://phones.contoso.com/a.cab",
):
    request = f"{first} HTTP/1.1\r\nHost: phones.contoso.com\r\n\r\n".encode()
    result = subprocess.run(["usr/sbin/micro-httpd", "files"], input=request, capture_output=True, timeout=10)
    head, _, body = result.stdout.decode().replace("\r\n", "\n").partition("\n\n")
    heading = body.partition("<h4>")[2].partition("</h4>")[0] or body[:10]
    print(f"{first}: {head.splitlines()[0]}, {heading!r}")
END
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
