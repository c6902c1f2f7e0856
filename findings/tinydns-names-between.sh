#!/usr/bin/env bash
# tinydns 1.05 (Debian 12) says that eng.contoso.com does not exist where pool.eng.contoso.com does.
#
# Expected: RFC 4592, section 2.2.2, and RFC 2136, section 4: a name without records of its own, below which there are
# names, exists: the answer is NOERROR without records. RFC 8020: where a name does not exist (NXDOMAIN), none below it
# exists either, and a resolver may say so without asking. RFC 9156, section 2: a resolver asks for the shorter names
# first, to give away less.
# Seen: NXDOMAIN for each name between the zone and the host, as for one that is nowhere, also for _tcp above a record.
# A wildcard covers these names, which it must not (RFC 4592, section 3.3.1): with "*.fabrikam.com" in the data,
# eng.fabrikam.com and all names below it have its address, pool.eng.fabrikam.com alone excepted.
# Who meets it: a resolver that asks step by step, and believes the answer, finds no pool; through another one all is
# well, so the fault is looked for in the wrong place.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
apt-get download -qq \
    tinydns=1:1.05-15+b2 djbdns-utils=1:1.05-15+b2 >&2 || {
    echo "could not download the packages" >&2
    exit 2
}
for package in ./*.deb; do dpkg -x "$package" .; done
cat >data <<'DATA'
.contoso.com:192.0.2.1:a:3600
+pool.eng.contoso.com:192.0.2.5:3600
:_sip._tcp.contoso.com:33:\000\000\000\000\023\305\004pool\003eng\007contoso\003com\000:3600
.fabrikam.com:192.0.2.1:a:3600
+*.fabrikam.com:192.0.2.9:3600
+pool.eng.fabrikam.com:192.0.2.5:3600
DATA
usr/sbin/tinydns-data
run() {
    while read -r type name; do
        usr/bin/tinydns-get "$type" "$name" | sed -n -E 's/.*, (noerror|nxdomain)$/\1/p; s/^answer: //p' |
            sed "1s/^/$type $name: /; 2,\$s/^/  /"
    done
}

expected=$(
    cat <<'TEXT'
1 pool.eng.contoso.com: noerror
  pool.eng.contoso.com 3600 A 192.0.2.5
1 eng.contoso.com: nxdomain
1 nowhere.contoso.com: nxdomain
33 _sip._tcp.contoso.com: noerror
  _sip._tcp.contoso.com 3600 33 \000\000\000\000\023\305\004pool\003eng\007contoso\003com\000
33 _tcp.contoso.com: nxdomain
28 pool.eng.contoso.com: noerror
1 pool.eng.fabrikam.com: noerror
  pool.eng.fabrikam.com 3600 A 192.0.2.5
1 eng.fabrikam.com: noerror
  eng.fabrikam.com 3600 A 192.0.2.9
1 nowhere.eng.fabrikam.com: noerror
  nowhere.eng.fabrikam.com 3600 A 192.0.2.9
TEXT
)
seen=$(
    run <<'NAMES'
1 pool.eng.contoso.com
1 eng.contoso.com
1 nowhere.contoso.com
33 _sip._tcp.contoso.com
33 _tcp.contoso.com
28 pool.eng.contoso.com
1 pool.eng.fabrikam.com
1 eng.fabrikam.com
1 nowhere.eng.fabrikam.com
NAMES
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
