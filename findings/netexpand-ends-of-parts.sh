#!/usr/bin/env bash
# netexpand 0.9.0 leaves addresses out of ranges, and adds some to patterns.
#
# Expected: its documentation: it expands networks "given in CIDR, dashed, or splat format"; 192.168.1.10-50 are 41
# addresses. Only a network that was given has a first and a last address that are no hosts. 10.0.*.1 is the first
# address of each of 256 networks.
# Seen: the range is made of networks first (10.0.0.10/31, 10.0.0.12/30, ...), and of each the first and the last are
# left out: .12, .15, .16, .31, .32 and .47 of the 41, and half of .8 to .11. 10.0.*.1 gives all that lies between
# 10.0.0.1 and 10.0.255.1, but the ends of its parts. No error is raised.
# Who meets it: whoever tests the phones of a range with it: some are never asked, and say nothing.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-deps \
    netexpand==0.9.0 || {
    echo "could not install the package" >&2
    exit 2
}
run() { venv/bin/python -; }

expected=$(
    cat <<'TEXT'
10.0.0.1-4 -> .1 .2 .3 .4
10.0.0.8-11 -> .9 .10
10.0.0.10-20 -> .10 .11 .13 .14 .17 .18 .20
10.0.0.10-50 -> 35 of 41
10.0.0.0-255 -> 254 of 256
10.0.0.0/24 -> 254 of 254
10.0.*.1 -> 65241 of 256
in 10.0.*.1: 10.0.0.1 10.0.0.2 10.0.0.3
TEXT
)
seen=$(
    run <<'PY'
from netexpand.core import expand_network, get_components


def hosts(text):
    return list(get_components(expand_network(text), "hosts"))


for text in ("10.0.0.1-4", "10.0.0.8-11", "10.0.0.10-20"):
    print(text, "->", " ".join("." + host.split(".")[3] for host in hosts(text)))
for text, count in (("10.0.0.10-50", 41), ("10.0.0.0-255", 256), ("10.0.0.0/24", 254), ("10.0.*.1", 256)):
    print(text, "->", len(hosts(text)), "of", count)
print("in 10.0.*.1:", " ".join(hosts("10.0.*.1")[:3]))
PY
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
