#!/usr/bin/env bash
# sipmessage 0.7.1 does not find the header fields that RFC 3261 gives as examples, or refuses the message.
#
# Expected: blanks may stand before a colon, and a field goes on in the next line where that begins with a blank (RFC
# 3261, section 7.3.1; the subjects below are from there).
# Seen: with blanks before the colon the field has another name, and there is no subject. A field of several lines is
# refused; where a colon is in a later line, that line becomes a field of its own and the rest of the subject is lost.
# Who meets it: whoever reads what a phone or gateway signed in with, where a device writes fields so.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-deps \
    sipmessage==0.7.1 || {
    echo "could not install the packages" >&2
    exit 2
}
run() { venv/bin/python -; }

expected=$(
    cat <<'TEXT'
lunch ['CSeq', 'Subject']
None ['CSeq', 'Subject            ']
refused: not enough values to unpack (expected 2, got 1)
I know you're there, ['CSeq', 'Subject', '         pick up']
TEXT
)
seen=$(
    run <<'PY'
from sipmessage import Message

FIELDS = (
    "Subject: lunch",
    "Subject            :      lunch",
    "Subject: I know you're there,\r\n         pick up the phone\r\n         and answer!",
    "Subject: I know you're there,\r\n         pick up: now",
)
for field in FIELDS:
    text = f"OPTIONS sip:contoso.com SIP/2.0\r\nCSeq: 1 OPTIONS\r\n{field}\r\n\r\n"
    try:
        headers = Message.parse(text.encode()).headers
        print(headers.get("Subject"), headers.keys())
    except ValueError as error:
        print("refused:", error)
PY
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
