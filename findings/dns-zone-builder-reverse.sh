#!/usr/bin/env bash
# dns-zone-builder 0.1.11 writes the reverse zone of a /20 for its first /24, with names outside of it, and only once.
#
# Expected: a zone holds names at and below its origin (RFC 1034, section 4.2); records of others are left out by who
# loads it. The reverse zone of 192.0.16.0/20 is sixteen zones of a /24, or 0.192.in-addr.arpa (RFC 2317 for less than
# 256). str() of an object does not change it.
# Seen: the origin is that of the first address, so of two telephones in 192.0.16.0/20 one is outside of the zone, and
# dnspython, as name servers do, gives no name for it. A /25 is a zone for one address. No error is raised for networks
# of other lengths than 8, 16 and 24. Who prints the zone a second time gets an error: its SOA record is gone.
# Who meets it: whoever writes names of telephones in a network of a /20 or /22, as voice networks often are.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-deps \
    dns-zone-builder==0.1.11 dnspython==2.9.2 || {
    echo "could not install the packages" >&2
    exit 2
}
run() { venv/bin/python -; }

expected=$(
    cat <<'TEXT'
192.0.16.0/24 is 16.0.192.in-addr.arpa.
   written: 2 read: ['7', '9']
192.0.16.0/20 is 16.0.192.in-addr.arpa.
   written: 2 read: ['7']
192.0.16.0/25 is 0.16.0.192.in-addr.arpa.
   written: 2 read: []
printed again: NoSoaException
TEXT
)
seen=$(
    run <<'PY'
import dns.zone
from dns_zone_builder import DnsZoneBuilder

for network, addresses in (
    ("192.0.16.0/24", ("192.0.16.7", "192.0.16.9")),
    ("192.0.16.0/20", ("192.0.16.7", "192.0.17.9")),
    ("192.0.16.0/25", ("192.0.16.7", "192.0.16.9")),
):
    builder = DnsZoneBuilder("contoso.com", 3600, network)
    builder.add_soa_rr("ns1.contoso.com.", "admin@contoso.com", serial=7)
    builder.add_ns_rr("@", "ns1.contoso.com.")
    for number, address in enumerate(addresses):
        builder.add_a_rr(f"phone{number}", address)
    (reverse,) = builder.reverse_zones
    text = str(reverse)
    zone = dns.zone.from_text(text.replace("$ORIGIN\t", "$ORIGIN "), origin=reverse.origin)
    print(network, "is", reverse.origin)
    print("   written:", text.count("PTR"), "read:", [str(name) for name, _, _ in zone.iterate_rdatas("PTR")])
try:
    print(len(str(reverse)))
except Exception as error:
    print("printed again:", type(error).__name__)
PY
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
