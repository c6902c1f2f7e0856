#!/usr/bin/env bash
# pydhcpdparser 0.0.10 gives nothing of a subnet that has a second range or pool.
#
# Expected: dhcpd.conf(5): a subnet may have any number of pools and of ranges, a host several fixed addresses; several
# values have commas between them; hosts may stand in a group. Its own README says that it verifies the syntax of such
# files and extracts values.
# Seen: in each of these cases it prints "Syntax error in input!" and returns a list with an empty dictionary, the same
# as of an empty file, without raising anything. Names of hosts have a blank behind them, texts their quotation marks.
# Who meets it: whoever looks by it which addresses and which domain the DHCP server has for phones.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-deps \
    pydhcpdparser==0.0.10 ply==3.11 || {
    echo "could not install the packages" >&2
    exit 2
}
run() { venv/bin/python - 2>/dev/null; }

expected=$(
    cat <<'TEXT'
one range: [{'subnet': '192.0.2.0', 'netmask': '255.255.255.0', 'range': ('192.0.2.10', '192.0.2.20')}]
two ranges: [{}]
two pools: [{}]
one fixed address: [{'host': {'phone ': {'fixed-address': '192.0.2.10'}}}]
two fixed addresses: [{}]
one domain: [{'option': {'domain-name': '"contoso.com"'}}]
two domains: [{}]
a group: [{}]
TEXT
)
seen=$(
    run <<'PY'
import io
from contextlib import redirect_stdout

with redirect_stdout(io.StringIO()):
    from pydhcpdparser import parser

SUBNET = "subnet 192.0.2.0 netmask 255.255.255.0 { %s }"
FIRST, SECOND = "range 192.0.2.10 192.0.2.20;", "range 192.0.2.30 192.0.2.40;"
for name, text in (
    ("one range", SUBNET % FIRST),
    ("two ranges", SUBNET % (FIRST + " " + SECOND)),
    ("two pools", SUBNET % ("pool { " + FIRST + " } pool { " + SECOND + " }")),
    ("one fixed address", "host phone { fixed-address 192.0.2.10; }"),
    ("two fixed addresses", "host phone { fixed-address 192.0.2.10, 198.51.100.10; }"),
    ("one domain", 'option domain-name "contoso.com";'),
    ("two domains", 'option domain-search "contoso.com", "phones.contoso.com";'),
    ("a group", "group { host phone { fixed-address 192.0.2.10; } }"),
):
    with redirect_stdout(io.StringIO()):
        found = parser.parse(text)
    print(f"{name}: {found}")
PY
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
