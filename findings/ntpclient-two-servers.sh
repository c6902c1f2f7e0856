#!/usr/bin/env bash
# ntpclient 1.16.1 (npm) asks one time server for all clients, the one that was named last.
#
# Expected: its README: new NTPClient(server, port, timeout) is a client of that server, and one without arguments asks
# pool.ntp.org at port 123 and waits ten seconds.
# Seen: a server's name is written into the default values, which all clients made in this way share. Of two clients
# both ask the second server, and so does one without arguments. One that is made from an object keeps what it was
# given, and takes the rest from the others.
# Who meets it: whoever compares with it the clocks of two servers, as of a domain controller and of the one that option
# 42 names: both are always equal.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-fund --no-audit --no-package-lock --ignore-scripts ntpclient@1.16.1 >&2 || {
    echo "could not install ntpclient@1.16.1" >&2
    exit 2
}
run() { node --input-type=module -; }

expected=$(
    cat <<'TEXT'
client of the first server: 2025
client of the second server: 2026
client of the first server, asked again: 2026
client without arguments: port of the second server
TEXT
)
seen=$(
    run <<'JS'
import dgram from "node:dgram";
import { NTPClient } from "ntpclient";

const serve = (year) =>
  new Promise((ready) => {
    const server = dgram.createSocket("udp4");
    server.on("message", (question, peer) => {
      const answer = Buffer.alloc(48);
      answer[0] = 0x1c;
      answer[1] = 2;
      answer.writeUInt32BE(Date.UTC(year, 5, 1) / 1000 + 2208988800, 40);
      server.send(answer, peer.port, peer.address);
    });
    server.bind(0, "127.0.0.1", () => ready(server));
  });
const year = async (client) => (await client.getNetworkTime()).getUTCFullYear();

const [first, second] = [await serve(2025), await serve(2026)];
const one = new NTPClient("127.0.0.1", first.address().port);
console.log(`client of the first server: ${await year(one)}`);
const two = new NTPClient("127.0.0.1", second.address().port);
console.log(`client of the second server: ${await year(two)}`);
console.log(`client of the first server, asked again: ${await year(one)}`);
const { port } = new NTPClient().config;
console.log(`client without arguments: port ${port === second.address().port ? "of the second server" : port}`);
first.close();
second.close();
JS
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
