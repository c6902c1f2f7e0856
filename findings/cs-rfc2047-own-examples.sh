#!/usr/bin/env bash
# cs-rfc2047 20200524 leaves the blanks between encoded words, and reads three of the seven examples of RFC 2047.
#
# Expected: RFC 2047, section 6.2: white space between two encoded words is not shown, which is how a long text is
# written in parts; section 8 has a table of examples with what is to be shown for each. RFC 2231, section 5: a
# language may follow the charset after "*", as in its example "=?US-ASCII*EN?Q?Keith_Moore?=".
# Seen: "=?ISO-8859-1?Q?a?= =?ISO-8859-1?Q?b?=" is "a b", with a line break "a\r\n b". A charset with a language is
# looked up whole, and is unknown, so the text is read as ISO 8859-1 with a warning: UTF-8 gives other letters.
# Who meets it: whoever looks for a name or a subject of more than one line in a mail: it has blanks inside of words.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-deps \
    cs-rfc2047==20200524 cs.gimmicks==20260311 cs.pfx==20260912 cs.py3==20220523 cs.py.func==20250914 \
    cs.deco==20261026 cs.typingutils==20260525 cs.x==20261016.1 cs.ansi_colour==20260531 || {
    echo "could not install the packages" >&2
    exit 2
}
run() { venv/bin/python -; }

expected=$(
    cat <<'TEXT'
as in the RFC '(=?ISO-8859-1?Q?a?=)' '(a)'
as in the RFC '(=?ISO-8859-1?Q?a?= b)' '(a b)'
other '(=?ISO-8859-1?Q?a?= =?ISO-8859-1?Q?b?=)' '(a b)'
other '(=?ISO-8859-1?Q?a?=  =?ISO-8859-1?Q?b?=)' '(a  b)'
other '(=?ISO-8859-1?Q?a?=\r\n    =?ISO-8859-1?Q?b?=)' '(a\r\n    b)'
as in the RFC '(=?ISO-8859-1?Q?a_b?=)' '(a b)'
other '(=?ISO-8859-1?Q?a?= =?ISO-8859-2?Q?_b?=)' '(a  b)'
as in the RFC '=?US-ASCII*EN?Q?Keith_Moore?=' 'Keith Moore'
other '=?UTF-8*de?Q?M=C3=BCller?=' 'M\xc3\xbcller'
TEXT
)
seen=$(
    run <<'PY'
import logging
import warnings

logging.disable(logging.CRITICAL)
warnings.simplefilter("ignore")

from cs.rfc2047 import unrfc2047

for text, shown in (
    ("(=?ISO-8859-1?Q?a?=)", "(a)"),
    ("(=?ISO-8859-1?Q?a?= b)", "(a b)"),
    ("(=?ISO-8859-1?Q?a?= =?ISO-8859-1?Q?b?=)", "(ab)"),
    ("(=?ISO-8859-1?Q?a?=  =?ISO-8859-1?Q?b?=)", "(ab)"),
    ("(=?ISO-8859-1?Q?a?=\r\n    =?ISO-8859-1?Q?b?=)", "(ab)"),
    ("(=?ISO-8859-1?Q?a_b?=)", "(a b)"),
    ("(=?ISO-8859-1?Q?a?= =?ISO-8859-2?Q?_b?=)", "(a b)"),
    ("=?US-ASCII*EN?Q?Keith_Moore?=", "Keith Moore"),
    ("=?UTF-8*de?Q?M=C3=BCller?=", "M\u00fcller"),
):
    seen = unrfc2047(text)
    print("as in the RFC" if seen == shown else "other", repr(text), ascii(seen))
PY
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
