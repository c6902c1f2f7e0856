#!/usr/bin/env bash
# dns2 3.1.1 (npm) loses the records that follow an EDNS record with an option.
#
# Expected: RFC 6891, section 6.1.1: the OPT record may stand anywhere in the additional section, and an option's length
# counts octets, so what follows is found. A cookie (RFC 7873) is such an option; servers send one to each client that
# sends one.
# Seen: the length is taken for a number of bits. The option itself is not given, and the address of the pool, which
# stands behind it, is nowhere; no error is raised.
# Who meets it: whoever looks for the address of a registrar in an answer about _sipinternaltls._tcp.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-fund --no-audit --no-package-lock --ignore-scripts \
    dns2@3.1.1 >&2 || {
    echo "could not install dns2@3.1.1" >&2
    exit 2
}
run() { node -; }

expected=$(
    cat <<'TEXT'
option behind pool.contoso.com 192.0.2.81 type 41
no option pool.contoso.com type 41 192.0.2.81
option before pool.contoso.com type 41 192.0.2.81
TEXT
)
seen=$(
    run <<'JS'
const { Packet } = require("dns2");

const label = (text) => Buffer.from([text.length, ...Buffer.from(text)]);
const name = (text) => Buffer.concat([...text.split(".").map(label), Buffer.alloc(1)]);
const short = (...numbers) => Buffer.concat(numbers.map((each) => Buffer.from([each >> 8, each & 255])));
function record(owner, kind, data, group = 1) {
  return Buffer.concat([owner, short(kind, group, 0, 60, data.length), data]);
}

const question = Buffer.concat([name("_sipinternaltls._tcp.contoso.com"), short(33, 1)]);
const server = Buffer.concat([short(0, 0, 5061), name("pool.contoso.com")]);
const address = record(name("pool.contoso.com"), 1, Buffer.from([192, 0, 2, 81]));
const cookie = Buffer.concat([short(10, 16), Buffer.alloc(16, 7)]);
const opt = (data) => Buffer.concat([Buffer.alloc(1), short(41, 1232, 0, 0, data.length), data]);
for (const [title, additional] of [
  ["option behind", [address, opt(cookie)]],
  ["no option", [opt(Buffer.alloc(0)), address]],
  ["option before", [opt(cookie), address]],
]) {
  const head = short(1, 0x8180, 1, 1, 0, 2);
  const message = Buffer.concat([head, question, record(Buffer.from([0xc0, 12]), 33, server), ...additional]);
  const found = Packet.parse(message);
  const others = found.additionals.map((one) => one.address || `type ${one.type}`);
  console.log(title, found.answers[0].target, ...others);
}
JS
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
