#!/usr/bin/env bash
# dnsz 4.5.2 (npm) takes the class for the type where it stands before the TTL, and drops the second address of a name.
#
# Expected: RFC 1035, section 5.1: "[<class>] [<TTL>] <type> <RDATA>" is one of two orders that are allowed; a line that
# begins with a blank belongs to the owner of the line before; TXT's strings need no quotation marks.
# Seen: type IN with the data "60 A 192.0.2.80"; the second address only where its line has a TTL; a TXT record of the
# strings "a" and "b" becomes a record of type A and class TXT.
# Who meets it: whoever compares with it the names of the update service in two zones.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-fund --no-audit --no-package-lock --ignore-scripts \
    dnsz@4.5.2 >&2 || {
    echo "could not install dnsz@4.5.2" >&2
    exit 2
}
run() { node -; }

expected=$(
    cat <<'TEXT'
"ucupdates-r2 60 IN A 192.0.2.80" -> [ '60 IN A 192.0.2.80' ]
"ucupdates-r2 IN 60 A 192.0.2.80" -> [ '3600 IN IN 60 A 192.0.2.80' ]
"ucupdates-r2 A 192.0.2.80\n  60 A 192.0.2.81" -> [ '3600 IN A 192.0.2.80', '60 IN A 192.0.2.81' ]
"ucupdates-r2 A 192.0.2.80\n  A 192.0.2.81" -> [ '3600 IN A 192.0.2.80' ]
"contoso TXT a b" -> [ '3600 TXT A b' ]
TEXT
)
seen=$(
    run <<'JS'
(async () => {
  const { parseZone } = await import(require("path").resolve("node_modules/dnsz/dist/index.js"));
  const head = "$ORIGIN contoso.com.\n$TTL 3600\n@ IN SOA ns1 hostmaster 1 7200 900 1209600 300\n";
  const cases = [
    "ucupdates-r2 60 IN A 192.0.2.80",
    "ucupdates-r2 IN 60 A 192.0.2.80",
    "ucupdates-r2 A 192.0.2.80\n  60 A 192.0.2.81",
    "ucupdates-r2 A 192.0.2.80\n  A 192.0.2.81",
    "contoso TXT a b",
  ];
  for (const text of cases) {
    const records = parseZone(`${head}${text}\n`).records.slice(1);
    console.log(JSON.stringify(text), "->", records.map((one) => `${one.ttl} ${one.class} ${one.type} ${one.content}`));
  }
})();
JS
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
