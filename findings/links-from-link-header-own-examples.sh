#!/usr/bin/env bash
# links-from-link-header 0.1.0 reads one of the five examples of RFC 8288.
#
# Expected: RFC 8288, section 3.5, gives five fields as examples, with a title, an anchor, two languages, two relations
# in one parameter, and two links. Section 3: parameters stand in any order, values may be tokens, and a comma may
# stand in a target or in quotes.
# Seen: the name of the relation goes on to the last quotation mark of the link, so that a title or an anchor makes
# part of it; two relations are one of that name. A token, another parameter before rel or a comma in a target ends
# with an error. Of two links of one relation the first one is lost.
# Who meets it: who follows the pages of a service: one that says rel=next, or names a title, has no second page.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-deps \
    links-from-link-header==0.1.0 || {
    echo "could not install the packages" >&2
    exit 2
}
run() { venv/bin/python -; }

expected=$(
    cat <<'TEXT'
<http://example.com/TheBook/chapter2>; rel="previous"; title="previous chapter"
  {'previous"; title="previous chapter': 'http://example.com/TheBook/chapter2'}
</>; rel="http://example.net/foo"
  {'http://example.net/foo': '/'}
</terms>; rel="copyright"; anchor="#foo"
  {'copyright"; anchor="#foo': '/terms'}
</TheBook/chapter2>; rel="previous"; title*=UTF-8'de'letztes%20Kapitel, </TheBook/chapter4>; rel="ne
  {'previous': '/TheBook/chapter2', 'next': '/TheBook/chapter4'}
<http://example.org/>; rel="start http://example.net/relation/other"
  {'start http://example.net/relation/other': 'http://example.org/'}
</logs?page=2>; rel=next
  ends with AttributeError
</logs?page=2>; title="Page 2"; rel="next"
  ends with AttributeError
</logs?from=1,2>; rel="next"
  ends with AttributeError
</a.cab>; rel="item", </b.cab>; rel="item"
  {'item': '/b.cab'}
TEXT
)
seen=$(
    run <<'PY'
from links_from_header import extract

for text in (
    '<http://example.com/TheBook/chapter2>; rel="previous"; title="previous chapter"',
    '</>; rel="http://example.net/foo"',
    '</terms>; rel="copyright"; anchor="#foo"',
    "</TheBook/chapter2>; rel=\"previous\"; title*=UTF-8'de'letztes%20Kapitel, "
    "</TheBook/chapter4>; rel=\"next\"; title*=UTF-8'de'n%c3%a4chstes%20Kapitel",
    '<http://example.org/>; rel="start http://example.net/relation/other"',
    "</logs?page=2>; rel=next",
    '</logs?page=2>; title="Page 2"; rel="next"',
    '</logs?from=1,2>; rel="next"',
    '</a.cab>; rel="item", </b.cab>; rel="item"',
):
    print(text[:100])
    try:
        print(" ", extract(text))
    except Exception as error:
        print("  ends with", type(error).__name__)
PY
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
