#!/usr/bin/env bash
# rtp-parser 1.0.0 (npm) gives other sources than a conference names, and takes header extensions and padding for sound.
#
# Expected: RFC 3550, section 5.1: the sources that were mixed stand behind the twelve octets of the fixed header, each
# in four; behind them comes the extension, whose length is in its second half (section 5.3.1), then the payload, and
# padding, whose length is its last octet.
# Seen: sources are read from the tenth octet on: three octets of the sender's number and one of the first source. The
# extension and the padding are part of the payload.
# Who meets it: whoever looks with it who speaks in a conference, or plays what a phone or browser sends with levels of
# its sound (RFC 6464) in front of it.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-fund --no-audit --no-package-lock --ignore-scripts \
    rtp-parser@1.0.0 >&2 || {
    echo "could not install rtp-parser@1.0.0" >&2
    exit 2
}
run() { node -; }

expected=$(
    cat <<'TEXT'
plain: from aabbccdd, mixed of []
   payload 5555
two sources: from aabbccdd, mixed of [ 'bbccdd11', '11111122' ]
   payload 5555
an extension: from aabbccdd, mixed of []
   payload bede000110ff00005555
padding: from aabbccdd, mixed of []
   payload 55550002
TEXT
)
seen=$(
    run <<'JS'
const { parseRtpPacket } = require("rtp-parser");

function show(name, first, ...rest) {
  const header = Buffer.from([first, 0, 0, 1, 0, 0, 0, 160, 0xaa, 0xbb, 0xcc, 0xdd]);
  const seen = parseRtpPacket(Buffer.concat([header, ...rest.map((hex) => Buffer.from(hex, "hex"))]));
  console.log(`${name}: from ${seen.ssrc.toString(16)}, mixed of`, seen.csrc.map((each) => each.toString(16)));
  console.log(`   payload ${seen.payload.toString("hex")}`);
}

show("plain", 0x80, "5555");
show("two sources", 0x82, "11111111", "22222222", "5555");
show("an extension", 0x90, "bede0001", "10ff0000", "5555");
show("padding", 0xa0, "5555", "0002");
JS
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
