#!/usr/bin/env bash
# sdp-transform 1.1.0 gives another ICE user and password than the offer has, where they look like numbers.
#
# Expected: RFC 8839, section 5.4: user (ufrag) and password are letters, digits, plus and slash, so "0042" and "81e3"
# are names as good as "k2Fp", and so is a foundation (section 5.1). RFC 5888, section 4: the value of mid is a token.
# Seen: what int() or float() takes becomes a number: "0042" is 42, and "81e3" is 81000.0. What it writes has the other
# name, so no check of the connectivity is answered by the other side.
# Who meets it: whoever passes on with it the offers of phones and browsers, which make such names by chance: now and
# then a call is silent.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-deps \
    sdp-transform==1.1.0 || {
    echo "could not install the package" >&2
    exit 2
}
run() { venv/bin/python -; }

expected=$(
    cat <<'TEXT'
k2Fp is read as 'k2Fp'
0042 is read as 42
   wrote a=ice-ufrag:42
   wrote a=ice-pwd:123456789012345678901
   wrote a=candidate:7 1 udp 2130706431 192.0.2.71 5004 typ host
   wrote a=mid:1
81e3 is read as 81000.0
   wrote a=ice-ufrag:81000.0
   wrote a=ice-pwd:1.2345678901234568e+30
   wrote a=candidate:200.0 1 udp 2130706431 192.0.2.71 5004 typ host
   wrote a=mid:10.0
TEXT
)
seen=$(
    run <<'PY'
import sdp_transform

OFFER = """v=0
o=- 1 1 IN IP4 192.0.2.71
s=-
c=IN IP4 192.0.2.71
t=0 0
m=audio 5004 RTP/AVP 0
a=mid:{mid}
a=ice-ufrag:{ufrag}
a=ice-pwd:{password}
a=candidate:{foundation} 1 udp 2130706431 192.0.2.71 5004 typ host
"""
for values in (
    {"mid": "audio", "ufrag": "k2Fp", "password": "x9cml/YzichV2+XlhiMu8g", "foundation": "a1"},
    {"mid": "01", "ufrag": "0042", "password": "0123456789012345678901", "foundation": "007"},
    {"mid": "1e1", "ufrag": "81e3", "password": "1234567890123456789e12", "foundation": "2e2"},
):
    offer = OFFER.format(**values)
    seen = sdp_transform.parse(offer)["media"][0]
    print(values["ufrag"], "is read as", repr(seen["iceUfrag"]))
    for line in sdp_transform.write(sdp_transform.parse(offer)).splitlines():
        if line.startswith("a=") and line not in offer.splitlines():
            print("   wrote", line)
PY
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
