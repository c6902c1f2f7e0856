#!/usr/bin/env bash
# parse-accept-language 0.1.2 reads of an example of three languages in its RFC the first one only.
#
# Expected: RFC 2616, section 14.4, which the package names (RFC 9110, section 12.5.4, is the same): "da, en-gb;q=0.8,
# en;q=0.7". Blanks may be around ";" as well; tags may have digits and several parts, "*" is any language; q=0 means
# "not this one".
# Seen: where a q is there, blanks around the language are not taken off, and such a language is dropped; a blank in
# front of q is a ValueError. What has a digit, and "*", is dropped. Of zh-Hans-CN the locale zh_HANS is made. A
# language that is not wanted is in the list.
# Who meets it: a web page that a phone or browser asks for in its user's language, and gives in another.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-deps \
    parse-accept-language==0.1.2 || {
    echo "could not install parse-accept-language==0.1.2" >&2
    exit 2
}
run() { venv/bin/python -; }

expected=$(
    cat <<'TEXT'
en-US,el;q=0.8: en/en_US 1.0, el/None 0.8
da, en-gb;q=0.8, en;q=0.7: da/None 1.0
da, en-gb; q=0.8, en;q=0.7: ValueError: could not convert string to float: ' q=0.8'
en ;q=0.5, de: de/None 1.0
zh-Hans-CN, de: zh/zh_HANS 1.0, de/None 1.0
es-419, *;q=0.1: nothing
sl-1994, en;q=0.5: nothing
de;q=0, en: en/None 1.0, de/None 0.0
de;Q=0.5: de/None 0.5
TEXT
)
seen=$(
    run <<'PY'
from accept_language import parse_accept_language

for text in (
    "en-US,el;q=0.8",
    "da, en-gb;q=0.8, en;q=0.7",
    "da, en-gb; q=0.8, en;q=0.7",
    "en ;q=0.5, de",
    "zh-Hans-CN, de",
    "es-419, *;q=0.1",
    "sl-1994, en;q=0.5",
    "de;q=0, en",
    "de;Q=0.5",
):
    try:
        seen = ", ".join(f"{each.language}/{each.locale} {each.quality}" for each in parse_accept_language(text))
    except ValueError as error:
        seen = f"ValueError: {error}"
    print(f"{text}: {seen or 'nothing'}")
PY
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
