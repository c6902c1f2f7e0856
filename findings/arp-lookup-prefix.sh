#!/usr/bin/env bash
# @network-utils/arp-lookup 2.1.0 (npm) finds no host by its maker's prefix in capital letters or with hyphens.
#
# Expected: 00:04:F2 and 00-04-f2 are the prefix 00:04:f2: its isPrefix() calls all of them valid, and its toIP()
# finds a host by its address in each of these spellings. IEEE's list has capital letters and hyphens.
# Seen: fromPrefix() compares the text as it stands with addresses in small letters and with colons, so it finds the
# host with 00:04:f2 only. No error is raised.
# Who meets it: whoever asks it for all phones of a maker on a network. (The table below is printed in the form of arp
# from net-tools 2.10.)
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-fund --no-audit --no-package-lock --ignore-scripts \
    @network-utils/arp-lookup@2.1.0 >&2 || {
    echo "could not install the packages" >&2
    exit 2
}
run() { node -; }

expected=$(
    cat <<'TEXT'
00:04:f2:00:00:07 is 192.0.2.7
00:04:F2:00:00:07 is 192.0.2.7
00-04-F2-00-00-07 is 192.0.2.7
00:04:f2 is valid and finds 192.0.2.7
00:04:F2 is valid and finds nobody
00-04-f2 is valid and finds nobody
00-04-F2 is valid and finds nobody
TEXT
)
seen=$(
    run <<'JS'
const { chmodSync, writeFileSync } = require("fs");
const arp = require("@network-utils/arp-lookup");

writeFileSync("arp", "#!/bin/sh\necho '? (192.0.2.7) at 00:04:f2:00:00:07 [ether] on eth0'\n");
chmodSync("arp", 0o755);
process.env.PATH = process.cwd() + ":" + process.env.PATH;
const list = (hosts) => hosts.map((host) => host.ip).join(", ") || "nobody";

async function main() {
  for (const address of ["00:04:f2:00:00:07", "00:04:F2:00:00:07", "00-04-F2-00-00-07"])
    console.log(address, "is", await arp.toIP(address));
  for (const prefix of ["00:04:f2", "00:04:F2", "00-04-f2", "00-04-F2"]) {
    const found = list(await arp.fromPrefix(prefix));
    console.log(prefix, arp.isPrefix(prefix) ? "is valid and finds" : "is not valid", found);
  }
}
main();
JS
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
