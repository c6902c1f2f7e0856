#!/usr/bin/env bash
# python-hosts 1.1.3 makes any name of a host the first one when it adds a name, and drops lines with a zone.
#
# Expected: hosts(5): the first name behind an address is the canonical one, the others are aliases; text from "#" on
# is a comment. An address may have a zone, such as fe80::1%lo0 (RFC 4007, section 11), which is in the hosts file of
# macOS.
# Seen: where names are merged, their order is by chance and differs from run to run, so gethostbyaddr() gives one
# name today and another tomorrow. The line's comment is lost. A line whose address has a zone is not read, and so not
# written. No error is raised.
# Who meets it: whoever adds with it ucupdates-r2 to the pool's line on a test host.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-deps \
    python-hosts==1.1.3 || {
    echo "could not install the packages" >&2
    exit 2
}
run() { venv/bin/python -; }

expected=$(
    cat <<'TEXT'
first names in 20 runs: pool pool.contoso.com ucupdates-r2.contoso.com
names: pool pool.contoso.com ucupdates-r2.contoso.com
comments left: 0 lines with a zone: 0
TEXT
)
seen=$(
    run <<'PY'
import os
import subprocess
import sys
from pathlib import Path

BEFORE = "fe80::1%lo0 localhost\n192.0.2.85 pool.contoso.com pool # Lync\n"
ADD = """
from python_hosts import Hosts, HostsEntry
hosts = Hosts("hosts")
hosts.add([HostsEntry("ipv4", "192.0.2.85", names=["ucupdates-r2.contoso.com"])], merge_names=True)
hosts.write()
"""
written = []
for seed in range(1, 21):
    Path("hosts").write_text(BEFORE)
    subprocess.run([sys.executable, "-c", ADD], env=os.environ | {"PYTHONHASHSEED": str(seed)}, check=True)
    written.append(Path("hosts").read_text().split())
print("first names in 20 runs:", *sorted({line[1] for line in written}))
print("names:", *sorted(written[0][1:]))
zones = sum("%" in str(line) for line in written)
print("comments left:", sum("#" in line for line in written), "lines with a zone:", zones)
PY
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
