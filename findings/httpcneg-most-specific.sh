#!/usr/bin/env bash
# httpcneg 0.1.0 gives what a client says that it does not take.
#
# Expected: RFC 9110, section 12.5.1: the most specific range that fits decides; it has a table of an example, the first
# line below: text/html is 0.3, since text/* is nearer to it than */*. Section 12.5.3: "gzip;q=0" excludes gzip, "*"
# stands for the codings that are not named. (The package names section 12.4.1 and "quality-factor matching".)
# Seen: of all ranges that fit, the one of the highest quality decides. text/html gets 0.5 from */*. What has q=0 gets 1
# from the "*" behind it, so gzip is chosen for a client that cannot read it. No error is raised.
# Who meets it: whoever chooses with it what to send to devices that exclude something.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-deps \
    httpcneg==0.1.0 || {
    echo "could not install the package" >&2
    exit 2
}
run() { venv/bin/python -; }

expected=$(
    cat <<'TEXT'
text/*;q=0.3, text/plain;q=0.7, */*;q=0.5 {'text/plain': '0.700', 'text/html': '0.500', 'image/jpeg': '0.500'}
text/html;q=0, */* -> text/html of text/html, application/xml
application/xml, text/html;q=0 -> application/xml of text/html, application/xml
gzip;q=0, * -> gzip of gzip, identity
gzip, *;q=0 -> gzip of br, gzip
de;q=0, * -> de of de, en
TEXT
)
seen=$(
    run <<'PY'
from httpcneg import best_match, parse_accept

OWN = "text/*;q=0.3, text/plain;q=0.7, */*;q=0.5"
print(OWN, {offer: str(quality) for offer, quality in parse_accept(OWN, ["text/plain", "text/html", "image/jpeg"])})
for header, offers, kind in (
    ("text/html;q=0, */*", ["text/html", "application/xml"], "accept"),
    ("application/xml, text/html;q=0", ["text/html", "application/xml"], "accept"),
    ("gzip;q=0, *", ["gzip", "identity"], "accept-encoding"),
    ("gzip, *;q=0", ["br", "gzip"], "accept-encoding"),
    ("de;q=0, *", ["de", "en"], "accept-language"),
):
    print(f"{header} -> {best_match(header, offers, kind)} of {', '.join(offers)}")
PY
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
