#!/usr/bin/env bash
# headerbreakdown 0.1.5 gives no status of "404 Not Found", and shuffles what a server offers first to last.
#
# Expected: RFC 9112, section 4: a reason is none, one or several words; section 3.2.2: the target of a request to a
# proxy is a whole URI. RFC 9110, section 5.3: the order of repeated fields counts, and none may be left out; section
# 5.6.4: what is in quotes is one value.
# Seen: a first line is read only if it has three words: no status where the reason has none or two, and a request to a
# proxy is a field "GET http". Repeated values go through a set: their order is that of the run's hash seed, and of two
# that are the same one is left. Values are cut at a second "=", and apostrophes and quotation marks taken out.
# Who meets it: whoever sorts with it what phones were answered, or looks by which way (Negotiate before NTLM) they are
# to sign in.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-deps \
    headerbreakdown==0.1.5 || {
    echo "could not install headerbreakdown==0.1.5" >&2
    exit 2
}
run() { PYTHONHASHSEED=1 venv/bin/python -; }

expected=$(
    cat <<'TEXT'
HTTP/1.1 200 OK
   status 200, {'server': ['IIS']}
HTTP/1.1 404 Not Found
   status None, {'server': ['IIS']}
HTTP/1.1 401
   status None, {'server': ['IIS']}
GET http://pool.contoso.com/ HTTP/1.1
   status None, {'get http': ['//pool.contoso.com/ HTTP/1.1'], 'host': ['pool.contoso.com']}
('Negotiate', 'NTLM', 'Basic'): ['Basic', 'Negotiate', 'NTLM']
('a, b', 'a, b'): ['a, b']
filename="Anna's; log" [{'microkey': 'filename', 'microvalue': 'Annas'}]
Digest nonce="a=b" [{'microkey': 'Digest nonce', 'microvalue': 'a'}]
TEXT
)
seen=$(
    run <<'PY'
from headerbreakdown import HeaderBreakdown

ANSWERS = (
    "HTTP/1.1 200 OK\r\nServer: IIS",
    "HTTP/1.1 404 Not Found\r\nServer: IIS",
    "HTTP/1.1 401\r\nServer: IIS",
    "GET http://pool.contoso.com/ HTTP/1.1\r\nHost: pool.contoso.com",
)
for text in ANSWERS:
    parsed = dict(HeaderBreakdown(text).parsed)
    fields = {name: each["value"] for name, each in parsed.items() if not name.startswith("_")}
    print(text.partition("\r\n")[0])
    print(f"   status {parsed.get('_responsecode')}, {fields}")
for values in ("Negotiate", "NTLM", "Basic"), ("a, b", "a, b"):
    text = "\r\n".join(["HTTP/1.1 200 OK", *(f"X-List: {value}" for value in values)])
    print(f"{values}: {HeaderBreakdown(text).parsed['xlist']['value']}")
for value in ('filename="Anna\'s; log"', 'Digest nonce="a=b"'):
    print(value, HeaderBreakdown(f"HTTP/1.1 200 OK\r\nX: a; {value}").analyzed["x"].get("microvalues"))
PY
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
