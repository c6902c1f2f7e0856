#!/usr/bin/env bash
# graygelf 2.0.0 and node-gelf 1.0.2 (npm) put the end of one message behind the beginning of another.
#
# Expected: GELF, "Chunking": behind two octets that mark a chunk stand eight that name its message, then its number and
# how many there are. Chunks of messages come mixed, and by other ways.
# Seen: a message is known by the first six octets of its name, so two whose names differ behind them are taken for one:
# the beginning of the second takes the place of that of the first, and the mixed message is given as one. Nothing is
# given of the others.
# Who meets it: whoever collects logs with it whose senders name messages by their host and a count, as is usual: the
# log says of one phone what another one did.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-fund --no-audit --no-package-lock --ignore-scripts \
    graygelf@2.0.0 node-gelf@1.0.2 >&2 || {
    echo "could not install graygelf@2.0.0" >&2
    exit 2
}
run() { node -; }

expected=$(
    cat <<'TEXT'
graygelf, names that differ in front
   phone-1 is up to date
   phone-2 has no network
graygelf, names that differ at the end
   phone-2 is up to date
node-gelf, names that differ in front
   phone-1 is up to date
   phone-2 has no network
node-gelf, names that differ at the end
   phone-2 is up to date
TEXT
)
seen=$(
    run <<'JS'
const dgram = require("dgram");

const chunks = (name, message) => {
  const halves = [message.slice(0, message.length / 2), message.slice(message.length / 2)];
  return halves.map((half, number) =>
    Buffer.concat([Buffer.from([0x1e, 0x0f]), Buffer.from(name, "hex"), Buffer.from([number, 2]), Buffer.from(half)]),
  );
};
const one = '{"version":"1.1","host":"phone-1",     "short_message":"is up to date"  }';
const two = '{"version":"1.1","host":"phone-2",     "short_message":"has no network" }';
const wait = (time) => new Promise((resolve) => setTimeout(resolve, time));

async function collect(title, server, ...names) {
  console.log(title);
  server.on("message", (message) => console.log(`   ${message.host} ${message.short_message}`));
  server.listen(0, "127.0.0.1");
  await new Promise((resolve) => server._udp.once("listening", resolve));
  const { port } = server._udp.address();
  const socket = dgram.createSocket("udp4");
  const [first, second] = [chunks(names[0], one), chunks(names[1], two)];
  for (const each of [first[0], second[0], first[1], second[1]]) {
    socket.send(each, port, "127.0.0.1");
    await wait(50);
  }
  await wait(200);
  socket.close();
  server.close();
}

(async () => {
  for (const name of ["graygelf", "node-gelf"]) {
    const Server = require(`${name}/server`);
    await collect(`${name}, names that differ in front`, new Server(), "0000000100000000", "0000000200000000");
    await collect(`${name}, names that differ at the end`, new Server(), "0000000000000001", "0000000000000002");
  }
})();
JS
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
