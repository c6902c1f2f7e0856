#!/usr/bin/env bash
# requests 2.34.2 on urllib3 2.8.0 cannot read an answer with 100 header lines.
#
# Expected: HTTP sets no limit for the number of header lines (RFC 9110, section 5.4), and this answer has 2 KB of them.
# Seen: 98 lines and Content-Length are read, 99 and Content-Length raise ConnectionError, although all of it came. The
# reason is http.client of Python 3.11, whose limit of 100 counts the empty line too and is a private number.
# Who meets it: whoever tests a server behind a proxy that adds a line for each rule, or sets many cookies.
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
98 lines -> 200 b'ok'
99 lines -> ConnectionError
1000 lines -> ConnectionError
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

for count in (98, 99, 1000):
    lines = b"".join(b"X-Rule-%d: a\r\n" % number for number in range(count))
    url = serve(b"HTTP/1.1 200 OK\r\n" + lines + b"Content-Length: 2\r\n\r\nok")
    try:
        answer = requests.get(url, timeout=9)
        print(count, "lines ->", answer.status_code, answer.content)
    except requests.RequestException as error:
        print(count, "lines ->", type(error).__name__)
PY
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
