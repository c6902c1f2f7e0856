#!/usr/bin/env bash
# asn1vnparser 0.2.3 reads each negative real number as the positive one, and none with two digits before the dot.
#
# Expected: X.680, section 21.6: a real value is a number, or a minus and a number; section 12.9: a number is digits,
# with or without a dot, and with or without an exponent. Section 23.4: an octet string in hexadecimal with an odd
# number of digits ends in a half octet of zero. The package names its limits, none of these among them.
# Seen: the minus is read and dropped: -1.5 is 1.5, also inside of a sequence, without a word. -15 is an integer and
# stays negative. Of 70.25 it takes the 7 for an integer, since that has no dot behind it, and fails at the 0. So do
# 15E-1 and '123'H.
# Who meets it: whoever reads with it values that an ASN.1 tool printed, as levels in decibels.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-deps \
    asn1vnparser==0.2.3 pyparsing==3.3.3 bitarray==3.12.3 || {
    echo "could not install the packages" >&2
    exit 2
}
run() { venv/bin/python -; }

expected=$(
    cat <<'TEXT'
1.5 is 1.5
-1.5 is 1.5
-15 is -15
{level -7.25, gain 3.5, offset -3} is {'level': 7.25, 'gain': 3.5, 'offset': -3}
{-1.5, -2.5} is [1.5, 2.5]
70.25 is ParseException
15E-1 is ParseException
'1230'H is b'\x120'
'123'H is ParseException
TEXT
)
seen=$(
    run <<'PY'
from asn1vnparser import parse_asn1_value

for text in (
    "1.5", "-1.5", "-15", "{level -7.25, gain 3.5, offset -3}", "{-1.5, -2.5}", "70.25", "15E-1", "'1230'H", "'123'H"
):
    try:
        print(text, "is", parse_asn1_value(text))
    except Exception as error:
        print(text, "is", type(error).__name__)
PY
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
