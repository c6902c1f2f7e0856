#!/usr/bin/env bash
# http-parse 0.1.5 finds no body in a request, and takes lines of it for fields.
#
# Expected: RFC 9112, sections 2.1 and 2.2: each line of the head ends with CR and LF, and the body stands behind the
# first empty one. What is in the body is no field.
# Seen: the body is looked for behind two LF in a row, which no such request has. A line of the body with a colon
# becomes a field, also in the place of a real one of that name, and the version ends with a CR. With LF alone all are
# right.
# Who meets it: whoever reads requests with it that were saved from a capture or taken from a connection.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install -q --no-deps \
    http-parse==0.1.5 >&2 || {
    echo "could not install the packages" >&2
    exit 2
}
run() { venv/bin/python -; }

expected=$(
    cat <<'TEXT'
LF: 'HTTP/1.1', body 'Host: phone-71\r\nSerial: 0004F2AABBCC'
    {'Host': 'pool.contoso.com', 'Content-Type': 'text/plain', 'Content-Length': '36'}
CR LF: 'HTTP/1.1\r', body ''
    {'Host': 'phone-71', 'Content-Type': 'text/plain', 'Content-Length': '36', 'Serial': '0004F2AABBCC'}
TEXT
)
seen=$(
    run <<'PY'
from http_parse import HTTPRequest

head = ["POST /update HTTP/1.1", "Host: pool.contoso.com", "Content-Type: text/plain", "Content-Length: 36"]
body = "Host: phone-71\r\nSerial: 0004F2AABBCC"
for title, end in (("LF", "\n"), ("CR LF", "\r\n")):
    seen = HTTPRequest(end.join([*head, "", body]))
    print(f"{title}: {seen.http_version!r}, body {seen.body!r}")
    print("   ", seen.headers)
PY
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
