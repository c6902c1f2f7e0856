#!/usr/bin/env bash
# netpulse-subnet 0.1.5 misses that 10.1.7.0/24 is in 10.1.0.0/16, and finds that ::/0 overlaps with 10.1.0.0/16.
#
# Expected: its description of validate_subnets(): it "detects any mathematical overlaps" of a list of networks, also
# of "massive lists"; addresses of IPv4 and IPv6 are of different kinds, as ipaddress, on which it builds, has it.
# Seen: it compares each network with one other alone, that which reaches farthest so far. Where a list has the block
# of a company as well, each overlap inside is missed: that of two sites is not in the answer. It compares
# IPv6 with IPv4 as plain numbers.
# Who meets it: whoever looks with it for networks that two sites, or phones and desks, both have.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-deps \
    netpulse-subnet==0.1.5 \
    pydantic==2.14.4 \
    pydantic-core==2.50.5 \
    annotated-types==0.8.0 \
    typing-extensions==4.16.0 \
    typing-inspection==0.4.5 || {
    echo "could not install the packages" >&2
    exit 2
}
run() { venv/bin/python -; }

expected=$(
    cat <<'TEXT'
10.1.0.0/16, 10.1.7.0/24
  it finds: 10.1.0.0/16 and 10.1.7.0/24
  missed: none
  wrong: none
10.0.0.0/8, 10.1.0.0/16, 10.1.7.0/24
  it finds: 10.0.0.0/8 and 10.1.0.0/16; 10.0.0.0/8 and 10.1.7.0/24
  missed: 10.1.0.0/16 and 10.1.7.0/24
  wrong: none
10.0.0.0/8, 10.1.0.0/16, 10.2.0.0/16
  it finds: 10.0.0.0/8 and 10.1.0.0/16; 10.0.0.0/8 and 10.2.0.0/16
  missed: none
  wrong: none
::/0, 10.1.0.0/16, 10.1.7.0/24
  it finds: ::/0 and 10.1.0.0/16; ::/0 and 10.1.7.0/24
  missed: 10.1.0.0/16 and 10.1.7.0/24
  wrong: ::/0 and 10.1.0.0/16; ::/0 and 10.1.7.0/24
TEXT
)
seen=$(
    run <<'PY'
import ipaddress
import itertools

from netpulse.subnet.services.subnet import validate_subnets


def show(*networks):
    parsed = [ipaddress.ip_network(each) for each in networks]
    pairs = itertools.combinations(parsed, 2)
    right = {f"{one} and {two}" for one, two in pairs if one.version == two.version and one.overlaps(two)}
    found = {f"{each.subnet1} and {each.subnet2}" for each in validate_subnets(list(networks)).overlaps}
    print(", ".join(networks))
    print(f"  it finds: {'; '.join(sorted(found))}")
    print(f"  missed: {'; '.join(sorted(right - found)) or 'none'}")
    print(f"  wrong: {'; '.join(sorted(found - right)) or 'none'}")


show("10.1.0.0/16", "10.1.7.0/24")
show("10.0.0.0/8", "10.1.0.0/16", "10.1.7.0/24")
show("10.0.0.0/8", "10.1.0.0/16", "10.2.0.0/16")
show("::/0", "10.1.0.0/16", "10.1.7.0/24")
PY
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
