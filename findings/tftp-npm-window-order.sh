#!/usr/bin/env bash
# tftp 0.1.2 (npm) writes the blocks of a window in the order in which they come, so a file can be another one.
#
# Expected: with the option windowsize (RFC 7440), which it asks for by itself, a server sends several blocks before it
# waits. Each has its number, and UDP keeps no order (RFC 768). So blocks are put together by number, or those behind a
# gap are asked for again.
# Seen: the order in which they came is kept wherever all blocks of a window came. The number of the one that came last
# is acknowledged. No error is raised, and the length is right.
# Who meets it: whoever fetches firmware with it over more than one way, or by a network that changes the order.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-fund --no-audit --no-package-lock --ignore-scripts \
    tftp@0.1.2 >&2 || {
    echo "could not install tftp@0.1.2" >&2
    exit 2
}
run() { node -; }

expected=$(
    cat <<'TEXT'
sent 1,2,3,4: 2048 octets, ABCD, acknowledged 0,4
sent 1,3,2,4: 2048 octets, ACBD, acknowledged 0,4
sent 2,3,4,1: 2048 octets, BCDA, acknowledged 0,1
TEXT
)
seen=$(
    run <<'JS'
const dgram = require("dgram");
const { createClient } = require("tftp");

const block = (number) => Buffer.concat([Buffer.from([0, 3, 0, number]), Buffer.alloc(512, 64 + number)]);
const last = Buffer.from([0, 3, 0, 5]);

async function fetchFile(order) {
  const server = dgram.createSocket("udp4");
  const acknowledged = [];
  server.on("message", (message, { port, address }) => {
    const send = (data) => server.send(data, port, address);
    if (message[1] === 1) {
      send(Buffer.concat([Buffer.from([0, 6]), Buffer.from("blksize\x00512\x00windowsize\x004\x00")]));
      return;
    }
    acknowledged.push(message[3]);
    if (acknowledged.length === 1) order.forEach((number) => send(block(number)));
    if (acknowledged.length === 2) send(last);
  });
  await new Promise((done) => server.bind(0, "127.0.0.1", done));
  const options = { host: "127.0.0.1", port: server.address().port, blockSize: 512, windowSize: 4 };
  const stream = createClient(options).createGetStream("cx700.nbt");
  const parts = [];
  stream.on("data", (part) => parts.push(part));
  await new Promise((done, failed) => stream.on("end", done).on("error", failed));
  server.close();
  const file = Buffer.concat(parts);
  const letters = file.toString().replace(/(.)\1+/g, "$1");
  console.log(`sent ${order}: ${file.length} octets, ${letters}, acknowledged ${acknowledged}`);
}

fetchFile([1, 2, 3, 4]).then(() => fetchFile([1, 3, 2, 4])).then(() => fetchFile([2, 3, 4, 1]));
JS
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
