#!/usr/bin/env bash
# zone-file 1.0.0 (npm) loses the data of the second record in parentheses, and records behind it.
#
# Expected: RFC 1035, section 5.1: parentheses group data that goes over more than one line. A file may have any number
# of such records; the ones that follow are read as if each were one line.
# Seen: one is read well. With two of them, the second loses its target and port, and of the three names behind it two
# are nowhere: the pool, to which it leads, and lyncdiscover. No error is raised.
# Who meets it: whoever looks with it for the names of a Lync pool and its update service in an exported zone.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-fund --no-audit --no-package-lock --ignore-scripts \
    zone-file@1.0.0 >&2 || {
    echo "could not install zone-file@1.0.0" >&2
    exit 2
}
run() { node -; }

expected=$(
    cat <<'TEXT'
one pool.contoso.com. 5061 addresses: ucupdates-r2 pool lyncdiscover
two 0 0 addresses: ucupdates-r2
TEXT
)
seen=$(
    run <<'JS'
const { parseZoneFile } = require("zone-file");

const soa = `@ IN SOA ns1.contoso.com. hostmaster.contoso.com. (
    2026112801 ; serial
    7200
    900
    1209600
    300 )
`;
const plain = "_sipinternaltls._tcp IN SRV 0 0 5061 pool.contoso.com.\n";
const grouped = "_sipinternaltls._tcp IN SRV ( 0 0\n    5061 pool.contoso.com. )\n";
const rest = "ucupdates-r2 IN A 192.0.2.80\npool IN A 192.0.2.81\nlyncdiscover IN A 192.0.2.82\n";
for (const [title, srv] of [["one", plain], ["two", grouped]]) {
  const zone = parseZoneFile(`$ORIGIN contoso.com.\n$TTL 3600\n${soa}${srv}${rest}`);
  const server = zone.srv[0];
  const names = zone.a.map((each) => each.name);
  console.log(title, server.target, server.port, "addresses:", ...names);
}
JS
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
