#!/usr/bin/env bash
# winacl 0.1.9 makes another owner of the built-in administrators, and mixes up the flags of the two lists.
#
# Expected: [MS-DTYP], section 2.5.1.1: in a descriptor's text (SDDL) the letters BA, BO, LS, NS and CG stand for
# S-1-5-32-544, S-1-5-32-551, S-1-5-19, S-1-5-20 and S-1-3-1; rights may follow each other, as GRGW; each list has flags
# of its own.
# Seen: all but a few letters are taken for an account of the domain: BA is S-1-5-21-...-544, which no one has, and so
# written to the binary form; without a domain they are errors. CG is S-1-3. Several rights are an error. The flags of
# D: become those of S: too, and those of S: are dropped.
# Who meets it: whoever reads or sets with it the rights of a share, service or web site of Windows, by their text.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-deps \
    winacl==0.1.9 || {
    echo "could not install the package" >&2
    exit 2
}
run() { venv/bin/python -; }

expected=$(
    cat <<'TEXT'
O:SYG:SYD:(A;;FA;;;SY)
   O:S-1-5-18G:S-1-5-18D:(A;;FA;;;S-1-5-18)
O:BAG:SYD:(A;;FA;;;BO)
   O:S-1-5-21-1-2-3-544G:S-1-5-18D:(A;;FA;;;S-1-5-21-1-2-3-551)
O:LSG:NSD:(A;;FA;;;ED)
   O:S-1-5-21-1-2-3-19G:S-1-5-21-1-2-3-20D:(A;;FA;;;S-1-5-21-1-2-3-9)
O:SYG:SYD:(A;;FA;;;CG)
   O:S-1-5-18G:S-1-5-18D:(A;;FA;;;S-1-3)
O:SYG:SYD:(A;;GRGW;;;SY)
   ValueError: invalid literal for int() with base 16: 'GRGW'
O:SYG:SYD:P(A;;FA;;;SY)S:AI(AU;SA;FA;;;WD)
   O:S-1-5-18G:S-1-5-18S:P(AU;SA;FA;;;S-1-1-0)D:P(A;;FA;;;S-1-5-18)
O:SYG:SYD:(A;;FA;;;SY)S:P(AU;SA;FA;;;WD)
   O:S-1-5-18G:S-1-5-18S:(AU;SA;FA;;;S-1-1-0)D:(A;;FA;;;S-1-5-18)
TEXT
)
seen=$(
    run <<'PY'
from winacl.dtyp.security_descriptor import SECURITY_DESCRIPTOR

DOMAIN = "S-1-5-21-1-2-3"
for text in (
    "O:SYG:SYD:(A;;FA;;;SY)",
    "O:BAG:SYD:(A;;FA;;;BO)",
    "O:LSG:NSD:(A;;FA;;;ED)",
    "O:SYG:SYD:(A;;FA;;;CG)",
    "O:SYG:SYD:(A;;GRGW;;;SY)",
    "O:SYG:SYD:P(A;;FA;;;SY)S:AI(AU;SA;FA;;;WD)",
    "O:SYG:SYD:(A;;FA;;;SY)S:P(AU;SA;FA;;;WD)",
):
    try:
        binary = SECURITY_DESCRIPTOR.from_sddl(text, domain_sid=DOMAIN).to_bytes()
        seen = SECURITY_DESCRIPTOR.from_bytes(binary).to_sddl()
    except ValueError as error:
        seen = f"ValueError: {error}"
    print(f"{text}\n   {seen}")
PY
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
