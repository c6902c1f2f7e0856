#!/usr/bin/env bash
# http-parser-js 0.5.10 (npm) waits for the body of a 304 answer, and takes the next answer for it.
#
# Expected: a 304 answer ends with its header, whatever its Content-Length says (RFC 9112, section 6.3); the length in
# it is that of the body that a GET would have had (RFC 9110, section 8.6).
# Seen: without Content-Length all is well. With one, the 304 never ends, the answer behind it on the connection is
# given as its body, and nobody learns that there was a second answer. Node.js' own parser reads both.
# Who meets it: whoever reads with it what a server answered to If-Modified-Since and then to the next request.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-fund --no-audit --no-package-lock --ignore-scripts \
    http-parser-js@0.5.10 >&2 || {
    echo "could not install http-parser-js@0.5.10" >&2
    exit 2
}
run() { node -; }

expected=$(
    cat <<'TEXT'
[304,"end",200,"ok","end"]
[304,"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"]
TEXT
)
seen=$(
    run <<'JS'
const { HTTPParser } = require("http-parser-js");

const next = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
for (const length of ["", "Content-Length: 300\r\n"]) {
  const seen = [];
  const parser = new HTTPParser(HTTPParser.RESPONSE);
  parser[HTTPParser.kOnHeadersComplete] = (head) => void seen.push(head.statusCode);
  parser[HTTPParser.kOnBody] = (text, from, size) => seen.push(text.toString("latin1", from, from + size));
  parser[HTTPParser.kOnMessageComplete] = () => seen.push("end");
  parser.execute(Buffer.from(`HTTP/1.1 304 Not Modified\r\nETag: "1"\r\n${length}\r\n` + next));
  console.log(JSON.stringify(seen));
}
JS
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
