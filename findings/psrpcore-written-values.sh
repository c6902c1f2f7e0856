#!/usr/bin/env bash
# psrpcore 0.3.1 writes values for PowerShell that no PowerShell reads, and takes a true 1 for false.
#
# Expected: [MS-PSRP], section 2.2.5.1: values are written as types of XML Schema: Boolean as xs:boolean, where 1 and 0
# are true and false; Decimal as xs:decimal, which has no exponent; Double and Single as xs:double and xs:float, which
# write NaN so; DateTime as xs:dateTime, whose year has four digits at least.
# Seen: DateTime.MinValue, which is what .NET has where no time was set, is read well and written as year 1. A decimal
# of a ten-millionth is written as 1E-7, 1E+5 as it is, and NaN as NAN. <B>1</B> is read as False, without an error.
# Who meets it: whoever asks Lync's PowerShell from Linux when devices were updated last, and sends back what came.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-deps \
    psrpcore==0.3.1 cryptography==45.0.7 cffi==1.17.1 pycparser==2.22 >&2 || {
    echo "could not install the packages" >&2
    exit 2
}
run() { venv/bin/python -; }

expected=$(
    cat <<'TEXT'
<DT>2026-11-30T10:15:00</DT> is read as 2026-11-30 10:15:00, and written as <DT>2026-11-30T10:15:00</DT>
<DT>0001-01-01T00:00:00</DT> is read as 0001-01-01 00:00:00, and written as <DT>1-01-01T00:00:00</DT>
<D>0.25</D> is read as 0.25, and written as <D>0.25</D>
<D>0.0000001</D> is read as 1E-7, and written as <D>1E-7</D>
<Db>INF</Db> is read as inf, and written as <Db>INF</Db>
<Db>NaN</Db> is read as nan, and written as <Db>NAN</Db>
<B>true</B> is read as True, and written as <B>true</B>
<B>1</B> is read as False, and written as <B>false</B>
<B>0</B> is read as False, and written as <B>false</B>
1E+5 is written as <D>1E+5</D>
TEXT
)
seen=$(
    run <<'PY'
import xml.etree.ElementTree as ElementTree
from decimal import Decimal

from psrpcore.types import PSDecimal, deserialize, serialize


def write(value):
    return ElementTree.tostring(serialize(value, cipher=None)).decode()


for text in (
    "<DT>2026-11-30T10:15:00</DT>",
    "<DT>0001-01-01T00:00:00</DT>",
    "<D>0.25</D>",
    "<D>0.0000001</D>",
    "<Db>INF</Db>",
    "<Db>NaN</Db>",
    "<B>true</B>",
    "<B>1</B>",
    "<B>0</B>",
):
    value = deserialize(ElementTree.fromstring(text), cipher=None)
    print(f"{text} is read as {value}, and written as {write(value)}")
print("1E+5 is written as", write(PSDecimal(Decimal("1E+5"))))
PY
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
