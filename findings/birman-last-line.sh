#!/usr/bin/env bash
# birman 0.0.2 gives the last line of a field for all of it, and the end of the body as part of the last file.
#
# Expected: RFC 2046, section 5.1.1, by which a form is framed (RFC 7578, section 4): the body of a part goes from the
# empty line behind its fields to the line end before the next delimiter, and may have any number of lines; the last
# delimiter ends the body and is no part of it.
# Seen: a text of two lines is its second line; one that ends with a line end is empty. The closing delimiter is given
# as part of a file's data. No error is raised.
# Who meets it: whoever reads with it the forms in which devices send their logs, which have many lines.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-deps \
    birman==0.0.2 || {
    echo "could not install the packages" >&2
    exit 2
}
run() { venv/bin/python -; }

expected=$(
    cat <<'TEXT'
b'one' -> 'one'
b'one\r\ntwo' -> 'two'
b'one\r\n' -> ''
b'one\ntwo' -> 'one\ntwo'
b'file' -> b'file\r\n--end--\r\n'
TEXT
)
seen=$(
    run <<'PY'
from birman import Decoder

for text in (b"one", b"one\r\ntwo", b"one\r\n", b"one\ntwo"):
    body = b'--end\r\nContent-Disposition: form-data; name="log"\r\n\r\n%b\r\n--end--\r\n' % text
    print(text, "->", repr(Decoder(body).decode()["log"]["value"]))
fields = b'Content-Disposition: form-data; name="log"; filename="CPE.log"\r\nContent-Type: text/plain\r\n'
body = b"--end\r\n%b\r\nfile\r\n--end--\r\n" % fields
print(b"file", "->", Decoder(body).decode()["log"]["value"]["file_data"])
PY
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
