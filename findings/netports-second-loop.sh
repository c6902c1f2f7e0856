#!/usr/bin/env bash
# A range of netports 1.2.1 (PyPI) gives its numbers to one loop only.
#
# Expected: its README has "Range" do what a list and a set do. A list gives its items to every loop, a set too.
# Seen: the range is its own iterator, and where it stands is never set back. The second loop has no numbers, nor have
# list(), sorted(), sum() and set() that come later. After a loop that was left early the next one goes on from there.
# The length, "in" and the text stay right, so nothing shows it. A copy begins anew. No error is raised.
# Who meets it: whoever compares ports with the same VLANs twice: of the second port all are said to be in order.
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
Gi1/0/1 lacks []
Gi1/0/2 lacks []
Gi1/0/3 lacks []
sum: 0 set: set() sorted: []
the same range: 10,20-22,30 length: 5 21 in it: True
a copy: [10, 20, 21, 22, 30] numbers(): [10, 20, 21, 22, 30]
behind a loop left at 3: [4, 5, 6]
TEXT
)
seen=$(
    run <<'PY'
from netports import Range

allowed = Range("10,20-22,30")
for port, vlans in (("Gi1/0/1", {10, 20, 21, 22, 30}), ("Gi1/0/2", {10, 20}), ("Gi1/0/3", set())):
    print(port, "lacks", [number for number in allowed if number not in vlans])
print("sum:", sum(allowed), "set:", set(allowed), "sorted:", sorted(allowed))
print("the same range:", allowed, "length:", len(allowed), "21 in it:", 21 in allowed)
print("a copy:", list(allowed.copy()), "numbers():", allowed.numbers())
left = Range("1-6")
for number in left:
    if number == 3:
        break
print("behind a loop left at 3:", list(left))
PY
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
