#!/usr/bin/env bash
# node-netflowv9 0.2.16 (npm) reads the flows of one card of a router by the template of another card.
#
# Expected: RFC 3954, section 5.1: the source ID tells apart the streams of a router, such as those of its cards;
# sections 5.2 and 9: template IDs are unique within one, and a collector keeps the templates of each by itself. NetFlow
# 5: the highest two bits of the sampling field are its mode, the others the interval.
# Seen: templates are kept for the address and port of the router only. Where two of its cards have a template 256, the
# flows of the first are read by that of the second, so octets are ports and addresses. Of NetFlow 5, one of 100 packets
# in mode 1 is an interval of 16484.
# Who meets it: whoever counts with it what phones download, from a router of several cards.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-fund --no-audit --no-package-lock --ignore-scripts \
    node-netflowv9@0.2.16 >&2 || {
    echo "could not install node-netflowv9@0.2.16" >&2
    exit 2
}
run() { node -; }

expected=$(
    cat <<'TEXT'
card 1: 192.0.2.71 to 192.0.2.10, 1500 octets
card 1, once card 2 has sent its template: 192.0.2.10 to 19.196.0.80, 3221226055 octets
NetFlow 5, mode 1, one of 100: 16484
TEXT
)
seen=$(
    run <<'JS'
const NetFlow = require("node-netflowv9");

const words = (...values) => Buffer.from(values.flatMap((each) => [each >> 8, each & 255]));
const message = (source, id, ...rest) => {
  const body = Buffer.concat(rest);
  return Buffer.concat([words(9, 1, 0, 0, 0, 0, 0, 0, 0, source, id, 4 + body.length), body]);
};
const addresses = [8, 4, 12, 4];
const ports = [7, 2, 11, 2];
const octets = [1, 4];
const template = (source, ...fields) => message(source, 0, words(256, fields.length / 2, ...fields));
const flow = Buffer.concat([Buffer.from([192, 0, 2, 71, 192, 0, 2, 10]), words(5060, 80), words(0, 1500)]);

const collector = new NetFlow(() => {});
const read = (data) => collector.nfPktDecode(data, { address: "192.0.2.1", port: 2055, size: data.length });
function show(name, { flows }) {
  const flow = flows[0];
  console.log(`${name}: ${flow.ipv4_src_addr} to ${flow.ipv4_dst_addr}, ${flow.in_bytes} octets`);
}

read(template(1, ...addresses, ...ports, ...octets));
show("card 1", read(message(1, 256, flow)));
read(template(2, ...octets, ...addresses, ...ports));
show("card 1, once card 2 has sent its template", read(message(1, 256, flow)));
const five = Buffer.alloc(72);
five.writeUInt16BE(5, 0);
five.writeUInt16BE((1 << 14) | 100, 22);
console.log("NetFlow 5, mode 1, one of 100:", read(five).header.sampling_interval);
collector.server.close();
JS
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
