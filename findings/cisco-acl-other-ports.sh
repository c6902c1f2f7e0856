#!/usr/bin/env bash
# cisco-acl 3.3.5 (PyPI) denies all ports where IOS denies all but two, once it writes for NX-OS.
#
# Expected: "neq 25 80" of IOS stands for every port but those two. NX-OS takes one port only behind "neq", so a line
# with two cannot be split: it is "range" or two more lines before it. The README: it converts IOS syntax to NX-OS.
# Seen: "eq" and "neq" are split alike, each port into a line of its own. That is right for "eq". Of two lines with
# "neq" the first has all ports but 25, the second all but 80: together all. ungroup_ports() does the same. No error is
# raised.
# Who meets it: whoever moves access lists from IOS to NX-OS: mail and web are cut off with the rest.
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
ip access-list extended SERVERS
  deny tcp any any neq smtp www
  permit ip any any
25 is denied: False 8080 is denied: True
ip access-list SERVERS
  deny tcp any any neq smtp
  deny tcp any any neq www
  permit ip any any
25 is denied: True 8080 is denied: True
ip access-list SERVERS
  permit tcp any any eq smtp
  permit tcp any any eq www
TEXT
)
seen=$(
    run <<'PY'
from cisco_acl import Acl

LINES = "ip access-list extended SERVERS\n deny tcp any any neq 25 80\n permit ip any any"


def denied(acl):
    """The ports that the lines with deny have together."""
    found = set()
    for line in acl.items:
        if line.action == "deny":
            found.update(line.dstport.ports)
    return found


acl = Acl(LINES, platform="ios")
print(acl.line)
print("25 is denied:", 25 in denied(acl), "8080 is denied:", 8080 in denied(acl))
acl.platform = "nxos"
print(acl.line)
print("25 is denied:", 25 in denied(acl), "8080 is denied:", 8080 in denied(acl))
acl = Acl("ip access-list extended SERVERS\n permit tcp any any eq 25 80", platform="ios")
acl.platform = "nxos"
print(acl.line)
PY
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
