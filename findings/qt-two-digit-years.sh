#!/usr/bin/env bash
# Qt 6.12.0 (pyside6-essentials) takes a date of 2026 in a field of HTTP for one of 1926.
#
# Expected: RFC 9110, section 5.6.7: a recipient must accept all three forms of a date. In the second one, with two
# digits for the year, a time "that appears to be more than 50 years in the future" is the last one in the past that
# ends in the same digits. 26 is 2026, then, and 70 is 2070, but 94 is 1994.
# Seen: QNetworkRequest and QNetworkReply add 1900 to the two digits. The same year as four digits, or in the third
# form, is right. QNetworkCookie of the same library takes 26 for 2026.
# Who meets it: whoever compares Last-Modified of an old server's file with that of a copy: each file is older.
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
Last-Modified: Mon, 30 Nov 2026 10:00:00 GMT: 2026-11-30T10:00:00Z
Last-Modified: Monday, 30-Nov-26 10:00:00 GMT: 1926-11-30T10:00:00Z
Last-Modified: Mon Nov 30 10:00:00 2026: 2026-11-30T10:00:00Z
Last-Modified: Wednesday, 30-Nov-94 10:00:00 GMT: 1994-11-30T10:00:00Z
If-Modified-Since: Monday, 30-Nov-26 10:00:00 GMT: 1926-11-30T10:00:00Z
a cookie until Monday, 30-Nov-26 10:00:00 GMT: 2026-11-30T10:00:00Z
TEXT
)
seen=$(
    run <<'PY'
from PySide6.QtCore import QByteArray, Qt
from PySide6.QtNetwork import QNetworkCookie, QNetworkRequest

SECOND_FORM = "Monday, 30-Nov-26 10:00:00 GMT"
FIELDS = {
    "Last-Modified": QNetworkRequest.KnownHeaders.LastModifiedHeader,
    "If-Modified-Since": QNetworkRequest.KnownHeaders.IfModifiedSinceHeader,
}


def show(what, date):
    print(f"{what}: {date.toUTC().toString(Qt.DateFormat.ISODate)}")


def read(field, text):
    request = QNetworkRequest()
    request.setRawHeader(QByteArray(field.encode()), QByteArray(text.encode()))
    show(f"{field}: {text}", request.header(FIELDS[field]))


read("Last-Modified", "Mon, 30 Nov 2026 10:00:00 GMT")
read("Last-Modified", SECOND_FORM)
read("Last-Modified", "Mon Nov 30 10:00:00 2026")
read("Last-Modified", "Wednesday, 30-Nov-94 10:00:00 GMT")
read("If-Modified-Since", SECOND_FORM)
(cookie,) = QNetworkCookie.parseCookies(f"a=b; Expires={SECOND_FORM}".encode())
show(f"a cookie until {SECOND_FORM}", cookie.expirationDate())
PY
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
