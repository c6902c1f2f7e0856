#!/usr/bin/env bash
# multipart-decoder 1.0.0 takes a file's name for the name of its field where the file's name stands first.
#
# Expected: the parameters of Content-Disposition may come in any order (RFC 2183, section 2; RFC 7578, section 4.2),
# so the field below is "log" in both bodies.
# Seen: the first name="..." counts, also as the end of filename="...": the field is "phone.log". No error is raised.
# Who meets it: whoever takes uploads from a client that writes filename before name.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-deps \
    multipart-decoder==1.0.0 requests-toolbelt==1.0.0 requests==2.34.2 urllib3==2.8.0 idna==3.20 \
    certifi==2026.10.19.post1 charset-normalizer==3.5.3 || {
    echo "could not install the packages" >&2
    exit 2
}
run() { venv/bin/python -; }

expected=$(
    cat <<'TEXT'
name="log"; filename="phone.log" is {'log': 'phone.log'}
filename="phone.log"; name="log" is {'phone.log': 'phone.log'}
TEXT
)
seen=$(
    run <<'PY'
import base64

from multipart_decoder import MultipartFormParser

for order in ('name="log"; filename="phone.log"', 'filename="phone.log"; name="log"'):
    body = f"--part\r\nContent-Disposition: form-data; {order}\r\n\r\nlines\r\n--part--\r\n"
    form = MultipartFormParser(base64.b64encode(body.encode()), "multipart/form-data; boundary=part")
    print(order, "is", {name: one["filename"] for name, one in form["files"].items()})
PY
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
