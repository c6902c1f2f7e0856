#!/usr/bin/env bash
# requests 2.34.2 on urllib3 2.8.0 takes an interim HTTP answer for the final one.
#
# Expected: a client must be able to read any number of 1xx answers before the final one, also unexpected ones (RFC
# 9110, section 15.2). 100 is passed over, and httpx 0.28.1 passes over all of them.
# Seen: with 102 or 103 before 200, the status is 102 or 103 and the body is empty. The reason is http.client of Python
# 3.11, which passes over 100 alone; urllib.request raises HTTPError for such an answer.
# Who meets it: whoever tests a server behind a proxy that sends 102 while it waits, or 103 with its hints.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-deps \
    requests==2.34.2 urllib3==2.8.0 idna==3.20 certifi==2026.10.19.post1 charset-normalizer==3.5.3 || {
    echo "could not install the packages" >&2
    exit 2
}
run() { venv/bin/python -; }

expected=$(
    cat <<'TEXT'
100 Continue -> 200 b'ok'
102 Processing -> 102 b''
103 Early Hints -> 103 b''
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

import requests

FINAL = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
for interim in (b"100 Continue", b"102 Processing", b"103 Early Hints"):
    answer = requests.get(serve(b"HTTP/1.1 " + interim + b"\r\n\r\n" + FINAL), timeout=9)
    print(interim.decode(), "->", answer.status_code, answer.content)
PY
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
