#!/usr/bin/env bash
# mdns-discovery 0.2.6 (npm) gives the packets of one search to the handler of another, and loses records of a host.
#
# Expected: a handler that is set with on() of an object is for that object. RFC 1035, section 3.2, and RFC 6763,
# section 4.1: a host has any number of addresses, a kind of service any number of PTR records, each with its name.
# Seen: on("packet") writes the handler into the prototype, so that each search, also one that began earlier, calls it
# and finds nothing more by itself. Of the records of a host that have one type, the first and the last one's data stay,
# beside the longest name and not beside their own, as a list is added to by push[] instead of push().
# Who meets it: a home hub in which two parts look for devices, phones with more than two addresses or services.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-fund --no-audit --no-package-lock --ignore-scripts \
    mdns-discovery@0.2.6 dns-packet@1.3.4 >&2 || {
    echo "could not install the packages" >&2
    exit 2
}
run() { node -; }

expected=$(
    cat <<'TEXT'
the first search found: 192.0.2.7
   PTR: 3 names, data phone._sip._tcp.local and shell._ssh._tcp.local with the name _workstation._tcp.local
   A: 3 names, data 192.0.2.7 and 203.0.113.7 with the name phone.local
a message to the first search alone: found 192.0.2.7, 1 at the second
TEXT
)
seen=$(
    run <<'JS'
const Discovery = require("mdns-discovery");
const packet = require("dns-packet");

const PTR = (service, host) => {
  const name = `_${service}._tcp.local`;
  return { name, type: "PTR", ttl: 120, data: `${host}.${name}` };
};
const A = (data) => ({ name: "phone.local", type: "A", ttl: 120, data });
const answers = [
  ...[PTR("sip", "phone"), PTR("workstation", "own"), PTR("ssh", "shell")],
  ...[A("192.0.2.7"), A("198.51.100.7"), A("203.0.113.7")],
];
const message = packet.encode({ type: "response", answers });

const first = new Discovery({ find: "*" });
first.onMessage(message, { address: "192.0.2.7" });
console.log(`the first search found: ${first.found.map((host) => host.ip)}`);
for (const type of ["PTR", "A"]) {
  const { name, data, dataa, names } = first.found[0][type];
  console.log(`   ${type}: ${names.length} names, data ${dataa} and ${data} with the name ${name}`);
}
const second = new Discovery({ find: "phone" });
let seen = 0;
second.on("packet", () => {
  seen += 1;
});
first.onMessage(message, { address: "192.0.2.8" });
console.log(`a message to the first search alone: found ${first.found.map((host) => host.ip)}, ${seen} at the second`);
JS
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
