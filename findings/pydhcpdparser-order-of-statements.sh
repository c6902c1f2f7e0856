#!/usr/bin/env bash
# pydhcpdparser 0.0.10 gives nothing of a subnet whose range stands before its options.
#
# Expected: dhcpd.conf(5): statements of a subnet come in any order, and its examples have the range first. A subnet has
# any number of ranges and pools.
# Seen: it takes options before ranges only, and one range. Else, as at options that it does not list (ntp-servers,
# time-offset), it prints "Syntax error in input!", raises nothing, and gives an empty dictionary: what stood before is
# lost as well.
# Who meets it: whoever looks up in a server's configuration what phones get.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv >&2 && venv/bin/pip install --quiet --no-deps pydhcpdparser==0.0.10 ply==3.11 >&2 || {
    echo "could not install pydhcpdparser==0.0.10 ply==3.11" >&2
    exit 2
}
run() { venv/bin/python -; }

expected=$(
    cat <<'TEXT'
options, range: [['default-lease-time'], ['netmask', 'option', 'range', 'subnet']]
Syntax error in input! LexToken(OPTION,'option',1,93)
range, options: [[]]
Syntax error in input! LexToken(RANGE,'range',1,93)
two ranges: [[]]
option routers 192.0.2.1; [{'default-lease-time': '600'}, {'option': {'routers': '192.0.2.1'}}]
Syntax error in input! LexToken(STRING,'ntp-servers 192.0.2.1',1,31)
option ntp-servers 192.0.2.1; [{}]
TEXT
)
seen=$(
    run <<'PY'
from pydhcpdparser import parser

options, first = 'option domain-name "contoso.com";', "range 192.0.2.10 192.0.2.20;"
second = "range 192.0.2.30 192.0.2.40;"
for what, text in {
    "options, range": options + first,
    "range, options": first + options,
    "two ranges": first + second,
}.items():
    parsed = parser.parse("default-lease-time 600; subnet 192.0.2.0 netmask 255.255.255.0 { " + text + " }")
    print(f"{what}: {[sorted(part) for part in parsed]}")
for text in ("option routers 192.0.2.1;", "option ntp-servers 192.0.2.1;"):
    print(text, parser.parse("default-lease-time 600; " + text))
PY
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
