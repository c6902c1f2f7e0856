#!/usr/bin/env bash
# Qt 6.12.0 (pyside6-essentials) takes 10:00 EST in a cookie for 05:00 GMT, and keeps a cookie that was ended.
#
# Expected: a date with an offset is that time (RFC 5322, section 3.3): 10:00 -0500, or EST, is 15:00 GMT. A browser
# takes a cookie's date for GMT, whatever zone it names (RFC 6265, section 5.1.1): 10:00. Of Max-Age and Expires,
# Max-Age counts, whichever stands first (section 5.3).
# Seen: QNetworkCookie adds the offset to the time that it should be taken from: 10:00 EST comes out as 05:00 GMT, and
# 10:00 +0530 as 15:30. Of Max-Age and Expires the one that stands last counts. 100 years of Max-Age are no end at all:
# the cookie is gone when the program ends.
# Who meets it: whoever signs in with Qt at a server that writes its own zone into cookies, or ends them by Max-Age.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-deps \
    pyside6-essentials==6.12.0 shiboken6==6.12.0 || {
    echo "could not install the packages" >&2
    exit 2
}
run() { venv/bin/python -; }

expected=$(
    cat <<'TEXT'
10:00:00 GMT: Mon 10:00 GMT
10:00:00 EST: Mon 05:00 GMT
10:00:00 -0500: Mon 05:00 GMT
10:00:00 PST: Mon 02:00 GMT
10:00:00 +0100: Mon 11:00 GMT
10:00:00 +0530: Mon 15:30 GMT
Max-Age=0: ended
Expires in 2069: not ended
Expires in 2069; Max-Age=0: ended
Max-Age=0; Expires in 2069: not ended
Max-Age=3155695200: no end
TEXT
)
seen=$(
    run <<'PY'
from PySide6.QtCore import QDateTime
from PySide6.QtNetwork import QNetworkCookie


def end_of(attributes):
    (cookie,) = QNetworkCookie.parseCookies(b"a=b; " + attributes.encode())
    return cookie.expirationDate()


for time in "10:00:00 GMT", "10:00:00 EST", "10:00:00 -0500", "10:00:00 PST", "10:00:00 +0100", "10:00:00 +0530":
    end = end_of(f"Expires=Mon, 30 Nov 2026 {time}")
    print(f"{time}: {end.toUTC().toString('ddd hh:mm')} GMT")
DATE = "Expires=Sat, 30 Nov 2069 10:00:00 GMT"
for attributes in "Max-Age=0", DATE, f"{DATE}; Max-Age=0", f"Max-Age=0; {DATE}", "Max-Age=3155695200":
    end = end_of(attributes)
    state = "no end" if not end.isValid() else "not ended" if end > QDateTime.currentDateTimeUtc() else "ended"
    print(f"{attributes.replace(DATE, 'Expires in 2069')}: {state}")
PY
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
