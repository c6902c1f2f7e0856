#!/usr/bin/env bash
# rfcvoip 2.10.3 refuses each message from a telephone number's URI, and loses the scheme of a challenge.
#
# Expected: RFC 3261, section 20.20 and 25.1: From and To hold a URI of any scheme; RFC 3966 has tel: for telephone
# numbers, as gateways to the telephone network use it. Section 20.44: a challenge begins with its scheme; Lync asks for
# NTLM, Kerberos and TLS-DSK ([MS-SIPAE], section 2.2.1), each with a realm.
# Seen: with tel: in From or To, the message is malformed, as a whole. Of a challenge other than Digest, neither the
# scheme nor the first parameter is given, so it can not be told from another.
# Who meets it: whoever answers calls with it from a gateway, or looks why a client of Lync could not sign in.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-deps \
    rfcvoip==2.10.3 dnspython==2.9.2 || {
    echo "could not install the packages" >&2
    exit 2
}
run() { venv/bin/python -; }

expected=$(
    cat <<'TEXT'
sip: from +12015550123, not asked
tel: SIPParseError: Malformed From header: '<tel:+1-201-555-0123>;tag=1'
Digest: from anna, {'realm': 'contoso.com', 'nonce': 'a'}
NTLM: from anna, {'targetname': 'pool.contoso.com', 'version': '4'}
Kerberos: from anna, {'targetname': 'sip/pool.contoso.com', 'version': '4'}
TEXT
)
seen=$(
    run <<'PY'
from rfcvoip.SIP import SIPMessage

VIA = "Via: SIP/2.0/UDP gateway.contoso.com;branch=z9hG4bK1"
REST = ["Call-ID: 1@contoso.com", "CSeq: 1 INVITE", "Content-Length: 0", "", ""]


def read(name, first, sender, *more):
    lines = [first, VIA, f"From: {sender};tag=1", "To: <sip:anna@contoso.com>", *more, *REST]
    try:
        message = SIPMessage("\r\n".join(lines).encode())
    except Exception as error:
        print(f"{name}: {type(error).__name__}: {error}")
        return
    print(f"{name}: from {message.headers['From']['number']},", message.headers.get("WWW-Authenticate", "not asked"))


invite = "INVITE sip:anna@contoso.com SIP/2.0"
read("sip", invite, "<sip:+12015550123@contoso.com;user=phone>")
read("tel", invite, "<tel:+1-201-555-0123>")
refused = "SIP/2.0 401 Unauthorized"
for challenge in (
    'Digest realm="contoso.com", nonce="a"',
    'NTLM realm="SIP Communications Service", targetname="pool.contoso.com", version=4',
    'Kerberos realm="SIP Communications Service", targetname="sip/pool.contoso.com", version=4',
):
    read(challenge.split()[0], refused, "<sip:anna@contoso.com>", f"WWW-Authenticate: {challenge}")
PY
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
