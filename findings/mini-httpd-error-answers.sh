#!/usr/bin/env bash
# mini_httpd 1.30 (Debian 12) names the charset "%s" in each error, and refuses a request with a whole URI.
#
# Expected: RFC 9112, section 3.2.2: a server must take a request whose target is a whole URI. RFC 9110, section 8.3.2:
# a charset is the name of one. Section 9.3.2: the answer to HEAD has no content. Section 5.6.7: a date may come in the
# form of asctime. RFC 9112, section 2.2: a server should ignore an empty line in front of a request.
# Seen: the header of each error and each redirection says "text/html; charset=%s", its page says UTF-8. A whole URI is
# 400. The answer of 404 to HEAD has a page. A date in asctime's form is taken for none, that of RFC 850 is not. Behind
# an empty line the status line of the answer begins with "(null)" in place of a version.
# Who meets it: whoever hands out files of a phone with it: proxies send whole URIs, as do clients behind them.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
apt-get download -qq \
    mini-httpd=1.30-3 >&2 || {
    echo "could not download the package" >&2
    exit 2
}
dpkg -x ./*.deb .
run() { python3 -; }

expected=$(
    cat <<'TEXT'
a file: HTTP/1.1 200 Ok, Content-Type: text/plain; charset=UTF-8, a body
whole URI: HTTP/1.1 400 Bad Request, Content-Type: text/html; charset=%s, a body
no such file: HTTP/1.1 404 Not Found, Content-Type: text/html; charset=%s, a body
no such file, HEAD: HTTP/1.1 404 Not Found, Content-Type: text/html; charset=%s, a body
a folder: HTTP/1.1 302 Found, Content-Type: text/html; charset=%s, a body
not changed, RFC 850: HTTP/1.1 304 Not Modified, Content-Type: text/plain; charset=UTF-8, no body
not changed, asctime: HTTP/1.1 200 Ok, Content-Type: text/plain; charset=UTF-8, a body
an empty line before: (null) 400 Bad Request, Content-Type: text/html; charset=%s, a body
TEXT
)
seen=$(
    run <<'END'
import os
import socket
import subprocess
import time

os.mkdir("files")
os.mkdir("files/b")
with open("files/a.cab", "w") as file:
    file.write("firmware 1")
os.utime("files/a.cab", (1746421505, 1746421505))
with socket.create_server(("127.0.0.1", 0)) as free:
    port = free.getsockname()[1]
command = [os.path.abspath("usr/sbin/mini_httpd"), "-D", "-h", "127.0.0.1", "-p", str(port), "-d", "files", "-u"]
command += ["root" if os.getuid() == 0 else "nobody", "-i", os.path.abspath("pid")]
server = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def ask(what, first_line, field="", before=""):
    client = socket.create_connection(("127.0.0.1", port), timeout=5)
    client.sendall(f"{before}{first_line} HTTP/1.1\r\nHost: phones.contoso.com\r\n{field}\r\n".encode())
    octets = b""
    while more := client.recv(65536):
        octets += more
    head, _, body = octets.decode().partition("\r\n\r\n")
    lines = head.split("\r\n")
    kind = [line for line in lines if line.startswith("Content-Type")]
    first = lines[0]
    print(f"{what}: {first}, {kind[0] if kind else None}, {'a body' if body else 'no body'}")


try:
    time.sleep(1)
    ask("a file", "GET /a.cab")
    ask("whole URI", "GET http://phones.contoso.com/a.cab")
    ask("no such file", "GET /c.cab")
    ask("no such file, HEAD", "HEAD /c.cab")
    ask("a folder", "GET /b")
    ask("not changed, RFC 850", "GET /a.cab", "If-Modified-Since: Monday, 05-May-25 05:05:05 GMT\r\n")
    ask("not changed, asctime", "GET /a.cab", "If-Modified-Since: Mon May  5 05:05:05 2025\r\n")
    ask("an empty line before", "GET /a.cab", before="\r\n")
finally:
    server.kill()
END
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
