#!/usr/bin/env bash
# opensip 0.2.1 takes a call that is put on hold for one in which both speak, and finds no codec behind video.
#
# Expected: RFC 8866, section 6.7: the direction may stand before the first medium; then it is that of each medium that
# states none. RFC 3264, section 8.4, puts a call on hold by it. RFC 8866, section 5.14: media may come in any order.
# Seen: a direction before the first medium is dropped, so the audio is "sendrecv". A codec in common is looked for in
# the first medium only, whatever it is: beside a phone that names its video first, none is found.
# Who meets it: whoever answers calls with it: it goes on speaking to who put it on hold, and hangs up on video phones.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-deps \
    opensip==0.2.1 || {
    echo "could not install the package" >&2
    exit 2
}
run() { venv/bin/python -; }

expected=$(
    cat <<'TEXT'
hold, stated for the audio: sendonly, PCMU
hold, stated for the session: sendrecv, PCMU
inactive, stated for the session: sendrecv, PCMU
audio and video: sendrecv, PCMU
video and audio: sendrecv, no codec in common
TEXT
)
seen=$(
    run <<'PY'
from opensip.sdp import SDPSession, make_audio_offer, pick_common_codec

SESSION = ["v=0", "o=- 1 1 IN IP4 192.0.2.71", "s=-", "c=IN IP4 192.0.2.71", "t=0 0"]
AUDIO = ["m=audio 5004 RTP/AVP 0", "a=rtpmap:0 PCMU/8000"]
VIDEO = ["m=video 5006 RTP/AVP 122", "a=rtpmap:122 H264/90000"]
ours = make_audio_offer("192.0.2.5", 4000)
for name, lines in {
    "hold, stated for the audio": [*SESSION, *AUDIO, "a=sendonly"],
    "hold, stated for the session": [*SESSION, "a=sendonly", *AUDIO],
    "inactive, stated for the session": [*SESSION, "a=inactive", *AUDIO],
    "audio and video": [*SESSION, *AUDIO, *VIDEO],
    "video and audio": [*SESSION, *VIDEO, *AUDIO],
}.items():
    offer = SDPSession.parse("\r\n".join([*lines, ""]))
    audio = next(each for each in offer.media if each.media == "audio")
    codec = pick_common_codec(ours, offer)
    print(f"{name}: {audio.direction}, {codec.name if codec else 'no codec in common'}")
PY
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
