#!/usr/bin/env bash
# @webex/ts-sdp 1.8.2 (npm) gives a call the address and direction of the fax that is offered beside it.
#
# Expected: RFC 8866, section 5.14: a media description goes up to the next m= line; audio, video, text, application,
# message and image are kinds. Section 5: in each part the lines have a fixed order, i= in front of c= and b=, and e=
# and p= in front of t=. Section 5.8: there may be several b= lines. RFC 6184, section 8.1: parameters of H.264 are
# base64, which ends in "=". RFC 8839, section 5.1: the port behind "rport" may be any.
# Seen: an m= line of another kind is taken for an unknown line of the part in front of it, so that what follows is
# added to that: of two c= lines and directions the last one counts. Written again, lines that it does not know stand
# at the end of their part, which other readers refuse; of two b= lines one is left, and rport 0 is dropped. A value
# with "=" ends the reading with an error.
# Who meets it: gateways between a browser and telephones that offer fax (T.38) or text (RFC 4103) in each call.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-fund --no-audit --no-package-lock --ignore-scripts \
    @webex/ts-sdp@1.8.2 >&2 || {
    echo "could not install the packages" >&2
    exit 2
}
run() { node -; }

expected=$(
    cat <<'TEXT'
a call: audio to 192.0.2.8, sendrecv
a call and a fax: audio to 203.0.113.9, inactive
the call and the fax, written again:
   v=0
   o=- 1 1 IN IP4 192.0.2.7
   s=-
   c=IN IP4 192.0.2.7
   t=0 0
   e=desk@example.com
   m=audio 50000 RTP/AVP 8
   c=IN IP4 203.0.113.9
   b=TIAS:64000
   a=candidate:1 1 UDP 41885439 198.51.100.9 50002 typ relay raddr 0.0.0.0
   a=inactive
   i=handset
   m=image 50010 udptl t38
packetization-mode=1: video to 192.0.2.8, recvonly
sprop-parameter-sets=Z0IACpZTBYmI,aMljiA==: Fmtp params is invalid with sprop-parameter-sets=Z0IACpZTBYmI,aMljiA==
TEXT
)
seen=$(
    run <<'JS'
const { parse } = require("@webex/ts-sdp");

const SESSION = ["v=0", "o=- 1 1 IN IP4 192.0.2.7", "s=-", "e=desk@example.com", "c=IN IP4 192.0.2.7", "t=0 0"];
const AUDIO = ["m=audio 50000 RTP/AVP 8", "i=handset", "c=IN IP4 192.0.2.8", "b=AS:64", "b=TIAS:64000", "a=sendrecv"];
const RELAY = "a=candidate:1 1 UDP 41885439 198.51.100.9 50002 typ relay raddr 0.0.0.0 rport 0";
const FAX = ["m=image 50010 udptl t38", "c=IN IP4 203.0.113.9", "a=inactive"];
const text = (...parts) => parts.flat().join("\r\n") + "\r\n";
const show = (what, sdp) => {
  const media = sdp.media.map((part) => `${part.type} to ${part.connection.ipAddr}, ${part.direction}`);
  console.log(`${what}: ${media.join("; ")}`);
};
show("a call", parse(text(SESSION, AUDIO)));
show("a call and a fax", parse(text(SESSION, AUDIO, FAX)));
console.log("the call and the fax, written again:");
for (const line of parse(text(SESSION, AUDIO, RELAY, FAX)).toString().trim().split("\r\n")) console.log(`   ${line}`);
const VIDEO = ["m=video 50020 RTP/AVP 96", "c=IN IP4 192.0.2.8", "a=rtpmap:96 H264/90000", "a=recvonly"];
for (const parameters of ["packetization-mode=1", "sprop-parameter-sets=Z0IACpZTBYmI,aMljiA=="]) {
  try {
    show(parameters, parse(text(SESSION, VIDEO, `a=fmtp:96 ${parameters}`)));
  } catch (error) {
    console.log(`${parameters}: ${error.message}`);
  }
}
JS
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
