#!/usr/bin/env bash
# ain2 3.0.0 (npm) names the collector as the host that a message is from, and writes times of no RFC.
#
# Expected: RFC 3164, section 4.1.2: the host is that on which the message was made; the time is as "Nov 30 10:00:00",
# and the example in its own documentation is so. RFC 5424, section 6: with a time of RFC 3339 a version stands behind
# the priority.
# Seen: hostname is where messages are sent to, and the host in each of them as well, so all machines are one for a
# collector that reads the field. The time is of RFC 3339, without a version: neither of the RFCs' formats.
# Who meets it: whoever sends messages of several services with it to one collector.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-fund --no-audit --no-package-lock --ignore-scripts ain2@3.0.0 >&2 || {
    echo "could not install ain2@3.0.0" >&2
    exit 2
}
run() { node -; }

expected=$(
    cat <<'TEXT'
priority, a time of RFC 3339, from 127.0.0.1: update[NUMBER]:request failed
TEXT
)
seen=$(
    run <<'JS'
const dgram = require("dgram");
const os = require("os");
const Logger = require("ain2");

const socket = dgram.createSocket("udp4");
socket.on("message", (message) => {
  const [time, host, ...rest] = message.toString().replace(/^<166>/, "").split(" ");
  const form = /^\d{4}-\d\d-\d\dT[\d:.]+Z$/.test(time) ? "a time of RFC 3339" : "another time";
  const own = host === os.hostname() ? "this host" : host;
  console.log(`priority, ${form}, from ${own}: ${rest.join(" ").replace(/\d+/, "NUMBER")}`);
  process.exit();
});
socket.bind(0, "127.0.0.1", () => {
  const { port } = socket.address();
  new Logger({ tag: "update", facility: "local4", hostname: "127.0.0.1", port }).info("request failed");
});
JS
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
