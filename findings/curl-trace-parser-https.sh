#!/usr/bin/env bash
# curl-trace-parser 0.0.10 (npm) takes the records of TLS for a part of the request and the answer.
#
# Expected: in what curl --trace writes, "=> Send header" and "=> Send data" are HTTP, "<= Recv header" and "<= Recv
# data" too; "=> Send SSL data" and "<= Recv SSL data" are of TLS (curl(1), --trace; CURLOPT_DEBUGFUNCTION(3)).
# Seen: every line of octets behind an arrow is taken. Over https, both begin with the octets of the handshake, and a
# record's header stands between the fields of the answer. Over http both are right. No error is raised.
# Who meets it: whoever keeps a trace of a request to the update service's external address, which is https. (The
# trace below is in the form of curl 7.88.1 of Debian 12, whose own is read so, too.)
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-fund --no-audit --no-package-lock --ignore-scripts \
    curl-trace-parser@0.0.10 >&2 || {
    echo "could not install the packages" >&2
    exit 2
}
run() { node -; }

expected=$(
    cat <<'TEXT'
http: request "GET / HTTP/1.1\r\nHost: pool\r\n\r\n"
http: answer "HTTP/1.1 204 OK\r\n\r\n"
https: request "\u0016\u0003\u0001\u0002\u0000GET / HTTP/1.1\r\nHost: pool\r\n\r\n"
https: answer "\u0016\u0003\u0003\u0000z\u0017\u0003\u0003\u0000*HTTP/1.1 204 OK\r\n\u0017\u0003\u0003\u0000\u0013\r\n"
TEXT
)
seen=$(
    run <<'JS'
const { parse } = require("curl-trace-parser");

const octets = (text) =>
  Buffer.from(text, "latin1").toString("hex").match(/.{1,32}/g)
    .map((hex, line) => {
      const pairs = hex.match(/../g);
      const shown = pairs.map((pair) => String.fromCharCode(parseInt(pair, 16)).replace(/[^ -~]/, ".")).join("");
      return `${(16 * line).toString(16).padStart(4, "0")}: ${pairs.join(" ").padEnd(48)}${shown}`;
    })
    .join("\n");
const event = (what, text) => `${what}, ${text.length} bytes (0x${text.length.toString(16)})\n${octets(text)}\n`;

const REQUEST = "GET / HTTP/1.1\r\nHost: pool\r\n\r\n";
const ANSWER = "HTTP/1.1 204 OK\r\n";
const http = [event("=> Send header", REQUEST), event("<= Recv header", ANSWER), event("<= Recv header", "\r\n")];
const https = [
  "== Info: TLSv1.3 (OUT), TLS handshake, Client hello (1):\n",
  event("=> Send SSL data", "\x16\x03\x01\x02\x00"),
  event("<= Recv SSL data", "\x16\x03\x03\x00\x7a"),
  http[0],
  event("<= Recv SSL data", "\x17\x03\x03\x00\x2a"),
  http[1],
  event("<= Recv SSL data", "\x17\x03\x03\x00\x13"),
  http[2],
];
for (const [name, trace] of Object.entries({ http, https })) {
  const { request, response } = parse(trace.join(""));
  console.log(`${name}: request ${JSON.stringify(request)}`);
  console.log(`${name}: answer ${JSON.stringify(response)}`);
}
JS
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
