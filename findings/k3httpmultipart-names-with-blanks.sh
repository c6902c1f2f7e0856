#!/usr/bin/env bash
# k3httpmultipart 0.1.9 writes a file's name without quotation marks, so "phone 1.log" arrives as "phone".
#
# Expected: the name of a file or a field is a token or stands in quotation marks; a token has no blank, semicolon,
# quotation mark or letter that is not ASCII (RFC 2183, section 2; RFC 2045, section 5.1). RFC 7578, section 4.2, leaves
# this as it is.
# Seen: both names are written as they are. A reader, as multipart 2.0.1 below, ends the name at the first of these, so
# the logs of two phones come with one name. No error is raised, and the length is right.
# Who meets it: whoever sends logs or firmware by it to a server that files them by name.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-deps \
    k3httpmultipart==0.1.9 k3mime==0.1.10 multipart==2.0.1 || {
    echo "could not install the packages" >&2
    exit 2
}
run() { venv/bin/python -; }

expected=$(
    cat <<'TEXT'
'phone.log': name=device log; filename=phone.log
  is 'phone.log' in the field 'device'
'phone 1.log': name=device log; filename=phone 1.log
  is 'phone' in the field 'device'
'phone 2.log': name=device log; filename=phone 2.log
  is 'phone' in the field 'device'
'phone;1.log': name=device log; filename=phone;1.log
  is 'phone' in the field 'device'
'phone"1".log': name=device log; filename=phone"1".log
  is 'phone' in the field 'device'
'Telefon-Küche.log': name=device log; filename=Telefon-Küche.log
  is 'Telefon-K' in the field 'device'
TEXT
)
seen=$(
    run <<'PY'
import io

from k3httpmultipart import Multipart
from multipart import MultipartParser

for name in ("phone.log", "phone 1.log", "phone 2.log", "phone;1.log", 'phone"1".log', "Telefon-Küche.log"):
    form = Multipart()
    fields = [{"name": "device log", "value": [io.BytesIO(b"x"), 1, name]}]
    length = form.make_headers(fields)["Content-Length"]
    body = b"".join(form.make_body_reader(fields))
    (part,) = MultipartParser(io.BytesIO(body), form.boundary, length)
    print(f"{name!r}: {body.decode().splitlines()[1].partition('; ')[2]}")
    print(f"  is {part.filename!r} in the field {part.name!r}")
PY
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
