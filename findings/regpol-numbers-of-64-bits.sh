#!/usr/bin/env bash
# regpol 0.1.2 shows nothing behind a policy of 64 bits, and takes no type past 8.
#
# Expected: [MS-GPREG], section 2.2.1, with [MS-DTYP] and winnt.h: a Registry.pol file may hold values of type
# REG_QWORD, which is 11, and REG_RESOURCE_REQUIREMENTS_LIST, which is 10. Its README says that it reads such files.
# Seen: the names of types stop at 8; a number of 64 bits ends the command with a KeyError at its type, so that neither
# its own value nor any entry behind it is shown. An entry without one is shown in full, a text with ";" and "]" in it
# too.
# Who meets it: who looks for what a policy sets: the rest of the policies seems to be missing.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-deps \
    regpol==0.1.2 click==8.3.1 || {
    echo "could not install the packages" >&2
    exit 2
}
run() { venv/bin/python -; }

expected=$(
    cat <<'TEXT'
without the number of 64 bits:
  value: Server
  type:  1 REG_SZ
  data:  b'[\x002\x000\x000\x001\x00:\x00d\x00b\x008\x00:\x00:\x005\x00]\x00;\x00t\x00l\x00s\x00]\x00\x00\x00'
  value: Timeout
  type:  4 REG_DWORD_LITTLE_ENDIAN
  data:  b'\n\x00\x00\x00'
with it:
  value: Server
  type:  1 REG_SZ
  data:  b'[\x002\x000\x000\x001\x00:\x00d\x00b\x008\x00:\x00:\x005\x00]\x00;\x00t\x00l\x00s\x00]\x00\x00\x00'
  value: Limit
  ends with KeyError 11
TEXT
)
seen=$(
    run <<'PY'
import struct

from click.testing import CliRunner
from regpol.regpol import cli

KEY = r"Software\Policies\Microsoft\Communicator"


def wide(text):
    return text.encode("utf-16-le")


def entry(value, kind, data):
    fields = [wide(KEY + "\0"), wide(value + "\0"), struct.pack("<I", kind), struct.pack("<I", len(data)), data]
    return wide("[") + wide(";").join(fields) + wide("]")


entries = [
    entry("Server", 1, wide("[2001:db8::5];tls]\0")),
    entry("Limit", 11, struct.pack("<Q", 1 << 40)),
    entry("Timeout", 4, struct.pack("<I", 10)),
]
for name, kept in (("without the number of 64 bits", entries[::2]), ("with it", entries)):
    with open("Registry.pol", "wb") as file:
        file.write(b"PReg\1\0\0\0" + b"".join(kept))
    result = CliRunner().invoke(cli, ["Registry.pol"])
    print(name + ":")
    for line in result.output.splitlines():
        if "value:" in line or "type:" in line or "data:" in line:
            print(" ", line.strip().replace("\0", ""))
    if result.exception:
        print("  ends with", type(result.exception).__name__, result.exception)
PY
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
