#!/usr/bin/env bash
# mplugin 2.0.0 writes the maximum as the critical limit, and no limit that was set.
#
# Expected: the monitoring plugin guidelines, "Performance data": label=value;warn;crit;min;max, where a field that is
# not known is empty. nagiosplugin 1.4.0, of which it is a copy, writes so.
# Seen: two ranges are equal where neither or both begin with "@": so 10 and 20 are taken for the range of everything,
# and are not written. What is not written leaves no semicolon: a minimum of 0 and a maximum of 100 are "0;100", the
# limits of warning and critical. The state itself is right. No error is raised.
# Who meets it: whoever draws or alerts by what its plugins print.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-deps \
    mplugin==2.0.0 nagiosplugin==1.4.0 typing_extensions==4.15.0 || {
    echo "could not install the packages" >&2
    exit 2
}
run() { venv/bin/python -; }

expected=$(
    cat <<'TEXT'
all: free=50MB;20;10;0;100 and free=50MB;0;100
critical: free=50MB;;10 and free=50MB
minimum and maximum: free=50MB;;;0;100 and free=50MB;0;100
warning and maximum: free=50MB;20;;;100 and free=50MB;100
at least: free=50MB;20:;10: and free=50MB
between: free=50MB;@10:20;@10;;100 and free=50MB;@10:20;@10;100
10 is 20: True
TEXT
)
seen=$(
    run <<'PY'
import mplugin
import nagiosplugin

for title, limits in (
    ("all", {"warn": "20", "crit": "10", "min": 0, "max": 100}),
    ("critical", {"crit": "10"}),
    ("minimum and maximum", {"min": 0, "max": 100}),
    ("warning and maximum", {"warn": "20", "max": 100}),
    ("at least", {"warn": "20:", "crit": "10:"}),
    ("between", {"warn": "@10:20", "crit": "@0:10", "max": 100}),
):
    written = []
    for package in (nagiosplugin, mplugin):
        own = {name: package.Range(value) if name in ("warn", "crit") else value for name, value in limits.items()}
        written.append(str(package.Performance("free", 50, "MB", **own)))
    print(f"{title}: {written[0]} and {written[1]}")
print("10 is 20:", mplugin.Range("10") == mplugin.Range("20"))
PY
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
