#!/usr/bin/env bash
# simple-sip-client 0.0.3 plays no silence of mu-law, and A-law so that louder sound comes out quieter.
#
# Expected: ITU-T G.711, tables 1 and 2: in mu-law FF and 7F are zero. In A-law D5, with its first bit set, is positive,
# and values grow from segment to segment without a fall.
# Seen: silence in mu-law is 132 and -132. A-law has its signs exchanged, and lacks the bit that stands before the
# mantissa from the second segment on: C5, half as loud again as the octet before it, comes out as next to nothing.
# Who meets it: whoever listens with it to a telephone, most of all in Europe, where A-law is usual.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-deps \
    simple-sip-client==0.0.3 || {
    echo "could not install the packages" >&2
    exit 2
}
run() { venv/bin/python -; }

expected=$(
    cat <<'TEXT'
mu-law FF: 132 for 0
mu-law 7F: -132 for 0
mu-law FE: 140 for 8
mu-law 80: 32256 for 32124
A-law D5: -8 for 8
A-law 55: 8 for -8
A-law DA: -248 for 248
A-law C5: -16 for 264
A-law CA: -496 for 504
A-law F5: -32 for 528
A-law AA: -31744 for 32256
falls as the sound of A-law grows: 7
TEXT
)
seen=$(
    run <<'PY'
from simple_sip.sip_media import alaw2linear, ulaw2linear

# The values of G.711, in 16 bits.
MU_LAW = {0xFF: 0, 0x7F: 0, 0xFE: 8, 0x80: 32124}
A_LAW = {0xD5: 8, 0x55: -8, 0xDA: 248, 0xC5: 264, 0xCA: 504, 0xF5: 528, 0xAA: 32256}

for name, read, table in (("mu-law", ulaw2linear, MU_LAW), ("A-law", alaw2linear, A_LAW)):
    for octet, value in table.items():
        print(f"{name} {octet:02X}: {read(octet)} for {value}")
values = [abs(alaw2linear(number ^ 0x55)) for number in range(0x80, 0x100)]
print("falls as the sound of A-law grows:", sum(one > other for one, other in zip(values, values[1:])))
PY
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
