#!/usr/bin/env bash
# wmic 1.1.1 (npm) gives no number of a process beside that of its parent, and cuts a command line at an equals sign.
#
# Expected: wmic prints a table whose columns begin where their names stand in the first line, or, in a list, lines of
# which the first equals sign ends the name. Names may end in other names: ParentProcessId and ProcessId, DNSHostName
# and Name.
# Seen: a column is looked for by its name, so ProcessId is found inside of ParentProcessId, and what is cut out there
# is blank; a host's name is cut out of its DNS name's column. In a list, a value ends at its second equals sign.
# Who meets it: whoever looks with it which process of a Windows server holds a port, or ends one by its number.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-fund --no-audit --no-package-lock --ignore-scripts \
    wmic@1.1.1 >&2 || {
    echo "could not install wmic@1.1.1" >&2
    exit 2
}
run() { node -; }

expected=$(
    cat <<'TEXT'
Name,ProcessId
   Name: w3wp.exe, ProcessId: 4712
   Name: svchost.exe, ProcessId: 1044
Name,ParentProcessId,ProcessId
   Name: w3wp.exe, ParentProcessId: 812, ProcessId: (none)
DNSHostName,Name,Status
   DNSHostName: pool, Name  Na: PO, Status: OK
list
   CommandLine: update.exe --mode, ProcessId: 4712
TEXT
)
seen=$(
    run <<'JS'
const fs = require("fs");
const path = require("path");

// What Windows prints, from a program of the same name, since the package runs wmic and chcp.
fs.mkdirSync("bin");
function program(name, ...lines) {
  const text = ["#!/bin/sh", "cat <<'TEXT'", ...lines, "TEXT", ""].join("\n");
  fs.writeFileSync(path.join("bin", name), text, { mode: 0o755 });
}
process.env.PATH = `${path.resolve("bin")}:${process.env.PATH}:system32`;
program("chcp", "Active code page: 65001");
const wmic = require("wmic");

function show(name, seen) {
  const line = (each) => Object.entries(each).map(([key, value]) => `${key}: ${value || "(none)"}`);
  console.log([name, ...seen.map((each) => line(each).join(", "))].join("\n   "));
}
function table(section, keys) {
  return new Promise((resolve) => wmic.get_values(section, keys, null, (_, seen) => resolve(show(keys, seen))));
}
function list(command) {
  return new Promise((resolve) => wmic.get_list(command, (_, seen) => resolve(show("list", seen))));
}

(async () => {
  program("wmic", "Name         ProcessId  ", "w3wp.exe     4712       ", "svchost.exe  1044       ");
  await table("process", "Name,ProcessId");
  program("wmic", "Name      ParentProcessId  ProcessId  ", "w3wp.exe  812              4712       ");
  await table("process", "Name,ParentProcessId,ProcessId");
  program("wmic", "DNSHostName  Name    Status  ", "pool         POOL01  OK      ");
  await table("computersystem", "DNSHostName,Name,Status");
  program("wmic", "", "CommandLine=update.exe --mode=check --server=pool", "ProcessId=4712");
  await list("process");
})();
JS
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
