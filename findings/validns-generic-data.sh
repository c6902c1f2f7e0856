#!/usr/bin/env bash
# validns 0.8 of 2016 (Debian 12) reads the address 192.0.2.85, written in the generic form, as 4.0.0.0.
#
# Expected: RFC 3597, section 5: "\#", the number of octets and the octets in hexadecimal are the data of a record of
# any type, also of one that the reader knows; TYPE1 is then A, and CLASS1 is IN. RFC 1035, section 5.1: a backslash
# before a dot makes it part of the label.
# Seen: with TYPE1, the number of octets is taken for the address, without an error; with A, the same data is an error.
# CLASS1 is called an unknown type, and an escaped dot is "not currently supported", so a right zone fails.
# ldns-read-zone 1.8.3 of Debian 12 reads all of it.
# Who meets it: whoever checks the zone for the phones with it before loading, or reads what another program wrote.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
apt-get download -qq \
    validns=0.8+git20160720-3.2 libjudydebian1=1.0.5-5+b2 >&2 || {
    echo "could not download the packages" >&2
    exit 2
}
for package in ./*.deb; do dpkg -x "$package" .; done
export LD_LIBRARY_PATH=$PWD/usr/lib/x86_64-linux-gnu
run() { { usr/bin/validns -v zone 2>&1 || true; } | sed -n 's/^\(-> \)*zone:\(6\|7\|8\|9\|10\): //p'; }

expected=$(
    cat <<'TEXT'
a.contoso.com. IN 3600 A 192.0.2.85
IPv4 address is not valid
c.contoso.com. IN 3600 A 4.0.0.0
invalid or unsupported rdtype class1
a dot within a label is not currently supported
TEXT
)
cat >zone <<'ZONE'
$ORIGIN contoso.com.
$TTL 1h
@ IN SOA ns admin 1 1h 1h 1w 1h
@ IN NS ns
ns IN A 192.0.2.1
a IN A 192.0.2.85
b IN A \# 4 c0000255
c IN TYPE1 \# 4 c0000255
d CLASS1 A 192.0.2.85
phone\.1 IN A 192.0.2.85
ZONE
seen=$(
    run
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
