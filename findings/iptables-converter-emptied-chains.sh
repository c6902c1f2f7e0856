#!/usr/bin/env bash
# iptables-converter 0.9.10 (PyPI) empties every chain, and lets all in, where a script empties one.
#
# Expected: iptables(8): -F with a chain deletes the rules of that chain, and never touches a policy. Its README: it
# converts the commands of a script to what iptables-restore loads.
# Seen: each -F sets the whole table back: the rules of the other chains are gone, and the policies are ACCEPT again,
# also those set by -P before. The chain behind -F is not read. With -F first all is right. No error is raised.
# Who meets it: whoever moves a firewall script to rules that are loaded at once.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-deps \
    iptables-converter==0.9.10 || {
    echo "could not install the package" >&2
    exit 2
}
run() { venv/bin/python -; }

expected=$(
    cat <<'TEXT'
all of it: :INPUT DROP [0:0], -A INPUT -p tcp --dport 22 -j ACCEPT, -A FORWARD -j DROP
FORWARD emptied: :INPUT ACCEPT [0:0]
emptied behind the policy: :INPUT ACCEPT [0:0], -A INPUT -p tcp --dport 22 -j ACCEPT, -A FORWARD -j DROP
emptied first: :INPUT DROP [0:0], -A INPUT -p tcp --dport 22 -j ACCEPT, -A FORWARD -j DROP
TEXT
)
seen=$(
    run <<'PY'
import io
import pathlib

from iptables_conv.iptables_converter import Tables

POLICY = "iptables -P INPUT DROP"
INPUT = "iptables -A INPUT -p tcp --dport 22 -j ACCEPT"
FORWARD = "iptables -A FORWARD -j DROP"
for title, script in (
    ("all of it", [POLICY, INPUT, FORWARD]),
    ("FORWARD emptied", [POLICY, INPUT, FORWARD, "iptables -F FORWARD"]),
    ("emptied behind the policy", [POLICY, "iptables -F", INPUT, FORWARD]),
    ("emptied first", ["iptables -F", POLICY, INPUT, FORWARD]),
):
    pathlib.Path("rules").write_text("\n".join([*script, ""]), encoding="ascii")
    written = io.StringIO()
    Tables(written, "rules").table_printout()
    table = written.getvalue().partition("*filter")[2].splitlines()
    print(f"{title}:", ", ".join(line.strip() for line in table if line.startswith((":INPUT", "-A"))))
PY
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
