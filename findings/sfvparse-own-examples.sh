#!/usr/bin/env bash
# sfvparse 0.1.0 gives byte sequences as base64, and reads neither "a=?0, b, c" nor an empty list.
#
# Expected: RFC 8941, which it says that it reads, gives these as examples: section 3.2: "a=?0, b, c; foo=bar", where b
# and c are true; section 3.3.5: ":cHJldGVuZCB0aGlzIGlzIGJpbmFyeSBjb250ZW50Lg==:", the octets of "pretend this is
# binary content."; section 3.3.3: the string "hello world" and, in 3.3.4, the token foo123/456. Section 4.2: an empty
# field is a list without members. Section 4.2.3.2: of two parameters of one name the last one counts.
# Seen: a dictionary with a bare key is an error, a byte sequence comes as the octets of its base64, which its own
# writer encodes a second time. A string that could be a token is written as a token, and one that looks like a URI
# between angle brackets, which are no structured field. A list without members and a repeated parameter are errors.
# Who meets it: whoever reads fields such as Content-Digest or Cache-Status: the digest of a file never fits.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-deps \
    sfvparse==0.1.0 http-sf==1.5.0 typing-extensions==4.16.0 || {
    echo "could not install the packages" >&2
    exit 2
}
run() { venv/bin/python -; }

expected=$(
    cat <<'TEXT'
3.2: expected '=' after dictionary key 'b'
3.3.5: b'cHJldGVuZCB0aGlzIGlzIGJpbmFyeSBjb250ZW50Lg=='
  http-sf: b'pretend this is binary content.'
  written: :Y0hKbGRHVnVaQ0IwYUdseklHbHpJR0pwYm1GeWVTQmpiMjUwWlc1MExnPT0=:
3.3.3 and 3.3.4: ['hello', 'foo123/456']
  read and written: "hello" hello
  read and written: "http://example.com/a" <http://example.com/a>
  read and written: "hello world" "hello world"
4.2: parse_list: empty input
4.2.3.2: duplicate parameter: 'a'
TEXT
)
seen=$(
    run <<'PY'
import http_sf
import sfvparse


def read(what, text):
    try:
        return getattr(sfvparse, "parse_" + what)(text)
    except ValueError as error:
        return str(error).partition(" at position")[0]


def plain(member):
    return member["value"] if isinstance(member, dict) and "value" in member else member


print("3.2:", read("dict", "a=?0, b, c; foo=bar"))
example = ":cHJldGVuZCB0aGlzIGlzIGJpbmFyeSBjb250ZW50Lg==:"
item = read("item", example)
print("3.3.5:", item["value"])
print("  http-sf:", http_sf.parse(example.encode(), tltype="item")[0])
print("  written:", sfvparse.serialize_item(item).decode())
print("3.3.3 and 3.3.4:", [plain(read("item", text)) for text in ('"hello"', "foo123/456")])
for text in ('"hello"', '"http://example.com/a"', '"hello world"'):
    print("  read and written:", text, sfvparse.serialize_item(read("item", text)).decode())
print("4.2:", read("list", ""))
print("4.2.3.2:", read("item", "1;a=1;a=2"))
PY
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
