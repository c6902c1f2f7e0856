#!/usr/bin/env bash
# hx-cookies 0.1.0 keeps each cookie that a server ends by a date, and none of a host without a dot.
#
# Expected: RFC 6265, section 5.2.1 and section 3.1 ("to remove a cookie, the server returns a Set-Cookie header with an
# expiration date in the past"); section 5.4: of two cookies, that of the longer path comes first. Section 5.3: public
# suffixes matter where there is a Domain. (The package calls itself a "clean RFC 6265 implementation".)
# Seen: Expires is not read: a session that was signed out stays as an empty one, and a date of 2030 is none. Cookies
# come in the order in which they were set. http://pool/ and http://localhost/ have none at all. No error is raised.
# Who meets it: whoever calls servers with it that sign users out, or those of an intranet by their short names.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-deps \
    hx-cookies==0.1.0 || {
    echo "could not install the package" >&2
    exit 2
}
run() { venv/bin/python -; }

expected=$(
    cat <<'TEXT'
set: session=31d4
ended by an age: None
ended by a date: session=
one that had ended: session=31d4
until 2030: None
two paths: a=root; a=phones
of http://pool/: None
TEXT
)
seen=$(
    run <<'PY'
from hx_cookies import CookieStore, parse_set_cookie

HOST = "http://pool.contoso.com"
PAST = "Thu, 01 Jan 1970 00:00:00 GMT"


def cookies(url, *fields):
    store = CookieStore()
    for field in fields:
        store.extract_cookies(url, [("Set-Cookie", field)])
    return store.get_cookie_header(url)


print("set:", cookies(HOST, "session=31d4"))
print("ended by an age:", cookies(HOST, "session=31d4", "session=; Max-Age=0"))
print("ended by a date:", cookies(HOST, "session=31d4", f"session=; Expires={PAST}"))
print("one that had ended:", cookies(HOST, f"session=31d4; Expires={PAST}"))
print("until 2030:", parse_set_cookie("a=1; Expires=Tue, 01 Jan 2030 00:00:00 GMT", HOST).expires)
print("two paths:", cookies(HOST + "/phones/1", "a=root; Path=/", "a=phones; Path=/phones"))
print("of http://pool/:", cookies("http://pool/", "session=31d4"))
PY
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
