#!/usr/bin/env bash
# node-turn 0.0.6 (npm) answers no request with an attribute that it does not know, and cuts IPv6 addresses.
#
# Expected: RFC 5389, section 7.3: attributes from 0x8000 on that are not known are ignored. Section 7.3.1: a request
# with another unknown attribute gets the error 420, which names it. RFC 4291, section 2.2: "::" stands for as many
# groups of zeros as are missing from eight.
# Seen: the reader ends with an error at each attribute that is not in its list; the server logs it, and says nothing.
# Of an address with more than one group in front of "::", it makes six or seven groups instead of eight; that address
# is what XOR-MAPPED-ADDRESS is written from.
# Who meets it: Lync's clients, whose requests have MS-VERSION (0x8008), and browsers with ICE: to them the server is
# down.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-fund --no-audit --no-package-lock --ignore-scripts \
    node-turn@0.0.6 >&2 || {
    echo "could not install the packages" >&2
    exit 2
}
run() { node -; }

expected=$(
    cat <<'TEXT'
no attribute: answer of type 0101
SOFTWARE (8022): answer of type 0101
ICE-CONTROLLED (8029), optional: no answer
MS-VERSION (8008), optional: no answer
PRIORITY (0024), required: no answer
REQUESTED-ADDRESS-FAMILY (0017), required: no answer
no attribute again: answer of type 0101
::1: 0:0:0:0:0:0:0:1
2001:db8::7: 2001:db8:0:0:0:0:7
2001:db8:1::7: 2001:db8:1:0:0:7
TEXT
)
seen=$(
    run <<'JS'
const Turn = require("node-turn");
const dgram = require("dgram");
const crypto = require("crypto");

const PORT = 34789;
const server = new Turn({ listeningIps: ["127.0.0.1"], listeningPort: PORT, authMech: "none", debugLevel: "OFF" });

const attribute = (type, value) => {
  const head = Buffer.alloc(4);
  head.writeUInt16BE(type, 0);
  head.writeUInt16BE(value.length, 2);
  return Buffer.concat([head, value, Buffer.alloc((4 - (value.length % 4)) % 4)]);
};
const request = (...attributes) => {
  const body = Buffer.concat(attributes);
  const head = Buffer.alloc(20);
  head.writeUInt16BE(0x0001, 0);
  head.writeUInt16BE(body.length, 2);
  head.writeUInt32BE(0x2112a442, 4);
  crypto.randomBytes(12).copy(head, 8);
  return Buffer.concat([head, body]);
};
const ask = (what, ...attributes) =>
  new Promise((resolve) => {
    const socket = dgram.createSocket("udp4");
    const timer = setTimeout(() => answered(null), 600);
    const answered = (message) => {
      clearTimeout(timer);
      socket.close();
      const type = message && message.readUInt16BE(0).toString(16).padStart(4, "0");
      console.log(`${what}: ${message ? `answer of type ${type}` : "no answer"}`);
      resolve();
    };
    socket.on("message", answered);
    socket.send(request(...attributes), PORT, "127.0.0.1");
  });

(async () => {
  server.start();
  await new Promise((resolve) => setTimeout(resolve, 200));
  await ask("no attribute");
  await ask("SOFTWARE (8022)", attribute(0x8022, Buffer.from("phone")));
  await ask("ICE-CONTROLLED (8029), optional", attribute(0x8029, Buffer.alloc(8)));
  await ask("MS-VERSION (8008), optional", attribute(0x8008, Buffer.from([0, 0, 0, 6])));
  await ask("PRIORITY (0024), required", attribute(0x0024, Buffer.from([0x6e, 0, 0xff, 0xff])));
  await ask("REQUESTED-ADDRESS-FAMILY (0017), required", attribute(0x0017, Buffer.from([1, 0, 0, 0])));
  await ask("no attribute again");
  const Address = require("node-turn/lib/address");
  for (const text of ["::1", "2001:db8::7", "2001:db8:1::7"]) {
    console.log(`${text}: ${new Address(text, 3478).address}`);
  }
  process.exit();
})();
JS
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
