#!/usr/bin/env bash
# pypsrp 0.9.1 sends PowerShell numbers that it cannot read, and takes a true 1 for false.
#
# Expected: [MS-PSRP], section 2.2.5.1: a number of 32 bits is an xs:int, which ends at 2147483647; one of 64 bits has
# an element of its own, I64. A Single is an xs:float, where infinity is INF and what is no number NaN. A Boolean is an
# xs:boolean, where 1 is true.
# Seen: each int of Python goes as I32, of whatever size, so that 2147483648 octets of a file are refused by PowerShell.
# float goes in Python's letters, inf and nan. INF is read well. A Decimal ends with an error about bytes, and <B>1</B>
# is False.
# Who meets it: whoever gives the size of a log file or a time in milliseconds to a cmdlet of Lync from Linux.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-deps \
    pypsrp==0.9.1 pyspnego==0.12.4 cryptography==45.0.7 cffi==1.17.1 pycparser==2.22 requests==2.34.2 \
    certifi==2025.10.5 charset-normalizer==3.4.4 idna==3.11 urllib3==2.5.0 httpx==0.28.1 >&2 || {
    echo "could not install the packages" >&2
    exit 2
}
run() { venv/bin/python -; }

expected=$(
    cat <<'TEXT'
5 is sent as <I32>5</I32>
2147483647 is sent as <I32>2147483647</I32>
2147483648 is sent as <I32>2147483648</I32>
9223372036854775808 is sent as <I32>9223372036854775808</I32>
1.5 is sent as <Sg>1.5</Sg>
inf is sent as <Sg>inf</Sg>
-inf is sent as <Sg>-inf</Sg>
nan is sent as <Sg>nan</Sg>
Decimal('1.5') is not sent: AttributeError("'decimal.Decimal' object has no attribute 'decode'")
True is sent as <B>true</B>
<I64>2147483648</I64> is read as 2147483648
<Sg>INF</Sg> is read as inf
<Sg>NaN</Sg> is read as nan
<B>true</B> is read as True
<B>1</B> is read as False
TEXT
)
seen=$(
    run <<'PY'
import math
import xml.etree.ElementTree as ElementTree
from decimal import Decimal

from pypsrp.serializer import Serializer

for value in (5, 2**31 - 1, 2**31, 2**63, 1.5, math.inf, -math.inf, math.nan, Decimal("1.5"), True):
    try:
        element = Serializer().serialize(value)
        print(repr(value), "is sent as", ElementTree.tostring(element).decode())
    except Exception as error:
        print(repr(value), "is not sent:", repr(error))
for text in ("<I64>2147483648</I64>", "<Sg>INF</Sg>", "<Sg>NaN</Sg>", "<B>true</B>", "<B>1</B>"):
    print(text, "is read as", repr(Serializer().deserialize(ElementTree.fromstring(text))))
PY
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
