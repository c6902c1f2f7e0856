#!/usr/bin/env bash
# @destinationstransfers/ntp 2.0.0 (npm) takes the seconds of one time for the fraction of another.
#
# Expected: RFC 5905, figure 8: the time of sending is the last of the 48 octets' four times: 32 bits of seconds, then
# 32 of the fraction. Section 7.3: extension fields and a check may follow.
# Seen: the seconds of the time before it are taken, and its own seconds for the fraction, so each time of these years
# ends in about .93. Both are counted from the end, so with a check behind the 48 octets the time comes from that.
# Who meets it: whoever compares a clock with it, as of a host whose certificates phones refuse.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-fund --no-audit --no-package-lock --ignore-scripts \
    @destinationstransfers/ntp@2.0.0 >&2 || {
    echo "could not install @destinationstransfers/ntp@2.0.0" >&2
    exit 2
}
run() { node -; }

expected=$(
    cat <<'TEXT'
sent 2026-11-28T10:00:00.000Z, seen 2026-11-28T10:00:00.932Z
sent 2026-11-28T10:00:00.250Z, seen 2026-11-28T10:00:00.932Z
sent 2026-11-28T10:00:00.500Z, seen 2026-11-28T10:00:00.932Z
sent 2026-11-28T10:00:00.500Z and a check, seen 1948-01-14T19:13:30.352Z
TEXT
)
seen=$(
    run <<'JS'
const { createSocket } = require("dgram");
const { getNetworkTime } = require("@destinationstransfers/ntp");

const seconds = Date.UTC(2026, 10, 28, 10) / 1000 + 2208988800;
function answer(fraction, check) {
  const message = Buffer.alloc(48);
  message.set([0x24, 2, 6, 0xec]);
  for (const at of [16, 32, 40]) {
    message.writeUInt32BE(seconds, at);
    message.writeUInt32BE(fraction * 2 ** 32, at + 4);
  }
  return Buffer.concat([message, check]);
}

const server = createSocket("udp4");
let waiting;
server.on("message", (_, from) => server.send(waiting, from.port, from.address));
server.bind(0, "127.0.0.1", async () => {
  const check = Buffer.concat([Buffer.from([0, 0, 0, 1]), Buffer.alloc(16, 0x5a)]); // key 1 and MD5
  for (const [fraction, behind] of [[0, ""], [0.25, ""], [0.5, ""], [0.5, check]]) {
    waiting = answer(fraction, Buffer.from(behind));
    const time = await getNetworkTime({ server: "127.0.0.1", port: server.address().port });
    const sent = new Date((seconds - 2208988800 + fraction) * 1000);
    console.log(`sent ${sent.toISOString()}${behind && " and a check"}, seen ${time.toISOString()}`);
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
