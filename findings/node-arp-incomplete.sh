#!/usr/bin/env bash
# node-arp 1.0.6 (npm) gives "(incomplete)" for the hardware address of a host that does not answer.
#
# Expected: the first argument of its callback says whether there was an error, which it is for a host that is not in
# the table. arp(8) of net-tools prints a host that was asked for and has not answered as "(incomplete)", without a type
# and an address; that is what a ping to such a host, which it sends first, leaves in the table.
# Seen: there is no error, and the word is the address. For a host that is not in the table, there is no error either,
# and no address.
# Who meets it: whoever looks with it whether a phone is on the network, or keeps its address.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-fund --no-audit --no-package-lock --ignore-scripts \
    node-arp@1.0.6 >&2 || {
    echo "could not install node-arp@1.0.6" >&2
    exit 2
}
run() { node -; }

expected=$(
    cat <<'TEXT'
192.168.7.81: 00:04:f2:aa:bb:01
192.168.7.82: (incomplete)
192.168.7.83: undefined
TEXT
)
seen=$(
    run <<'JS'
const fs = require("node:fs");
const { getMAC } = require("node-arp");

// The two programs that it runs, which print what net-tools 2.10 prints of these three hosts.
const HEAD = "Address                  HWtype  HWaddress           Flags Mask            Iface";
const TABLE = {
  "192.168.7.81": `${HEAD}\n192.168.7.81             ether   00:04:f2:aa:bb:01   C                     eth0`,
  "192.168.7.82": `${HEAD}\n192.168.7.82                     (incomplete)                              eth0`,
  "192.168.7.83": "192.168.7.83 (192.168.7.83) -- no entry",
};
const cases = Object.entries(TABLE).map(([host, text]) => `${host}) cat <<'END'\n${text}\nEND\n;;\n`).join("");
fs.writeFileSync("arp", `#!/bin/sh\ncase $2 in\n${cases}esac\n`, { mode: 0o755 });
fs.writeFileSync("ping", "#!/bin/sh\nexit 1\n", { mode: 0o755 });
process.env.PATH = `${process.cwd()}:${process.env.PATH}`;

(async () => {
  for (const host of Object.keys(TABLE)) {
    const [error, found] = await new Promise((done) => getMAC(host, (...given) => done(given)));
    console.log(`${host}: ${error ? "an error" : found}`);
  }
})();
JS
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
