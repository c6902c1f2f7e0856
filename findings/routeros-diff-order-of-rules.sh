#!/usr/bin/env bash
# routeros-diff 0.5.3 (PyPI) finds no difference where firewall rules have changed places.
#
# Expected: its README: the order of firewall rules is important; comments with an ID let it keep the order, and
# without IDs it drops all rules and adds them again.
# Seen: rules are compared as a set. The same ones in another order give an empty patch, with IDs and without. If any
# rule is new as well, then without IDs all are written again, in the new order; with IDs only the new one is put in
# its place, and those that changed places stay where they were. No error is raised.
# Who meets it: whoever moves a rule up in the file: the router never gets to it.
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
without IDs: (nothing)
with IDs: (nothing)
one more, without IDs: /ip firewall filter
  remove [ find ]
  add chain=forward action=accept protocol=udp dst-port=53
  add chain=forward action=drop
  add chain=input action=drop
one more, with IDs: /ip firewall filter
  add chain=input action=drop comment="[ ID:in ]" place-before=[ find where comment~ID:dns ]
TEXT
)
seen=$(
    run <<'PY'
from routeros_diff.parser import RouterOSConfig


def patch(old, new):
    before, after = ("\n".join(["/ip firewall filter", *(f"add {line}" for line in lines), ""]) for lines in (old, new))
    made = str(RouterOSConfig.parse(after).diff(RouterOSConfig.parse(before)))
    return made.strip().replace("\n", "\n  ") or "(nothing)"


PLAIN = ["chain=forward action=drop", "chain=forward action=accept protocol=udp dst-port=53"]
NAMED = [f'{rule} comment="[ ID:{name} ]"' for rule, name in zip(PLAIN, ("rest", "dns"), strict=True)]
print("without IDs:", patch(PLAIN, PLAIN[::-1]))
print("with IDs:", patch(NAMED, NAMED[::-1]))
print("one more, without IDs:", patch(PLAIN, [*PLAIN[::-1], "chain=input action=drop"]))
print("one more, with IDs:", patch(NAMED, ['chain=input action=drop comment="[ ID:in ]"', *NAMED[::-1]]))
PY
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
