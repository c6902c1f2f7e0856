#!/usr/bin/env bash
# content-disposition-parser 1.0.2 (npm) cuts a file's name at a semicolon in it, and takes its apostrophe away.
#
# Expected: RFC 6266, section 4.1: filename is a token or a quoted-string, in which a semicolon is a letter as any other
# and a backslash stands before a quotation mark (RFC 9110, section 5.6.4). Section 4.3: filename* counts where both are
# there; names of parameters may be in any case. RFC 5987, section 3.2.1: ISO-8859-1 was a charset of it.
# Seen: the field is split at each semicolon first; the rest of the name becomes a parameter with the value true.
# Backslashes stay, quotation marks and apostrophes at both ends go. FILENAME wins over Filename*. Octets that are no
# UTF-8 stay in percents.
# Who meets it: whoever keeps with it what a web server offers to download, such as a phone's log or an update package,
# under the name that it says.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-fund --no-audit --no-package-lock --ignore-scripts \
    content-disposition-parser@1.0.2 >&2 || {
    echo "could not install content-disposition-parser@1.0.2" >&2
    exit 2
}
run() { node -; }

expected=$(
    cat <<'TEXT'
attachment; filename="phones.cab":
   {"type":"attachment","filename":"phones.cab"}
attachment; filename="phones; lab.cab":
   {"type":"attachment","filename":"phones","lab.cab\"":true}
attachment; filename="the \"new\" one.cab":
   {"type":"attachment","filename":"the \\\"new\\\" one.cab"}
attachment; filename="Anna's phones'":
   {"type":"attachment","filename":"Anna's phones"}
attachment; filename*=UTF-8''%e2%82%ac%20rates.txt; filename="EURO rates.txt":
   {"type":"attachment","filename":"€ rates.txt","encoding":"utf-8"}
attachment; filename="EURO rates.txt"; filename*=utf-8'en'%e2%82%ac%20rates.txt:
   {"type":"attachment","filename":"€ rates.txt","encoding":"utf-8"}
attachment; Filename*=UTF-8''%e2%82%ac.txt; FILENAME=EURO.txt:
   {"type":"attachment","filename":"EURO.txt","encoding":"utf-8"}
attachment; filename*=iso-8859-1'en'%A3%20rates.txt:
   {"type":"attachment","filename":"%A3%20rates.txt","encoding":"iso-8859-1"}
attachment;filename=a=b.cab:
   {"type":"attachment","filename":"a=b.cab"}
TEXT
)
seen=$(
    run <<'JS'
const parse = require("content-disposition-parser");

for (const text of [
  'attachment; filename="phones.cab"',
  'attachment; filename="phones; lab.cab"',
  'attachment; filename="the \\"new\\" one.cab"',
  "attachment; filename=\"Anna's phones'\"",
  "attachment; filename*=UTF-8''%e2%82%ac%20rates.txt; filename=\"EURO rates.txt\"",
  "attachment; filename=\"EURO rates.txt\"; filename*=utf-8'en'%e2%82%ac%20rates.txt",
  "attachment; Filename*=UTF-8''%e2%82%ac.txt; FILENAME=EURO.txt",
  "attachment; filename*=iso-8859-1'en'%A3%20rates.txt",
  "attachment;filename=a=b.cab",
]) {
  console.log(`${text}:\n  `, JSON.stringify(parse(text)));
}
JS
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
