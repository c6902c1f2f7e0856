#!/usr/bin/env bash
# MultipartFormData 1.4 changes apostrophes, and the words True and False, in what it sends.
#
# Expected: RFC 7578, section 4.2: a part holds the value of a field as it is; a quotation mark in a name is written as
# %22. RFC 2046, section 5.1.1: the boundary may be in quotes, which are none of it, and behind other parameters. Names
# of HTTP's fields may be in any case.
# Seen: in all that was put together each apostrophe becomes a quotation mark, True becomes true and False false, also
# in the middle of a word or a file. A quotation mark in a name ends it. The boundary that is taken from Content-Type
# keeps its quotes, is that of the parameter behind the first semicolon whatever it is, and not looked for where the
# field is not written in small letters.
# Who meets it: whoever sends a phone's log or settings to a web page with it: what arrives is another text.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-deps \
    MultipartFormData==1.4 || {
    echo "could not install MultipartFormData==1.4" >&2
    exit 2
}
run() { venv/bin/python -; }

expected=$(
    cat <<'TEXT'
{'user': 'anna'} -> '--x\r\nname="user"\r\n\r\nanna\r\n--x--'
{'note': "Anna's phone"} -> '--x\r\nname="note"\r\n\r\nAnna"s phone\r\n--x--'
{'note': 'True or False?'} -> '--x\r\nname="note"\r\n\r\ntrue or false?\r\n--x--'
{'file': 'IsTrue.cab'} -> '--x\r\nname="file"\r\n\r\nIstrue.cab\r\n--x--'
{'flag': True} -> '--x\r\nname="flag"\r\n\r\ntrue\r\n--x--'
{'a"b': 'two\r\nlines'} -> '--x\r\nname="a"b"\r\n\r\ntwo\r\nlines\r\n--x--'
boundary=y -> --y
boundary="y" -> --"y"
charset=utf-8; boundary=y -> --utf-8
Content-Type -> ------WebKitFormBoundary7MA4YWxkTrZu0gW
TEXT
)
seen=$(
    run <<'PY'
from multipartformdata.Multipart import MultipartFormData

for data in (
    {"user": "anna"},
    {"note": "Anna's phone"},
    {"note": "True or False?"},
    {"file": "IsTrue.cab"},
    {"flag": True},
    {'a"b': "two\r\nlines"},
):
    text = MultipartFormData.to_form_data(data, boundary="x")
    print(data, "->", repr(text.replace("Content-Disposition: form-data; ", "")))
for kind in "boundary=y", 'boundary="y"', "charset=utf-8; boundary=y":
    text = MultipartFormData.to_form_data({"a": "b"}, headers={"content-type": f"multipart/form-data; {kind}"})
    print(kind, "->", text.split("\r\n")[0])
text = MultipartFormData.to_form_data({"a": "b"}, headers={"Content-Type": "multipart/form-data; boundary=y"})
print("Content-Type", "->", text.split("\r\n")[0])
PY
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
