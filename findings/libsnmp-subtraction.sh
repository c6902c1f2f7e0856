#!/usr/bin/env bash
# libsnmp 3.0.1 adds where it should subtract, and sends 56 where -200 is meant.
#
# Expected: Integer has + and -, as numbers have them. X.690, section 8.3: an integer is in two's complement, whose
# first bit is the sign, in as few octets as can be.
# Seen: 300 minus 100 is 400. The octet that says "negative" is left out: whether it is needed is asked in a way in
# which Python compares first and takes the bit then. So -129 to -256, -32769 to -65536 and others are sent as positive
# numbers; its own decoder reads 56. 32768 and -1 are right. No error is raised.
# Who meets it: whoever reads counters with it and takes their difference, or sets a negative number on a device.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-deps \
    libsnmp==3.0.1 || {
    echo "could not install the packages" >&2
    exit 2
}
run() { venv/bin/python -; }

expected=$(
    cat <<'TEXT'
300 + 100 = 400
300 - 100 = 400
5 is sent as 020105 and read as 5
32768 is sent as 0203008000 and read as 32768
-1 is sent as 0201ff and read as -1
-100 is sent as 02019c and read as -100
-129 is sent as 0202007f and read as 127
-200 is sent as 02020038 and read as 56
-40000 is sent as 02030063c0 and read as 25536
-2147483648 is sent as 020480000000 and read as -2147483648
wrong down to -65536: 32896 from -129 to -65536
TEXT
)
seen=$(
    run <<'PY'
from libsnmp.rfc1155 import Asn1Object, Integer

print("300 + 100 =", Integer(300) + Integer(100))
print("300 - 100 =", Integer(300) - Integer(100))
wrong = []
for number in (5, 32768, -1, -100, -129, -200, -40000, -2147483648):
    octets = Integer(number).encode()
    (read,) = Asn1Object().decode(octets)
    print(number, "is sent as", octets.encode("latin-1").hex(), "and read as", int(read))
for number in range(-65536, 0):
    (read,) = Asn1Object().decode(Integer(number).encode())
    wrong += [number] * (int(read) != number)
print("wrong down to -65536:", len(wrong), "from", max(wrong), "to", min(wrong))
PY
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
