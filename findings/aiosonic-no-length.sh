#!/usr/bin/env bash
# aiosonic 1.3.3 gives no body of an answer that ends with the connection, and takes "100 Continue" for the answer.
#
# Expected: RFC 9112, section 6.3: an answer without a length and without chunks lasts until the connection ends. RFC
# 9110, section 15.2: a client passes over 1xx answers and reads the final one. RFC 9112, section 7.1.1: a chunk may
# have extensions, which a recipient that does not know them ignores.
# Seen: the status is 200 and the body is empty, with HTTP/1.0 and HTTP/1.1. Before 200, 100 and 103 are the answer. An
# extension is a ValueError.
# Who meets it: whoever fetches with it from a small server or a device, or through a proxy.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-deps \
    aiosonic==1.3.3 charset-normalizer==3.5.3 h2==4.4.1 hpack==4.2.0 hyperframe==6.1.0 onecache==0.10.0 || {
    echo "could not install the packages" >&2
    exit 2
}
run() { venv/bin/python -; }

expected=$(
    cat <<'TEXT'
with a length: 200 b'firmware 1'
HTTP/1.1, until the connection ends: 200 b''
HTTP/1.0, until the connection ends: 200 b''
behind 100: 100 b''
behind 103: 103 b''
in a chunk: 200 b'firmware 1'
in a chunk with an extension: ValueError("invalid literal for int() with base 16: b'a;part=1'")
TEXT
)
seen=$(
    run <<'PY'
import asyncio

import aiosonic

BODY = b"firmware 1"
WHOLE = b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n" + BODY
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n%b\r\n" + BODY + b"\r\n0\r\n\r\n"
ANSWERS = {
    "with a length": WHOLE,
    "HTTP/1.1, until the connection ends": b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" + BODY,
    "HTTP/1.0, until the connection ends": b"HTTP/1.0 200 OK\r\nContent-Type: text/plain\r\n\r\n" + BODY,
    "behind 100": b"HTTP/1.1 100 Continue\r\n\r\n" + WHOLE,
    "behind 103": b"HTTP/1.1 103 Early Hints\r\nLink: </style.css>\r\n\r\n" + WHOLE,
    "in a chunk": CHUNKED % b"a",
    "in a chunk with an extension": CHUNKED % b"a;part=1",
}


async def ask(data):
    async def answer(reader, writer):
        await reader.readuntil(b"\r\n\r\n")
        writer.write(data)
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with server, aiosonic.HTTPClient() as client:
        try:
            response = await client.get(f"http://127.0.0.1:{port}/")
            return f"{response.status_code} {await response.content()}"
        except Exception as error:
            return repr(error)


for name, data in ANSWERS.items():
    print(f"{name}: {asyncio.run(ask(data))}")
PY
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
