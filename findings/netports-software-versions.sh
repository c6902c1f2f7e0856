#!/usr/bin/env bash
# netports 1.2.1 (PyPI) has neither of two Cisco versions be later where they differ in the fifth number or a letter.
#
# Expected: its "SwVersion" is for comparing Cisco's versions: 12.2(55)SE14 has 14 as its fourth part. 7.0(3)I7(10) of
# NX-OS came behind 7.0(3)I7(9), 16.12.5b of IOS XE behind 16.12.5.
# Seen: the first four numbers are taken, what stands behind them is not, nor are letters. "<" and ">" are both False,
# "<=" and ">=" both True, and "==" is False as it compares the text. The latest of a list is the one that came first.
# No error is raised.
# Who meets it: whoever looks for the switches that still lack a release.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-deps \
    netports==1.2.1 vhelpers==0.8.0 tomli==2.5.0 packaging==26.4 pydantic==2.14.4 pydantic_core==2.50.5 \
    annotated-types==0.8.0 typing-inspection==0.4.5 typing_extensions==4.16.0 || {
    echo "could not install the packages" >&2
    exit 2
}
run() { venv/bin/python -; }

expected=$(
    cat <<'TEXT'
12.2(55)SE14 and 12.2(55)SE9: > True, < False, <= False, == False
9.3(10) and 9.3(9): > True, < False, <= False, == False
7.0(3)I7(10) and 7.0(3)I7(9): > False, < False, <= True, == False
7.0(3)I4(8b) and 7.0(3)I4(8): > False, < False, <= True, == False
16.12.5b and 16.12.5: > False, < False, <= True, == False
latest of ['7.0(3)I7(9)', '7.0(3)I7(10)'] is 7.0(3)I7(9)
latest of ['7.0(3)I7(10)', '7.0(3)I7(9)'] is 7.0(3)I7(10)
to be updated: []
TEXT
)
seen=$(
    run <<'PY'
from netports import SwVersion

for later, earlier in (
    ("12.2(55)SE14", "12.2(55)SE9"),
    ("9.3(10)", "9.3(9)"),
    ("7.0(3)I7(10)", "7.0(3)I7(9)"),
    ("7.0(3)I4(8b)", "7.0(3)I4(8)"),
    ("16.12.5b", "16.12.5"),
):
    one, other = SwVersion(later), SwVersion(earlier)
    print(f"{later} and {earlier}: > {one > other}, < {one < other}, <= {one <= other}, == {one == other}")
for found in (["7.0(3)I7(9)", "7.0(3)I7(10)"], ["7.0(3)I7(10)", "7.0(3)I7(9)"]):
    print("latest of", found, "is", max(found, key=SwVersion))
wanted = SwVersion("7.0(3)I7(10)")
print("to be updated:", [text for text in ("7.0(3)I7(5a)", "7.0(3)I7(9)") if SwVersion(text) < wanted])
PY
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
