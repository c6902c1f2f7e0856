#!/usr/bin/env bash
# routeros-diff 0.5.3 (PyPI) changes further rules where their ID begins like the one's that is meant.
#
# Expected: its README: a comment "[ ID:1 ]" is the unique identity of a rule, and the patch is for this one.
# Seen: the patch looks for comment~ID:1. The "~" of RouterOS is a search for a regular expression anywhere in the
# value, so ID:10 and ID:11 are found too: the patch disables or changes all three. The end of the ID, " ]", is not in
# the search. Below Python's re does the router's search. No error is raised.
# Who meets it: whoever numbers rules, as in that README, and has ten.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-deps \
    routeros-diff==0.5.3 python-dateutil==2.9.0.post0 six==1.17.0 || {
    echo "could not install the packages" >&2
    exit 2
}
run() { venv/bin/python -; }

expected=$(
    cat <<'TEXT'
disabled: set [ find where comment~ID:1 ] disabled=yes
  finds ['[ ID:1 ]', '[ ID:10 ]', '[ ID:11 ]']
dropped: set [ find where comment~ID:1 ] action=drop
  finds ['[ ID:1 ]', '[ ID:10 ]', '[ ID:11 ]']
TEXT
)
seen=$(
    run <<'PY'
import re

from routeros_diff.parser import RouterOSConfig

SECTION = "/ip firewall filter"
COMMENTS = ["[ ID:1 ]", "[ ID:10 ]", "[ ID:11 ]"]
RULES = [f'add chain=forward action=accept comment="{comment}"' for comment in COMMENTS]


def read(rules):
    return RouterOSConfig.parse("\n".join([SECTION, *rules, ""]))


for title, rule in (
    ("disabled", RULES[0].replace("comment", "disabled=yes comment")),
    ("dropped", RULES[0].replace("accept", "drop")),
):
    patch = str(read([rule, *RULES[1:]]).diff(read(RULES))).splitlines()[1]
    wanted = re.search(r"comment~([^ ]+)", patch)[1]
    print(f"{title}: {patch}")
    print("  finds", [comment for comment in COMMENTS if re.search(wanted, comment)])
PY
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
