#!/usr/bin/env bash
# pypacker 5.4 finds no request whose target has a hyphen, a colon or a question mark, and no answer without a reason.
#
# Expected: RFC 9112, section 3.2: a target may be a whole URI or have a query; section 4: the reason of a status line
# may be empty; section 5: no blank is needed behind the colon of a field; section 7.1.1: a chunk may have extensions.
# Seen: such a first line leaves the message without first line and fields, all of it its body. A field without the
# blank is not split. Of a chunked body whose first chunk has an extension, nothing is given. No error is raised.
# Who meets it: whoever looks with it into a capture for what phones asked of an update server.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-deps \
    pypacker==5.4 || {
    echo "could not install the packages" >&2
    exit 2
}
run() { venv/bin/python - 2>/dev/null; }

expected=$(
    cat <<'TEXT'
GET /update.cab HTTP/1.1 -> b'GET /update.cab HTTP/1.1\r\n' [(b'Host', b'pool')]
GET /CX700/update-a.cab HTTP/1.1 -> b'' []
GET /update.cab?phone=71 HTTP/1.1 -> b'' []
GET http://pool/update.cab HTTP/1.1 -> b'' []
HTTP/1.1 200 OK -> b'HTTP/1.1 200 OK\r\n' [(b'Host', b'pool')]
HTTP/1.1 200  -> b'' []
Host:pool -> [b'Host:pool']
3 -> b'abc'
3;sha=1 -> b''
TEXT
)
seen=$(
    run <<'PY'
from pypacker.layer567.http import HTTP

for line in (
    "GET /update.cab HTTP/1.1",
    "GET /CX700/update-a.cab HTTP/1.1",
    "GET /update.cab?phone=71 HTTP/1.1",
    "GET http://pool/update.cab HTTP/1.1",
    "HTTP/1.1 200 OK",
    "HTTP/1.1 200 ",
):
    read = HTTP(f"{line}\r\nHost: pool\r\n\r\n".encode())
    print(line, "->", read.startline, list(read.hdr))
print("Host:pool ->", list(HTTP(b"GET / HTTP/1.1\r\nHost:pool\r\n\r\n").hdr))
for size in ("3", "3;sha=1"):
    text = f"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n{size}\r\nabc\r\n0\r\n\r\n"
    print(size, "->", HTTP(text.encode()).chunked)
PY
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
