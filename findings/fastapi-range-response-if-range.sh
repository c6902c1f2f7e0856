#!/usr/bin/env bash
# fastapi-range-response 0.1.1 goes on with the new file where a client has the beginning of the old one.
#
# Expected: RFC 9110, section 13.1.5: with If-Range, a part is sent only if the file is still the one that the field
# names; if not, the whole new file is sent with 200. Section 14.4: Content-Range belongs to 206 and 416. Section 14.6
# and RFC 2046, section 5.1.1: several parts end with the delimiter and two more hyphens.
# Seen: it is the other way round with dates: the old date gets the rest of the new file, the right date all of it. With
# entity tags, each one gets the rest. The first octet alone is no octet, 200 has a Content-Range, and several parts
# have no end.
# Who meets it: whoever resumes the download of a firmware file that was replaced meanwhile: what comes out is neither.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-deps \
    fastapi-range-response==0.1.1 starlette==0.46.2 anyio==4.15.0 idna==3.20 sniffio==1.3.1 aiofiles==25.1.0 \
    typing-extensions==4.15.0 asyncssh==2.24.1 cryptography==50.0.2 cffi==2.1.1 pycparser==3.0 || {
    echo "could not install the packages" >&2
    exit 2
}
run() { venv/bin/python -; }

expected=$(
    cat <<'TEXT'
no condition: 206 bytes 4-11/12 b'firmware'
if it is from the right day: 200 bytes 0-11/12 b'new firmware'
if it is from the day before: 206 bytes 4-11/12 b'firmware'
if it has the right tag: 206 bytes 4-11/12 b'firmware'
if it has another tag: 206 bytes 4-11/12 b'firmware'
all of it: 200 bytes 0-11/12 b'new firmware'
the first octet: 206 bytes 0-0/12 b''
two parts: 206 b's 4-11/12\n\nfirmware\n--BOUNDARY\n'
TEXT
)
seen=$(
    run <<'PY'
import asyncio
import email.utils
import os

from fastapi_range_response import FileRangeResponse

with open("CPE.nbt", "wb") as file:
    file.write(b"new firmware")
os.utime("CPE.nbt", (1764327600, 1764327600))
NEW, OLD = (email.utils.formatdate(at, usegmt=True) for at in (1764327600, 1764241200))


async def ask(**fields):
    sent = []

    async def send(message):
        sent.append(message)

    headers = [(name.replace("_", "-").encode(), value.encode()) for name, value in fields.items()]
    response = FileRangeResponse("CPE.nbt", media_type="binary/octet-stream")
    await response({"type": "http", "method": "GET", "headers": headers}, None, send)
    given = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
    body = b"".join(message.get("body", b"") for message in sent)
    return sent[0]["status"], given, body


def show(what, **fields):
    status, given, body = asyncio.run(ask(range="bytes=4-", **fields))
    print(f"{what}: {status} {given.get('content-range')} {body}")


tag = asyncio.run(ask())[1]["etag"]
show("no condition")
show("if it is from the right day", if_range=NEW)
show("if it is from the day before", if_range=OLD)
show("if it has the right tag", if_range=tag)
show("if it has another tag", if_range='"other"')
status, given, body = asyncio.run(ask())
print("all of it:", status, given.get("content-range"), body)
status, given, body = asyncio.run(ask(range="bytes=0-0"))
print("the first octet:", status, given["content-range"], body)
status, given, body = asyncio.run(ask(range="bytes=0-2,4-11"))
print("two parts:", status, repr(body.replace(given["content-type"].split("=")[1].encode(), b"BOUNDARY")[-31:]))
PY
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
