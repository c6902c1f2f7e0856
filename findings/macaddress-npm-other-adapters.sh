#!/usr/bin/env bash
# macaddress 0.5.4 (npm) gives the address of the first Ethernet adapter of a Windows machine for that of each.
#
# Expected: its documentation: one(iface) gives the MAC address of the interface of that name. "ipconfig /all" has a
# line "Ethernet adapter Ethernet:" above what it says of an adapter, the name behind its kind, and its address as
# Physical Address; one of PPP has an empty one.
# Seen: the name is looked for anywhere in the text, and the first six pairs behind it are the address. "Ethernet", as
# Windows calls the first card, is found in "Ethernet adapter vEthernet", so the address is that of a switch of Hyper-V.
# "Ethernet 2" is found in "Ethernet 21". An adapter without an address gets that of the next one, and a tunnel the
# first six of its eight octets.
# Who meets it: whoever asks for the address of a Windows machine's card to find it in a capture or in a lease.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-fund --no-audit --no-package-lock --ignore-scripts \
    macaddress@0.5.4 >&2 || {
    echo "could not install macaddress@0.5.4" >&2
    exit 2
}
run() { node -; }

expected=$(
    cat <<'TEXT'
Ethernet adapter Office: 02:00:00:00:00:51
Wireless LAN adapter Wi-Fi: 02:00:00:00:00:52
with Hyper-V:
Ethernet adapter Ethernet 21: 02:00:00:00:00:54
Ethernet adapter Ethernet 2: 02:00:00:00:00:54
Ethernet adapter Ethernet: 00:15:5d:00:00:01
PPP adapter VPN: 00:00:00:00:00:00
Tunnel adapter Teredo: 00:00:00:00:00:00
TEXT
)
seen=$(
    run <<'JS'
const fs = require("fs");
const os = require("os");
const path = require("path");

// What Windows prints, from a program of the same name, since the package runs ipconfig.
os.platform = () => "win32";
fs.mkdirSync("bin");
process.env.PATH = `${path.resolve("bin")}:${process.env.PATH}`;
function program(...adapters) {
  const lines = ["", "Windows IP Configuration", "", "   Host Name . . . . . . . . . . . . : PC51"];
  for (const [title, address] of adapters) {
    lines.push("", `${title}:`, "", "   Connection-specific DNS Suffix  . : contoso.com");
    lines.push(`   Physical Address. . . . . . . . . : ${address}`, "   DHCP Enabled. . . . . . . . . . . : Yes");
  }
  const text = ["#!/bin/sh", "cat <<'TEXT'", ...lines, "TEXT", ""].join("\n");
  fs.writeFileSync(path.join("bin", "ipconfig"), text, { mode: 0o755 });
}
const { one } = require("macaddress");
async function show(title) {
  const name = title.replace(/^.* adapter /, "");
  const seen = await new Promise((resolve) => one(name, (error, address) => resolve(error || address)));
  console.log(`${title}: ${seen}`);
}

(async () => {
  program(["Ethernet adapter Office", "02-00-00-00-00-51"], ["Wireless LAN adapter Wi-Fi", "02-00-00-00-00-52"]);
  await show("Ethernet adapter Office");
  await show("Wireless LAN adapter Wi-Fi");
  console.log("with Hyper-V:");
  program(
    ["Ethernet adapter vEthernet (Default Switch)", "00-15-5D-00-00-01"],
    ["Ethernet adapter Ethernet 21", "02-00-00-00-00-54"],
    ["Ethernet adapter Ethernet 2", "02-00-00-00-00-53"],
    ["Ethernet adapter Ethernet", "02-00-00-00-00-51"],
    ["PPP adapter VPN", ""],
    ["Tunnel adapter Teredo", "00-00-00-00-00-00-00-E0"],
  );
  for (const name of ["Ethernet 21", "Ethernet 2", "Ethernet"]) await show(`Ethernet adapter ${name}`);
  await show("PPP adapter VPN");
  await show("Tunnel adapter Teredo");
})();
JS
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
