#!/usr/bin/env bash
# libhttp-proxy-perl 0.304 (Debian 12) passes on half a file as a whole one, and gives two lengths for every body.
#
# Expected: RFC 9112, section 8: an answer is incomplete that ends before its Content-Length or its last chunk; a proxy
# that does not have all of it must not end its own as if it had. Section 6.2: a sender must not send Content-Length
# where there is Transfer-Encoding.
# Seen: where the server breaks off, the proxy sends the last chunk, so that four octets of ten are all of a file for
# the client. Of a server that gave a length both fields are in the answer, and their numbers differ then.
# Who meets it: whoever lets firmware through it: a download that broke off looks whole, and is not begun again.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
apt-get download -qq \
    libhttp-proxy-perl=0.304-5 libwww-perl=6.68-1 libhttp-daemon-perl=6.16-1+deb13u1~deb12u1 \
    libhttp-message-perl=6.44-1 libhttp-date-perl=6.05-2 libhttp-negotiate-perl=6.01-2 libnet-http-perl=6.22-1 \
    liburi-perl=5.17-1 libio-html-perl=1.004-3 liblwp-mediatypes-perl=6.04-2 libencode-locale-perl=1.05-3 \
    libhttp-cookies-perl=6.10-1 libtry-tiny-perl=0.31-2 libtimedate-perl=2.3300-2 libclone-perl=0.46-1 \
    libhtml-parser-perl=3.81-1+deb12u1 libhtml-tagset-perl=3.20-6 >&2 || {
    echo "could not download the packages" >&2
    exit 2
}
for package in ./*.deb; do dpkg -x "$package" .; done
run() { python3 -; }

expected=$(
    cat <<'TEXT'
whole, with a length: server b'firmware 1'; proxy b'firmware 1', Content-Length 10, Transfer-Encoding chunked
broken off, with a length: server incomplete; proxy b'firm', Content-Length 10, Transfer-Encoding chunked
broken off, in chunks: server incomplete; proxy b'firm', Content-Length None, Transfer-Encoding chunked
TEXT
)
seen=$(
    run <<'END'
import glob
import http.client
import os
import socket
import subprocess
import threading

PROXY = """
use strict;
use warnings;
use HTTP::Proxy;

my $proxy = HTTP::Proxy->new(host => '127.0.0.1', port => 0, engine => 'NoFork', logmask => 0);
$proxy->init;
$| = 1;
print $proxy->daemon->sockport, "\\n";
$proxy->start;
"""
ANSWERS = {
    "whole, with a length": b"Content-Length: 10\r\n\r\nfirmware 1",
    "broken off, with a length": b"Content-Length: 10\r\n\r\nfirm",
    "broken off, in chunks": b"Transfer-Encoding: chunked\r\n\r\na\r\nfirm",
}
os.environ["PERL5LIB"] = ":".join(["usr/share/perl5", *glob.glob("usr/lib/x86_64-linux-gnu/perl5/*")])


def serve(listener):
    while True:
        connection, _ = listener.accept()
        with connection:
            question = b""
            while b"\r\n\r\n" not in question:
                question += connection.recv(4096)
            which = int(question.split()[1].rpartition(b"/")[2])
            connection.sendall(b"HTTP/1.1 200 OK\r\n" + list(ANSWERS.values())[which])


def ask(port, target):
    client = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    client.request("GET", target, headers={"Connection": "close"})
    answer = client.getresponse()
    try:
        return answer, answer.read()
    except http.client.IncompleteRead:
        return answer, "incomplete"


with socket.create_server(("127.0.0.1", 0)) as listener:
    threading.Thread(target=serve, args=(listener,), daemon=True).start()
    port = listener.getsockname()[1]
    with subprocess.Popen(["perl", "-e", PROXY], stdout=subprocess.PIPE, text=True) as proxy:
        proxy_port = int(proxy.stdout.readline())
        for number, case in enumerate(ANSWERS):
            _, direct = ask(port, f"/{number}")
            answer, body = ask(proxy_port, f"http://127.0.0.1:{port}/{number}")
            fields = ", ".join(f"{name} {answer.getheader(name)}" for name in ("Content-Length", "Transfer-Encoding"))
            print(f"{case}: server {direct}; proxy {body}, {fields}")
        proxy.kill()
END
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
