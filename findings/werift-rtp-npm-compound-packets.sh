#!/usr/bin/env bash
# werift-rtp 0.8.9 (npm) takes what follows the name of a source in RTCP for other sources, and half a second for 0.2.
#
# Expected: RFC 3550, section 6.1: RTCP packets come one behind another in a datagram, each as long as its head says;
# padding is in the last one. Section 6.5: a list of items ends with at least one zero octet. Section 4: the second half
# of an NTP time counts 2^-32 seconds.
# Seen: each packet is read up to the end of the datagram: of SDES, where a BYE or a PLI follows, that is taken for one
# more chunk. Written, a list whose length is a multiple of 4 has no end, so that two chunks are read as one and
# something else. The time's halves are joined as decimal digits.
# Who meets it: who receives sound from a phone or browser with it: at the end of a call there is a source more.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-fund --no-audit --no-package-lock --ignore-scripts \
    werift-rtp@0.8.9 >&2 || {
    echo "could not install the packages" >&2
    exit 2
}
run() { node -; }

expected=$(
    cat <<'TEXT'
SR, SDES: 200, 202 [7 "phone"; 0]
SR, SDES, BYE: 200, 202 [7 "phone"; 0 "\u0000\u0001\u0000\u0000\u0000\u0007"]
SR, SDES, PLI: 200, 202 [7 "phone"; 0 "\u0000\u0002\u0000\u0000\u0000\u0007\u0000\u0000\u0000\t"], 206
written with the names phone and other: 202 [1 "phone"; 2 "other"]
written with the names ab and cd: 202 [1 "ab"; 16933732]
half a second behind 1 January 1970: 2208988800.2147484
TEXT
)
seen=$(
    run <<'JS'
const { RtcpPacketConverter, RtcpSourceDescriptionPacket, SourceDescriptionChunk } = require("werift-rtp");
const { RtcpSenderInfo, SourceDescriptionItem } = require("werift-rtp");

const word = (...numbers) => Buffer.concat(numbers.map((number) => {
  const octets = Buffer.alloc(4);
  octets.writeUInt32BE(number);
  return octets;
}));
const rtcp = (count, type, body, padding = 0) => {
  const head = Buffer.from([0x80 | (padding ? 0x20 : 0) | count, type, 0, (body.length + padding) / 4]);
  const end = Buffer.alloc(padding);
  if (padding) end[padding - 1] = padding;
  return Buffer.concat([head, body, end]);
};
const SENDER = rtcp(0, 200, word(7, 0x83aa7e80, 0x80000000, 160, 1, 160));
const NAME = rtcp(1, 202, Buffer.concat([word(7), Buffer.from([1, 5]), Buffer.from("phone\0\0\0\0\0")]));
const BYE = rtcp(1, 203, word(7));
const show = (what, ...packets) => {
  const read = RtcpPacketConverter.deSerialize(Buffer.concat(packets)).map((packet) => {
    const sources = (packet.chunks || []).map(({ source, items }) => {
      return [source, ...items.map(({ text }) => JSON.stringify(text))].join(" ");
    });
    return `${packet.type}${sources.length ? ` [${sources.join("; ")}]` : ""}`;
  });
  console.log(`${what}: ${read.join(", ")}`);
};
show("SR, SDES", SENDER, NAME);
show("SR, SDES, BYE", SENDER, NAME, BYE);
show("SR, SDES, PLI", SENDER, NAME, rtcp(1, 206, word(7, 9)));
const chunk = (source, text) =>
  new SourceDescriptionChunk({ source, items: [new SourceDescriptionItem({ type: 1, text })] });
for (const names of [["phone", "other"], ["ab", "cd"]]) {
  const chunks = names.map((name, index) => chunk(index + 1, name));
  show(`written with the names ${names.join(" and ")}`, new RtcpSourceDescriptionPacket({ chunks }).serialize());
}
const ntpTimestamp = (BigInt(0x83aa7e80) << 32n) | 0x80000000n;
console.log(`half a second behind 1 January 1970: ${new RtcpSenderInfo({ ntpTimestamp }).toJSON().ntpTimestamp}`);
JS
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
