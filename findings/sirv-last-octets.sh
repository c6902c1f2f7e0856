#!/usr/bin/env bash
# sirv 3.0.2 (npm) sends the first octets of a file for its last ones, and all of it for the first one.
#
# Expected: RFC 9110, section 14.1.2: bytes=-3 is the last three octets, and bytes=0-0 the first one. Section 14.2: a
# server ignores Range in units that it does not know. Section 13.1.5: it ignores Range, and sends all of the file,
# where If-Range names another one.
# Seen: a number that is missing or 0 is the beginning or the end, so bytes=-3 is the first four octets and bytes=0-0
# the whole file, each with 206 and its own Content-Range. Lines are octets. If-Range is not looked at.
# Who meets it: whoever serves firmware or logs with it, or with a server that has it inside, as the previews of some
# build tools: a client that asks for the end of a log, or goes on with a download, gets something else.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-fund --no-audit --no-package-lock --ignore-scripts \
    sirv@3.0.2 >&2 || {
    echo "could not install sirv@3.0.2" >&2
    exit 2
}
run() { node -; }

expected=$(
    cat <<'TEXT'
bytes=2-5: 206 bytes 2-5/10 2345
bytes=7-: 206 bytes 7-9/10 789
bytes=-3: 206 bytes 0-3/10 0123
bytes=0-0: 206 bytes 0-9/10 0123456789
lines=2-5: 206 bytes 0-5/10 012345
bytes=7- "another": 206 bytes 7-9/10 789
TEXT
)
seen=$(
    run <<'JS'
const fs = require("fs");
const http = require("http");
const sirv = require("sirv");

const ASKED = [
  { range: "bytes=2-5" },
  { range: "bytes=7-" },
  { range: "bytes=-3" },
  { range: "bytes=0-0" },
  { range: "lines=2-5" },
  { range: "bytes=7-", "if-range": '"another"' },
];
fs.mkdirSync("files");
fs.writeFileSync("files/phone.log", "0123456789");

function get(port, headers) {
  return new Promise((resolve) => {
    http.get({ host: "127.0.0.1", port, path: "/phone.log", headers, agent: false }, (answer) => {
      let body = "";
      answer.on("data", (data) => (body += data));
      answer.on("end", () => resolve(`${answer.statusCode} ${answer.headers["content-range"]} ${body}`));
    });
  });
}

const server = http.createServer(sirv("files")).listen(0, "127.0.0.1", async () => {
  for (const headers of ASKED) {
    console.log(`${Object.values(headers).join(" ")}: ${await get(server.address().port, headers)}`);
  }
  server.close();
});
JS
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
