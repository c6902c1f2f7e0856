#!/usr/bin/env bash
# semantic-sdp 3.31.1 (npm) drops PCMU and PCMA from an offer, and writes 0-16= for the tones of a keypad.
#
# Expected: RFC 8866, section 6.6, and RFC 3551, table 4: a format with a static number, as 0 (PCMU) and 8 (PCMA), needs
# no a=rtpmap. RFC 4733, section 2.4.1: a=fmtp:101 0-16 lists the events that a telephone takes. RFC 3264, section 6: an
# answer keeps what both know.
# Seen: formats without a=rtpmap are dropped, and a list without any is empty. "0-16" becomes a parameter of that name,
# which is written with "=" behind it, no list of events. Without its a=rtpmap G.722 (9) is gone as well.
# Who meets it: whoever puts a telephone and a browser together with it; the older telephones list no more than "0 8".
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-fund --no-audit --no-package-lock --ignore-scripts semantic-sdp@3.31.1 >&2 || {
    echo "could not install semantic-sdp@3.31.1" >&2
    exit 2
}
run() { node -; }

expected=$(
    cat <<'TEXT'
offer of 0 8, 0 lines:
    m=audio 9 RTP/AVP 
offer of 9 0 8 101, 3 lines:
    m=audio 9 RTP/AVP 9 101
    a=rtpmap:9 G722/8000
    a=rtpmap:101 telephone-event/8000
    a=fmtp:101 0-16=
offer of 9 0 8 101, 5 lines:
    m=audio 9 RTP/AVP 9 0 8 101
    a=rtpmap:9 G722/8000
    a=rtpmap:0 PCMU/8000
    a=rtpmap:8 PCMA/8000
    a=rtpmap:101 telephone-event/8000
    a=fmtp:101 0-16=
offer of 9 101, 2 lines:
    m=audio 9 RTP/AVP 101
    a=rtpmap:101 telephone-event/8000
    a=fmtp:101 0-16=
TEXT
)
seen=$(
    run <<'JS'
const { SDPInfo } = require("semantic-sdp");

const head = ["v=0", "o=- 0 1 IN IP4 192.0.2.51", "s=-", "c=IN IP4 192.0.2.51", "t=0 0"];
const tones = ["a=rtpmap:101 telephone-event/8000", "a=fmtp:101 0-16"];
for (const [formats, ...lines] of [
  ["0 8"],
  ["9 0 8 101", "a=rtpmap:9 G722/8000", ...tones],
  ["9 0 8 101", "a=rtpmap:9 G722/8000", "a=rtpmap:0 PCMU/8000", "a=rtpmap:8 PCMA/8000", ...tones],
  ["9 101", ...tones],
]) {
  const text = [...head, `m=audio 50012 RTP/AVP ${formats}`, ...lines, ""].join("\r\n");
  const written = SDPInfo.parse(text).toString();
  const kept = written.split("\r\n").filter((line) => /^(m=|a=rtpmap|a=fmtp)/.test(line));
  console.log(`offer of ${formats}, ${lines.length} lines:\n    ${kept.join("\n    ")}`);
}
JS
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
