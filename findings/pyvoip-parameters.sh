#!/usr/bin/env bash
# pyvoip 1.6.8 takes what Lync writes behind a tag for a part of it, and the direction of video for that of sound.
#
# Expected: RFC 3261, section 20.20: parameters of From are separated by ";", in any order; those of Lync have a tag and
# an epid ([MS-SIPRE]). Section 7.3.1: a value goes to the end of its line. RFC 8866, section 6.15: parameters of a
# format are name=value; section 6.7: a direction in a media description is for that one.
# Seen: the tag is all that follows ";tag=", and the address all in front of it, so that an epid is in one or the other.
# A field ends at its second ": ", a line of SDP at its second "=", so that parameters lose their values. Of the
# directions the last one counts, for the whole call.
# Who meets it: who answers a call of a Lync phone with it: the answer has another tag than the call.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-deps \
    pyvoip==1.6.8 || {
    echo "could not install the packages" >&2
    exit 2
}
run() { venv/bin/python -; }

expected=$(
    cat <<'TEXT'
;tag=5: tag 5, address anna@example.com
;tag=5;epid=0004f2aabb: tag 5;epid=0004f2aabb, address anna@example.com
;epid=0004f2aabb;tag=5: tag 5, address anna@example.com>;epid=0004f2aabb
Subject: update
sound: direction sendrecv, parameters of 97 ['mode']
sound and video: direction inactive, parameters of 97 ['mode']
TEXT
)
seen=$(
    run <<'PY'
import pyVoIP.VoIP
from pyVoIP.SIP import SIPMessage

SDP = (
    "v=0",
    "o=- 1 1 IN IP4 192.0.2.7",
    "s=call",
    "c=IN IP4 192.0.2.7",
    "t=0 0",
    "m=audio 50000 RTP/AVP 97",
    "a=rtpmap:97 iLBC/8000",
    "a=fmtp:97 mode=20;x=1",
    "a=sendrecv",
)
VIDEO = ("m=video 50002 RTP/AVP 98", "a=rtpmap:98 H264/90000", "a=inactive")


def read(sender: str, *body: str) -> SIPMessage:
    head = ["INVITE sip:bob@example.com SIP/2.0", "Via: SIP/2.0/UDP 192.0.2.7;branch=z9hG4bK1", f"From: {sender}"]
    head += ["To: <sip:bob@example.com>", "Call-ID: 1", "CSeq: 1 INVITE", "Subject: update: two phones"]
    return SIPMessage("\r\n".join([*head, "Content-Type: application/sdp", "", *body, ""]).encode())


for parameters in (";tag=5", ";tag=5;epid=0004f2aabb", ";epid=0004f2aabb;tag=5"):
    sender = read(f"<sip:anna@example.com>{parameters}", *SDP).headers["From"]
    print(f"{parameters}: tag {sender['tag']}, address {sender['address']}")
print("Subject:", read("<sip:anna@example.com>;tag=5", *SDP).headers["Subject"])
for what, body in (("sound", SDP), ("sound and video", SDP + VIDEO)):
    message = read("<sip:anna@example.com>;tag=5", *body)
    settings = message.body["m"][0]["attributes"]["97"]["fmtp"]["settings"]
    print(f"{what}: direction {message.body['a']['transmit_type']}, parameters of 97 {settings}")
PY
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
