#!/usr/bin/env bash
# node-radius-client 1.0.0 (npm) makes a sign-in of each repetition, and cannot read one Class, but two.
#
# Expected: RFC 2865, section 3: a server knows a repeated request by its identifier, the client's address and its
# port, and answers it as before. Section 5.25: Class is octets, which a client gives back unmodified. Section 5.18: of
# several texts of Reply-Message each is shown in its order.
# Seen: each repetition comes from another port, so that it is a new request to the server. One Class gives
# "Unable to parse Class attributes"; two become text, in which octets that are no UTF-8 are lost. Two parts of a text
# are joined by a comma.
# Who meets it: who signs users or phones in with it: behind a slow server one wrong password counts as four, which
# locks the account.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-fund --no-audit --no-package-lock --ignore-scripts \
    node-radius-client@1.0.0 >&2 || {
    echo "could not install the packages" >&2
    exit 2
}
run() { node -; }

expected=$(
    cat <<'TEXT'
one Class: Class 6162, x-apollo-error "Unable to parse Class attributes"
two: Class ["ab","c"]
two of octets: Class ["��","c"]
a text in two parts: no ,entry
no answer: Timed out after 400ms (3 retries)
4 requests with 1 identifier from 4 ports
TEXT
)
seen=$(
    run <<'JS'
const dgram = require("dgram");
const radius = require("radius");
const Client = require("node-radius-client");

const server = dgram.createSocket("udp4");
let reply = null;
let seen = [];
server.on("message", (packet, from) => {
  const request = radius.decode({ packet, secret: "secret" });
  seen.push([request.identifier, from.port]);
  if (!reply) return;
  const [code, ...attributes] = reply;
  const answer = radius.encode_response({ packet: request, secret: "secret", code, attributes });
  server.send(answer, from.port, from.address);
});
server.bind(0, "127.0.0.1", async () => {
  const client = new Client({ host: "127.0.0.1", hostPort: server.address().port, timeout: 400, retries: 3 });
  const ask = async (what, ...answer) => {
    reply = answer.length ? answer : null;
    seen = [];
    try {
      const { attributes } = await client.accessRequest({ secret: "secret", attributes: [["User-Name", "anna"]] });
      const octets = (value) => (Buffer.isBuffer(value) ? value.toString("hex") : JSON.stringify(value));
      const shown = Object.entries(attributes).map(([name, value]) => `${name} ${octets(value)}`);
      console.log(`${what}: ${shown.join(", ")}`);
    } catch (error) {
      console.log(`${what}: ${error.message}`);
    }
  };
  const CLASS = (...octets) => ["Class", Buffer.from(octets)];
  await ask("one Class", "Access-Accept", CLASS(0x61, 0x62));
  await ask("two", "Access-Accept", CLASS(0x61, 0x62), CLASS(0x63));
  await ask("two of octets", "Access-Accept", CLASS(0xc0, 0xa8), CLASS(0x63));
  await ask("a text in two parts", "Access-Reject", ["Reply-Message", "no "], ["Reply-Message", "entry"]);
  await ask("no answer");
  const distinct = (index) => new Set(seen.map((request) => request[index])).size;
  console.log(`${seen.length} requests with ${distinct(0)} identifier from ${distinct(1)} ports`);
  server.close();
});
JS
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
