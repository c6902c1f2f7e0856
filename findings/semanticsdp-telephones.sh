#!/usr/bin/env bash
# semanticsdp 0.1.0b9 reads no offer of a telephone, makes 8000 of each rate, and writes SDP without its first line.
#
# Expected: RFC 4733, section 2.4.1: "a=fmtp:101 0-16" is the usual line for digits; RFC 8866, section 5: SDP begins
# with "v=0", and the rate of a codec is what a=rtpmap says; RFC 3551, table 4: PCMU is number 0.
# Seen: the line for digits ends with an error, and so does an offer without header extensions. Where both are as in a
# browser, x-msrta/16000 of Lync is written as x-msrta/8000, and who sets up the connection (passive) is forgotten. What
# is written has no "v=0". Of the names pcmu and pcma, the first one gets number 96.
# Who meets it: whoever lets Lync's clients or telephones talk to WebRTC by it.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-deps \
    semanticsdp==0.1.0b9 || {
    echo "could not install the packages" >&2
    exit 2
}
run() { venv/bin/python -; }

expected=$(
    cat <<'TEXT'
with digits: ValueError('not enough values to unpack (expected 2, got 1)')
without extensions: KeyError('ext')
written: ['a=rtpmap:114 x-msrta/8000', 'a=rtpmap:0 PCMU/8000', 'a=rtpmap:101 telephone-event/8000', 'a=setup:actpass']
first line: o=-
numbers: {'pcmu': 96, 'pcma': 8}
TEXT
)
seen=$(
    run <<'PY'
from semanticsdp import CodecInfo, SDPInfo

OFFER = """\
v=0
o=- 0 0 IN IP4 192.0.2.7
s=session
c=IN IP4 192.0.2.7
t=0 0
m=audio 50000 RTP/AVP 114 0 101
a=rtpmap:114 x-msrta/16000
a=fmtp:114 bitrate=29000
a=rtpmap:0 PCMU/8000
a=rtpmap:101 telephone-event/8000
a=fingerprint:sha-256 00:11:22:33
a=setup:passive
"""
DIGITS = "a=fmtp:101 0-16\n"
EXTENSION = "a=extmap:1 urn:ietf:params:rtp-hdrext:ssrc-audio-level\n"

for name, offer in (("with digits", OFFER + EXTENSION + DIGITS), ("without extensions", OFFER)):
    try:
        print(name, SDPInfo.parse(offer))
    except Exception as error:
        print(f"{name}: {error!r}")
session = SDPInfo.parse(OFFER + EXTENSION)
lines = str(session).split("\r\n")
print("written:", [line for line in lines if line.startswith(("v=", "a=rtpmap", "a=setup"))])
print("first line:", lines[0].split()[0])
print("numbers:", {c.codec: number for number, c in CodecInfo.map_from_names(["pcmu", "pcma"], False, []).items()})
PY
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
