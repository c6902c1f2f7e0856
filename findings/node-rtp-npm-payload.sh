#!/usr/bin/env bash
# node-rtp 0.1.1 (npm) does not change the sound of a packet, and writes the sources of a conference into it.
#
# Expected: its README: payload "gets/sets the RTP packet's payload". RFC 3550, section 5.1: the timestamp and the
# source are numbers without a sign; up to 15 contributing sources and an extension stand between the header and the
# payload, and where the bit P is set, the last octet says how much padding there is behind it.
# Seen: a parenthesis of the setter is in the wrong place: payload = ... never does anything, and says nothing. Of a
# packet that came, payload begins behind 12 octets, whatever its bits say. Timestamps and sources from 2147483648 on
# are negative.
# Who meets it: who sends G.711 to a phone with it from one packet object: each packet has the same 20 ms.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-fund --no-audit --no-package-lock --ignore-scripts \
    node-rtp@0.1.1 >&2 || {
    echo "could not install the packages" >&2
    exit 2
}
run() { node -; }

expected=$(
    cat <<'TEXT'
payload set to "second part" is "first 20 ms"
time and source 2147483647 are read as 2147483647 and 2147483647
time and source 2147483648 are read as -2147483648 and -2147483648
time and source 4294967295 are read as -1 and -1
sound: "sound"
with two contributing sources: "ABCDEFGHsound"
with an extension of a word: "¾Þ\u0000\u0001wxyzsound"
with three octets of padding: "sound\u0000\u0000\u0003"
TEXT
)
seen=$(
    run <<'JS'
const { RtpPacket } = require("node-rtp/lib/RtpPacket");

const packet = new RtpPacket(Buffer.from("first 20 ms"));
packet.payload = Buffer.from("second part");
console.log(`payload set to "second part" is "${packet.payload}"`);
for (const time of [2147483647, 2147483648, 4294967295]) {
  packet.time = time;
  packet.source = time;
  console.log(`time and source ${time} are read as ${packet.time} and ${packet.source}`);
}
const came = (head, ...parts) => {
  const fixed = Buffer.from([head, 8, 0, 1, 0, 0, 0, 160, 0, 0, 0, 7]);
  return new RtpPacket(Buffer.concat([fixed, ...parts]), true).payload.toString("latin1");
};
const show = (what, text) => console.log(`${what}: ${JSON.stringify(text)}`);
show("sound", came(0x80, Buffer.from("sound")));
show("with two contributing sources", came(0x82, Buffer.from("ABCDEFGH"), Buffer.from("sound")));
const extension = Buffer.from([0xbe, 0xde, 0, 1]);
show("with an extension of a word", came(0x90, extension, Buffer.from("wxyz"), Buffer.from("sound")));
show("with three octets of padding", came(0xa0, Buffer.from("sound"), Buffer.from([0, 0, 3])));
JS
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
