#!/usr/bin/env bash
# rtcpxr-collector 0.1.7 gives what the other end of a call measured for what the phone measured.
#
# Expected: RFC 6035, section 4.6: a report may hold the metrics of both ends, behind LocalMetrics and behind
# RemoteMetrics, with lines of the same names. LocalID is any SIP address or URI.
# Seen: the lines of both ends go to one place, so those of the other end take the place of the phone's own. Of a call
# without any loss at the phone it says that a tenth was lost. An address is read only where its user is hexadecimal, as
# in a MAC address, and its host has no hyphen; any other is False.
# Who meets it: whoever collects with it the reports of Polycom's phones: it points to the wrong end of a bad call.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-deps \
    rtcpxr-collector==0.1.7 || {
    echo "could not install the package" >&2
    exit 2
}
run() { venv/bin/python -; }

expected=$(
    cat <<'TEXT'
its own metrics: phone 201, lost 0.0, quality 4.3
those of both ends: phone 201, lost 10.0, quality 2.1
a name: phone False, lost 0.0, quality 4.3
a host with a hyphen: phone False, lost 0.0, quality 4.3
TEXT
)
seen=$(
    run <<'PY'
from rtcpxr_collector import sip, sipparser

LOCAL = ["LocalMetrics:", "PacketLoss:NLR=0.0 JDR=0.0", "Delay:RTD=20 ESD=2", "QualityEst:MOSLQ=4.3 MOSCQ=4.2"]
REMOTE = ["RemoteMetrics:", "PacketLoss:NLR=10.0 JDR=2.0", "Delay:RTD=20 ESD=90", "QualityEst:MOSLQ=2.1 MOSCQ=2.0"]


def read(name, user, host, *metrics):
    lines = ["VQSessionReport: CallTerm", "CallID:1", f"LocalID:<sip:{user}@{host}>", *metrics]
    body = "\r\n".join([*lines, ""])
    head = [
        "PUBLISH sip:collector@192.0.2.5 SIP/2.0",
        "Via: SIP/2.0/UDP 192.0.2.71:5060",
        f"From: <sip:{user}@{host}>;tag=1",
        "To: <sip:collector@192.0.2.5>",
        f"Contact: <sip:{user}@192.0.2.71:5060>",
        "User-Agent: phone",
        "Content-Type: application/vq-rtcpxr",
        f"Content-Length: {len(body)}",
    ]
    seen = sipparser.parsesip(sip.Request("\r\n".join([*head, "", body]).encode()))
    local = seen["LocalID"] and seen["LocalID"]["name"]
    print(f"{name}: phone {local}, lost {seen['PacketLoss']['NLR']}, quality {seen['QualityEst']['MOSLQ']}")


read("its own metrics", "201", "contoso.com", *LOCAL)
read("those of both ends", "201", "contoso.com", *LOCAL, *REMOTE)
read("a name", "anna", "contoso.com", *LOCAL)
read("a host with a hyphen", "201", "pool-1.contoso.com", *LOCAL)
PY
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
