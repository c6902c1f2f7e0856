#!/usr/bin/env bash
# sddl-parser 0.6.2 takes each list of rights without flags for "no access control", and reads no entry with a GUID.
#
# Expected: Windows' "Security Descriptor String Format": "D:" may be followed by flags, and NO_ACCESS_CONTROL is a
# flag of its own, which says that there is no list, so that all may do all. [MS-DTYP], section 2.5.1.1: an entry of
# type OA holds the GUID of an object, as in each descriptor of Active Directory; owner, group and both lists are
# optional; rights are text, hexadecimal, octal or decimal.
# Seen: "D:(A;;FA;;;SY)", where one account alone has rights, has the flag NO_ACCESS_CONTROL, and "D:PAI(...)" has not.
# Entries with a GUID, a descriptor without owner or group, and rights as a decimal number end with an error.
# Who meets it: who checks who may change the folder of an update share: all those that inherit seem open to all.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-deps \
    sddl-parser==0.6.2 parsy==2.2 || {
    echo "could not install the packages" >&2
    exit 2
}
run() { venv/bin/python -; }

expected=$(
    cat <<'TEXT'
O:SYG:SYD:(A;;FA;;;SY) ['NO_ACCESS_CONTROL'] 1
O:SYG:SYD:PAI(A;;FA;;;SY) ['PROTECTED', 'SDDL_AUTO_INHERITED'] 1
O:SYG:SYD:NO_ACCESS_CONTROL ['NO_ACCESS_CONTROL'] 0
O:SYG:SY no list 
D:(A;;FA;;;SY) ends with ParseError
O:SYG:SYD:(A;;0x1f01ff;;;SY) ['NO_ACCESS_CONTROL'] 1
O:SYG:SYD:(A;;2032127;;;SY) ends with ParseError
O:SYG:SYD:(OA;;CR;ab721a53-1e2f-11d0-9819-00aa0040529b;;WD) ends with ParseError
TEXT
)
seen=$(
    run <<'PY'
from sddl_parser import parse_sddl

for text in (
    "O:SYG:SYD:(A;;FA;;;SY)",
    "O:SYG:SYD:PAI(A;;FA;;;SY)",
    "O:SYG:SYD:NO_ACCESS_CONTROL",
    "O:SYG:SY",
    "D:(A;;FA;;;SY)",
    "O:SYG:SYD:(A;;0x1f01ff;;;SY)",
    "O:SYG:SYD:(A;;2032127;;;SY)",
    "O:SYG:SYD:(OA;;CR;ab721a53-1e2f-11d0-9819-00aa0040529b;;WD)",
):
    try:
        read = parse_sddl(text)
        found = "no list" if read.dacl is None else sorted(flag.name for flag in read.dacl.flags)
        print(text, found, len(read.dacl.aces) if read.dacl else "")
    except Exception as error:
        print(text, "ends with", type(error).__name__)
PY
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
