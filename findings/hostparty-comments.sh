#!/usr/bin/env bash
# hostparty 1.0.15 (npm) takes the words of a comment for names of hosts, and then comments the real names out.
#
# Expected: hosts(5): what follows a "#" on a line is a comment; the first name of a line is the canonical one, and the
# others are aliases. Its README: add is for one entry more.
# Seen: in a line with a comment behind the names each word of it, and the "#", is a name. When another host is added
# all names are sorted, so the "#" comes first, and no name of that line is found any more. The canonical name of
# another line is no longer the first one. Lines of comments are left out.
# Who meets it: whoever sends a name to a test server with it: the names of other machines in the file are gone.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-fund --no-audit --no-package-lock --ignore-scripts hostparty@1.0.15 >&2 || {
    echo "could not install hostparty@1.0.15" >&2
    exit 2
}
run() { node --no-deprecation -; }

expected=$(
    cat <<'TEXT'
{"10.0.0.5":["alias","server.contoso.com"],"10.0.0.6":["#","old","one","pool","the"],"127.0.0.1":["localhost"]}
10.0.0.5 alias server.contoso.com
10.0.0.6 # old one pool the
127.0.0.1 localhost
192.0.2.81 ucupdates-r2.contoso.com
"the lab" is gone
TEXT
)
seen=$(
    run <<'JS'
const fs = require("fs");
const party = require("hostparty");

fs.writeFileSync(
  "hosts",
  "# the lab\n127.0.0.1 localhost\n10.0.0.5 server.contoso.com alias\n10.0.0.6 pool # the old one\n",
);
party.setup({ path: "hosts" });
(async () => {
  console.log(JSON.stringify(await party.list()));
  await party.add("192.0.2.81", ["ucupdates-r2.contoso.com"]);
  for (const line of fs.readFileSync("hosts", "utf8").split("\n")) {
    if (/^[^#]/.test(line)) console.log(line);
  }
  console.log(`"the lab" is ${fs.readFileSync("hosts", "utf8").includes("the lab") ? "kept" : "gone"}`);
})();
JS
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
