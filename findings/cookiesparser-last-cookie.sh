#!/usr/bin/env bash
# cookiesparser 1.4.0 drops the last cookie of a request, and those with "%" or "=" in their values.
#
# Expected: RFC 6265, sections 4.2.1 and 5.4: a client writes its cookies with "; " between them, and none behind the
# last one. Section 4.1.1: a value may have "%" and "=" in it.
# Seen: what no ";" follows is dropped, so of one cookie nothing is left, and of two the first. With "%" behind it, or
# "=" within it, a value is cut or its cookie dropped. "color=blue;" of the example in its own documentation is missing
# from the result that is given there.
# Who meets it: whoever looks for the session in requests to a web client of Lync or to Exchange.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv >&2 && venv/bin/pip install --quiet --no-deps cookiesparser==1.4.0 >&2 || {
    echo "could not install cookiesparser==1.4.0" >&2
    exit 2
}
run() { venv/bin/python -; }

expected=$(
    cat <<'TEXT'
token=xyz789; userId=42; color=blue;
    {'token': 'xyz789', 'userId': '42'}
token=xyz789; userId=42; color=blue
    {'token': 'xyz789', 'userId': '42'}
token=xyz789; userId=42
    {'token': 'xyz789'}
token=xyz789
    {}
name=a%20b; userId=42; color=blue
    {'name': 'a b', 'userId': '42'}
key=a=b; userId=42; color=blue
    {'key': 'a=b', 'userId': '42'}
key=YQ==; userId=42; color=blue
    {'key': 'YQ==', 'userId': '42'}
TEXT
)
seen=$(
    run <<'PY'
import cookiesparser

for field in (
    "token=xyz789; userId=42; color=blue;",
    "token=xyz789; userId=42; color=blue",
    "token=xyz789; userId=42",
    "token=xyz789",
    "name=a%20b; userId=42; color=blue",
    "key=a=b; userId=42; color=blue",
    "key=YQ==; userId=42; color=blue",
):
    print(f"{field}\n    {cookiesparser.parse(field)}")
PY
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
