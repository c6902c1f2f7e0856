#!/usr/bin/env bash
# ntp-time 2.1.1 (npm) takes the refusal of a time server for the time of a server of stratum 2.
#
# Expected: RFC 5905, section 7.4: an answer of stratum 0 is a kiss-o'-death. Its reference identifier says why, as RATE
# for "ask less often", and its times are no times. Section 7.3: precision and poll are signed, and 0 is a value.
# Seen: stratum 0 is given as 2, and the clock's offset is computed from the empty times: more than a century. Poll 0 is
# given as 10, and precision -23 as 233. No error is raised.
# Who meets it: whoever checks with it the time server that DHCP hands to phones, when that server limits its answers.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-fund --no-audit --no-package-lock --ignore-scripts \
    ntp-time@2.1.1 >&2 || {
    echo "could not install ntp-time@2.1.1" >&2
    exit 2
}
run() { node -; }

expected=$(
    cat <<'TEXT'
stratum 1, poll 6, precision 233, identifier "GPS\u0000": an offset of less than a minute
stratum 2, poll 10, precision 233, identifier "RATE": an offset of more than a century
TEXT
)
seen=$(
    run <<'JS'
const dgram = require("dgram");
const { Client } = require("ntp-time");

function answer(question, kiss) {
  const message = Buffer.alloc(48);
  message.set(kiss ? [0xe4, 0, 0, 0xe9] : [0x24, 1, 6, 0xe9]);
  message.write(kiss ? "RATE" : "GPS", 12, "latin1");
  question.copy(message, 24, 40, 48);
  if (!kiss) {
    const now = Math.floor(Date.now() / 1000) + 2208988800;
    for (const at of [16, 32, 40]) message.writeUInt32BE(now, at);
  }
  return message;
}

async function ask(kiss) {
  const server = dgram.createSocket("udp4");
  server.on("message", (question, { port, address }) => server.send(answer(question, kiss), port, address));
  await new Promise((bound) => server.bind(0, "127.0.0.1", bound));
  const got = await new Client("127.0.0.1", server.address().port).syncTime();
  server.close();
  const identifier = JSON.stringify(got.referenceIdentifier.toString("latin1"));
  const offset = Math.abs(got.t) < 60 ? "less than a minute" : Math.abs(got.t) > 3.2e9 ? "more than a century" : got.t;
  const numbers = `stratum ${got.stratum}, poll ${got.pollInterval}, precision ${got.precision}`;
  console.log(`${numbers}, identifier ${identifier}: an offset of ${offset}`);
}

ask(false).then(() => ask(true));
JS
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
