#!/usr/bin/env bash
# cidr-man 1.5.4 gives the reverse zone of another IPv6 network, and none of IPv4.
#
# Expected: RFC 3596, section 2.5: a label is four bits, so 2001:db8::/32 has eight: 8.b.d.0.1.0.0.2.ip6.arpa.
# RFC 1035, section 3.5, for IPv4. The package says that it replaces Python's ipaddress, which gives single addresses
# right. RFC 3021: the first address of a /31 comes before its last.
# Seen: labels are counted as octets: what is given for a /32 is the zone of 2001::/16, for a /64 that of a /32. IPv4 is
# a ValueError. Of 192.0.2.8/31, .9 is the first address and .8 the last. A list of networks stays unsorted.
# Who meets it: whoever makes zones of names with it: the server then answers for the networks of others.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-deps \
    cidr-man==1.5.4 || {
    echo "could not install the package" >&2
    exit 2
}
run() { venv/bin/python -; }

expected=$(
    cat <<'TEXT'
2001:db8::/32
   is  8.b.d.0.1.0.0.2.ip6.arpa
   got 1.0.0.2.ip6.arpa
2001:db8:a::/48
   is  a.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa
   got d.0.1.0.0.2.ip6.arpa
2001:db8:a:b::/64
   is  b.0.0.0.a.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa
   got 8.b.d.0.1.0.0.2.ip6.arpa
192.0.2.0/24
   is  2.0.192.in-addr.arpa
   got ValueError
192.0.2.8/32
   is  8.2.0.192.in-addr.arpa
   got ValueError
192.0.2.8/30 from 192.0.2.9 to 192.0.2.10
192.0.2.8/31 from 192.0.2.9 to 192.0.2.8
sorted: 10.0.2.0/24 10.0.1.0/24 10.0.10.0/24
TEXT
)
seen=$(
    run <<'PY'
from ipaddress import ip_network

from cidr_man import CIDR


def zone(text):
    net = ip_network(text)
    labels = net.network_address.reverse_pointer.split(".")
    step = 4 if net.version == 6 else 8
    return ".".join(labels[(net.max_prefixlen - net.prefixlen) // step :])


for text in ("2001:db8::/32", "2001:db8:a::/48", "2001:db8:a:b::/64", "192.0.2.0/24", "192.0.2.8/32"):
    try:
        seen = CIDR(text).reverse_pointer
    except ValueError:
        seen = "ValueError"
    print(f"{text}\n   is  {zone(text)}\n   got {seen}")
for text in ("192.0.2.8/30", "192.0.2.8/31"):
    print(text, "from", CIDR(text).first_address, "to", CIDR(text).last_address)
print("sorted:", *sorted(map(CIDR, ("10.0.2.0/24", "10.0.1.0/24", "10.0.10.0/24"))))
PY
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
