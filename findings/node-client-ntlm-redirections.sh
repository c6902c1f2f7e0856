#!/usr/bin/env bash
# node-client-ntlm 0.0.6 (npm) follows no redirection, and breaks letters that arrive in two pieces.
#
# Expected: RFC 9110, section 15.4: a client may follow a redirection to where Location says. The README has an option
# disableRedirect, which is false in its example, and the code comes with a function for it. RFC 3629: a letter outside
# ASCII has two octets or more, which TCP may bring in different segments.
# Seen: it looks for "Location" among the fields that Node.js gives in small letters: a redirection is the result, with
# an empty body. Each piece of a body is made text by itself, so that a letter at the seam becomes two question marks.
# Who meets it: whoever asks a Lync pool with it, where IIS sends from one directory to another, or gets logs and names
# of users with letters outside ASCII.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-fund --no-audit --no-package-lock --ignore-scripts \
    node-client-ntlm@0.0.6 js-md4@0.3.2 >&2 || {
    echo "could not install the packages" >&2
    exit 2
}
run() { node -; }

expected=$(
    cat <<'TEXT'
/absolute: 302 ""
/relative: 302 ""
/log: 200 "Ger��t äGerät äGerät ä\n"
TEXT
)
seen=$(
    run <<'JS'
const http = require("http");
const { NtlmClient } = require("node-client-ntlm");

const LOG = "Gerät ä".repeat(3) + "\n";
const server = http.createServer((request, response) => {
  if (request.url === "/log") {
    response.writeHead(200, { "Content-Type": "text/plain; charset=utf-8" });
    const octets = Buffer.from(LOG);
    const half = octets.indexOf(0xc3) + 1;
    response.write(octets.subarray(0, half));
    setTimeout(() => response.end(octets.subarray(half)), 200);
    return;
  }
  response.writeHead(302, { Location: request.url === "/relative" ? "log" : `http://${request.headers.host}/log` });
  response.end();
});
server.listen(0, "127.0.0.1", async () => {
  const base = `http://127.0.0.1:${server.address().port}`;
  for (const path of ["/absolute", "/relative", "/log"]) {
    const { status, body } = await new NtlmClient().request(base + path, "anna", "secret", "PC", "CONTOSO");
    console.log(`${path}: ${status} ${JSON.stringify(body)}`);
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
