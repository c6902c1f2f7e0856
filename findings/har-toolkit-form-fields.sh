#!/usr/bin/env bash
# har-toolkit 0.3.0 gives no field of a form that was sent, and replaces a comment where it should add to it.
#
# Expected: HAR 1.2, "postData": params is the list of posted parameters, each with a name and a value, a file's name or
# a type; a log, a request and all others may have a comment. append_comment() adds to the comment that is there.
# Seen: the fields are read and dropped: params is empty, whatever the archive has, and the text is None. Where a
# comment is there, append_comment() replaces it; where none is, it begins with a semicolon. The comment of the log is
# None. Of a type with a parameter behind the charset, that one's value is the charset. No error is raised.
# Who meets it: whoever looks in an archive of a browser for what was sent to a page for signing in or uploading.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-deps \
    har-toolkit==0.3.0 pillow==13.0.0 || {
    echo "could not install the packages" >&2
    exit 2
}
run() { venv/bin/python -; }

expected=$(
    cat <<'TEXT'
fields sent: 2, read: [] None
comments: ['the second try', '; slow', None]
charset: flowed
TEXT
)
seen=$(
    run <<'PY'
from har_toolkit import Har

FIELDS = [
    {"name": "mac", "value": "0004f2000007"},
    {"name": "log", "fileName": "phone.txt", "contentType": "text/plain"},
]
request = {
    "method": "POST", "url": "http://pool.contoso.com/upload", "httpVersion": "HTTP/1.1", "cookies": [], "headers": [],
    "queryString": [], "headersSize": -1, "bodySize": 25, "comment": "the first try",
    "postData": {"mimeType": "multipart/form-data", "params": FIELDS},
}
response = {
    "status": 200, "statusText": "OK", "httpVersion": "HTTP/1.1", "cookies": [], "headers": [], "redirectURL": "",
    "headersSize": -1, "bodySize": -1, "content": {"size": 0, "mimeType": "text/plain; charset=utf-8; format=flowed"},
}
entry = {
    "startedDateTime": "2026-11-30T08:00:00Z", "time": 3, "request": request, "response": response, "cache": {},
    "timings": {"send": 1, "wait": 1, "receive": 1},
}
log = {"version": "1.2", "creator": {"name": "browser", "version": "1"}, "entries": [entry], "comment": "phone 7"}

archive = Har({"log": log})
(seen,) = archive.entries
print("fields sent: 2, read:", seen.request.postData.params, seen.request.postData.text)
seen.request.append_comment("the second try")
seen.response.append_comment("slow")
print("comments:", [seen.request.comment, seen.response.comment, archive.comment])
print("charset:", seen.response.content.charset)
PY
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
