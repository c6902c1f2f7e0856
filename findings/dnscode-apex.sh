#!/usr/bin/env bash
# dnscode 1.7.3.post1 puts records for the zone itself under the name "@" in it, and doubles the zone's name in others.
#
# Expected: RFC 1035, section 5.1: a free-standing @ is the origin; a name without a dot at its end is within the
# origin. "@" is the default of each of its functions that add a record.
# Seen: "@" gets the name of the zone behind it, so the record is for a host called @. The host of a name server, a
# service, an alias or a mail exchanger is written without a dot, where owners get theirs: the server takes it for
# pool.contoso.com.contoso.com. The server of the SOA record has its dot, the mailbox has none. The time for which a
# missing name is kept is that of a refresh.
# Who meets it: whoever writes the zone of a site with it; a server loads it without a word, and ucupdates-r2 is found.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-deps \
    dnscode==1.7.3.post1 dnspython==2.9.2 || {
    echo "could not install the packages" >&2
    exit 2
}
run() { venv/bin/python -; }

expected=$(
    cat <<'TEXT'
contoso.com. 21700 IN SOA ns1.contoso.com. admin.contoso.com 7 86400 7200 15552000 86400
@.contoso.com. 3600 IN NS ns1.contoso.com
@.contoso.com. 3600 IN A 192.0.2.1
ns1.contoso.com. 3600 IN A 192.0.2.53
_sipinternaltls._tcp.@.contoso.com. 3600 IN SRV 10 10 5061 pool.contoso.com
info.contoso.com. 3600 IN TXT "v=1"

contoso.com. SOA ns1.contoso.com. admin.contoso.com.contoso.com. 7 86400 7200 15552000 86400
\@.contoso.com. NS ns1.contoso.com.contoso.com.
\@.contoso.com. A 192.0.2.1
ns1.contoso.com. A 192.0.2.53
_sipinternaltls._tcp.\@.contoso.com. SRV 10 10 5061 pool.contoso.com.contoso.com.
info.contoso.com. TXT "v=1"
TEXT
)
seen=$(
    run <<'PY'
import dns.rdatatype
import dns.zone
from dnscode import Zone

zone = Zone("contoso.com")
zone.new_SOA(name="contoso.com.", mname="ns1", rname="admin.contoso.com", serial=7, refresh=86400)
zone.new_NS(host="ns1.contoso.com")
zone.new_A(host="192.0.2.1")
zone.new_A(name="ns1", host="192.0.2.53")
zone.new_SRV(name="@", service="sipinternaltls", protocol="tcp", port=5061, host="pool.contoso.com")
zone.new_TXT(name="info", text="v=1")
print(str(zone))
read = dns.zone.from_text(f"$ORIGIN contoso.com.\n{zone}", origin="contoso.com", relativize=False, check_origin=False)
for name, ttl, data in read.iterate_rdatas():
    print(name, dns.rdatatype.to_text(data.rdtype), data)
PY
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
