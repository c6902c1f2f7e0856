#!/usr/bin/env bash
# httpchunked 0.1.2 refuses chunks whose size has a small letter, and those with an extension in quotes.
#
# Expected: RFC 9112, section 7.1: the size of a chunk is hexadecimal digits, and RFC 5234, section 2.3, makes no
# difference between "a" and "A"; nginx, Node.js and Go write small letters. Section 7.1.1: an extension may be
# name="text".
# Seen: a size of a ends with ValueError, and so does an extension in quotes. Sizes of digits alone are read, so it
# shows with chunks of 10 to 15 octets first.
# Who meets it: whoever reads with it what a server sent in chunks, as IIS and proxies do.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-deps \
    httpchunked==0.1.2 || {
    echo "could not install the packages" >&2
    exit 2
}
run() { venv/bin/python -; }

expected=$(
    cat <<'TEXT'
A b'firmware 1'
a ValueError()
A;part=one b'firmware 1'
A;part="one" ValueError()
0A b'firmware 1'
1e ValueError()
TEXT
)
seen=$(
    run <<'PY'
import io

import httpchunked

for size, body in (
    ("A", b"firmware 1"),
    ("a", b"firmware 1"),
    ("A;part=one", b"firmware 1"),
    ('A;part="one"', b"firmware 1"),
    ("0A", b"firmware 1"),
    ("1e", b"firmware 1" * 3),
):
    read = io.BytesIO()
    try:
        httpchunked.decode(read, io.BytesIO(size.encode() + b"\r\n" + body + b"\r\n0\r\n\r\n"))
        print(size, read.getvalue())
    except ValueError as error:
        print(size, repr(error))
PY
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
