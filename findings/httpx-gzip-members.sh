#!/usr/bin/env bash
# httpx 0.28.1 gives the first member of a gzip body and drops the rest, without an error.
#
# Expected: a gzip body is a series of members, and decompresses to all of them joined (RFC 1952, section 2.2; RFC
# 9110, section 8.4.1.3). requests 2.34.2 gives all of them.
# Seen: the text ends where the first member ends, and the answer looks complete: Content-Length is right.
# Who meets it: whoever fetches answers or logs from a server that packs each piece as it writes it (log files that are
# gzipped in turns and joined, proxies that pack what they insert).
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-deps \
    httpx==0.28.1 httpcore==1.0.9 h11==0.16.0 anyio==4.16.0 typing-extensions==4.16.0 idna==3.20 \
    certifi==2026.10.19.post1 requests==2.34.2 urllib3==2.8.0 charset-normalizer==3.5.3 || {
    echo "could not install the packages" >&2
    exit 2
}
run() { venv/bin/python -; }

expected=$(
    cat <<'TEXT'
requests <Response></Response>
httpx <Response>
TEXT
)
seen=$(
    run <<'PY'
import socket
import threading


def serve(*answers):
    listener = socket.create_server(("127.0.0.1", 0))

    def run():
        peer, _ = listener.accept()
        with peer:
            for answer in answers:
                while b"\r\n\r\n" not in peer.recv(65536):
                    pass
                peer.sendall(answer)

    threading.Thread(target=run, daemon=True).start()
    return f"http://127.0.0.1:{listener.getsockname()[1]}/"

import gzip

import httpx
import requests

body = gzip.compress(b"<Response>") + gzip.compress(b"</Response>")
answer = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(body) + body
print("requests", requests.get(serve(answer), timeout=9).text)
print("httpx", httpx.get(serve(answer), timeout=9).text)
PY
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
