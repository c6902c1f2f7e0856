#!/usr/bin/env bash
# rtc-sdp 1.3.1 (npm) lists G.722 twice, cannot move each second format, and offers one that nobody offered.
#
# Expected: RFC 8866, section 5.14: the formats of an m= line are in the order of preference, each one that may be used
# in the session; the package is to put wanted ones first. Section 5: c= stands before b=, and behind s= and i=.
# Seen: a regular expression is used again where it stopped, so that of the a=rtpmap lines each second one is not seen.
# Such a format stays where it was, or is, where its number is a fixed one, put in front and left behind as well. What
# is wanted and has a fixed number is added though the offer has none. b= is written in front of c=.
# Who meets it: whoever changes with it what a phone or gateway and a browser agree on: the other side may answer with a
# format that this one does not have.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-fund --no-audit --no-package-lock --ignore-scripts \
    rtc-sdp@1.3.1 whisk@1.5.0 >&2 || {
    echo "could not install the packages" >&2
    exit 2
}
run() { node -; }

expected=$(
    cat <<'TEXT'
offered: m=audio 50000 RTP/AVP 8 9 114 101
PCMA/8000 first: m=audio 50000 RTP/AVP 8 9 114 101
G722/8000 first: m=audio 50000 RTP/AVP 9 8 9 114 101
x-msrta/16000 first: m=audio 50000 RTP/AVP 114 8 9 101
telephone-event/8000 first: m=audio 50000 RTP/AVP 8 9 114 101
PCMU/8000 first: m=audio 50000 RTP/AVP 0 8 9 114 101
64 kbit/s for all:
   s=session
   b=AS:64
   c=IN IP4 192.0.2.7
   t=0 0
64 kbit/s for audio:
   m=audio 50000 RTP/AVP 8 9 114 101
   b=AS:64
   c=IN IP4 192.0.2.8
TEXT
)
seen=$(
    run <<'JS'
const preferCodecs = require("rtc-sdp/prefer-codecs");
const constrainBandwidth = require("rtc-sdp/constrain-bandwidth");

const OFFER = [
  "v=0",
  "o=- 0 0 IN IP4 192.0.2.7",
  "s=session",
  "c=IN IP4 192.0.2.7",
  "t=0 0",
  "m=audio 50000 RTP/AVP 8 9 114 101",
  "c=IN IP4 192.0.2.8",
  "a=rtpmap:8 PCMA/8000",
  "a=rtpmap:9 G722/8000",
  "a=rtpmap:114 x-msrta/16000",
  "a=rtpmap:101 telephone-event/8000",
  "",
].join("\r\n");
const media = (text) => text.split(/\r?\n/).find((line) => line.startsWith("m="));
console.log(`offered: ${media(OFFER)}`);
const orders = [["PCMA/8000"], ["G722/8000"], ["x-msrta/16000"], ["telephone-event/8000"], ["PCMU/8000"]];
for (const wanted of orders) {
  console.log(`${wanted} first: ${media(preferCodecs(wanted)(OFFER))}`);
}
console.log("64 kbit/s for all:");
console.log(constrainBandwidth(64)(OFFER).split("\n").slice(2, 6).map((line) => `   ${line}`).join("\n"));
console.log("64 kbit/s for audio:");
console.log(constrainBandwidth(64, "audio")(OFFER).split("\n").slice(5, 8).map((line) => `   ${line}`).join("\n"));
JS
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
