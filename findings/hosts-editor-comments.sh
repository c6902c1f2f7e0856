#!/usr/bin/env bash
# hosts-editor 1.0.0 takes the words of a comment for names of a host.
#
# Expected: hosts(5): text from a "#" to the end of the line is a comment.
# Seen: a comment at the beginning of a line is left out, one behind names is not: "#" and each of its words become
# names, so "192.0.2.1 lync # not 192.0.2.2, router" has the names "not" and "router". An entry is found, and removed,
# by them only if the words of the comment are given too; by its names alone it is not.
# Who meets it: whoever removes the test entry of an update server, which has a comment with the date.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv >&2 && venv/bin/pip install --quiet --no-deps hosts-editor==1.0.0 >&2 || {
    echo "could not install hosts-editor==1.0.0" >&2
    exit 2
}
run() { venv/bin/python -; }

expected=$(
    cat <<'TEXT'
127.0.0.1 ['localhost']
192.0.2.1 ['lync', '#', 'not', '192.0.2.2,', 'router']
by localhost: removed
by lync: not found
by lync # not 192.0.2.2, router: removed
TEXT
)
seen=$(
    run <<'PY'
from hostseditor import HostsEditor

TEXT = """# 192.0.2.9 test
127.0.0.1 localhost
192.0.2.1 lync # not 192.0.2.2, router
"""
open("hosts", "w").write(TEXT)
editor = HostsEditor("hosts", create_backup=False)
for entry in editor.read():
    print(entry.ip, entry.names)
for names in (["localhost"], ["lync"], ["lync", "#", "not", "192.0.2.2,", "router"]):
    open("hosts", "w").write(TEXT)
    removed = editor.remove_entry_where(names=names)
    print(f"by {' '.join(names)}: {'removed' if removed else 'not found'}")
PY
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
