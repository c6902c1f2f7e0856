#!/usr/bin/env bash
# nanosip 0.0.7 acknowledges no answered and no refused call, and cannot read a second way to sign in.
#
# Expected: RFC 3261, section 13.2.2.4: whoever called sends ACK for each 2xx; section 17.1.1.3: and for each answer
# from 300 to 699. Without one the other side sends it again for 32 seconds. Section 7.3.1: names of fields are read
# without regard to case, and a field may come more than once, as with Lync, which offers NTLM and Kerberos too. RFC
# 2617, section 3.2.1: opaque is sent back unchanged.
# Seen: only 401, 407 and 487 are acknowledged. 202 is an error. Of several challenges the last one alone is read. A
# challenge in a field "Www-Authenticate" ends with a KeyError; opaque is not sent back. A REGISTER has two Contact
# fields, one of which is the user's own name.
# Who meets it: who rings a phone with it: one that is picked up stays in a call with nobody.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-deps \
    nanosip==0.0.7 || {
    echo "could not install the packages" >&2
    exit 2
}
run() { venv/bin/python -; }

expected=$(
    cat <<'TEXT'
180 Ringing: nothing
200 OK: nothing
202 Accepted: SIPError 202 Accepted, 0 requests to send
486 Busy Here: SIPError 486 Busy Here, 0 requests to send
487 Request Terminated: ACK
603 Decline: SIPError 603 Decline, 0 requests to send
401: ACK, INVITE (with opaque: False)
401, Www-Authenticate: KeyError 'WWW-Authenticate', 0 requests to send
401, and NTLM: AssertionError Cannot parse SIP realm in ' NTLM version=4', 0 requests to send
REGISTER: Contact: <sip:door@example.com>, Contact: <sip:door@192.0.2.7:5060>
TEXT
)
seen=$(
    run <<'PY'
import re

from nanosip import Invite, Register, SIPAuthCreds, SIPError

OWN, OTHER, VIA = "sip:door@example.com", "sip:phone@example.com", "192.0.2.7:5060"
CREDENTIALS = SIPAuthCreds("door", "secret")
DIGEST = 'Digest realm="a", nonce="b", opaque="c"'


def sent(*lines: str) -> str:
    call = Invite(OWN, OTHER, VIA, CREDENTIALS)
    call.pending_requests.clear()
    try:
        call.handle_response("\r\n".join([*lines, "Content-Length: 0", "", ""]))
    except (SIPError, KeyError, AssertionError) as error:
        why = " ".join(call.errors) or error
        return f"{type(error).__name__} {why}, {len(call.pending_requests)} requests to send"
    requests = []
    for request in call.pending_requests:
        answer = re.search("Authorization: .*", request)
        opaque = f" (with opaque: {'opaque' in answer[0]})" if answer else ""
        requests.append(request.split(" ")[0] + opaque)
    return ", ".join(requests) or "nothing"


for status in ("180 Ringing", "200 OK", "202 Accepted", "486 Busy Here", "487 Request Terminated", "603 Decline"):
    print(f"{status}: {sent(f'SIP/2.0 {status}')}")
HEAD = "SIP/2.0 401 Unauthorized"
print(f"401: {sent(HEAD, f'WWW-Authenticate: {DIGEST}')}")
print(f"401, Www-Authenticate: {sent(HEAD, f'Www-Authenticate: {DIGEST}')}")
print(f"401, and NTLM: {sent(HEAD, f'WWW-Authenticate: {DIGEST}', 'WWW-Authenticate: NTLM version=4')}")
registration = Register(OWN, "sip:example.com", VIA, CREDENTIALS, "sip:door@192.0.2.7:5060").get_request()
print("REGISTER:", ", ".join(re.findall("Contact: .*(?=\r)", registration)))
PY
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
