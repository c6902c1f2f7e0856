#!/usr/bin/env bash
# cisco-acl 3.3.5 (PyPI) removes a line for one above it that takes less.
#
# Expected: delete_shadow() removes the lines "in the shadow (without hits)": each packet that they take is taken above
# them. A line with "established dscp ef" takes part of what one with "established" alone takes.
# Seen: the words behind the ports are compared as sets, the other way round: the lower line is in the shadow where its
# words are among those above. Each further condition makes the upper line narrower, and is taken to make it wider.
# Only a lower line with no such words at all is left. No error is raised.
# Who meets it: whoever tidies access lists: answers to any connection pass from then on only while the office is open.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-deps \
    cisco_acl==3.3.5 netports==1.2.1 vhelpers==0.8.0 tomli==2.5.0 packaging==26.4 pydantic==2.14.4 \
    pydantic_core==2.50.5 annotated-types==0.8.0 typing-inspection==0.4.5 typing_extensions==4.16.0 || {
    echo "could not install the packages" >&2
    exit 2
}
run() { venv/bin/python -; }

expected=$(
    cat <<'TEXT'
permit tcp any any established time-range office / deny ip any any
permit tcp any any established dscp ef / deny ip any any
permit icmp any any echo time-range office / deny ip any any
permit tcp any any eq 22 time-range office / permit tcp any any eq 22 / deny ip any any
permit tcp any any / deny ip any any
TEXT
)
seen=$(
    run <<'PY'
from cisco_acl import Acl

for above, below in (
    ("permit tcp any any established time-range office", "permit tcp any any established"),
    ("permit tcp any any established dscp ef", "permit tcp any any established"),
    ("permit icmp any any echo time-range office", "permit icmp any any echo"),
    ("permit tcp any any eq 22 time-range office", "permit tcp any any eq 22"),
    ("permit tcp any any", "permit tcp any any established"),
):
    acl = Acl(f"ip access-list extended A\n {above}\n {below}\n deny ip any any", platform="ios")
    acl.delete_shadow()
    print(" / ".join(str(line) for line in acl.items))
PY
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
