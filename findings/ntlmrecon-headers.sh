#!/usr/bin/env bash
# ntlmrecon 0.2.1b0 says that the server's domain is MNCHEN where it is MÜNCHEN, and sees no challenge in small letters.
#
# Expected: MS-NLMP, section 2.2.2.1: the names in TargetInfo are in UTF-16, little-endian. RFC 9110, section 5.1: names
# of fields may be in any case; proxies write them in small letters (RFC 9113, section 8.2.1, demands it in HTTP/2).
# Seen: the names are read as UTF-8 in which errors and zeros are left out: letters vanish, or turn into others and
# control characters. A challenge in "www-authenticate" is none, as the fields are copied to an ordinary dictionary.
# Who meets it: whoever asks the external web services of a Lync pool, behind a reverse proxy, for the domain in which a
# phone has to sign in.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-deps \
    ntlmrecon==0.2.1b0 requests==2.34.2 urllib3==2.5.0 idna==3.11 certifi==2025.11.12 charset-normalizer==3.4.4 \
    termcolor==3.2.0 colorama==0.4.6 iptools==0.7.0 || {
    echo "could not install the packages" >&2
    exit 2
}
run() { venv/bin/python -; }

expected=$(
    cat <<'TEXT'
WWW-Authenticate, CONTOSO: {'AD domain name': 'CONTOSO'}
WWW-Authenticate, MÜNCHEN: {'AD domain name': 'MNCHEN'}
WWW-Authenticate, RĪGA: {'AD domain name': 'R*\x01GA'}
www-authenticate, CONTOSO: False
TEXT
)
seen=$(
    run <<'PY'
import base64
import contextlib
import http.server
import io
import struct
import threading

from ntlmrecon import ntlmutil


def challenge(domain):
    name = domain.encode("utf-16-le")
    info = struct.pack("<HH", 2, len(name)) + name + bytes(4)
    head = b"NTLMSSP\0" + struct.pack("<IHHII", 2, len(name), len(name), 48, 0xA0890205) + bytes(16)
    message = head + struct.pack("<HHI", len(info), len(info), 48 + len(name)) + name + info
    return "NTLM " + base64.b64encode(message).decode()


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def answer(self):
        name, schemes, domain = CASES[self.path]
        self.send_response(401)
        for scheme in [challenge(domain)] if "Authorization" in self.headers else schemes:
            self.send_header(name, scheme)
        self.send_header("Content-Length", "0")
        self.end_headers()

    do_GET = do_HEAD = answer
    log_message = lambda *_: None


CASES = {
    "/plain": ("WWW-Authenticate", ["Negotiate", "NTLM"], "CONTOSO"),
    "/letters": ("WWW-Authenticate", ["Negotiate", "NTLM"], "MÜNCHEN"),
    "/other-letters": ("WWW-Authenticate", ["Negotiate", "NTLM"], "RĪGA"),
    "/small": ("www-authenticate", ["Negotiate", "NTLM"], "CONTOSO"),
}
server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
threading.Thread(target=server.serve_forever, daemon=True).start()
base = f"http://127.0.0.1:{server.server_port}"
for path, (name, schemes, domain) in CASES.items():
    with contextlib.redirect_stdout(io.StringIO()):
        found = ntlmutil.gather_ntlm_info(base + path)
    print(f"{name}, {domain}: {found and found[base + path]['data']}")
PY
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
