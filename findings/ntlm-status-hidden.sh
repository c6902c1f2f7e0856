#!/usr/bin/env bash
# requests-ntlm 1.3.0 and httpx-ntlm 1.4.0 raise KeyError when a server answers their first NTLM message with anything
# but a challenge.
#
# Expected: the server's answer. A server, or a proxy before it, may answer any request with any status (RFC 9110,
# section 15), such as 503 when the application pool stops between the two requests.
# Seen: KeyError: 'www-authenticate'; the status is not to be had.
# Who meets it: whoever tests /RequestHandlerExt/ of a Lync server with credentials and wants to know why it fails.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-deps \
    requests-ntlm==1.3.0 httpx-ntlm==1.4.0 pyspnego==0.12.4 cryptography==50.0.2 cffi==2.1.1 \
    pycparser==3.12 requests==2.34.2 urllib3==2.8.0 idna==3.20 certifi==2026.10.19.post1 \
    charset-normalizer==3.5.3 httpx==0.28.1 httpcore==1.0.9 h11==0.16.0 anyio==4.16.0 \
    typing-extensions==4.16.0 || {
    echo "could not install the packages" >&2
    exit 2
}
run() { venv/bin/python -; }

expected=$(
    cat <<'TEXT'
requests-ntlm KeyError('www-authenticate')
httpx-ntlm KeyError('www-authenticate')
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

import httpx
import httpx_ntlm
import requests
import requests_ntlm

CHALLENGE = b"HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: NTLM\r\nContent-Length: 0\r\n\r\n"
STOPPED = b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n"


def show(name, get):
    try:
        print(name, get(serve(CHALLENGE, STOPPED)).status_code)
    except KeyError as error:
        print(name, repr(error))


show("requests-ntlm", lambda url: requests.get(url, auth=requests_ntlm.HttpNtlmAuth("D\\u", "p"), timeout=9))
show("httpx-ntlm", lambda url: httpx.get(url, auth=httpx_ntlm.HttpNtlmAuth("D\\u", "p"), timeout=9))
PY
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
