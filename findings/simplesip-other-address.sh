#!/usr/bin/env bash
# simplesip 0.1.5 sends the sound of a call to where its video belongs, and does not know G.711.
#
# Expected: RFC 8866, section 5.7: an address behind a medium is for this medium; the others have that of the session,
# or one of their own. RFC 3551, section 6: format 0 is PCMU and 8 is PCMA, also where no rtpmap says so.
# Seen: the last address of the answer is taken, whichever medium it is for, with the audio's port. Format 0 without an
# rtpmap is "UNKNOWN" where another format has one.
# Who meets it: whoever calls with it through a gateway that has sound and video in different places: nothing is heard.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-deps \
    simplesip==0.1.5 || {
    echo "could not install the package" >&2
    exit 2
}
run() { venv/bin/python -; }

expected=$(
    cat <<'TEXT'
audio: PCMU to ('192.0.2.71', 5004)
audio and video: PCMU to ('192.0.2.99', 5004)
video and audio: PCMU to ('192.0.2.99', 5004)
format 0 beside events: UNKNOWN to ('192.0.2.71', 5004)
TEXT
)
seen=$(
    run <<'PY'
import contextlib
import io
import logging

from simplesip.client import SimpleSIPClient

logging.disable()
SESSION = ["v=0", "o=- 1 1 IN IP4 192.0.2.71", "s=-", "c=IN IP4 192.0.2.71", "t=0 0"]
AUDIO = ["m=audio 5004 RTP/AVP 0", "a=rtpmap:0 PCMU/8000"]
VIDEO = ["m=video 5006 RTP/AVP 122", "c=IN IP4 192.0.2.99", "a=rtpmap:122 H264/90000"]
for name, lines in {
    "audio": [*SESSION, *AUDIO],
    "audio and video": [*SESSION, *AUDIO, *VIDEO],
    "video and audio": [*SESSION, *VIDEO, *AUDIO],
    "format 0 beside events": [*SESSION, "m=audio 5004 RTP/AVP 0 101", "a=rtpmap:101 telephone-event/8000"],
}.items():
    client = SimpleSIPClient("anna", "secret", "192.0.2.10")
    with contextlib.redirect_stdout(io.StringIO()):
        client._parse_sdp_answer("\r\n".join([*lines, ""]))
    print(f"{name}: {client.negotiated_codec} to {client.remote_rtp_info}")
PY
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
