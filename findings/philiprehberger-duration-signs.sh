#!/usr/bin/env bash
# philiprehberger-duration 0.4.0 reads half a second as five, three months as three minutes, and no minus.
#
# Expected: ISO 8601: the comma is as good as the point, so PT0,5S is half a second. P3M are three months, which have no
# fixed length. RFC 5545, section 3.3.6, has a sign before the P. The package names "ISO 8601" and raises ValueError for
# what it cannot read; it writes negative values itself.
# Seen: what its pattern of ISO 8601 does not match is searched for digits with letters behind. PT0,5S are 5 seconds,
# PT36,25S 25, P3M 180, -PT1H 3600. What it wrote for 90 seconds with a minus it reads as 1209510. No error is raised.
# Who meets it: whoever reads with it how long something is valid or may take, as a service of .NET or a calendar says.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-deps \
    philiprehberger-duration==0.4.0 || {
    echo "could not install the package" >&2
    exit 2
}
run() { venv/bin/python -; }

expected=$(
    cat <<'TEXT'
PT0.5S -> 0.5
PT0,5S -> 5.0
PT36.25S -> 36.25
PT36,25S -> 25.0
PT3M -> 180.0
P3M -> 180.0
P2W -> 1209600.0
PT1H -> 3600.0
-PT1H -> 3600.0
1h -> 3600.0
-1h -> 3600.0
90 -> 1m 30s or PT1M30S
-90 -> -1w 6d 23h 58m 30s or P-1DT23H58M30S
0.0005 -> 500us or PT0S
and back: 1209510.0
TEXT
)
seen=$(
    run <<'PY'
from philiprehberger_duration import format as written
from philiprehberger_duration import parse

for text in ("PT0.5S", "PT0,5S", "PT36.25S", "PT36,25S", "PT3M", "P3M", "P2W", "PT1H", "-PT1H", "1h", "-1h"):
    print(text, "->", parse(text))
for seconds in (90, -90, 0.0005):
    print(seconds, "->", written(seconds), "or", written(seconds, style="iso"))
print("and back:", parse(written(-90)))
PY
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
