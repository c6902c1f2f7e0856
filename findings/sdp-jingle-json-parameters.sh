#!/usr/bin/env bash
# sdp-jingle-json 3.1.0 (npm) gives a codec the parameters of another one whose number begins with its own.
#
# Expected: RFC 8866, section 6.15: "a=fmtp:9 ..." is for the format 9, "a=fmtp:97 ..." for 97. What stands behind the
# first equals sign is the value, such as Base64, which ends in equals signs (sprop-parameter-sets of RFC 6184).
# Seen: each line that begins with "a=fmtp:9" is taken for one of format 9, and the last one counts: G.722, which has no
# parameters, gets those of AMR-WB, and so does the feedback of rtcp-fb. A value is cut at the next equals sign.
# Who meets it: whoever makes Jingle of the offers of phones, which have G.722 as 9 and other codecs from 96 on.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-fund --no-audit --no-package-lock --ignore-scripts \
    sdp-jingle-json@3.1.0 >&2 || {
    echo "could not install sdp-jingle-json@3.1.0" >&2
    exit 2
}
run() { node -; }

expected=$(
    cat <<'TEXT'
G.722 and iLBC
   G722: no parameters, no feedback
   iLBC: mode=20, no feedback
G.722 and AMR-WB
   G722: mode-set=0,2; octet-align=1, nack pli
   AMR-WB: mode-set=0,2; octet-align=1, nack pli
H.264
   H264: packetization-mode=1; sprop-parameter-sets=Z0IAH5WoFAFuQA, no feedback
TEXT
)
seen=$(
    run <<'JS'
const { toMediaJSON } = require("sdp-jingle-json");

const SESSION = "v=0\r\no=- 1 1 IN IP4 192.0.2.71\r\ns=-\r\nc=IN IP4 192.0.2.71\r\nt=0 0\r\n";
function read(name, ...lines) {
  console.log(name);
  for (const payload of toMediaJSON(lines.join("\r\n") + "\r\n", SESSION, {}).application.payloads) {
    const parameters = payload.parameters.map(({ key, value }) => `${key}=${value}`).join("; ");
    const feedback = payload.feedback.map(({ type, subtype }) => `${type} ${subtype}`).join(", ");
    console.log(`   ${payload.name}: ${parameters || "no parameters"}, ${feedback || "no feedback"}`);
  }
}

const ILBC = ["a=rtpmap:107 iLBC/8000", "a=fmtp:107 mode=20"];
read("G.722 and iLBC", "m=audio 5004 RTP/AVP 9 107", "a=rtpmap:9 G722/8000", ...ILBC);
read(
  "G.722 and AMR-WB",
  "m=audio 5004 RTP/AVP 9 97",
  "a=rtpmap:9 G722/8000",
  "a=rtpmap:97 AMR-WB/16000",
  "a=fmtp:97 mode-set=0,2; octet-align=1",
  "a=rtcp-fb:97 nack pli",
);
read(
  "H.264",
  "m=video 5006 RTP/AVP 122",
  "a=rtpmap:122 H264/90000",
  "a=fmtp:122 packetization-mode=1; sprop-parameter-sets=Z0IAH5WoFAFuQA==,aM48gA==",
);
JS
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
