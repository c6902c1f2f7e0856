#!/usr/bin/env bash
# winreg-ts 1.0.4 (npm) finds no value that is empty, and none of a kind that it does not list.
#
# Expected: "reg query" writes a value as its name, its kind and its data; of an empty one, such as an empty REG_SZ,
# there is nothing behind the kind. Windows has other kinds, too, as REG_FULL_RESOURCE_DESCRIPTOR and
# REG_DWORD_BIG_ENDIAN.
# Seen: values() leaves out each empty value, and get() gives null for it, as for one that is not there. Values of other
# kinds are left out.
# Who meets it: whoever reads with it the settings of a Windows server, where an empty value has another sense than
# none: an empty search list, or a proxy that was switched off.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-fund --no-audit --no-package-lock --ignore-scripts \
    winreg-ts@1.0.4 >&2 || {
    echo "could not install winreg-ts@1.0.4" >&2
    exit 2
}
run() { node -; }

expected=$(
    cat <<'TEXT'
values: Domain=contoso.com
one of contoso.com: SearchList=contoso.com
an empty one: null
values: Limit=0x1
TEXT
)
seen=$(
    run <<'JS'
const fs = require("fs");
const path = require("path");

// What Windows prints, from a program of the same name, since the package runs REG.
fs.mkdirSync("bin");
process.env.PATH = `${path.resolve("bin")}:${process.env.PATH}`;
const key = "\\SYSTEM\\CurrentControlSet\\Services\\Tcpip\\Parameters";
function program(...values) {
  const lines = ["", `HKEY_LOCAL_MACHINE${key}`, ...values.map((each) => `    ${each}`), ""];
  const text = ["#!/bin/sh", "cat <<'TEXT'", ...lines, "TEXT", ""].join("\n");
  fs.writeFileSync(path.join("bin", "REG"), text, { mode: 0o755 });
}
const { Registry } = require("winreg-ts");
const registry = new Registry({ hive: "HKLM", key });
const shown = (item) => (item ? `${item.name}=${item.value}` : String(item));
const values = () => new Promise((resolve) => registry.values((_, seen) => resolve(seen.map(shown).join(", "))));
const get = (name) => new Promise((resolve) => registry.get(name, (_, seen) => resolve(shown(seen))));

(async () => {
  program("Domain    REG_SZ    contoso.com", "SearchList    REG_SZ    ", "Proxy    REG_EXPAND_SZ    ");
  console.log("values:", await values());
  program("SearchList    REG_SZ    contoso.com");
  console.log("one of contoso.com:", await get("SearchList"));
  program("SearchList    REG_SZ    ");
  console.log("an empty one:", await get("SearchList"));
  program("Order    REG_DWORD_BIG_ENDIAN    0x1", "Limit    REG_DWORD    0x1");
  console.log("values:", await values());
})();
JS
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
