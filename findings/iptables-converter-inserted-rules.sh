#!/usr/bin/env bash
# iptables-converter 0.9.10 (PyPI) turns round the rules that a script inserts.
#
# Expected: its README: it converts the iptables commands of a script to what iptables-restore loads, as if they had
# been run. Of two rules that are inserted, the later one is above.
# Seen: a rule with -I is put at the head of the list, and its -I is kept. iptables-restore inserts each line in turn,
# so that of those with -I the first line ends undermost, and it is the one that the script had last. A place ("-I
# INPUT 3") is kept too, and is beyond the end of the chain then, which iptables refuses. Below a list does what
# iptables does. No error is raised.
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
written:
  -I INPUT -s 192.0.2.66 -j DROP
  -I INPUT -p tcp --dport 22 -j ACCEPT
  -A INPUT -j DROP
by the script:
  -s 192.0.2.66 -j DROP
  -p tcp --dport 22 -j ACCEPT
  -j DROP
by what is written:
  -p tcp --dport 22 -j ACCEPT
  -s 192.0.2.66 -j DROP
  -j DROP
TEXT
)
seen=$(
    run <<'PY'
import io
import pathlib
import shlex

from iptables_conv.iptables_converter import Tables

SCRIPT = """\
iptables -A INPUT -j DROP
iptables -I INPUT -p tcp --dport 22 -j ACCEPT
iptables -I INPUT -s 192.0.2.66 -j DROP
"""


def run(lines):
    """What is in the chain when iptables has done the lines."""
    chain = []
    for line in lines:
        action, _, *rule = shlex.split(line)
        chain.insert(0 if action == "-I" else len(chain), " ".join(rule))
    return chain


pathlib.Path("rules").write_text(SCRIPT, encoding="ascii")
written = io.StringIO()
Tables(written, "rules").table_printout()
lines = [line.strip() for line in written.getvalue().splitlines() if line.startswith(("-A INPUT", "-I INPUT"))]
print("written:", *lines, sep="\n  ")
print("by the script:", *run(line.removeprefix("iptables ") for line in SCRIPT.splitlines()), sep="\n  ")
print("by what is written:", *run(lines), sep="\n  ")
PY
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
