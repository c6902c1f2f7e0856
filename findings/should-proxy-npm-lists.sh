#!/usr/bin/env bash
# should-proxy 1.0.4 (npm) sends hosts to a proxy that NO_PROXY has in capitals, behind a blank, with a port, or as "*".
#
# Expected: RFC 3986, section 3.2.2: a host knows no case. The manuals of curl and GNU wget: no_proxy is a list of
# domains, separated by commas (curl: blanks too); curl: "*" alone means all hosts. Its documentation: the list names
# networks and domains, as "localhost,127.0.0.0/8,.internal.com".
# Seen: plain names, domains and networks are found. What stands behind a comma and a blank is not, nor is a name in
# capitals, one with the port of the URL, an IPv6 address in brackets, or "*". Without brackets an IPv6 address is
# found.
# Who meets it: whoever keeps requests for an update server away from a proxy by the list that curl takes.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-fund --no-audit --no-package-lock --ignore-scripts should-proxy@1.0.4 >&2 || {
    echo "could not install should-proxy@1.0.4" >&2
    exit 2
}
run() { node -; }

expected=$(
    cat <<'TEXT'
http://lync.contoso.com/ with contoso.com: directly
http://lync.contoso.com/ with .contoso.com: directly
http://192.0.2.1/ with 192.0.2.0/24: directly
http://[2001:db8::1]/ with 2001:db8::1: directly
http://lync.fabrikam.com/ with contoso.com: by the proxy
http://lync.contoso.com/ with localhost, contoso.com: by the proxy
http://lync.contoso.com/ with Contoso.com: by the proxy
http://lync.contoso.com:8080/ with contoso.com:8080: by the proxy
http://[2001:db8::1]/ with [2001:db8::1]: by the proxy
http://lync.contoso.com/ with *: by the proxy
TEXT
)
seen=$(
    run <<'JS'
const shouldProxy = require("should-proxy");

for (const [url, list] of [
  ["http://lync.contoso.com/", "contoso.com"],
  ["http://lync.contoso.com/", ".contoso.com"],
  ["http://192.0.2.1/", "192.0.2.0/24"],
  ["http://[2001:db8::1]/", "2001:db8::1"],
  ["http://lync.fabrikam.com/", "contoso.com"],
  ["http://lync.contoso.com/", "localhost, contoso.com"],
  ["http://lync.contoso.com/", "Contoso.com"],
  ["http://lync.contoso.com:8080/", "contoso.com:8080"],
  ["http://[2001:db8::1]/", "[2001:db8::1]"],
  ["http://lync.contoso.com/", "*"],
])
  console.log(`${url} with ${list}: ${shouldProxy(url, { no_proxy: list }) ? "by the proxy" : "directly"}`);
JS
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
