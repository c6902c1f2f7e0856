#!/usr/bin/env bash
# subnetfinder 1.2.1 leaves out free networks where it is to summarize them.
#
# Expected: its description: it gives the subnets that are free; "summarize" combines those beside each other into
# larger ones where that is possible (RFC 4632, section 5.1). What is free with it is what is free without it.
# Seen: it removes networks from its list while it goes through that list, so that after each larger network it passes
# over the next ones. What it passes over is in no answer. No error is raised.
# Who meets it: whoever looks with it for room for a network of phones.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-deps \
    subnetfinder==1.2.1 || {
    echo "could not install the packages" >&2
    exit 2
}
run() { venv/bin/python -; }

expected=$(
    cat <<'TEXT'
10.0.0.0/22 without 10.0.0.0/24: 10.0.1.0/24, 10.0.2.0/23
  it says: 10.0.1.0/24, 10.0.2.0/23
  lost: none
10.0.0.0/22 without 10.0.3.0/24: 10.0.0.0/23, 10.0.2.0/24
  it says: 10.0.0.0/23
  lost: 10.0.2.0/24
10.0.0.0/21 without 10.0.3.0/24: 10.0.0.0/23, 10.0.2.0/24, 10.0.4.0/22
  it says: 10.0.0.0/23, 10.0.4.0/22
  lost: 10.0.2.0/24
10.0.0.0/21 without 10.0.5.0/24: 10.0.0.0/22, 10.0.4.0/24, 10.0.6.0/23
  it says: 10.0.0.0/22, 10.0.6.0/23
  lost: 10.0.4.0/24
10.0.0.0/20 without 10.0.14.16/28: 10.0.0.0/21, 10.0.8.0/22, 10.0.12.0/23, 10.0.15.0/24
  it says: 10.0.0.0/21, 10.0.8.0/22, 10.0.15.0/24
  lost: 10.0.12.0/24, 10.0.13.0/24
TEXT
)
seen=$(
    run <<'PY'
import ipaddress

from subnetfinder.subnetfinder import ProcessSubnets


def show(block, *used):
    network = ipaddress.ip_network(block)
    free = ProcessSubnets(network, used, 24)
    short = ProcessSubnets(network, used, 24, summarize=True)
    lost = [each for each in free if not any(each.subnet_of(large) for large in short)]
    right = ipaddress.collapse_addresses(free)
    print(f"{block} without {' and '.join(used)}: {', '.join(map(str, right))}")
    print(f"  it says: {', '.join(map(str, short))}")
    print(f"  lost: {', '.join(map(str, lost)) or 'none'}")


show("10.0.0.0/22", "10.0.0.0/24")
show("10.0.0.0/22", "10.0.3.0/24")
show("10.0.0.0/21", "10.0.3.0/24")
show("10.0.0.0/21", "10.0.5.0/24")
show("10.0.0.0/20", "10.0.14.16/28")
PY
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
