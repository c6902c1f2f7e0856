#!/usr/bin/env bash
# h1parser 0.1 takes a request through a proxy for a field called "post http", and a status without words for none.
#
# Expected: a request to a proxy names the whole URL, and each server must take that form (RFC 9112, section 3.2.2);
# the words behind a status may be missing or hold a colon (section 4).
# Seen: the first line with a colon becomes a field, and the message neither a request nor an answer; 200 without
# words is 0. No error is raised.
# Who meets it: whoever reads requests that go through a proxy, and answers of servers that send the number alone.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-deps \
    h1parser==0.1 || {
    echo "could not install the packages" >&2
    exit 2
}
run() { venv/bin/python -; }

expected=$(
    cat <<'TEXT'
/check: True False None ['host']
a whole URL: False False None ['post http', 'host']
200 OK: False True 200 ['server']
200 without words: False True 0 ['server']
a colon: False False None ['http/1.1 200 ok', 'server']
TEXT
)
seen=$(
    run <<'PY'
from h1parser import ParseHeader

HOST, SERVER = b"Host: ucupdates-r2.contoso.com", b"Server: Microsoft-IIS/7.5"
for name, first, second in (
    ("/check", b"POST /check HTTP/1.1", HOST),
    ("a whole URL", b"POST http://ucupdates-r2.contoso.com/check HTTP/1.1", HOST),
    ("200 OK", b"HTTP/1.1 200 OK", SERVER),
    ("200 without words", b"HTTP/1.1 200 ", SERVER),
    ("a colon", b"HTTP/1.1 200 OK: stored", SERVER),
):
    found = ParseHeader(b"\r\n".join((first, second, b"", b"")))
    fields = [key.decode() for key, _ in found.getheaders()]
    print(f"{name}:", found.is_request, found.is_response, found.getstatus(), fields)
PY
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
