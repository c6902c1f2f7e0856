#!/usr/bin/env bash
# dns-zonefile 0.3.2 (npm) drops records in small letters, and those whose class stands before their TTL.
#
# Expected: RFC 1035, section 5.1: a record is "[<TTL>] [<class>] <type> <RDATA>" or "[<class>] [<TTL>] <type> <RDATA>";
# sections 2.3.3 and 3.1 and RFC 4343: upper and lower case are the same.
# Seen: of five ways to write one record, the result lacks three. No error is raised.
# Who meets it: whoever looks with it for the update service's name in a zone that somebody typed.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-fund --no-audit --no-package-lock --ignore-scripts \
    dns-zonefile@0.3.2 >&2 || {
    echo "could not install dns-zonefile@0.3.2" >&2
    exit 2
}
run() { node -; }

expected=$(
    cat <<'TEXT'
A 192.0.2.80 [{"name":"ucupdates-r2","ip":"192.0.2.80"}]
60 IN A 192.0.2.80 [{"name":"ucupdates-r2","ip":"192.0.2.80","ttl":60}]
IN 60 A 192.0.2.80 "nothing"
in a 192.0.2.80 "nothing"
a 192.0.2.80 "nothing"
TEXT
)
seen=$(
    run <<'JS'
const { default: zonefile } = require("dns-zonefile");

const head = "$ORIGIN contoso.com.\n$TTL 3600\n@ IN SOA ns1 hostmaster 1 7200 900 1209600 300\n";
for (const line of ["A 192.0.2.80", "60 IN A 192.0.2.80", "IN 60 A 192.0.2.80", "in a 192.0.2.80", "a 192.0.2.80"]) {
  console.log(line, JSON.stringify(zonefile.parse(`${head}ucupdates-r2 ${line}\n`).a || "nothing"));
}
JS
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
