#!/usr/bin/env bash
# ini-api 2.0.2 (npm) cuts a value at a second "=", and removes the backslashes of a path.
#
# Expected: GetPrivateProfileString of Windows, and as it most readers: the key ends at the first "=", the value is the
# rest of the line; a backslash stands for itself. Its documentation: the value is the part behind "=", a comment begins
# with ";".
# Seen: the value ends at the next "=", so of a URL with a query the query is gone, without an error. C:\new\logs is
# C:newlogs. An empty value is true. The text that stringify writes is still the whole one.
# Who meets it: whoever reads the settings of a program of Windows in which paths or URLs are.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-fund --no-audit --no-package-lock --ignore-scripts ini-api@2.0.2 >&2 || {
    echo "could not install ini-api@2.0.2" >&2
    exit 2
}
run() { node -; }

expected=$(
    cat <<'TEXT'
Server: "lync.contoso.com"
Url: "https://lync/RequestHandlerExt?id"
Folder: "C:newlogs"
Query: "a"
Empty: true
written as read: true
TEXT
)
seen=$(
    run <<'JS'
const { Ini } = require("ini-api");

const text = String.raw`[Update]
Server=lync.contoso.com
Url=https://lync/RequestHandlerExt?id=5
Folder=C:\new\logs
Query=a=b=c
Empty=`;
const ini = new Ini(text);
for (const key of ["Server", "Url", "Folder", "Query", "Empty"])
  console.log(`${key}: ${JSON.stringify(ini.getSection("Update").getValue(key))}`);
console.log(`written as read: ${ini.stringify().trim() === text.trim()}`);
JS
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
