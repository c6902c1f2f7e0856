#!/usr/bin/env bash
# jc 1.26.1 cuts values of a syslog message's structured data at the first quotation mark in them.
#
# Expected: in a value, a quotation mark, a backslash and a closing bracket are written with a backslash before them
# (RFC 5424, section 6.3.3).
# Seen: of a reason that says that the phone is "busy" again, only the words in front of "busy" are left. An escaped
# bracket is read as it should be. No error is raised.
# Who meets it: whoever filters syslog messages by such values, where a program logs what another one said.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-deps \
    jc==1.26.1 || {
    echo "could not install the packages" >&2
    exit 2
}
run() { venv/bin/python -; }

expected=$(
    cat <<'TEXT'
phone says busy is read as [{'reason': 'phone says busy', 'code': '486'}] text
phone says \"busy\" again is read as [{'reason': 'phone says ', 'code': '486'}] text
[a\] b is read as [{'reason': '[a] b', 'code': '486'}] text
TEXT
)
seen=$(
    run <<'PY'
import jc

for value in ("phone says busy", r"phone says \"busy\" again", r"[a\] b"):
    line = f'<165>1 2026-11-28T10:58:44Z sbs01 app 5 ID47 [call@32473 reason="{value}" code="486"] text'
    (read,) = jc.parse("syslog", line, quiet=True)
    print(value, "is read as", [one["parameters"] for one in read["structured_data"]], read["message"])
PY
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
