#!/usr/bin/env bash
# ntp-time-sync 0.5.0 (npm) takes a delay for an offset: it sets a clock that is right back.
#
# Expected: RFC 5905, section 8: the offset is half of the sum of T2 - T1 and T3 - T4. On a way of 200 milliseconds in
# each direction, a clock that is right has differences of 200 and -200, which cancel each other.
# Seen: the sum of their amounts is taken, with the sign of the second one. So the offset is that of the way, -200
# milliseconds, for each clock that is less than 200 milliseconds off, in both directions. Beyond that it is right.
# Who meets it: whoever compares or sets the times of logs with it; the less a clock is off, the more it moves it.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-fund --no-audit --no-package-lock --ignore-scripts \
    ntp-time-sync@0.5.0 >&2 || {
    echo "could not install ntp-time-sync@0.5.0" >&2
    exit 2
}
run() { node -; }

expected=$(
    cat <<'TEXT'
server -1000 ms ahead, 200 ms away: offset -1000 ms
server -100 ms ahead, 200 ms away: offset -200 ms
server 0 ms ahead, 200 ms away: offset -200 ms
server 100 ms ahead, 200 ms away: offset -200 ms
server 1000 ms ahead, 200 ms away: offset 1000 ms
TEXT
)
seen=$(
    run <<'JS'
const dgram = require("node:dgram");
const { NtpTimeSync } = require("ntp-time-sync");

const WAY = 200;
const wait = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

function stamp(milliseconds) {
  const buffer = Buffer.alloc(8);
  buffer.writeUInt32BE(Math.floor(milliseconds / 1000) + 2208988800, 0);
  buffer.writeUInt32BE(Math.floor(((milliseconds % 1000) / 1000) * 2 ** 32), 4);
  return buffer;
}

async function offset(ahead) {
  const server = dgram.createSocket("udp4");
  server.on("message", async (request, { port, address }) => {
    await wait(WAY);
    const now = stamp(Date.now() + ahead);
    const head = Buffer.from([0x24, 1, 4, 0xe9, 0, 0, 0, 0, 0, 0, 0, 0, 127, 0, 0, 1]);
    await wait(WAY);
    server.send(Buffer.concat([head, now, request.subarray(40, 48), now, now]), port, address);
  });
  await new Promise((resolve) => server.bind(0, "127.0.0.1", resolve));
  const client = new NtpTimeSync({ servers: [`127.0.0.1:${server.address().port}`], sampleCount: 1 });
  const result = await client.getTime(true);
  server.close();
  return Math.round(result.offset / 100) * 100;
}

(async () => {
  for (const ahead of [-1000, -100, 0, 100, 1000]) {
    console.log(`server ${ahead} ms ahead, ${WAY} ms away: offset ${await offset(ahead)} ms`);
  }
})();
JS
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
