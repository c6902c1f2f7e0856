#!/usr/bin/env bash
# simplesubnet 0.1.5 plans a network of 100 hosts at 10.0.0.16/25, which is no network.
#
# Expected: its description: network_addresses() gives each network its addresses, "Uses VLSM to calculate". A network
# begins at an address whose bits behind the prefix are 0 (RFC 4632, section 3.1), which is why larger ones come first.
# Seen: it sorts the sizes, and does not use what it sorted: the networks follow each other in the order in which they
# were given. A larger one behind a smaller one has a place that no network can have. Routers and DHCP servers refuse
# that, or take 10.0.0.0/25, which has the other networks in it. addresses() takes any start for a network as well.
# Who meets it: whoever plans with it the networks of phones and of desks.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-deps \
    simplesubnet==0.1.5 || {
    echo "could not install the packages" >&2
    exit 2
}
run() { venv/bin/python -; }

expected=$(
    cat <<'TEXT'
desks 100, phones 50, doors 10
  desks 10.0.0.0/25 is a network
  phones 10.0.0.128/26 is a network
  doors 10.0.0.192/28 is a network
doors 10, desks 100, phones 50
  doors 10.0.0.0/28 is a network
  desks 10.0.0.16/25 is an address in 10.0.0.0/25
  phones 10.0.0.144/26 is an address in 10.0.0.128/26
TEXT
)
seen=$(
    run <<'PY'
import ipaddress

from simplesubnet.simple_subnet import subnet


def show(**sizes):
    plan = subnet.network_addresses("10.0.0.0", sizes)
    print(", ".join(f"{name} {size}" for name, size in sizes.items()))
    for name, one in plan.items():
        real = ipaddress.ip_network(one["network"], strict=False)
        start = one["network"].partition("/")[0] == str(real.network_address)
        print(f"  {name} {one['network']}", "is a network" if start else f"is an address in {real}")


show(desks=100, phones=50, doors=10)
show(doors=10, desks=100, phones=50)
PY
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
