#!/usr/bin/env bash
# haproxy-log-analysis 6.0.0 finds no request over TLS in the log of haproxy 2.6.12, and takes those of HTTP/2 for bad.
#
# Expected: its filter ssl "filters by SSL connection", and frontend[phones] by "which HAProxy frontend got the
# request". HAProxy's configuration manual, section 8.2.3: the name of a frontend is followed by "~" where it received
# the connection over TLS; a request of HTTP/2 with an authority is logged with its whole URI.
# Seen: the filter looks for ":443" in the path, which a request of HTTP/1.1 never has. The name of the frontend is
# "phones~", so its own filter leaves it out. A request of HTTP/2 has the method, path and version "invalid".
# Who meets it: whoever looks with it at what a reverse proxy in front of a pool got from outside: all of that is TLS.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
apt-get download -qq \
    haproxy=2.6.12-1+deb12u4 liblua5.3-0=5.3.6-2 libopentracing-c-wrapper0=1.1.3-3+b1 libopentracing1=1.6.0-4 \
    libpcre2-8-0=10.42-1+deb12u2 >&2 || {
    echo "could not download the packages" >&2
    exit 2
}
for package in ./*.deb; do dpkg -x "$package" .; done
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-deps \
    haproxy_log_analysis==6.0.0 h2==4.4.1 hpack==4.2.0 hyperframe==6.1.0 || {
    echo "could not install the packages" >&2
    exit 2
}
run() { venv/bin/python -; }

expected=$(
    cat <<'TEXT'
HTTP/1.1: phones~ GET /update HTTP/1.1
   read as phones~ GET /update HTTP/1.1
   TLS: False frontend phones: False
HTTP/2: phones~ GET https://pool.contoso.com/update HTTP/2.0
   read as phones~ invalid invalid invalid
   TLS: False frontend phones: False
TEXT
)
seen=$(
    run <<'PY'
import contextlib
import io
import os
import re
import socket
import ssl
import subprocess
import time

import h2.connection
from haproxy.filters import filter_frontend, filter_ssl
from haproxy.line import Line


def free_port():
    with socket.socket() as any_socket:
        any_socket.bind(("127.0.0.1", 0))
        return any_socket.getsockname()[1]


subprocess.run(
    "openssl req -x509 -newkey rsa:2048 -nodes -keyout key -out crt -days 2 -subj /CN=pool.contoso.com"
    " && cat crt key > both.pem",
    shell=True, check=True, stderr=subprocess.DEVNULL,
)
log = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
log.bind(("127.0.0.1", 0))
log.settimeout(10)
port = free_port()
with open("haproxy.cfg", "w") as file:
    file.write(f"""
global
    log 127.0.0.1:{log.getsockname()[1]} local0
defaults
    mode http
    log global
    option httplog
    timeout client 10s
    timeout server 10s
    timeout connect 10s
frontend phones
    bind 127.0.0.1:{port} ssl crt both.pem alpn h2,http/1.1
    http-request return status 200
""")
environment = dict(os.environ, LD_LIBRARY_PATH=os.path.abspath("usr/lib/x86_64-linux-gnu"))
server = subprocess.Popen(["usr/sbin/haproxy", "-db", "-f", "haproxy.cfg"], env=environment, stderr=subprocess.DEVNULL)


def connected(protocol):
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.set_alpn_protocols([protocol])
    for _ in range(100):
        with contextlib.suppress(ConnectionRefusedError):
            return context.wrap_socket(socket.create_connection(("127.0.0.1", port), 10))
        time.sleep(0.1)


def show(name):
    while b" phones" not in (text := log.recv(4096)):
        pass
    line = re.sub(r"^<\d+>", "", text.decode().strip())
    with contextlib.redirect_stdout(io.StringIO()):
        read = Line(line)
    print(name, re.search(r"phones\S*", line)[0], re.search('"(.*)"', line)[1])
    request = (read.http_request_method, read.http_request_path, read.http_request_protocol)
    print("   read as", read.frontend_name, *request)
    print("   TLS:", filter_ssl()(read), "frontend phones:", filter_frontend("phones")(read))


try:
    with connected("http/1.1") as client:
        client.sendall(b"GET /update HTTP/1.1\r\nHost: pool.contoso.com\r\nConnection: close\r\n\r\n")
        client.recv(4096)
        show("HTTP/1.1:")
    with connected("h2") as client:
        state = h2.connection.H2Connection()
        state.initiate_connection()
        names = {":method": "GET", ":scheme": "https", ":authority": "pool.contoso.com", ":path": "/update"}
        state.send_headers(1, list(names.items()), end_stream=True)
        client.sendall(state.data_to_send())
        show("HTTP/2:")
finally:
    server.kill()
PY
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
