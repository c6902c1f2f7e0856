#!/usr/bin/env bash
# simple-sip-client 0.0.3 takes the rest of a challenge for its algorithm, where no quotation marks are around that.
#
# Expected: RFC 3261, section 25.1: the algorithm of a challenge is a token without quotation marks, parameters are
# divided by commas, and a blank behind the comma may be there or not. RFC 8760, section 2.5: a client that does not
# know the algorithm does not answer the challenge.
# Seen: MD5,qop="auth" is taken for the algorithm, and nothing is known of qop. With a blank, the algorithm is "MD5,".
# Either is sent back, once with quotation marks in quotation marks. A challenge for SHA-256 is answered by MD5 under
# the name of SHA-256. No error is raised. With the algorithm at the end of the line all is well.
# Who meets it: whoever signs in with it to a server that writes the algorithm before qop, as Asterisk does.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-deps \
    simple-sip-client==0.0.3 || {
    echo "could not install the packages" >&2
    exit 2
}
run() { venv/bin/python -; }

expected=$(
    cat <<'TEXT'
challenge: algorithm=MD5,qop="auth"
taken: True qop: None
sent: algorithm="MD5,qop="auth""
challenge: algorithm=MD5, qop="auth"
taken: True qop: auth
sent: algorithm="MD5,"
challenge: algorithm=SHA-256
taken: True qop: None
sent: algorithm="SHA-256"
challenge: qop="auth", algorithm=MD5
taken: True qop: auth
sent: algorithm="MD5"
SHA-256 is answered by MD5: True
TEXT
)
seen=$(
    run <<'PY'
import hashlib

from simple_sip import DigestAuth

CHALLENGES = (
    'Digest realm="contoso.com",nonce="84a4cc6f",algorithm=MD5,qop="auth"',
    'Digest realm="contoso.com", nonce="84a4cc6f", algorithm=MD5, qop="auth"',
    'Digest realm="contoso.com", nonce="84a4cc6f", algorithm=SHA-256',
    'Digest realm="contoso.com", nonce="84a4cc6f", qop="auth", algorithm=MD5',
)
for challenge in CHALLENGES:
    auth = DigestAuth("2001", "word")
    print("challenge:", challenge.partition("6f\",")[2].strip())
    print("taken:", auth.parse_challenge(challenge), "qop:", auth.qop)
    answer = auth.build_authorization("REGISTER", "sip:contoso.com")
    print("sent:", answer[answer.index("algorithm"):])


def digest(text):
    return hashlib.md5(text.encode()).hexdigest()


md5 = digest(f"{digest('2001:contoso.com:word')}:84a4cc6f:{digest('REGISTER:sip:contoso.com')}")
auth.parse_challenge(CHALLENGES[2])
print("SHA-256 is answered by MD5:", md5 in auth.build_authorization("REGISTER", "sip:contoso.com"))
PY
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
